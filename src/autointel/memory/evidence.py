"""What has been read before, as evidence: other sources only, as memory stood when the run began."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from anyio import to_thread

from autointel.domain.analysis import Evidence
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.domain.value import content_id
from autointel.errors import EvidenceUnavailable, HomeUnusable
from autointel.memory.findings import Found
from autointel.memory.question import telling
from autointel.memory.related import Memory
from autointel.memory.search import search
from autointel.ports import EvidenceSearch
from autointel.text.near_duplicates import OwnWords

_CANDIDATES: Final = 20
_FEWEST: Final = 2  # telling words that a passage has in common with the query; all of them where it has fewer


@dataclass(frozen=True)
class Own:
    """The source whose claims are checked: its words, and the day that it appeared."""

    words: OwnWords
    published_at: date | None

    @classmethod
    def of(cls, source: Source, transcript: Transcript) -> Own:
        """Linear in the transcript's length: make it once for a run."""
        return cls(OwnWords.of(source.id, transcript), source.published_at)


class MemoryEvidence(EvidenceSearch):
    """Passages of other sources, each as its best sentence. ``own`` is asked at each search: it is known by then."""

    name = "memory"

    def __init__(self, memory: Memory, own: Callable[[], Own]) -> None:
        self._memory = memory
        self._own = own
        self._sources: Mapping[str, Source] | None = None

    async def prepare(self) -> None:
        """Nothing is to be loaded."""

    async def search(self, query: str, limit: int) -> list[Evidence]:
        """Best first; never the source itself, a copy of it, or one read since the run began.

        Raises EvidenceUnavailable where the catalogue cannot be read.
        """
        own = self._own()
        try:
            return await self._search(query, limit, own)
        except HomeUnusable as error:
            raise EvidenceUnavailable(error.message, error.hint) from error

    async def _search(self, query: str, limit: int, own: Own) -> list[Evidence]:
        if self._sources is None:
            sources = await to_thread.run_sync(self._memory.stores.index.sources)
            self._sources = {source.id: source for source in sources}
        findings = await search(
            query, _CANDIDATES, self._memory.stores, not_source=own.words.source_id, per_passage=1, least=0
        )
        wanted = set(telling(query))
        kept: dict[str, Evidence] = {}
        for found in findings.found:
            shared = wanted.intersection(telling(found.passage.text))
            if len(shared) >= min(_FEWEST, len(wanted) or 1) and self._is_other(found, own):
                # The same words under two addresses are one voice.
                kept.setdefault(found.citation.quote, _evidence(found, self._sources[found.passage.source_id], own))
        return list(kept.values())[:limit]

    def _is_other(self, found: Found, own: Own) -> bool:
        known = self._memory.known & (self._sources or {}).keys()
        return found.passage.source_id in known and not own.words.hold(found.passage.text)


def _evidence(found: Found, source: Source, own: Own) -> Evidence:
    # What was read from a file has no address that opens anywhere; its passage can be searched for by its id.
    url = found.citation.url or f"autointel:passage/{found.passage.id}"
    newer = source.published_at > own.published_at if source.published_at and own.published_at else None
    return Evidence(
        id=content_id("evidence", url, found.citation.quote),
        url=url,
        title=found.source_title,
        quote=found.citation.quote,
        published_at=source.published_at,
        newer_than_claim=newer,
    )
