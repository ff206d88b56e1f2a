"""Frequent words and phrases of a recording: ranked n-grams without stop words or repetitions.

The rank is the C-value (Frantzi, Ananiadou and Mima, 2000): being frequent and long counts for a phrase, being part of
a longer one against it. Without a tagger some of what is found is no term; confidence is low. Terms that are names are
left out: a speaker's, a role in place of it ("Council member, what does it cost?"), listed entities.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Final
from unicodedata import normalize

import regex

from autointel.domain.notes import EntityKind, EntityMention
from autointel.local.gazetteer import is_given, is_office
from autointel.local.noun_phrases import is_deed, is_noun_phrase, linked_phrases, names_thing
from autointel.text.language import CAPITAL_NOUNS
from autointel.text.vocabulary import stem
from autointel.text.word_lists import base_language, in_lists, stop_words, word_list

_LONGEST: Final = 3
_LONG_TEXT: Final = 3_000
_MIN_LETTERS: Final = 3
_MAX_LETTERS: Final = 40
# Without a list for a language, its most frequent words are its stop words: one in so many of its vocabulary.
_COMMON: Final = 30
# Languages with a stemmer whose stems of nouns differ where the nouns do: "Lehrkraft" and "Lehrkräfte" are one term.
_STEMMED: Final = frozenset({"de", "es", "fr", "it", "nl", "pt", "sv", "da", "no", "ro"})
# The weight of a single ordinary noun among phrases and names.
_PLAIN: Final = 0.25
# Mentions of a single ordinary noun from which it is a subject where the talk says anything so often: "rise" and
# "occasion" fall twice in any talk.
_OFTEN: Final = 3
# A word that stands in one phrase so often is no term of its own.
_MOSTLY_INSIDE: Final = 0.5
# Forms of one word differ in so many letters at the end, after so many that are the same.
_ENDING: Final = 2
_STEM: Final = 5
# Terms that share this much of their words are one term.
_SAME: Final = 0.5
# A letter keeps the vowel signs, viramas and accents that combine with it, and the joiners between its parts.
_LETTER: Final = r"[\p{L}\p{N}][\p{M}\u200c\u200d]*"
_WORD: Final = regex.compile(rf"(?:{_LETTER})+(?:['’-](?:{_LETTER})+)*|[^\s\p{{L}}\p{{N}}\p{{M}}]")
# Chinese and Japanese do not part words. Of Japanese, runs of characters and of katakana are the nearest thing to
# nouns; of Chinese, whatever recurs is pieced together from single characters.
_JAPANESE: Final = regex.compile(r"[\u4e00-\u9fff々]+|[\u30a1-\u30fa\u30fc]+|[A-Za-z][A-Za-z0-9.+-]*|\S")
_CHINESE: Final = regex.compile(r"[\u4e00-\u9fff]|[A-Za-z][A-Za-z0-9.+-]*|\S")
_LONGEST_CHINESE: Final = 6
# Characters that open or close no term, though they may stand inside one.
_LINKS: Final = frozenset(
    "的了在是和也就都而及与着或这那你我他她它们吗呢吧啊被把将从向于之其因为但所以有不没个到说要能对以还很并多少几每更最"
)
# Vowels that Arabic and Hebrew may write or leave out, and the stroke that only stretches a word.
_OPTIONAL: Final = regex.compile("[\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u0640]")
_POSSESSIVE: Final = re.compile(r"['’]s$")
_LISTED_AS_NAMES: Final = frozenset({EntityKind.PERSON, EntityKind.PLACE})
# What the name of a body or product counts for among terms: the page lists entities as well.
_A_NAME: Final = 0.5
# A term is an address if this share of its mentions is set off by marks as one.
_MOSTLY: Final = 0.5
_PART: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Found:
    """A term as it is usually written, its folded words, and the sentences that say it (one entry a mention)."""

    text: str
    key: tuple[str, ...]
    rank: float
    sentences: tuple[int, ...]

    @property
    def count(self) -> int:
        """Mentions."""
        return len(self.sentences)


@dataclass
class _Seen:
    surfaces: Counter[str] = field(default_factory=Counter)
    sentences: list[int] = field(default_factory=list)


def rank_terms(texts: Sequence[str], language: str | None, *, least: int | None = None) -> list[Found]:
    """What is said ``least`` times (else twice, in a long text three times), best first; linear in the text."""
    base = base_language(language or "")
    chinese = base == "zh"
    tokens = [_tokens(text, base) for text in texts]
    stops = stop_words(language)
    if stops is None:
        stops = _commonest(tokens)
    if base != "en":
        stops |= {_folded(word) for words in tokens for word in words if is_deed(word, base)}
    seen: dict[tuple[str, ...], _Seen] = defaultdict(_Seen)
    one_form = _one_form(tokens, base)
    for index, words in enumerate(tokens):
        for run in _runs(words, stops, chinese=chinese, names=base not in CAPITAL_NOUNS):
            grams = _chinese(run) if chinese else _grams(run, one_form, wide=base == "ja")
            for key, surface in grams:
                seen[key].surfaces[surface] += 1
                seen[key].sentences.append(index)
    floor = least or (3 if sum(map(len, tokens)) > _LONG_TEXT else 2)
    often = {key: entry for key, entry in seen.items() if len(entry.sentences) >= floor}
    ranks = _c_values({key: len(entry.sentences) for key, entry in often.items()})
    found = [
        Found(_shown(entry.surfaces, base), key, ranks[key], tuple(entry.sentences))
        for key, entry in often.items()
        if ranks[key] > 0
    ]
    # Of equals within a sentence the one said first stays first: the sort is stable.
    return sorted(found, key=lambda term: (-term.rank, term.sentences[0]))


def _shown(surfaces: Counter[str], base: str) -> str:
    """The form used most; of a German noun in the genitive the form without it, where the text has that."""
    usual = max(surfaces, key=lambda text: surfaces[text])
    if base in CAPITAL_NOUNS and usual.endswith("s"):
        return next((bare for bare in (usual[:-1], usual[:-2]) if bare in surfaces), usual)
    return usual


def noun_phrases_of(ranked: Sequence[Found], language: str | None, texts: Sequence[str] = ()) -> list[Found]:
    """The terms that name a subject: in English by word classes, elsewhere by the words beside them in ``texts``."""
    base = base_language(language or "en")
    if base != "en":
        thing = names_thing(texts, base)
        whole = linked_phrases(texts, base)
        return [_in_full(term, whole, texts) for term in ranked if thing(term.text)]
    phrases = [term for term in ranked if is_noun_phrase(term.text.split())]
    inside: dict[str, int] = defaultdict(int)
    for term in phrases:
        for word in term.key if len(term.key) > 1 else ():
            inside[word] = max(inside[word], term.count)
    least = min(_OFTEN, max((term.count for term in phrases), default=0))
    # "States" is no subject beside "United States", and "Steve" none of itself.
    kept = [
        term
        for term in phrases
        if not (_names_person(term) or (_is_plain(term) and term.count < least))
        and (len(term.key) > 1 or inside[term.key[0]] < _MOSTLY_INSIDE * term.count)
    ]
    return sorted(kept, key=lambda term: -worth(term))


def _in_full(term: Found, whole: Mapping[str, str], texts: Sequence[str]) -> Found:
    """A single word that mostly stands in one linked phrase is that phrase: "espera" of "lista de espera"."""
    phrase = whole.get(term.text.lower()) if len(term.key) == 1 else None
    if phrase is None:
        return term
    said = tuple(at for at in dict.fromkeys(term.sentences) if phrase.lower() in texts[at].lower())
    return Found(phrase, tuple(phrase.lower().split()), term.rank, said or term.sentences)


def worth(term: Found) -> float:
    """The rank of an English term; less for a single ordinary noun: "companies" tells less than "public cloud"."""
    return term.rank * (_PLAIN if _is_plain(term) else 1.0)


def _names_person(term: Found) -> bool:
    """Whether a term opens with a given name ("Steve", "Sean Hannity"), or holds one in captions without capitals."""
    if " ".join(term.key) in word_list("places"):
        return False
    first = is_given(term.key[0])
    return (first and term.text[:1].isupper()) or any(_is_only_given(word) for word in term.key if term.text.islower())


def _is_only_given(word: str) -> bool:
    """Whether a word in lower case, as captions have names, is a given name and nothing else."""
    return is_given(word) and not in_lists(word, "nouns-en", "verbs-en", "adjectives-en", "places", "cities")


def _is_plain(term: Found) -> bool:
    """Whether a term is a single ordinary noun, as "companies"; "ZFS" is none."""
    return len(term.key) == 1 and term.text.islower() and term.key[0] in word_list("nouns-en")


def distinct_terms(ranked: Sequence[Found], limit: int) -> list[Found]:
    """The best ``limit`` that do not repeat each other's words."""
    chosen: list[Found] = []
    for term in ranked:
        if len(chosen) == limit:
            break
        if not any(_repeats(term.key, other.key) for other in chosen):
            chosen.append(term)
    return chosen


def _tokens(text: str, base: str) -> list[str]:
    pattern = {"zh": _CHINESE, "ja": _JAPANESE}.get(base, _WORD)
    return list(pattern.findall(normalize("NFC", text)))


def _folded(token: str) -> str:
    """A word as it is counted and compared: in lower case, without a possessive's ending and optional vowels."""
    return _POSSESSIVE.sub("", _OPTIONAL.sub("", token.lower().replace("’", "'")))


def _runs(
    tokens: Sequence[str], stops: frozenset[str], *, chinese: bool = False, names: bool = True
) -> Iterator[list[str]]:
    """Neighbouring words that may make a term together."""
    run: list[str] = []
    for index, token in enumerate([*tokens, ""]):
        word = _is_word(token) and (_folded(token) not in stops or (names and _opens_name(tokens, index, stops)))
        if (chinese and token.isalpha()) or word:
            run.append(token)
        elif run:
            yield run
            run = []


def _opens_name(tokens: Sequence[str], index: int, stops: frozenset[str]) -> bool:
    """Whether a common word begins a name inside a sentence, as in "New York"."""
    following = tokens[index + 1] if index + 1 < len(tokens) else ""
    name = tokens[index].istitle() and following.istitle() and _folded(following) not in stops
    return name and index > 0 and tokens[index - 1][:1].islower()


def _is_word(token: str) -> bool:
    if len(token) > _MAX_LETTERS or not any(map(str.isalpha, token)):
        return False
    if token.isascii() or token[0].isupper() or token[0].islower():
        # "AI", "EU" are subjects; "ob", "ni" are not.
        return len(token) >= _MIN_LETTERS or (token.isupper() and len(token) > 1)
    return len(_folded(token)) > 1


def _one_form(tokens: Sequence[Sequence[str]], base: str) -> Callable[[str], str]:
    """What the forms of one word have in common: in English the singular that the text has, elsewhere the stem."""
    if base in _STEMMED:
        return cache(lambda word: stem(_folded(word), base))
    singulars = _singulars(tokens, base)
    return lambda word: singulars.get(_folded(word), _folded(word))


def _grams(run: Sequence[str], one_form: Callable[[str], str], *, wide: bool) -> Iterator[tuple[tuple[str, ...], str]]:
    keys = [one_form(word) for word in run]
    for length in range(1, _LONGEST + 1):
        for first in range(len(run) - length + 1):
            key = tuple(keys[first : first + length])
            # What looks like a phrase in a script without spaces is a piece of a sentence.
            if length > 1 and wide and not all(map(str.isascii, key)):
                continue
            if all(one != other for one, other in pairwise(key)):
                yield key, " ".join([*run[first : first + length - 1], _POSSESSIVE.sub("", run[first + length - 1])])


def _chinese(run: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Two to six neighbouring characters, or a word in another script."""
    for first, opening in enumerate(run):
        if opening.isascii():
            yield (opening.lower(),), opening
        elif opening not in _LINKS:
            for last in range(first + 1, min(first + _LONGEST_CHINESE, len(run))):
                if run[last].isascii():
                    break
                if run[last] not in _LINKS:
                    yield tuple(run[first : last + 1]), "".join(run[first : last + 1])


def _singulars(tokens: Sequence[Sequence[str]], language: str | None) -> dict[str, str]:
    """Words of the text whose singular it uses, too: "fares" to "fare", "buses" to "bus"; English only."""
    if base_language(language or "en") != "en":
        return {}
    words = {token.lower() for sentence in tokens for token in sentence}
    found = {}
    for word in words:
        forms = [word[:-3] + "y"] if word.endswith("ies") else [word[:-1], word[:-2] if word.endswith("es") else ""]
        singular = next((form for form in forms if len(form) >= _MIN_LETTERS and form in words), None)
        if singular and word.endswith("s") and not word.endswith("ss"):
            found[word] = singular
    return found


def _commonest(tokens: Sequence[Sequence[str]]) -> frozenset[str]:
    counts = Counter(_folded(token) for words in tokens for token in words if _is_word(token))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return frozenset(ranked[: len(ranked) // _COMMON])


def _c_values(counts: dict[tuple[str, ...], int]) -> dict[tuple[str, ...], float]:
    around: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for key, count in counts.items():
        parts = {key[first : first + size] for size in range(1, len(key)) for first in range(len(key) - size + 1)}
        for part in sorted(parts):
            around[part].append(count)
    return {
        key: math.log2(1 + len(key)) * (count - (sum(around[key]) / len(around[key]) if key in around else 0))
        for key, count in counts.items()
    }


def _repeats(term: tuple[str, ...], chosen: tuple[str, ...]) -> bool:
    """Whether ``term`` is part of ``chosen``, or shares half of all their words with it."""
    shared = {*term} & {*chosen}
    if len(term) == len(chosen) == 1:
        one, other = sorted((term[0], chosen[0]), key=len)
        stem = max(_STEM, len(one) - _ENDING)
        if len(other) - len(one) <= _ENDING and len(one) >= _STEM and one[:stem] == other[:stem]:
            return True
    return len(shared) == len({*term}) or len(shared) >= _SAME * len({*term} | {*chosen})


def subjects(ranked: Sequence[Found], texts: Sequence[str], speakers: Iterable[str | None]) -> list[Found]:
    """The terms that speak of something, in their order; ``texts`` are the sentences they were found in."""
    labels = [speaker for speaker in speakers if speaker]
    names = {word for speaker in labels for word in _PART.findall(speaker.lower())}
    return [
        term
        for term in ranked
        if not names.issuperset(_words(term)) and not _calls(term, texts) and not _is_part(term.text, labels)
    ]


def without_names(ranked: Sequence[Found], entities: Sequence[EntityMention]) -> list[Found]:
    """The terms without persons and places, which are listed as entities; other names count for less than subjects."""
    kinds = {" ".join(entity.name.casefold().replace("’", "'").split()): entity.kind for entity in entities}
    families = {name.split()[-1] for name, kind in kinds.items() if kind is EntityKind.PERSON}
    parts = {part for name in kinds for part in _parts(name)}
    kept = []
    for term in ranked:
        said = " ".join(term.text.casefold().replace("’", "'").split())
        kind = kinds.get(said)
        last = said.split()[-1]
        part = said in parts and term.text[:1].isupper() and not kind
        place = kind in _LISTED_AS_NAMES or said in word_list("places")  # "America" is listed as the United States
        if place or last in families or part or _is_titled(term):
            continue
        kept.append((worth(term) * (_A_NAME if kind else 1.0), term))
    return [term for _, term in sorted(kept, key=lambda pair: -pair[0])]


def _parts(name: str) -> Iterator[str]:
    """What a name of several words holds: "white house" and "visitors office" of "white house visitors office"."""
    words = name.split()
    for size in range(1, len(words)):
        for first in range(len(words) - size + 1):
            yield " ".join(words[first : first + size])


def _is_titled(term: Found) -> bool:
    """Whether a term is an office and a name: "Senator Kennedy", "Vice President Nixon"."""
    first, *others = term.text.split()
    office = is_office(first.lower())
    return office and bool(others) and first[:1].isupper() and others[-1][:1].isupper()


def _is_part(text: str, labels: Iterable[str]) -> bool:
    """Whether scripts without spaces write a speaker's family name so: "佐藤" of "佐藤健一"."""
    return not text.isascii() and any(text != label and label.startswith(text) and " " not in label for label in labels)


def _words(term: Found) -> list[str]:
    return _PART.findall(" ".join(term.key))


def _calls(term: Found, texts: Sequence[str]) -> bool:
    if not _may_be_role(term.text):
        return False
    said = re.escape(term.text)
    address = re.compile(rf"(?:^|, ){said}(?=,)|, {said}(?=[.?!])", re.IGNORECASE)
    calls = sum(
        any(found[0].lstrip(", ")[:1].isupper() for found in address.finditer(texts[sentence]))
        for sentence in term.sentences
    )
    return calls >= _MOSTLY * term.count


def _may_be_role(text: str) -> bool:
    """Whether a term is written as a role ("Council member") or is a title; "Tallinn" and "New York" are not."""
    words = text.split()
    titles = all(word.lower() in word_list("person-titles") for word in words)
    return titles or (len(words) > 1 and text[:1].isupper() and words[-1].islower())
