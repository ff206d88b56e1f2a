"""The words that were read: passages by keyword and by id, and their segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from autointel.domain.passage import ANYWHERE, Hit, Passage, Scope
from autointel.domain.source import Source
from autointel.domain.transcript import Segment


class PassageIndex(Protocol):
    """The words of one namespace, by keyword and by id. Blocks: call it off the event loop. Raises HomeUnusable."""

    def keyword(
        self,
        question: str,
        limit: int,
        *,
        not_source: str | None = None,
        around: float = 0.5,
        scope: Scope = ANYWHERE,
    ) -> list[Hit]:
        """Passages with any word of ``question``, best first; a neighbour's word counts ``around`` as much."""
        ...

    def phrase(self, phrase: str, limit: int, *, not_source: str | None = None, scope: Scope = ANYWHERE) -> list[Hit]:
        """Passages with the phrase word for word, best first."""
        ...

    def within(self, scope: Scope, limit: int, *, not_source: str | None = None) -> list[Hit]:
        """The passages of a scope, the latest source first, in order; all with the score 1."""
        ...

    def hits(self, scores: dict[str, float], *, scope: Scope = ANYWHERE) -> list[Hit]:
        """The passages with these ids and their scores, best first; ids that are not kept are left out."""
        ...

    def respelt(self, words: Sequence[str]) -> dict[str, str]:
        """For words that stand nowhere the stem of one that is spelt nearly so; an index that cannot tell has none."""
        del words
        return {}

    def speakers(self) -> list[str]:
        """Every speaker's name, in order of the alphabet."""
        ...

    def sources(self) -> list[Source]:
        """Every source kept, the latest first."""
        ...


class SpokenWords(Protocol):
    """The segments that passages were made of. Blocks, as PassageIndex does. Raises HomeUnusable."""

    def within(self, passages: Sequence[Passage]) -> dict[str, tuple[Segment, ...]]:
        """Segments by passage id, in order, in one query; a passage that is no longer kept is left out."""
        ...
