"""Entities of a recording: counts, and which ones occur together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from autointel.domain.citation import Citation, Script
from autointel.domain.notes import EntityKind, EntityMention, RelationMention
from autointel.local.entities import find_entities, uses_capitals
from autointel.local.gazetteer import is_office, is_ordinary, with_capitals, works_at, written
from autointel.local.noun_phrases import is_sound
from autointel.local.same_names import OFTEN, Name, merge_names
from autointel.text.sentences import Sentence
from autointel.text.word_lists import word_list

MAX_ENTITIES: Final = 60
_MAX_RELATIONS: Final = 150
_CITED: Final = 3
# In a long recording a name of unknown kind that falls once is more often a slip of the captions than a subject.
_LONG: Final = 300
# "Mets-inspired", "Frankfurt-based", "CDs".
_DERIVED: Final = re.compile(
    r"^\w-[a-z]+$|_|-(?:inspired|based|related|led|style|driven|free|like|backed|born|era|wide|only|ed|ing|yes|no|well)\b"
)
_PLURAL_ACRONYM: Final = re.compile(r"[A-Z]{2,}s")
_BEFORE_NAMES: Final = frozenset("hon rt right the honourable honorable".split())
_ASIDE: Final = re.compile(r"\s*\([^()]*\)")
_AFTER_NAMES: Final = frozenset("am mp ms mla msp mep md phd qc kc jr sr obe mbe cbe esq".split())
# Words after a name alone that tell of somebody, as a story does: "Marta was late", "Marta's boat".
_TELLS: Final = frozenset("'s ’s was is has had were would".split())
CO_OCCURS: Final = "co-occurs with"
_TOKEN: Final = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Sen|Gov|Rep|St|Jr|Sr|Inc|Corp|Co)\.|(?:[A-Z]\.){2,}|(?<=[a-z] )[A-Z]\.(?= [A-Z][a-z])"
    r"|\w+(?:[-&](?=\w)\w+|['’](?!s\b)\w+)*|['’]s\b|[^\w\s]"
)


def find_mentions(
    script: Script, sentences: Sequence[Sentence]
) -> tuple[tuple[EntityMention, ...], tuple[RelationMention, ...]]:
    """At most MAX_ENTITIES entities, most mentioned first, and their co-occurrences within a sentence, heaviest first.

    A family name alone counts for the full name where one person alone bears it here. All confidences are low.
    """
    cased = uses_capitals(script.text)
    names = _collect(sentences, cased=cased)
    speakers = _labels(script)
    labels = frozenset(speakers)
    names = {key: name for key, name in names.items() if key in labels or _names_something(key, name)}
    merge_names(names, speakers, sentences)
    kept = _most_mentioned(names, len(sentences))
    entities = tuple(
        EntityMention(
            name=name.surface,
            kind=name.kind,
            mentions=len(name.sentences),
            citations=tuple(_cite(script, sentences[index]) for index in list(dict.fromkeys(name.sentences))[:_CITED]),
        )
        for name in kept
    )
    return entities, _relations(script, sentences, kept)


def _collect(sentences: Sequence[Sentence], *, cased: bool) -> dict[str, Name]:
    tokens = [list(_TOKEN.finditer(sentence.text)) for sentence in sentences]
    words = [[match.group() for match in matches] for matches in tokens]
    found = find_entities(words if cased else with_capitals(words))
    names: dict[str, Name] = defaultdict(Name)
    for index, (sentence, matches, spans) in enumerate(zip(sentences, tokens, found, strict=True)):
        for span in spans:
            said = sentence.text[matches[span.first].start() : matches[span.last - 1].end()]
            surface = said if cased else written(said)
            name = names[_folded(surface)]
            name.surfaces[surface] += 1
            name.kinds[span.kind] += 1
            before, after = words[index][max(0, span.first - 3) : span.first], words[index][span.last : span.last + 1]
            name.employs += works_at(before)
            name.titled += bool(before) and _is_title(before[-1])
            name.told += bool(after) and _tells(after[0])
            name.sentences.append(index)
    return dict(names)


def _is_title(token: str) -> bool:
    folded = token.lower().rstrip(".")
    return is_office(folded)


def _tells(token: str) -> bool:
    return token in _TELLS or token in word_list("past-irregular") or (len(token) > 4 and token.endswith("ed"))  # noqa: PLR2004


def _labels(script: Script) -> dict[str, str]:
    """Each speaker's name folded, and as it is shown: "ANNA KASK MP" is "Anna Kask"."""
    shown = {}
    for label in sorted({segment.speaker for segment in script.segments if segment.speaker}):
        if folded := _label(label):
            words = [word for word in label.split() if _folded(word).replace(".", " ").strip() in folded.split()]
            shown[folded] = " ".join(word.title() if word.isupper() else word for word in words) or label
    return shown


def _names_something(key: str, name: Name) -> bool:
    """Whether a name is no adjective ("Welsh-medium"), office ("Manager") or ordinary word rarely so written."""
    words = key.split()
    if words[-1] in word_list("roles") and words[0] not in word_list("first-names"):
        return False
    if (
        key in word_list("demonyms")
        or _DERIVED.search(key)
        or is_sound(key)
        or all(map(_PLURAL_ACRONYM.fullmatch, name.surfaces))
    ):
        return False
    parts = key.split("-")
    if len(parts) > 1 and " " not in key and any(p in word_list("demonyms") or p in word_list("places") for p in parts):
        return False
    alone = len(words) == 1 and is_ordinary(key) and name.kind is EntityKind.OTHER
    return not alone or len(name.sentences) >= OFTEN


def _label(speaker: str) -> str:
    """A speaker's label without initials, letters after the name ("MP") and what stands in brackets ("(Lib.)").

    Empty where it is an office or a part ("User Interface") and not a name.
    """
    words = [word for word in _folded(_ASIDE.sub("", speaker)).replace(".", " ").split() if len(word) > 1]
    while len(words) > 2 and (words[0] in word_list("person-titles") or words[0] in _BEFORE_NAMES):  # noqa: PLR2004
        words.pop(0)
    while len(words) > 2 and words[-1] in _AFTER_NAMES:  # noqa: PLR2004  a given name and a family name
        words.pop()
    return "" if all(is_ordinary(word) or word in word_list("roles") for word in words) else " ".join(words)


def _folded(name: str) -> str:
    """Names equal in this are one, whichever apostrophe they are written with."""
    return name.casefold().replace("’", "'")


def _most_mentioned(names: dict[str, Name], sentences: int) -> list[Name]:
    floor = 2 if sentences >= _LONG else 1
    kept = [name for name in names.values() if name.kind is not EntityKind.OTHER or len(name.sentences) >= floor]
    return sorted(kept, key=lambda name: (-len(name.sentences), name.sentences[0]))[:MAX_ENTITIES]


def _relations(script: Script, sentences: Sequence[Sentence], names: Sequence[Name]) -> tuple[RelationMention, ...]:
    by_sentence: dict[int, list[int]] = defaultdict(list)
    for order, name in enumerate(names):
        for index in dict.fromkeys(name.sentences):
            by_sentence[index].append(order)
    weights: Counter[tuple[int, int]] = Counter()
    first: dict[tuple[int, int], int] = {}
    for index in sorted(by_sentence):
        for pair in combinations(sorted(by_sentence[index]), 2):
            weights[pair] += 1
            first.setdefault(pair, index)
    heaviest = sorted(weights, key=lambda pair: (-weights[pair], first[pair], pair))[:_MAX_RELATIONS]
    return tuple(
        RelationMention(
            subject=names[one].surface,
            predicate=CO_OCCURS,
            object=names[other].surface,
            weight=weights[one, other],
            citation=_cite(script, sentences[first[one, other]]),
        )
        for one, other in heaviest
    )


def _cite(script: Script, sentence: Sentence) -> Citation:
    return script.cite(sentence.start, sentence.end)
