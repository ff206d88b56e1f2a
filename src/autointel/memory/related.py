"""Passages of other sources on what a statement says, with differences that can be read off; no verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autointel.domain.analysis import RelatedPassage, Statement
from autointel.memory.question import telling
from autointel.memory.search import Found, Stores, search
from autointel.text.near_duplicates import OwnWords

DIFFERENT_NUMBER: Final = "different number"
DIFFERENT_YEAR: Final = "different year"

_CANDIDATES: Final = 20
_LEAST: Final = 0.4  # of the statement's telling words, in the passage
_FEWEST: Final = 3  # telling words in common
_COMPARABLE: Final = 2  # words in common, numbers apart, before two numbers are set against each other
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_YEAR: Final = re.compile(r"(?:1[89]|20)\d\d")
_UNITS: Final = {
    word: number
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split(),
        start=2,
    )
} | {"one": 1}
_TENS: Final = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SPELT: Final = re.compile(rf"\b(?:({'|'.join(_TENS)})(?:[- ]({'|'.join(_UNITS)}))?|({'|'.join(_UNITS)}))\b")


@dataclass(frozen=True)
class Memory:
    """Memory as it stood when the run began: what is searched, and the ids of the sources that were in it."""

    stores: Stores
    known: frozenset[str]


async def with_related(
    statements: Sequence[Statement], memory: Memory, own: OwnWords, limit: int = 3
) -> tuple[Statement, ...]:
    """Each statement with what other sources say of it, in their order. About 20 ms a statement.

    Raises HomeUnusable.
    """
    return tuple(
        [
            statement.model_copy(update={"related": await related(statement.text, memory, own, limit)})
            for statement in statements
        ]
    )


async def related(statement: str, memory: Memory, own: OwnWords, limit: int = 3) -> tuple[RelatedPassage, ...]:
    """Best first; never from the source itself, a copy of it, or one that came into memory after the run began.

    ``score`` is the share of the statement's telling words that the passage holds, so it is comparable everywhere.
    Raises HomeUnusable.
    """
    wanted = set(telling(statement))
    if len(wanted) < _FEWEST or not memory.known:
        return ()
    findings = await search(statement, _CANDIDATES, memory.stores, not_source=own.source_id)
    kept: dict[str, tuple[float, Found]] = {}
    for found in findings.found:
        shared = wanted.intersection(telling(found.passage.text))
        score = len(shared) / len(wanted)
        if score < _LEAST or len(shared) < _FEWEST or not _is_other(found, memory, own):
            continue
        # The same words under two addresses are one voice.
        kept.setdefault(found.citation.quote, (score, found))
    ranked = sorted(kept.values(), key=lambda pair: (-pair[0], -pair[1].score, pair[1].passage.id))
    return tuple(_passage(statement, score, found) for score, found in ranked[:limit])


def _is_other(found: Found, memory: Memory, own: OwnWords) -> bool:
    return found.passage.source_id in memory.known and not own.hold(found.passage.text)


def _passage(statement: str, score: float, found: Found) -> RelatedPassage:
    citation = found.citation
    return RelatedPassage(
        passage_id=found.passage.id,
        quote=citation.quote,
        source_title=found.source_title,
        source_url=found.source_url,
        start=citation.start,
        paragraph=citation.paragraph,
        place=citation.place,
        score=round(score, 3),
        flags=flags(statement, citation.quote),
    )


def flags(statement: str, quote: str) -> tuple[str, ...]:
    """Literal differences between two sentences that share enough to be compared; none is a contradiction yet."""
    common = set(telling(statement)).intersection(telling(quote))
    if sum(not any(map(str.isdigit, word)) for word in common) < _COMPARABLE:
        return ()
    here, there = _numbers(statement), _numbers(quote)
    found = []
    if _differ(here - _years(here), there - _years(there)):
        found.append(DIFFERENT_NUMBER)
    if _differ(_years(here), _years(there)):
        found.append(DIFFERENT_YEAR)
    return tuple(found)


def _differ(here: set[str], there: set[str]) -> bool:
    return bool(here and there) and here.isdisjoint(there)


def _years(numbers: set[str]) -> set[str]:
    return {number for number in numbers if _YEAR.fullmatch(number)}


def _numbers(text: str) -> set[str]:
    """Figures without the commas between thousands, and the numbers under a hundred that people say as words."""
    spelt = {
        str(_TENS.get(tens, 0) + _UNITS.get(unit or alone, 0))
        for tens, unit, alone in _SPELT.findall(text.lower())
        if alone != "one"  # "one of them" counts nothing
    }
    return {re.sub(r",(?=\d{3})", "", figure) for figure in _NUMBER.findall(text)} | spelt
