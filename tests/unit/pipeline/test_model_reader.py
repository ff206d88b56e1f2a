"""The reader asks once a chunk, checks every quote, and joins what it read in the transcript's order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.fakes.engine import Heard

from autointel.domain.analysis import FallacyType
from autointel.domain.citation import Script
from autointel.domain.notes import EntityKind
from autointel.domain.passage import Chunk
from autointel.domain.run import StepName, Usage
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.errors import BudgetSpent, ModelUnavailable, PromptTooLong
from autointel.pipeline.chunk_notes import (
    ChunkNotes,
    Kept,
    NamedEntity,
    PointedFallacy,
    PointedPosition,
    PointedRelation,
    Reading,
    joined,
)
from autointel.pipeline.model_reader import ModelReader
from autointel.pipeline.verifying import Pointed, Verifier
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


def notes_on(*texts: str, at: int = 1, holder: str = "Ana") -> ChunkNotes:
    first = texts[0]
    return ChunkNotes(
        key_points=[Pointed(text=text, at=[at]) for text in texts],
        claims=[Pointed(text=first, at=[at])],
        fallacies=[PointedFallacy(text=first, at=[at], type=FallacyType.FALSE_DILEMMA)],
        positions=[PointedPosition(text=first, at=[at], holder=holder)],
        entities=[
            NamedEntity(name="Tallinn", kind=EntityKind.PLACE),
            NamedEntity(name="Atlantis", kind=EntityKind.PLACE),
        ],
        relations=[PointedRelation(who="Tallinn", does="and its", whom="tallinn", at=[at])],
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
    return passage.splitlines()[1].split("| ", 1)[1]


def first_speaker(prompt: str) -> str:
    passage = prompt.split("<<<passage")[1].split(">>>\n")[1]
    return passage.splitlines()[0].rstrip(":")


async def test_every_chunk_is_asked_for_once_and_its_notes_stand_in_order() -> None:
    model = Scribe(lambda prompt: notes_on(first_sentence(prompt), holder=first_speaker(prompt)))

    notes = await ModelReader(model, Heard(), budget=120).read(SOURCE, TALK)

    starts = [point.citation.start for point in notes.key_points]
    assert len(model.prompts) == len(notes.key_points) > 3
    assert starts == sorted(starts, key=lambda start: start or 0)
    assert [point.id for point in notes.key_points][:2] == ["K1", "K2"]
    assert notes.key_points[0].speaker == "Ana"
    assert notes.dropped.total == 0


async def test_entities_are_counted_in_the_transcript_and_those_nobody_named_left_out() -> None:
    notes = await ModelReader(Scribe(lambda prompt: notes_on(first_sentence(prompt))), Heard(), 120).read(SOURCE, TALK)

    assert [(entity.name, entity.mentions) for entity in notes.entities] == [("Tallinn", 40)]
    assert {relation.subject for relation in notes.relations} == {"Tallinn"}


async def test_passages_reach_the_model_as_numbered_sentences() -> None:
    model = Scribe(lambda prompt: notes_on(first_sentence(prompt)))

    await ModelReader(model, Heard(), budget=10_000).read(SOURCE, TALK)

    assert "Ana:\n1| Sentence number 0 is about Tallinn and its buses.\nBen:\n2| Sentence" in model.prompts[0]


async def test_the_quote_is_the_sentence_that_carries_the_note_though_the_number_is_off() -> None:
    model = Scribe(lambda _: notes_on("Number 7 is about buses.", at=3))

    notes = await ModelReader(model, Heard(), budget=10_000).read(SOURCE, TALK)

    cited = notes.key_points[0].citation
    assert (cited.quote, cited.start) == ("Sentence number 7 is about Tallinn and its buses.", 35.0)
    assert notes.key_points[0].speaker == "Ben"


async def test_a_speakers_name_before_a_note_is_taken_off_and_whoever_says_its_quote_is_the_speaker() -> None:
    model = Scribe(lambda _: notes_on("Ben: Number 6 is about buses.", at=7))

    notes = await ModelReader(model, Heard(), budget=10_000).read(SOURCE, TALK)

    point = notes.key_points[0]
    assert (point.text, point.speaker, point.citation.start) == ("Number 6 is about buses.", "Ana", 30.0)


@pytest.mark.parametrize(
    ("false", "kind"),
    [
        ("Zebras own the moon and the stars.", "not_carried"),
        ("Sentence number 77 is about Tallinn and its buses.", "not_carried"),
        ("Sentence number 2 is not about Tallinn and its buses.", "not_carried"),
        ("Is sentence number 2 about Tallinn?", "questions"),
    ],
)
async def test_what_no_sentence_carries_is_told_once_then_dropped_and_counted(false: str, kind: str) -> None:
    model = Scribe(lambda prompt: notes_on(first_sentence(prompt), false))

    notes = await ModelReader(model, Heard(), budget=10_000).read(SOURCE, TALK)

    assert len(model.prompts) == 2
    assert false in model.prompts[1]
    assert len(notes.key_points) == 1
    assert (getattr(notes.dropped, kind), notes.dropped.total) == (1, 1)
    assert notes.dropped.sentences[0].startswith(false)


async def test_a_mended_answer_counts_nothing_and_what_held_before_stands() -> None:
    def mends(prompt: str) -> ChunkNotes:
        if "was rejected" in prompt:
            return notes_on("Sentence number 8 is about buses.")
        return notes_on(first_sentence(prompt), "Sentence number 99 is about buses.")

    notes = await ModelReader(Scribe(mends), Heard(), budget=10_000).read(SOURCE, TALK)

    assert notes.dropped.total == 0
    assert [point.citation.start for point in notes.key_points] == [0.0, 40.0]


async def test_what_held_of_the_first_answer_outlives_a_second_that_never_comes() -> None:
    def hangs_up(prompt: str) -> ChunkNotes:
        if "was rejected" in prompt:
            raise ModelUnavailable("It hung up.", "Try again.")
        return notes_on(first_sentence(prompt), "Zebras own the moon.")

    notes = await ModelReader(Scribe(hangs_up), Heard(), budget=10_000).read(SOURCE, TALK)

    assert (len(notes.key_points), notes.dropped.not_carried, notes.left_out) == (1, 1, "")


async def test_the_same_claim_from_two_passages_is_one_claim_with_two_quotes() -> None:
    said = ["Anyhow.", "The buses of Tallinn are free.", *["This goes on for a while."] * 30]
    twice = Transcript(
        segments=tuple(
            Segment(text=text, start=n * 5.0, end=n * 5.0 + 5, speaker="Ana") for n, text in enumerate(said * 2)
        )
    )

    def free(prompt: str) -> ChunkNotes:
        passage = prompt.split("<<<passage")[1]
        return notes_on("The buses of Tallinn are free." if "are free" in passage else "This goes on for a while.")

    notes = await ModelReader(Scribe(free), Heard(), 220).read(SOURCE, twice)

    claims = [each for each in notes.claims if "free" in each.text]
    assert len(claims) == 1
    assert [claims[0].citation.start, *(place.start for place in claims[0].more)] == [5.0, 165.0]


async def test_a_prompt_does_not_depend_on_what_comes_later() -> None:
    short, long = (Scribe(lambda p: notes_on(first_sentence(p), holder=first_speaker(p))) for _ in range(2))
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


async def test_a_chunk_that_is_too_long_for_the_model_is_read_in_halves() -> None:
    class Short(Scribe):
        async def ask(
            self, role: str, system: str, user: str, schema: type[Any], *, step: StepName, smaller: bool = False
        ) -> Any:
            if user.count("Sentence number") > 24:
                self.prompts.append(user)
                raise PromptTooLong("The prompt is longer than m can read.", "Use less.")
            return await super().ask(role, system, user, schema, step=step, smaller=smaller)

    model = Short(lambda prompt: notes_on(first_sentence(prompt)))

    notes = await ModelReader(model, Heard()).read(SOURCE, TALK)

    assert len(model.prompts) >= 3
    assert "Sentence number 39" in model.prompts[-1] or "Sentence number 39" in model.prompts[-2]
    assert notes.left_out == ""


async def test_chunks_are_packed_for_what_the_model_can_read() -> None:
    class Small(Scribe):
        async def room(self) -> int | None:
            return 1_500

    model = Small(lambda prompt: notes_on(first_sentence(prompt)))

    await ModelReader(model, Heard()).read(SOURCE, TALK)

    assert len({prompt.split("rejected")[0][:600] for prompt in model.prompts}) > 1


async def test_a_model_that_notes_nothing_is_told_once_and_then_said_to_have() -> None:
    nothing = ChunkNotes(key_points=[], claims=[], fallacies=[], positions=[], entities=[], relations=[])
    said = "Sentence after sentence is about Tallinn and its buses. "
    long = Transcript(segments=tuple(Segment(text=said * 2, start=n * 5.0, end=n * 5.0 + 5) for n in range(80)))
    model = Scribe(lambda _: nothing)

    notes = await ModelReader(model, Heard()).read(SOURCE, long)

    assert notes.left_out.startswith("the model noted nothing in 1,440 words")
    assert sum("you noted nothing" in prompt for prompt in model.prompts) == len(model.prompts) // 2


QUEUES = "Most buses in Tallinn are not late."
NIGHTS = Transcript(
    segments=tuple(
        Segment(text=text, start=n * 5.0, end=n * 5.0 + 5, speaker="Ana")
        for n, text in enumerate(["Buses in Tallinn are rarely late at night.", "The gap is eleven million."])
    )
)


@dataclass
class SecondLook(Model):
    """Checks sentences by one verdict for all, and remembers what it was asked."""

    verdict: dict[str, str]
    prompts: list[str] = field(default_factory=list)

    @property
    def usage(self) -> Usage:
        return Usage()

    async def ask(
        self, role: str, system: str, user: str, schema: type[Any], *, step: StepName, smaller: bool = False
    ) -> Any:
        assert (role, step, smaller) == ("Verifier", StepName.READ, True)
        assert "Verifier" in system
        self.prompts.append(user)
        numbers = [n for n in range(1, 16) if f"[s{n}]" in user]
        return schema.model_validate({"sentences": [{"id": f"s{n}", **self.verdict} for n in numbers]})


@pytest.mark.parametrize(
    ("verdict", "left"),
    [
        ({"carried": "carried", "words": "rarely late"}, [QUEUES]),
        ({"carried": "carried", "words": "never late"}, []),
        ({"carried": "not", "words": ""}, []),
    ],
)
async def test_a_note_that_code_doubts_is_the_second_looks_to_decide(verdict: dict[str, str], left: list[str]) -> None:
    model = Scribe(lambda _: ChunkNotes(key_points=[Pointed(text=QUEUES, at=[1])], claims=[], fallacies=[],
                                        positions=[], entities=[], relations=[]))  # fmt: skip
    looks = SecondLook(verdict)

    notes = await ModelReader(model, Heard(), verifier=Verifier(looks)).read(SOURCE, NIGHTS)

    assert (len(model.prompts), len(looks.prompts)) == (1, 1)
    assert [point.text for point in notes.key_points] == left
    assert [point.citation.quote for point in notes.key_points] == ["Buses in Tallinn are rarely late at night."][
        : len(left)
    ]
    assert notes.dropped.not_carried == 1 - len(left)


async def test_a_note_that_code_doubts_is_told_and_dropped_where_no_model_looks_twice() -> None:
    model = Scribe(lambda _: ChunkNotes(key_points=[Pointed(text=QUEUES, at=[1])], claims=[], fallacies=[],
                                        positions=[], entities=[], relations=[]))  # fmt: skip

    notes = await ModelReader(model, Heard()).read(SOURCE, NIGHTS)

    assert len(model.prompts) == 2
    assert notes.key_points == ()
    assert notes.dropped.not_carried == 1


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_a_note_that_code_doubts_gives_way_to_one_that_says_the_same(order: slice) -> None:
    text = "The number of trips rose by fourteen percent in the first year."
    other = "The number of tram trips rose by fourteen percent in the first year."
    script = Script.over([Segment(text=text, start=0.0, end=5.0), Segment(text=text, start=5.0, end=9.0)], None)
    sound = Kept(Pointed(text=text, at=[1]), script.cite(0, len(text)))
    doubted = Kept(Pointed(text=other, at=[2]), script.cite(len(text) + 1, len(script.text)), doubt="detail: tram")
    chunk = Chunk(0, 0, 0, ())

    notes, doubts = joined([Reading(chunk, {"claims": [each]}) for each in [doubted, sound][order]], script, "en")

    assert [(claim.text, claim.more) for claim in notes.claims] == [(text, ())]
    assert doubts == {}
    assert notes.dropped.sentences == (f"{other} (said before)",)
