"""Who said what on a matter, where and when, with verdicts, and where a later statement differs from an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

from anyio import to_thread

from autointel.domain.analysis import CheckedClaim, Verdict
from autointel.domain.citation import Citation
from autointel.domain.transcript import Source
from autointel.domain.value import Value
from autointel.memory.differences import difference
from autointel.memory.findings import Found, Stores
from autointel.memory.question import telling
from autointel.memory.search import search

_CANDIDATES: Final = 200
_NAME: Final = 3
"""Telling words up to which a subject is a name, all of which a statement holds; a longer one is a claim."""
_SHARE: Final = 0.5
"""Of a claim's telling words, in a statement on it."""
_OPENING: Final = 6
"""Words with which a quote begins, by which it is found inside another of captions without sentences."""


class Entry(Value):
    """One statement. ``differs`` are the earlier entries, by number from 1, that it differs from, and in what."""

    citation: Citation
    speaker: str | None
    source_id: str
    source_title: str
    published_at: date | None
    verdict: Verdict | None = None
    differs: tuple[Difference, ...] = ()


class Difference(Value):
    """``number`` is the earlier entry's; ``what`` says how the two differ, and not who is right."""

    number: int
    what: str


class Ledger(Value):
    """The statements on a subject in the order of time."""

    subject: str
    entries: tuple[Entry, ...] = ()


async def ledger(
    subject: str,
    limit: int,
    stores: Stores,
    sources: Mapping[str, Source],
    claims: Mapping[str, Sequence[CheckedClaim]],
) -> Ledger:
    """The ``limit`` statements nearest to the subject, in the order of publication and then of speaking.

    Sources without a day of publication come last, by title.

    ``claims`` are the checked ones by source id. Raises HomeUnusable.
    """
    findings = await search(subject, _CANDIDATES, stores, least=0.0)
    chosen = _apart([found for found in findings.found if _is_on(subject, found)])[:limit]
    chosen.sort(key=lambda found: _when(found, sources))
    entries = await to_thread.run_sync(partial(_entries, chosen, sources, claims))
    return Ledger(subject=subject, entries=tuple(entries))


def _is_on(subject: str, found: Found) -> bool:
    wanted, said = set(telling(subject)), set(telling(found.citation.quote))
    if not wanted:
        return False
    return wanted <= said if len(wanted) <= _NAME else len(wanted & said) >= _SHARE * len(wanted)


def _apart(nearest: Sequence[Found]) -> list[Found]:
    """The moments that do not overlap a nearer one of the same source: no words are shown twice."""
    chosen: list[Found] = []
    for found in nearest:
        same = (each for each in chosen if each.passage.source_id == found.passage.source_id)
        if not any(_begins_in(found, other) or _begins_in(other, found) for other in same):
            chosen.append(found)
    return chosen


def _begins_in(one: Found, other: Found) -> bool:
    words = one.citation.quote.split()[:_OPENING]
    if len(words) < _OPENING or " ".join(words) not in " ".join(other.citation.quote.split()):
        return False
    here, start, end = one.citation.start, other.citation.start, other.citation.end
    return here is None or start is None or end is None or start <= here <= end


def _when(found: Found, sources: Mapping[str, Source]) -> tuple[bool, date, str, str, float]:
    source = sources.get(found.passage.source_id)
    day = source.published_at if source else None
    start = found.citation.start if found.citation.start is not None else float(found.citation.paragraph or 0)
    return day is None, day or date.min, found.source_title, found.passage.source_id, start


def _entries(
    chosen: Sequence[Found], sources: Mapping[str, Source], claims: Mapping[str, Sequence[CheckedClaim]]
) -> list[Entry]:
    entries: list[Entry] = []
    for found in chosen:
        quote, source_id = found.citation.quote, found.passage.source_id
        source = sources.get(source_id)
        differs = (
            Difference(number=number, what=what)
            for number, earlier in enumerate(entries, start=1)
            if (earlier.source_id, earlier.speaker) != (source_id, found.speaker)
            and (what := difference(earlier.citation.quote, quote))
        )
        entries.append(
            Entry(
                citation=found.citation,
                speaker=found.speaker,
                source_id=source_id,
                source_title=found.source_title,
                published_at=source.published_at if source else None,
                verdict=verdict_on(quote, claims.get(source_id, ())),
                differs=tuple(differs),
            )
        )
    return entries


def verdict_on(quote: str, claims: Sequence[CheckedClaim]) -> Verdict | None:
    """The verdict on a claim that the statement makes, or is part of."""
    return next((each.verdict for each in claims if each.citation.quote in quote or quote in each.citation.quote), None)
