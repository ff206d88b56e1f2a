"""Passages of other sources: those related to a statement, and evidence on a claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from anyio import to_thread

from autointel.domain.analysis import Evidence, RelatedPassage, Statement
from autointel.domain.passage import Scope
from autointel.domain.transcript import Source, Transcript
from autointel.domain.value import content_id
from autointel.errors import EvidenceUnavailable, HomeUnusable
from autointel.memory.differences import flags, have_other_subjects
from autointel.memory.findings import Found, Stores
from autointel.memory.question import rarity, telling
from autointel.memory.search import search
from autointel.ports import EvidenceSearch
from autointel.text.near_duplicates import OwnWords

_CANDIDATES: Final = 20
_LEAST: Final = 0.5  # of the statement's telling words, weighed by rarity, in the passage
_FEWEST: Final = 3  # telling words in common
_IN_QUOTE: Final = 2  # of them in the sentence that is shown
_RAREST: Final = 3  # of the statement's words, of which the passage has one
_EVIDENCE_CANDIDATES: Final = 20
_FEWEST_SHARED: Final = 2  # telling words that a passage has in common with the query; all of them where it has fewer


@dataclass(frozen=True)
class Memory:
    """Memory as it stood when the run began: what is searched, and the ids of the sources that were in it.

    ``superseded`` has the ids of earlier versions of the run's own source: they are no other voice.
    """

    stores: Stores
    known: frozenset[str]
    superseded: Callable[[], frozenset[str]] = frozenset

    def others(self) -> Stores:
        """The stores, without earlier versions of the run's own source."""
        superseded = self.superseded()
        if not superseded:
            return self.stores
        return replace(self.stores, scope=Scope(source_ids=self.known - superseded))


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

    ``score`` is the share of the statement's telling words that the passage holds, each weighed by how rare it is among
    the passages that come nearest. Raises HomeUnusable.
    """
    wanted = set(telling(statement))
    if len(wanted) < _FEWEST or not memory.known:
        return ()
    findings = await search(statement, _CANDIDATES, memory.others(), not_source=own.source_id, per_passage=1, least=0)
    nearest = [frozenset(telling(found.passage.text)) for found in findings.found]
    rare = rarity(statement, nearest)
    # A word that no passage has says nothing of which passage is nearer: it weighs as one that a single passage has.
    held = [word for word in rare if any(word in words for words in nearest)]
    most = max((rare[word] for word in held), default=0.0)
    weights = {word: min(weight, most) for word, weight in rare.items()}
    rarest = set(sorted(held, key=lambda word: (-weights[word], word))[:_RAREST])
    kept: dict[str, tuple[float, Found]] = {}
    for found, words in zip(findings.found, nearest, strict=True):
        shared = wanted & words
        score = sum(weights[word] for word in shared) / (sum(weights.values()) or 1.0)
        quoted = wanted.intersection(telling(found.citation.quote))
        if score < _LEAST or len(shared) < _FEWEST or len(quoted) < _IN_QUOTE or not shared & rarest:
            continue
        # The same words under two addresses are one voice.
        if _is_other(found, memory, own) and not have_other_subjects(statement, found.citation.quote):
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
        approximate=citation.approximate,
        score=round(score, 3),
        flags=flags(statement, citation.quote),
    )


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
            query, _EVIDENCE_CANDIDATES, self._memory.others(), not_source=own.words.source_id, per_passage=1, least=0
        )
        wanted = set(telling(query))
        kept: dict[str, Evidence] = {}
        for found in findings.found:
            shared = wanted.intersection(telling(found.passage.text))
            if len(shared) >= min(_FEWEST_SHARED, len(wanted) or 1) and self._is_other(found, own):
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
