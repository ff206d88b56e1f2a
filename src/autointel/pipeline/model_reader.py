"""The reader with a model: one call a chunk, all chunks side by side, every note carried by sentences of its chunk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import anyio
from anyio.to_thread import run_sync as run_in_thread

from autointel.domain.citation import Script
from autointel.domain.notes import Note, Notes
from autointel.domain.passage import Chunk, chunks
from autointel.domain.run import StepName
from autointel.domain.transcript import Source, Transcript
from autointel.errors import AutointelError, BudgetSpent, PromptTooLong
from autointel.model.prompts import estimate_tokens, untrusted
from autointel.model.replies import Ungrounded, ask_until_grounded
from autointel.pipeline.chunk_notes import AGAIN, ChunkNotes, Reading, joined
from autointel.pipeline.stages import ROLES, Role
from autointel.pipeline.verifying import NumberedPassage, Shown, Verifier
from autointel.ports import Listener, Model
from autointel.render.sheet import moment
from autointel.text.carriers import names_of
from autointel.text.vocabulary import synonyms

T = TypeVar("T")

READ_BUDGET: Final = 4_500  # tokens of transcript a call: its instructions are then a tenth of it, not a half
# Words in which a model that notes nothing is asked once more, and those after which that is a shortfall.
_SOMETHING: Final = 150
_TOO_MUCH_FOR_NOTHING: Final = 1_000
_LEAST_BUDGET: Final = 200
_INSTRUCTIONS: Final = 900  # tokens of a prompt beside the passage: the role, the rule, the schema
_CARRIED: Final = 300  # characters of what was said just before
_UNREAD_SHOWN: Final = 3  # stretches that could not be read, by name


class ModelReader:
    """Implements Reader over the one client to the model."""

    def __init__(
        self,
        model: Model,
        listener: Listener,
        budget: int = READ_BUDGET,
        verifier: Verifier | None = None,
        *,
        checked: bool = True,
    ) -> None:
        self._model = model
        self._verifier = verifier
        self._checked = checked
        self._listener = listener
        self._budget = budget
        # One computation at a time: the interpreter runs one, and each further thread keeps replies waiting.
        self._processor = anyio.CapacityLimiter(1)
        self._role: Role = ROLES[StepName.READ]

    async def read(self, source: Source, transcript: Transcript) -> Notes:
        """Notes of the transcript, in its order; a stretch that could not be read is named in ``left_out``.

        A budget that is spent leaves out what stands behind the first unread chunk, perhaps everything. Raises
        ModelRefused, ModelUnavailable where nothing could be read at all.
        """
        parts = chunks(transcript, estimate_tokens, await self._fitting_budget())
        script, language = Script.of(source, transcript), transcript.language or "en"
        names = _Names(language)
        passages = [self._passage(source, transcript, part, names.found) for part in parts]
        readings: dict[int, list[Reading]] = {}
        failures: dict[int, AutointelError] = {}

        async def read_one(index: int) -> None:
            try:
                readings[index] = await self._read_or_halve(source, transcript, parts[index], passages[index], names)
            except AutointelError as error:
                failures[index] = error
            self._listener.step_progress(StepName.READ, len(readings) + len(failures), len(parts), "chunks")

        async with anyio.create_task_group() as group:
            for index in range(len(parts)):
                group.start_soon(read_one, index)
            # Behind the passages in the queue for the processor: the questions are written first.
            group.start_soon(self._prepare, names, passages, readings)
        spent = any(isinstance(error, BudgetSpent) for error in failures.values())
        if spent:
            # By rule, and not by whose answer came first: what stands before the first unread chunk.
            readings = {index: reading for index, reading in readings.items() if index < min(failures)}
        if not readings and not spent:
            raise failures[min(failures)]
        read = [reading for index in sorted(readings) for reading in readings[index]]
        unread = [part for part in parts if part.index not in readings]
        shortfalls = (_left_out(unread, failures), _asked_once(read), _nothing_found(read))
        notes, unheard = await self._verified(*await run_in_thread(lambda: joined(read, script, language)))
        return notes.model_copy(update={"left_out": "; ".join(each for each in (*shortfalls, unheard) if each)})

    async def _prepare(
        self, names: _Names, passages: Sequence[NumberedPassage], readings: Mapping[int, list[Reading]]
    ) -> None:
        """Work out names and sentences, with which notes are compared, while the model writes them."""
        await self._compute(lambda: names.find(passages))
        names.complete.set()
        for index, passage in enumerate(passages):
            if index not in readings:
                await self._compute(passage.prepare)

    async def _compute(self, work: Callable[[], T]) -> T:
        return await run_in_thread(work, limiter=self._processor)

    async def _verified(self, notes: Notes, doubts: Mapping[str, str]) -> tuple[Notes, str]:
        """The notes after the model's second look, where it takes one; and why it took none, if so.

        ``doubts`` are what code has against notes, by their ids.
        """
        if self._verifier is None:
            return notes, ""
        kinds: dict[str, tuple[Note, ...]] = {
            "key_points": notes.key_points,
            "claims": notes.claims,
            "fallacies": notes.fallacies,
            "positions": notes.positions,
        }
        shown = [
            Shown(note.text, tuple(each.quote for each in (note.citation, *note.more)), doubts.get(note.id, ""))
            for found in kinds.values()
            for note in found
        ]
        checked = await self._verifier.check(StepName.READ, shown)
        places = iter(range(len(shown)))
        stays = {kind: tuple(note for note in found if next(places) in checked.stays) for kind, found in kinds.items()}
        return notes.model_copy(update={**stays, "dropped": notes.dropped + checked.dropped}), checked.unheard

    async def _fitting_budget(self) -> int:
        """Tokens of transcript a call: fewer where the model reads less; half of what is left is for the reply."""
        room = await self._model.room()
        return self._budget if room is None else max(_LEAST_BUDGET, min(self._budget, (room - _INSTRUCTIONS) // 2))

    async def _read_or_halve(
        self, source: Source, transcript: Transcript, chunk: Chunk, passage: NumberedPassage, names: _Names
    ) -> list[Reading]:
        """The chunk in one reading; in two where it is longer than the model can read, and so on."""
        try:
            return [await self._read_chunk(transcript, chunk, passage, names)]
        except PromptTooLong:
            if not (halves := chunk.halves()) or estimate_tokens(chunk.text) < _LEAST_BUDGET:
                raise
            passages = [self._passage(source, transcript, half, names.found) for half in halves]
            return [
                reading
                for half, part in zip(halves, passages, strict=True)
                for reading in await self._read_or_halve(source, transcript, half, part, names)
            ]

    def _passage(self, source: Source, transcript: Transcript, chunk: Chunk, names: set[str]) -> NumberedPassage:
        return NumberedPassage(
            Script.of(source, transcript.part(chunk.first, chunk.last)),
            transcript.language or "en",
            names,
            source.published_at,
            f"{self._role.description} {AGAIN}",
            self._checked,
            self._verifier is not None,
        )

    async def _read_chunk(
        self, transcript: Transcript, chunk: Chunk, passage: NumberedPassage, names: _Names
    ) -> Reading:
        prompt = _prompt(self._role, transcript, chunk, await self._compute(lambda: passage.text))
        standing = Reading(chunk)

        async def ask(remark: str) -> Reading:
            try:
                notes = await self._ask(prompt + remark)
            except AutointelError as error:
                if standing.is_empty:
                    raise
                # What held of the first answer is not lost with the second.
                return replace(standing, unaffordable=error.message) if isinstance(error, BudgetSpent) else standing
            await names.complete.wait()
            return await self._compute(lambda: Reading.of(chunk, notes, passage).after(standing))

        def accept(reading: Reading, *, last: bool) -> Reading:
            nonlocal standing
            standing = reading
            if reading.problems and not last:
                raise Ungrounded(reading.problems)
            if reading.is_empty and not last and chunk.words >= _SOMETHING:
                raise Ungrounded(f"you noted nothing of a passage of {chunk.words} words; note what is said in it")
            return reading

        return await ask_until_grounded(ask, accept)

    async def _ask(self, prompt: str) -> ChunkNotes:
        role = self._role
        return await self._model.ask(role.role, role.system, prompt, ChunkNotes, step=StepName.READ, smaller=True)


class _Names:
    """The names of a source, found while the model reads: only its replies are compared with them."""

    def __init__(self, language: str) -> None:
        self.found: set[str] = set()
        """Empty until ``complete`` is set."""
        self.complete = anyio.Event()
        self._language = language

    def find(self, passages: Sequence[NumberedPassage]) -> None:
        """Blocks: 0.2 s for 25,000 words."""
        synonyms("", self._language)  # loads the table of them, which the first reply would wait for
        sentences = [sentence.text for passage in passages for sentence in passage.sentences]
        self.found |= names_of(sentences, self._language)
        passages[0].citation(sentences[0], (1,))  # a rehearsal: the first comparison loads lists of words (70 ms)


def _prompt(role: Role, transcript: Transcript, chunk: Chunk, passage: str) -> str:
    """Depends on this chunk, what was said just before, and who spoke so far: a later change leaves it alone."""
    so_far = dict.fromkeys(s.speaker for s in transcript.segments[: chunk.last + 1] if s.speaker)
    head = [role.description]
    if so_far:
        head.append(untrusted("speakers", ", ".join(list(so_far)[:40])))
    if chunk.first:
        before = " ".join(segment.text for segment in transcript.segments[max(0, chunk.first - 20) : chunk.first])
        head.append(untrusted("before", before[-_CARRIED:]))
    return "\n".join([*head, untrusted("passage", passage)])


def _left_out(unread: Sequence[Chunk], failures: Mapping[int, AutointelError]) -> str:
    if not unread:
        return ""
    more = f" and {len(unread) - _UNREAD_SHOWN} more" if len(unread) > _UNREAD_SHOWN else ""
    return f"not read: {_places(unread)}{more}: {failures[min(failures)].message}"


def _asked_once(readings: Sequence[Reading]) -> str:
    """Stretches of which some notes did not hold, and that no money was left to ask about again."""
    cut = [reading for reading in readings if reading.unaffordable]
    if not cut:
        return ""
    return f"asked about once only: {_places([each.chunk for each in cut])}: {cut[0].unaffordable}"


def _nothing_found(readings: Sequence[Reading]) -> str:
    """Stretches of which the model noted nothing, where they are too long for that to be true."""
    empty = [reading.chunk for reading in readings if reading.is_empty]
    words = sum(chunk.words for chunk in empty)
    if words < _TOO_MUCH_FOR_NOTHING:
        return ""
    return f"the model noted nothing in {words:,} words ({_places(empty)}); a larger model may"


def _places(parts: Sequence[Chunk]) -> str:
    """Where the first few stretches begin and end."""
    borders = ((part.segments[0], part.segments[-1]) for part in parts[:_UNREAD_SHOWN])
    return ", ".join(
        f"{moment(first.start, first.paragraph, first.place)} to {moment(last.end, last.paragraph, last.place)}"
        for first, last in borders
    )
