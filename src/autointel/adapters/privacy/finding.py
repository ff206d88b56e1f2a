"""Personal data found in a text, and numbers spoken digit by digit: "four one five, double two, oh"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Finding:
    """``text[start:end]`` is personal data of this kind.

    ``value`` is its normal form: the same number in another spelling has the same value.
    """

    start: int
    end: int
    kind: str
    value: str


Detector: TypeAlias = Callable[[str], Iterable[Finding]]


def without_overlaps(findings: Iterable[Finding]) -> Iterator[Finding]:
    """In the order of the text. Of two that overlap the one that begins first stays, the longer one of a tie.

    A finding that reaches beyond one that stays is cut down to the rest: no part of it is let through.
    """
    reached = 0
    for each in sorted(findings, key=lambda found: (found.start, -found.end)):
        if each.start >= reached:
            yield each
        elif each.end > reached:
            yield Finding(reached, each.end, each.kind, each.value)
        reached = max(reached, each.end)


_DIGITS: Final = {
    "zero": "0",
    "oh": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}
_WORD: Final = rf"(?:(?:double|triple)[ -])?(?:{'|'.join(_DIGITS)})"
_RUN: Final = re.compile(rf"(?i)\b{_WORD}(?:[,.]?[ -]{_WORD}){{6,24}}\b")
_EACH: Final = re.compile(rf"(?i)(?:(double|triple)[ -])?({'|'.join(_DIGITS)})")
_TIMES: Final = {"": 1, "double": 2, "triple": 3}


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """``text[start:end]`` says these digits."""

    start: int
    end: int
    digits: str


def spoken_digits(text: str) -> Iterator[SpokenNumber]:
    """Every run of seven or more spoken digits, but for counting up or down."""
    for match in _RUN.finditer(text):
        digits = "".join(
            _DIGITS[word.lower()] * _TIMES[(times or "").lower()] for times, word in _EACH.findall(match[0])
        )
        steps = {int(after) - int(before) for before, after in pairwise(digits)}
        if steps not in ({1}, {-1}):
            yield SpokenNumber(match.start(), match.end(), digits)
