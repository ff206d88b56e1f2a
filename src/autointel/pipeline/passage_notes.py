"""What a model fills in for one chunk, and which of its quotes were really said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from autointel.domain.chunking import Chunk
from autointel.domain.notes import EntityKind
from autointel.domain.quoting import QuoteFinder


class Quoted(BaseModel):
    """Something a passage says, with the words that say it."""

    text: str = Field(min_length=1)
    quote: str = Field(min_length=1, description="copied letter for letter from the passage")


class QuotedFallacy(Quoted):
    """Reasoning that may not hold."""

    type: str = Field(min_length=1)


class QuotedPosition(Quoted):
    """Who stands where."""

    holder: str = Field(min_length=1)


class NamedEntity(BaseModel):
    """Somebody or something named."""

    name: str = Field(min_length=1, description="as the passage names it")
    kind: EntityKind


class QuotedRelation(BaseModel):
    """Two entities and what joins them."""

    subject: str = Field(min_length=1)
    predicate: str = Field(min_length=1)
    object: str = Field(min_length=1)
    quote: str = Field(min_length=1, description="copied letter for letter from the passage")


class ChunkNotes(BaseModel):
    """Notes on one passage. ``claims`` stand alone: pronouns resolved, speaker and date named."""

    key_points: list[Quoted] = Field(max_length=8)
    claims: list[Quoted] = Field(max_length=8)
    fallacies: list[QuotedFallacy] = Field(max_length=3)
    positions: list[QuotedPosition] = Field(max_length=4)
    entities: list[NamedEntity] = Field(max_length=12)
    relations: list[QuotedRelation] = Field(max_length=8)


@dataclass(frozen=True)
class Reading:
    """What was read of one chunk, and how to find its quotes again."""

    chunk: Chunk
    notes: ChunkNotes
    finder: QuoteFinder

    @property
    def quotes(self) -> list[str]:
        """All quotes of all notes."""
        kinds: Sequence[Iterable[Quoted | QuotedRelation]] = (
            self.notes.key_points,
            self.notes.claims,
            self.notes.fallacies,
            self.notes.positions,
            self.notes.relations,
        )
        return [item.quote for kind in kinds for item in kind]

    @property
    def invented(self) -> list[str]:
        """Quotes that were never said."""
        return [quote for quote in self.quotes if self.finder.find(quote) is None]
