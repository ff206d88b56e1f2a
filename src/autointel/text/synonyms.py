"""Words that say the same, belong to one family, or are opposites: WordNet's common senses, for English alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

from autointel.text.word_lists import base_language

_NONE: Final = frozenset[str]()


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
    from autointel.text.stems import stem

    everyday = (files("autointel.text") / "words" / "everyday-synonyms-en.txt").read_text(encoding="utf-8")
    for line in everyday.splitlines():
        if not line.startswith("#"):
            relations.add("+", [stem(word, language) for word in line.split()])
    return relations
