"""Personal data found in a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias


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
