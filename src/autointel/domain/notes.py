"""Notes on each passage. Every later step works on notes, never on the transcript."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from autointel.domain.analysis import Dropped
from autointel.domain.citation import Citation
from autointel.domain.transcript import Chapter
from autointel.domain.value import Confidence, Value


class Note(Value):
    """Something a passage says. ``id`` is short and stable within a run ("k12"): models cite it.

    ``more`` are other places that say the same.
    """

    id: str
    text: str = Field(min_length=1)
    citation: Citation
    more: tuple[Citation, ...] = ()
    speaker: str | None = None


class KeyPoint(Note):
    """A point made. ``score`` orders points of one method; 1 is the best.

    ``context`` is the sentence before, where the point cannot be understood without it.
    """

    score: float = 0.0
    context: Citation | None = None


class Claim(Note):
    """A statement that could be checked, rewritten to stand alone where a model read it.

    ``score`` in 0..1 orders claims of one method by how much they invite a check. ``sponsored`` marks what an
    advertisement says.
    """

    said_on: date | None = None
    score: float = 0.0
    sponsored: bool = False


class SuspectedFallacy(Note):
    """Reasoning that may be unsound; ``type`` is the reader's first guess."""

    type: str


class Position(Note):
    """A speaker's position on a subject; ``text`` is the position."""

    holder: str


class SpeakerShare(Value):
    """Somebody who speaks. ``share`` is their part of all words, 0..1; ``first`` and ``last`` are seconds, where known.

    ``role`` is what the source's label says beside the name; ``introduction`` quotes who says what they are.
    """

    name: str = Field(min_length=1)
    share: float = Field(ge=0, le=1)
    first: float | None = None
    last: float | None = None
    role: str = ""
    introduction: Citation | None = None


class EntityKind(StrEnum):
    """Coarse kinds that a rule or a model can tell apart."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    WORK = "work"
    EVENT = "event"
    OTHER = "other"


class EntityMention(Value):
    """An entity as this source names it. ``mentions`` counts; ``citations`` show a few."""

    name: str = Field(min_length=1)
    kind: EntityKind = EntityKind.OTHER
    mentions: int = Field(default=1, ge=1)
    confidence: Confidence = Confidence.LOW
    citations: tuple[Citation, ...] = Field(min_length=1)


class RelationMention(Value):
    """Two entities and their relation: a verb from a model, or "co-occurs with" (``weight`` counts how often)."""

    subject: str
    predicate: str
    object: str
    weight: int = Field(default=1, ge=1)
    confidence: Confidence = Confidence.LOW
    citation: Citation


class Term(Value):
    """A word or phrase that this source uses often."""

    text: str
    count: int = Field(ge=1)
    citation: Citation


class Unsought(Value):
    """Kinds of notes that were not searched for, by their names on the page, and why."""

    kinds: tuple[str, ...] = Field(min_length=1)
    reason: str


class Notes(Value):
    """Everything read. ``method`` names how; ``dropped`` counts what no sentence of the transcript carries.

    ``left_out`` says which stretches could not be read, and why; empty where all was.
    ``unsought`` are kinds of notes that this reader does not look for in such a source. ``advertising`` counts the
    sentences of advertisements that were left out.
    """

    method: str
    speakers: tuple[SpeakerShare, ...] = ()
    key_points: tuple[KeyPoint, ...] = ()
    claims: tuple[Claim, ...] = ()
    fallacies: tuple[SuspectedFallacy, ...] = ()
    positions: tuple[Position, ...] = ()
    entities: tuple[EntityMention, ...] = ()
    relations: tuple[RelationMention, ...] = ()
    terms: tuple[Term, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    dropped: Dropped = Dropped()
    left_out: str = ""
    advertising: int = Field(default=0, ge=0)
    unsought: tuple[Unsought, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_citable(self) -> bool:
        """Whether there is a note that a finding could rest on."""
        return bool(self.key_points or self.claims or self.fallacies or self.positions)
