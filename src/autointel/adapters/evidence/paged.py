"""Evidence from what an engine finds: the pages are read, and the sentences that bear on the question quoted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import anyio
from anyio.to_thread import run_sync

from autointel.adapters.evidence import page
from autointel.adapters.evidence.finder import Finder, Hit
from autointel.adapters.evidence.independence import NOTHING_CHECKED, Checked
from autointel.adapters.evidence.page import Page
from autointel.adapters.evidence.sentences import Span, best_spans
from autointel.domain.analysis import Evidence
from autointel.domain.value import content_id
from autointel.errors import AutointelError, EvidenceUnavailable
from autointel.ports import EvidenceSearch, Fetcher

# Some pages cannot be read and some are the source's own; so more are looked for than are needed.
_SPARE: Final = 3
_AT_ONCE: Final = 5


@dataclass(frozen=True)
class _Read:
    hit: Hit
    page: Page


class PagedEvidence(EvidenceSearch):
    """One engine, its pages fetched and read. ``checked`` is asked at each search: the source is known by then."""

    def __init__(
        self, finder: Finder, fetcher: Fetcher, *, checked: Callable[[], Checked] = lambda: NOTHING_CHECKED
    ) -> None:
        self.name = finder.name
        self._finder = finder
        self._fetcher = fetcher
        self._checked = checked
        self._slots = anyio.Semaphore(_AT_ONCE)

    async def prepare(self) -> None:
        """Load what reads pages: a third of a second, well spent while a model answers."""
        await run_sync(page.load)

    async def search(self, query: str, limit: int) -> list[Evidence]:
        """Best first; what appeared before the claim, or without a date, comes before what appeared after it.

        Raises EvidenceUnavailable if the engine fails, or if pages were found and none could be fetched.
        """
        checked = self._checked()
        found = await self._finder.find(query, limit + _SPARE)
        hits = [hit for hit in _once(found) if not checked.is_own_site(hit.url)]
        read = await run_sync(_independent, await self._read_all(hits), checked)
        spans = await run_sync(best_spans, [piece.page.text for piece in read], query, limit)
        evidence = [_evidence(read[span.page], span, checked) for span in spans]
        return sorted(evidence, key=lambda item: item.newer_than_claim is True)

    async def _read_all(self, hits: Sequence[Hit]) -> list[_Read]:
        """In the order of the hits, whoever answers first. Raises EvidenceUnavailable."""
        read: list[_Read | None] = [None] * len(hits)
        failures: list[AutointelError] = []

        async def read_one(index: int, hit: Hit) -> None:
            try:
                text = await self._page(hit)
            except AutointelError as error:
                failures.append(error)
                return
            read[index] = _Read(hit, text) if text is not None else None

        async with anyio.create_task_group() as group:
            for index, hit in enumerate(hits):
                group.start_soon(read_one, index, hit)
        if hits and len(failures) == len(hits):
            raise EvidenceUnavailable(
                f"None of the {len(hits)} pages that {self.name} found could be fetched: {failures[0].message}",
                failures[0].hint,
            )
        return [piece for piece in read if piece is not None]

    async def _page(self, hit: Hit) -> Page | None:
        if hit.text is not None:
            return Page(text=hit.text)
        async with self._slots:
            fetched = await self._fetcher.fetch(hit.url)
        return await run_sync(page.read, fetched)


def _independent(read: Sequence[_Read], checked: Checked) -> list[_Read]:
    return [piece for piece in read if not checked.is_copied_by(piece.page.text)]


def _once(hits: Sequence[Hit]) -> list[Hit]:
    return list({hit.url: hit for hit in reversed(hits)}.values())[::-1]


def _evidence(read: _Read, span: Span, checked: Checked) -> Evidence:
    quote = read.page.text[span.start : span.end]
    published_at = read.hit.published_at or read.page.published_at
    return Evidence(
        id=content_id("evidence", read.hit.url, quote),
        url=read.hit.url,
        title=read.hit.title or read.page.title or read.hit.url,
        quote=quote,
        published_at=published_at,
        newer_than_claim=checked.is_older_than(published_at),
    )
