"""The reader with a model: one call a chunk, all chunks side by side, every quote found again by code.

First the schema that the model fills, then the asking, then the notes of the whole from the notes of the chunks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import anyio
from pydantic import BaseModel, Field

from autointel.domain.chunking import Chunk, chunks
from autointel.domain.citation import Citation
from autointel.domain.notes import (
    Claim,
    EntityKind,
    EntityMention,
    KeyPoint,
    Note,
    Notes,
    Position,
    RelationMention,
    SuspectedFallacy,
)
from autointel.domain.quoting import QuoteFinder
from autointel.domain.run import StepName
from autointel.domain.script import Script
from autointel.domain.source import Source
from autointel.domain.transcript import Segment, Transcript
from autointel.domain.value import Confidence
from autointel.errors import AutointelError, BudgetSpent, PromptTooLong
from autointel.model.grounding import Ungrounded, ask_until_grounded
from autointel.model.prompts import untrusted
from autointel.model.tokens import estimate_tokens
from autointel.pipeline.roles import Role, roles
from autointel.ports import Listener, Model
from autointel.render.sheet import moment

N = TypeVar("N", bound=Note)

READ_BUDGET: Final = 4_500  # tokens of transcript a call: its instructions are then a tenth of it, not a half
# Words in which a model that notes nothing is asked once more, and those after which that is a shortfall.
_SOMETHING: Final = 150
_TOO_MUCH_FOR_NOTHING: Final = 1_000
_LEAST_BUDGET: Final = 200
_INSTRUCTIONS: Final = 900  # tokens of a prompt beside the passage: the role, the rule, the schema
_CARRIED: Final = 300  # characters of what was said just before
_UNREAD_SHOWN: Final = 3  # stretches that could not be read, by name
_METHOD: Final = "model, quotes found in the transcript"
_SHOWN: Final = 3  # citations of an entity


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
    def is_empty(self) -> bool:
        """Whether nothing at all was noted."""
        return not self.quotes and not self.notes.entities

    @property
    def invented(self) -> list[str]:
        """Quotes that were never said."""
        return [quote for quote in self.quotes if self.finder.find(quote) is None]


class ModelReader:
    """Implements Reader over the one client to the model."""

    def __init__(self, model: Model, listener: Listener, budget: int = READ_BUDGET) -> None:
        self._model = model
        self._listener = listener
        self._budget = budget
        self._role: Role = roles()[StepName.READ]

    async def read(self, source: Source, transcript: Transcript) -> Notes:
        """Notes of the transcript, in its order; a stretch that could not be read is named in ``left_out``.

        A budget that is spent leaves out what stands behind the first unread chunk, perhaps everything. Raises
        ModelRefused, ModelUnavailable where nothing could be read at all.
        """
        parts = chunks(transcript, estimate_tokens, await self._fitting_budget())
        readings: dict[int, list[Reading]] = {}
        failures: dict[int, AutointelError] = {}

        async def read_one(index: int) -> None:
            try:
                readings[index] = await self._read_or_halve(source, transcript, parts[index])
            except AutointelError as error:
                failures[index] = error
            self._listener.step_progress(StepName.READ, len(readings) + len(failures), len(parts), "chunks")

        async with anyio.create_task_group() as group:
            for index in range(len(parts)):
                group.start_soon(read_one, index)
        spent = any(isinstance(error, BudgetSpent) for error in failures.values())
        if spent:
            # By rule, and not by whose answer came first: what stands before the first unread chunk.
            readings = {index: reading for index, reading in readings.items() if index < min(failures)}
        if not readings and not spent:
            raise failures[min(failures)]
        read = [reading for index in sorted(readings) for reading in readings[index]]
        unread = [part for part in parts if part.index not in readings]
        shortfalls = (_left_out(unread, failures), _nothing_found(read))
        notes = joined(read, Script.of(source, transcript))
        return notes.model_copy(update={"left_out": "; ".join(each for each in shortfalls if each)})

    async def _fitting_budget(self) -> int:
        """Tokens of transcript a call: fewer where the model reads less; half of what is left is for the reply."""
        room = await self._model.room()
        return self._budget if room is None else max(_LEAST_BUDGET, min(self._budget, (room - _INSTRUCTIONS) // 2))

    async def _read_or_halve(self, source: Source, transcript: Transcript, chunk: Chunk) -> list[Reading]:
        """The chunk in one reading; in two where it is longer than the model can read, and so on."""
        try:
            return [await self._read_chunk(source, transcript, chunk)]
        except PromptTooLong:
            if not (halves := chunk.halves()) or estimate_tokens(chunk.text) < _LEAST_BUDGET:
                raise
            return [reading for half in halves for reading in await self._read_or_halve(source, transcript, half)]

    async def _read_chunk(self, source: Source, transcript: Transcript, chunk: Chunk) -> Reading:
        finder = QuoteFinder(Script.of(source, transcript.part(chunk.first, chunk.last)))
        prompt = _prompt(self._role, transcript, chunk)

        def accept(notes: ChunkNotes, *, last: bool) -> Reading:
            reading = Reading(chunk, notes, finder)
            if reading.invented and not last:
                wrong = "\n".join(f"- {quote[:200]}" for quote in reading.invented)
                raise Ungrounded(f"these quotes are not in the passage:\n{wrong}")
            if reading.is_empty and not last and chunk.words >= _SOMETHING:
                raise Ungrounded(f"you noted nothing of a passage of {chunk.words} words; note what is said in it")
            return reading

        return await ask_until_grounded(lambda remark: self._ask(prompt + remark), accept)

    async def _ask(self, prompt: str) -> ChunkNotes:
        system = f"You are {self._role.role}. {self._role.backstory}\nYour goal: {self._role.goal}."
        return await self._model.ask(self._role.role, system, prompt, ChunkNotes, step=StepName.READ, smaller=True)


def _prompt(role: Role, transcript: Transcript, chunk: Chunk) -> str:
    """Depends on this chunk, what was said just before, and who spoke so far: a later change leaves it alone."""
    so_far = dict.fromkeys(s.speaker for s in transcript.segments[: chunk.last + 1] if s.speaker)
    head = [role.description]
    if so_far:
        head.append(untrusted("speakers", ", ".join(list(so_far)[:40])))
    if chunk.first:
        before = " ".join(segment.text for segment in transcript.segments[max(0, chunk.first - 20) : chunk.first])
        head.append(untrusted("before", before[-_CARRIED:]))
    return "\n".join([*head, untrusted("passage", chunk.text)])


def _left_out(unread: Sequence[Chunk], failures: Mapping[int, AutointelError]) -> str:
    if not unread:
        return ""
    places = [f"{_begins(part.segments[0])} to {_ends(part.segments[-1])}" for part in unread]
    more = f" and {len(places) - _UNREAD_SHOWN} more" if len(places) > _UNREAD_SHOWN else ""
    shown = ", ".join(places[:_UNREAD_SHOWN]) + more
    return f"not read: {shown}: {failures[min(failures)].message}"


def _nothing_found(readings: Sequence[Reading]) -> str:
    """Stretches of which the model noted nothing, where they are too long for that to be true."""
    empty = [reading.chunk for reading in readings if reading.is_empty]
    words = sum(chunk.words for chunk in empty)
    if words < _TOO_MUCH_FOR_NOTHING:
        return ""
    places = ", ".join(
        f"{_begins(chunk.segments[0])} to {_ends(chunk.segments[-1])}" for chunk in empty[:_UNREAD_SHOWN]
    )
    return f"the model noted nothing in {words:,} words ({places}); a larger model may"


def _begins(segment: Segment) -> str:
    return moment(segment.start, segment.paragraph, segment.place)


def _ends(segment: Segment) -> str:
    return moment(segment.end, segment.paragraph, segment.place)


def joined(readings: Sequence[Reading], whole: Script) -> Notes:
    """One set of notes. Quotes that were never said are left out and counted; so are entities nobody named."""
    entities = tuple(_entities(readings, whole))
    names = {entity.name.casefold(): entity.name for entity in entities}
    return Notes(
        method=_METHOD,
        key_points=_numbered(KeyPoint, "K", readings, lambda notes: notes.key_points),
        claims=_numbered(Claim, "C", readings, lambda notes: notes.claims),
        fallacies=_numbered(SuspectedFallacy, "F", readings, lambda notes: notes.fallacies),
        positions=_numbered(Position, "P", readings, lambda notes: notes.positions),
        entities=entities,
        relations=tuple(_relations(readings, names)),
        dropped=sum(len(reading.invented) for reading in readings),
    )


def _numbered(
    kind: type[N], letter: str, readings: Sequence[Reading], of: Callable[[ChunkNotes], Sequence[Quoted]]
) -> tuple[N, ...]:
    found = [
        (item, citation, _speaker(reading, citation))
        for reading in readings
        for item in of(reading.notes)
        if (citation := reading.finder.find(item.quote)) is not None
    ]
    return tuple(
        kind(id=f"{letter}{number}", citation=citation, speaker=speaker, **_fields(item))
        for number, (item, citation, speaker) in enumerate(found, start=1)
    )


def _fields(item: Quoted) -> dict[str, Any]:
    return item.model_dump(exclude={"quote"})


def _speaker(reading: Reading, citation: Citation) -> str | None:
    """Who really said it: by the quote's place, whatever the model thought."""
    return next(
        (
            segment.speaker
            for segment in reading.chunk.segments
            if (segment.start, segment.paragraph) == (citation.start, citation.paragraph)
        ),
        None,
    )


def _entities(readings: Sequence[Reading], whole: Script) -> Iterator[EntityMention]:
    """Each entity once, by its first spelling, most mentioned first; counted in the transcript, not by the model."""
    named: dict[str, NamedEntity] = {}
    for reading in readings:
        for entity in reading.notes.entities:
            named.setdefault(" ".join(entity.name.casefold().split()), entity)
    found = [(entity, _places(entity.name, whole)) for entity in named.values()]
    for entity, places in sorted(found, key=lambda item: -len(item[1])):
        if places:
            yield EntityMention(
                name=" ".join(entity.name.split()),
                kind=EntityKind(entity.kind),
                mentions=len(places),
                confidence=Confidence.MEDIUM,
                citations=tuple(places[:_SHOWN]),
            )


def _places(name: str, whole: Script) -> list[Citation]:
    pattern = r"(?<!\w)" + r"\s+".join(re.escape(word) for word in name.split()) + r"(?!\w)"
    return [whole.cite(*match.span()) for match in re.finditer(pattern, whole.text, re.IGNORECASE)]


def _relations(readings: Sequence[Reading], names: dict[str, str]) -> Iterator[RelationMention]:
    """Relations whose two ends are entities and whose quote was said."""
    for reading in readings:
        for relation in reading.notes.relations:
            subject, other = names.get(relation.subject.casefold()), names.get(relation.object.casefold())
            citation = reading.finder.find(relation.quote)
            if subject and other and citation:
                yield RelationMention(
                    subject=subject,
                    predicate=relation.predicate,
                    object=other,
                    confidence=Confidence.MEDIUM,
                    citation=citation,
                )
