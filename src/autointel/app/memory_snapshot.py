"""What other sources say of a source's statements, in memory as it stood when the run began."""

from __future__ import annotations

from dataclasses import dataclass

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.domain.analysis import Analysis
from autointel.domain.report import Results
from autointel.domain.source import Source
from autointel.memory.findings import Stores
from autointel.memory.related import Memory, with_related
from autointel.pipeline.step import digest_of
from autointel.text.near_duplicates import OwnWords


@dataclass(frozen=True)
class MemorySnapshot:
    """Memory at one moment. By keyword alone: a run must not wait for its own vectors to be written."""

    memory: Memory

    @classmethod
    def of(cls, catalogue: Catalogue) -> MemorySnapshot:
        """As it stands now. Raises HomeUnusable."""
        known = frozenset(source.id for source in catalogue.passages.sources())
        return cls(Memory(Stores(catalogue.passages, catalogue.words), known))

    async def related(self, results: Results, analysis: Analysis) -> Analysis:
        """The analysis with, beside each statement, what other sources say on it."""
        own = OwnWords.of(results.source.id, results.transcript)
        statements = await with_related(analysis.statements, self.memory, own)
        return analysis.model_copy(update={"statements": statements})

    def beyond(self, source: Source) -> str:
        """Changes when another source has come into memory since, and only then."""
        return digest_of(*sorted(self.memory.known - {source.id}))
