"""The reader asks once a chunk, checks every quote, and joins what it read in the transcript's order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.fakes.engine import Heard

from autointel.domain.notes import EntityKind
from autointel.domain.run import StepName, Usage
from autointel.domain.source import Source, SourceKind
from autointel.domain.transcript import Segment, Transcript
from autointel.errors import BudgetSpent, ModelUnavailable
from autointel.pipeline.model_reader import (
    ChunkNotes,
    ModelReader,
    NamedEntity,
    Quoted,
    QuotedFallacy,
    QuotedPosition,
    QuotedRelation,
)
from autointel.ports import Model

pytestmark = pytest.mark.anyio

SOURCE = Source(id="s", kind=SourceKind.VTT, path="talk.vtt", title="A talk")
TALK = Transcript(
    segments=tuple(
        Segment(
            text=f"Sentence number {n} is about Tallinn and its buses.", start=n * 5.0, end=n * 5.0 + 5, speaker=who
        )
        for n, who in enumerate(["Ana", "Ben"] * 20)
    )
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def notes_on(*quotes: str) -> ChunkNotes:
    first = quotes[0]
    return ChunkNotes(
        key_points=[Quoted(text=f"Point: {quote}", quote=quote) for quote in quotes],
        claims=[Quoted(text=f"Claim: {first}", quote=first)],
        fallacies=[QuotedFallacy(text="It does not follow.", quote=first, type="non sequitur")],
        positions=[QuotedPosition(text="For buses.", quote=first, holder="Ana")],
        entities=[
            NamedEntity(name="Tallinn", kind=EntityKind.PLACE),
            NamedEntity(name="Atlantis", kind=EntityKind.PLACE),
        ],
        relations=[QuotedRelation(subject="Tallinn", predicate="has", object="tallinn", quote=first)],
    )


@dataclass
class Scribe(Model):
    """Answers with what ``notes`` makes of the prompt."""

    notes: Callable[[str], ChunkNotes]
    prompts: list[str] = field(default_factory=list)

    @property
    def usage(self) -> Usage:
        return Usage()

    async def ask(
        self, role: str, system: str, user: str, schema: type[Any], *, step: StepName, smaller: bool = False
    ) -> Any:
        assert (role, schema, step, smaller) == ("Reader", ChunkNotes, StepName.READ, True)
        assert "Reader" in system
        self.prompts.append(user)
        return self.notes(user)


def first_sentence(prompt: str) -> str:
    passage = prompt.split("<<<passage")[1].split(">>>\n")[1]
    return passage.splitlines()[0].split(": ", 1)[1]


async def test_every_chunk_is_asked_for_once_and_its_notes_stand_in_order() -> None:
    model = Scribe(lambda prompt: notes_on(first_sentence(prompt)))

    notes = await ModelReader(model, Heard(), budget=120).read(SOURCE, TALK)

    starts = [point.citation.start for point in notes.key_points]
    assert len(model.prompts) == len(notes.key_points) > 3
    assert starts == sorted(starts, key=lambda start: start or 0)
    assert [point.id for point in notes.key_points][:2] == ["K1", "K2"]
    assert notes.key_points[0].speaker == "Ana"
    assert notes.dropped == 0


async def test_entities_are_counted_in_the_transcript_and_those_nobody_named_left_out() -> None:
    notes = await ModelReader(Scribe(lambda prompt: notes_on(first_sentence(prompt))), Heard(), 120).read(SOURCE, TALK)

    assert [(entity.name, entity.mentions) for entity in notes.entities] == [("Tallinn", 40)]
    assert {relation.subject for relation in notes.relations} == {"Tallinn"}


async def test_an_invented_quote_is_told_once_then_dropped_and_counted() -> None:
    model = Scribe(lambda prompt: notes_on(first_sentence(prompt), "Zebras own the moon and the stars."))

    notes = await ModelReader(model, Heard(), budget=10_000).read(SOURCE, TALK)

    assert len(model.prompts) == 2
    assert "Zebras own the moon" in model.prompts[1]
    assert len(notes.key_points) == 1
    assert notes.dropped == 1


async def test_a_mended_answer_counts_nothing() -> None:
    def mends(prompt: str) -> ChunkNotes:
        return notes_on(first_sentence(prompt) if "was rejected" in prompt else "Zebras own the moon.")

    notes = await ModelReader(Scribe(mends), Heard(), budget=10_000).read(SOURCE, TALK)

    assert (notes.dropped, len(notes.key_points)) == (0, 1)


async def test_a_prompt_does_not_depend_on_what_comes_later() -> None:
    short, long = (Scribe(lambda prompt: notes_on(first_sentence(prompt))) for _ in range(2))
    more = Transcript(
        segments=(*TALK.segments, Segment(text="And one more from me.", start=300, end=301, speaker="Cy"))
    )

    await ModelReader(short, Heard(), 120).read(SOURCE, TALK)
    await ModelReader(long, Heard(), 120).read(SOURCE, more)

    assert len(set(short.prompts) - set(long.prompts)) <= 1


async def test_a_chunk_that_cannot_be_read_is_named_and_the_others_are_kept() -> None:
    def third_fails(prompt: str) -> ChunkNotes:
        if "Sentence number 20 " in prompt.split("<<<passage")[1]:
            raise ModelUnavailable("It hung up.", "Try again.")
        return notes_on(first_sentence(prompt))

    notes = await ModelReader(Scribe(third_fails), Heard(), 120).read(SOURCE, TALK)

    assert notes.left_out.startswith("not read: 1:")
    assert notes.left_out.endswith(": It hung up.")
    assert notes.key_points


async def test_a_spent_budget_keeps_what_stands_before_the_first_unread_chunk() -> None:
    def third_fails(prompt: str) -> ChunkNotes:
        if "Sentence number 20 " in prompt.split("<<<passage")[1]:
            raise BudgetSpent("The budget is spent.", "Raise it.")
        return notes_on(first_sentence(prompt))

    notes = await ModelReader(Scribe(third_fails), Heard(), 120).read(SOURCE, TALK)

    assert max(point.citation.start or 0 for point in notes.key_points) < 100
    assert "The budget is spent." in notes.left_out


async def test_a_budget_that_does_not_even_pay_for_the_first_chunk_leaves_all_out_and_says_so() -> None:
    def poor(_: str) -> ChunkNotes:
        raise BudgetSpent("The budget is spent.", "Raise it.")

    notes = await ModelReader(Scribe(poor), Heard(), 120).read(SOURCE, TALK)

    assert notes.key_points == ()
    assert "The budget is spent." in notes.left_out


async def test_a_reading_in_which_nothing_could_be_read_fails_as_itself() -> None:
    def fails(_: str) -> ChunkNotes:
        raise ModelUnavailable("It hung up.", "Try again.")

    with pytest.raises(ModelUnavailable, match="hung up"):
        await ModelReader(Scribe(fails), Heard(), 120).read(SOURCE, TALK)
