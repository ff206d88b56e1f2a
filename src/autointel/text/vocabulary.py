"""Words of a text, and which of them say the same: forms of one word, its family, synonyms and opposites.

Case, endings, irregular forms and accents make no other word. Synonyms and opposites are WordNet's common senses, for
English alone.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from autointel.text.word_lists import base_language, meaning_words, stop_words, word_list

_WORD: Final = re.compile(r"[^\W\d_](?:[^\W_]|['.](?=[^\W_]))*|\d+(?:[.,:]\d+)*[^\W_]*|[$€£%]")
# Clauses end here; what a negator denies does not reach over it.
_BREAK: Final = re.compile(
    r"[,:](?!\d)|(?<!\d)[,:]|[;—–…!?]|\.(?=\s|$)|\s-{1,2}\s|--|\b(?:but|although|though|while|whereas|aber|sondern|pero|sino|mais)\b",
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(r"[.!?:]['\"”)]*\s+['\"“(]*$|^['\"“(\[\s]*$")
_STEMMERS: Final = {
    "en": "english", "de": "german", "es": "spanish", "fr": "french", "it": "italian", "nl": "dutch",
    "pt": "portuguese", "sv": "swedish", "da": "danish", "no": "norwegian", "fi": "finnish", "ru": "russian",
    "hu": "hungarian", "ro": "romanian", "tr": "turkish", "el": "greek",
}  # fmt: skip
_PLAINER: Final = tuple(
    (letters.split("|"), re.compile(pattern), instead)
    for letters, pattern, instead in (
        ("can't|cannot", r"(?i)\bcan't\b|\bcannot\b", "can not"),
        ("won't", r"(?i)\bwon't\b", "will not"),
        ("n't", r"(?i)(?<=[a-z])n't\b", " not"),
        ("rather than|instead of|as opposed to", r"(?i)\b(?:rather than|instead of|as opposed to)\b", "not"),
        (" out", r"(?i)\bleav(?:e|es|ing) out\b|\bleft out\b", "exclude"),
        (
            "united|u.",
            r"\b[Uu]nited [Ss]tates(?: of America)?\b|\bU\.\s?S\.(?: ?A\.)?(?=\s|$)",
            "America",
        ),
        ("'re", r"(?i)(?<=\w)'re\b", " are"),
        ("'ve", r"(?i)(?<=\w)'ve\b", " have"),
        ("'ll", r"(?i)(?<=\w)'ll\b", " will"),
        ("'m", r"(?i)\bi'm\b", "I am"),
        ("'s", r"(?i)(?<=\bit|\bhe)'s\b|(?<=\bshe|\bwho)'s\b|(?<=\bthat|\bwhat|\bhere)'s\b|(?<=\bthere)'s\b", " is"),
        ("'", r"(?i)(?<=\w)'(?:s|d|m)\b", " "),
    )
)
"""What plain text has instead of a pattern, and letters in lower case of which every match has some."""
_ADJECTIVE: Final = 3
_NO_DEGREE: Final = frozenset("number stranger layer liver finer interest earnest forest officer former later".split())
_LIGHT: Final = frozenset(
    "going gonna go get got gotten well yes yeah okay ok uh um really thing things lot lots kind sort".split()
)
_ROOT: Final = 5  # letters that two words of a family share, and the most that one may have more
_NONE: Final = frozenset[str]()


class Word(NamedTuple):
    """One word. ``clause`` numbers the clause of the text it stands in; ``opens`` is true after a full stop."""

    text: str
    folded: str
    stem: str
    start: int
    clause: int
    opens: bool

    @property
    def is_capitalised(self) -> bool:
        """Whether it is written as a name is."""
        return self.text[:1].isupper()

    @property
    def is_number(self) -> bool:
        """Whether it has a digit."""
        return not self.text.isalpha() and any(character.isdigit() for character in self.text)


def plain(text: str) -> str:
    """Typographic apostrophes and white space as a keyboard has them; "n't" as a word of its own."""
    text = " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'").split())
    folded = text.casefold()
    for letters, pattern, instead in _PLAINER:
        if any(each in folded for each in letters):  # a twentieth of the pattern's own search
            text = pattern.sub(instead, text)
    return text


def words_of(text: str, language: str) -> list[Word]:
    """The words of a text that ``plain`` has been over. Linear in its length."""
    breaks = [found.start() for found in _BREAK.finditer(text)]
    words, clause = [], 0
    for found in _WORD.finditer(text):
        while clause < len(breaks) and breaks[clause] <= found.start():
            clause += 1
        folded = found.group().casefold().strip(".")
        start = found.start()
        words.append(Word(found.group(), folded, stem(folded, language), start, clause, _opens(text, start)))
    return words


def _opens(text: str, start: int) -> bool:
    """Whether a word that begins there is the first of a sentence."""
    if start > 1 and text[start - 1] == " " and text[start - 2].isalnum():
        return False  # most words: another one stands right before
    return not start or bool(_SENTENCE_END.search(text[max(0, start - 6) : start]))


class _Stemmers(threading.local):
    """Snowball's stemmers of one thread: each holds the word it works on, so two threads must not share one."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def of(self, language: str) -> Any:
        """The stemmer of a language, None where Snowball has none."""
        if language not in _STEMMERS:
            return None
        if language not in self.made:
            import snowballstemmer

            self.made[language] = snowballstemmer.stemmer(_STEMMERS[language])
        return self.made[language]


_OF_THIS_THREAD: Final = _Stemmers()


def stem(folded: str, language: str) -> str:
    """A word in lower case without its endings (Snowball), irregular forms at their root, accents dropped."""
    return _stem(folded, base_language(language))


@lru_cache(maxsize=200_000)  # some 20 MB; more is a text of no language
def _stem(folded: str, base: str) -> str:
    lists = meaning_words(base)
    root = lists.same("names", folded) or lists.same("irregular", folded)
    root = root or (_positive(folded) if base == "en" else folded)
    stemmer = _OF_THIS_THREAD.of(base)
    root = stemmer.stemWord(root) if stemmer else root
    return "".join(c for c in unicodedata.normalize("NFD", root) if not unicodedata.combining(c))


def _positive(folded: str) -> str:
    """The adjective that an English comparative or superlative is made of: "big" for "biggest"; else the word."""
    if folded[-2:] == "er":
        bare = folded[:-2]
    elif folded[-3:] == "est":
        bare = folded[:-3]
    else:
        return folded
    if len(bare) < _ADJECTIVE or folded in _NO_DEGREE:
        return folded
    forms = (bare, f"{bare}e", bare[:-1] if bare[-1] == bare[-2] else "", f"{bare[:-1]}y" if bare[-1] == "i" else "")
    return next((form for form in forms if form in word_list("adjectives-en")), folded)


@cache
def empty_words(language: str) -> frozenset[str]:
    """Words that carry no content: those of every sentence of the language."""
    base = base_language(language)
    if base == "en":
        return word_list("function-en") | _LIGHT
    return stop_words(base) or frozenset()


def root(stem: str) -> str:
    """The letters that all stems of a family begin with."""
    return stem[:_ROOT]


def alike(first: str, second: str) -> bool:
    """Two stems of one family: "econom" and "economi", "govern" and "government"."""
    if first[:_ROOT] != second[:_ROOT]:
        return False
    shorter, longer = (first, second) if len(first) <= len(second) else (second, first)
    return (
        len(shorter) >= _ROOT
        and longer.startswith(shorter[: max(_ROOT, len(shorter) - 1)])
        and len(longer) - len(shorter) <= _ROOT
    )


@dataclass(frozen=True)
class Relations:
    """By stem, the stems that may stand in its place, and those that say the opposite; and words that name no thing."""

    same: dict[str, set[str]] = field(default_factory=dict)
    sense: dict[str, set[str]] = field(default_factory=dict)
    opposite: dict[str, set[str]] = field(default_factory=dict)
    abstract: set[str] = field(default_factory=set)
    doing: set[str] = field(default_factory=set)

    def add(self, mark: str, stems: list[str]) -> None:
        """One line of the list."""
        if mark in "~^":
            (self.abstract if mark == "~" else self.doing).update(stems)
        elif mark == "<":
            # What is so of a dog is so of an animal, and not the other way round.
            for broader in stems[1:]:
                self.same.setdefault(broader, set()).add(stems[0])
        else:
            found = self.opposite if mark == "!" else self.same
            for stem in stems:
                found.setdefault(stem, set()).update(other for other in stems if other != stem)
                if mark == "&":
                    self.sense.setdefault(stem, set()).update(stems)


def synonyms(stem: str, language: str) -> frozenset[str] | set[str]:
    """Stems for which this one may stand: of one sense or family with it, or a kind of it; empty where unknown."""
    return _relations(base_language(language)).same.get(stem, _NONE)


def same_sense(stem: str, language: str) -> frozenset[str] | set[str]:
    """Stems of adjectives that share a sense with this one, itself among them."""
    return _relations(base_language(language)).sense.get(stem, _NONE)


def antonyms(stem: str, language: str) -> frozenset[str] | set[str]:
    """Stems that say the opposite; empty where unknown."""
    return _relations(base_language(language)).opposite.get(stem, _NONE)


def is_general(folded: str, language: str, *, noun: bool = False) -> bool:
    """Whether a word sums up, does or describes, and names no thing, person, place or time by itself.

    ``noun`` is for a word that stands where only a noun can.
    """
    relations = _relations(base_language(language))
    forms = _forms(folded)
    return any(form in relations.abstract or (not noun and form in relations.doing) for form in forms)


def _forms(folded: str) -> list[str]:
    """A word, and what it may be a form of."""
    forms = [folded, folded.removesuffix("s"), folded.removesuffix("es"), folded.removesuffix("d")]
    for ending in ("ed", "ing", "ly", "er", "est"):
        if folded.endswith(ending):
            bare = folded.removesuffix(ending)
            forms += [bare, f"{bare}e", bare[:-1]]
    if folded.endswith(("ies", "ied")):
        forms.append(f"{folded[:-3]}y")
    return forms


@cache
def _relations(language: str) -> Relations:
    """The list of a language, read once (some 30 ms)."""
    relations = Relations()
    if language != "en":
        return relations
    text = (files("autointel.text") / "words" / "relations-en.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        mark, *stems = line.split()
        if mark != "#":
            relations.add(mark, stems)
    everyday = (files("autointel.text") / "words" / "everyday-synonyms-en.txt").read_text(encoding="utf-8")
    for line in everyday.splitlines():
        if not line.startswith("#"):
            relations.add("+", [stem(word, language) for word in line.split()])
    return relations
