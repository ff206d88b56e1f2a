"""The reader: one model call a chunk, all chunks side by side, every quote found again by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import anyio

from autointel.domain.chunking import Chunk, chunks
from autointel.domain.notes import Notes
from autointel.domain.quoting import QuoteFinder
from autointel.domain.run import StepName
from autointel.domain.script import Script
from autointel.domain.source import Source
from autointel.domain.transcript import Segment, Transcript
from autointel.errors import AutointelError, BudgetSpent
from autointel.model.prompts import untrusted
from autointel.model.tokens import estimate_tokens
from autointel.pipeline.joined_notes import joined
from autointel.pipeline.passage_notes import ChunkNotes, Reading
from autointel.pipeline.roles import Role, roles
from autointel.ports import Listener, Model
from autointel.render.sheet import moment

READ_BUDGET: Final = 4_500  # tokens of transcript a call: its instructions are then a tenth of it, not a half
_CARRIED: Final = 300  # characters of what was said just before
_SHOWN: Final = 3  # stretches that could not be read, by name


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
        parts = chunks(transcript, estimate_tokens, self._budget)
        readings: dict[int, Reading] = {}
        failures: dict[int, AutointelError] = {}

        async def read_one(index: int) -> None:
            try:
                readings[index] = await self._read_chunk(source, transcript, parts, index)
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
        notes = joined([readings[index] for index in sorted(readings)], Script.of(source, transcript))
        unread = [part for part in parts if part.index not in readings]
        return notes.model_copy(update={"left_out": _left_out(unread, failures)})

    async def _read_chunk(self, source: Source, transcript: Transcript, parts: Sequence[Chunk], index: int) -> Reading:
        chunk = parts[index]
        finder = QuoteFinder(Script.of(source, transcript.part(chunk.first, chunk.last)))
        prompt = _prompt(self._role, transcript, parts, index)
        reading = Reading(chunk, await self._ask(prompt), finder)
        if not reading.invented:
            return reading
        wrong = "\n".join(f"- {quote[:200]}" for quote in reading.invented)
        again = (
            f"{prompt}\n\nYour last answer was rejected: these quotes are not in the passage:\n{wrong}\nAnswer again."
        )
        return Reading(chunk, await self._ask(again), finder)

    async def _ask(self, prompt: str) -> ChunkNotes:
        system = f"You are {self._role.role}. {self._role.backstory}\nYour goal: {self._role.goal}."
        return await self._model.ask(self._role.role, system, prompt, ChunkNotes, step=StepName.READ, smaller=True)


def _prompt(role: Role, transcript: Transcript, parts: Sequence[Chunk], index: int) -> str:
    """Depends on this chunk, what was said just before, and who spoke so far: a later change leaves it alone."""
    chunk = parts[index]
    so_far = dict.fromkeys(s.speaker for s in transcript.segments[: chunk.last + 1] if s.speaker)
    head = [role.description]
    if so_far:
        head.append(untrusted("speakers", ", ".join(list(so_far)[:40])))
    if index:
        head.append(untrusted("before", parts[index - 1].text[-_CARRIED:]))
    return "\n".join([*head, untrusted("passage", chunk.text)])


def _left_out(unread: Sequence[Chunk], failures: Mapping[int, AutointelError]) -> str:
    if not unread:
        return ""
    places = [f"{_begins(part.segments[0])} to {_ends(part.segments[-1])}" for part in unread]
    shown = ", ".join(places[:_SHOWN]) + (f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else "")
    return f"not read: {shown}: {failures[min(failures)].message}"


def _begins(segment: Segment) -> str:
    return moment(segment.start, segment.paragraph, segment.place)


def _ends(segment: Segment) -> str:
    return moment(segment.end, segment.paragraph, segment.place)
