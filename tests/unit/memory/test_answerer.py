"""An answer from memory: a quote carries every sentence, or the sentence is not shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import pytest
from pydantic import BaseModel

from autointel.domain.passage import Hit, Passage
from autointel.domain.run import StepName
from autointel.domain.transcript import Segment
from autointel.memory.answerer import AnswerReply, AnswerSentence, ModelAnswerer
from autointel.memory.ask import Drafted
from autointel.memory.excerpts import Excerpt, within_budget
from autointel.memory.findings import Earlier, Found, Sentence
from autointel.model.chat import Message

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def excerpt(*texts: str) -> Excerpt:
    segments = [
        Segment(text=text, speaker="Ana", start=61.0 + 4 * at, end=65.0 + 4 * at) for at, text in enumerate(texts)
    ]
    text = " ".join(texts)
    passage = Passage(id=text, source_id="s", index=0, first=0, last=0, text=text, start=61.0, speakers=("Ana",))
    hit = Hit(passage=passage, score=1.0, source_title="A talk")
    return Excerpt.of(hit, segments, date(2026, 3, 2))


FARES = excerpt("Nobody rides at night.", "Fares cover a fifth of the cost.")
BUSES = excerpt("Buses come every ten minutes.")


@dataclass
class Librarian:
    """Gives its replies one after another, the last one for ever."""

    replies: list[AnswerReply]
    prompts: list[str] = field(default_factory=list)

    async def answer_shown(
        self,
        messages: Sequence[Message],
        schema: type[BaseModel],
        *,
        role: str,
        step: StepName,
        field: str,
        show: Callable[[str], None],
    ) -> object:
        assert role
        assert step
        assert field in schema.model_fields
        self.prompts.append(messages[-1]["content"])
        reply = self.replies[min(len(self.prompts), len(self.replies)) - 1]
        for sentence in reply.sentences:
            show(sentence.model_dump_json())
        return reply


def says(*sentences: tuple[str, list[str]]) -> AnswerReply:
    return AnswerReply(sentences=[AnswerSentence(text=text, passage_ids=ids) for text, ids in sentences])


async def answer(
    model: Librarian, excerpts: Sequence[Excerpt] = (FARES, BUSES), earlier: Sequence[Earlier] = ()
) -> tuple[Drafted | None, list[str]]:
    shown: list[str] = []

    def show(sentence: Sentence, quotes: Sequence[Found]) -> None:
        assert len(quotes) == len(sentence.numbers)  # no sentence is shown without the quotes that carry it
        shown.append(str(sentence))

    drafted = await ModelAnswerer(model, history_tokens=60).answer("Who pays?", excerpts, show=show, earlier=earlier)
    return drafted, shown


async def test_every_sentence_is_shown_with_the_number_of_the_quote_that_carries_it() -> None:
    model = Librarian([says(("Fares cover a fifth of the cost.", ["M1"]), ("Every ten minutes buses come.", ["[M2]"]))])

    drafted, shown = await answer(model)

    assert shown == ["Fares cover a fifth of the cost. [1]", "Every ten minutes buses come. [2]"]
    assert drafted
    assert [each.citation.quote for each in drafted.found] == [
        "Fares cover a fifth of the cost.",
        "Buses come every ten minutes.",
    ]
    assert drafted.found[0].citation.start == 65.0
    assert len(model.prompts) == 1


async def test_a_sentence_that_two_passages_carry_together_has_both_numbers() -> None:
    model = Librarian([says(("Buses come every ten minutes and fares cover a fifth of the cost.", ["M1", "M2"]))])

    drafted, shown = await answer(model)

    assert drafted
    assert shown == ["Buses come every ten minutes and fares cover a fifth of the cost. [1][2]"]
    assert len(drafted.found) == 2


async def test_a_wrong_number_is_mended_where_another_passage_carries_the_sentence() -> None:
    drafted, shown = await answer(Librarian([says(("Buses come every ten minutes.", ["M1"]))]))

    assert shown == ["Buses come every ten minutes. [1]"]
    assert drafted
    assert drafted.found[0].passage == BUSES.hit.passage


async def test_the_passages_are_shown_with_who_spoke_when_and_on_which_day() -> None:
    model = Librarian([says(("Yes.", ["M1"]))])

    await answer(model)

    assert "[M2] Buses come every ten minutes.\n(A talk, Ana, 1:01, 2026-03-02)" in model.prompts[0]
    assert "Who pays?" in model.prompts[0]


@pytest.mark.parametrize("passage_id", ["M3", "M0", "K1", "1", "", "M1; M2"])
async def test_a_sentence_on_a_passage_that_is_not_there_is_told_once_and_then_not_said(passage_id: str) -> None:
    invented = says(("Invented.", [passage_id]))
    model = Librarian([invented, says(("Invented.", [passage_id]), ("Fares cover a fifth of the cost.", ["M1"]))])

    _, shown = await answer(model)

    assert shown == ["Fares cover a fifth of the cost. [1]"]
    assert len(model.prompts) == 2
    assert f"there is no passage {passage_id}" in model.prompts[1]


async def test_a_sentence_that_no_passage_carries_is_told_with_its_reason_and_then_not_said() -> None:
    model = Librarian([says(("Fares cover a half of the cost.", ["M1"]))])

    drafted, shown = await answer(model)

    assert (drafted, shown) == (None, [])
    assert "no passage says: Fares cover a half of the cost. (number" in model.prompts[1]


async def test_a_sentence_that_cites_nothing_is_told_once_and_may_be_mended() -> None:
    model = Librarian(
        [says(("Fares cover a fifth of the cost.", [])), says(("Fares cover a fifth of the cost.", ["M1"]))]
    )

    _, shown = await answer(model)

    assert "no passage is cited for: Fares cover a fifth of the cost." in model.prompts[1]
    assert shown == ["Fares cover a fifth of the cost. [1]"]


async def test_a_second_reply_repeats_nothing_that_was_shown() -> None:
    first = says(("Fares cover a fifth of the cost.", ["M1"]), ("Invented.", ["M9"]), ("Made up.", ["M9"]))
    second = says(("Fares cover a fifth of the cost.", ["M1"]), ("Buses come every ten minutes.", ["M2"]))

    _, shown = await answer(Librarian([first, second]))

    assert shown == ["Fares cover a fifth of the cost. [1]", "Buses come every ten minutes. [2]"]


async def test_an_answer_of_which_as_much_stands_as_fell_is_not_asked_for_again() -> None:
    model = Librarian([says(("Fares cover a fifth of the cost.", ["M1"]), ("Invented.", ["M9"]))])

    drafted, shown = await answer(model)

    assert shown == ["Fares cover a fifth of the cost. [1]"]
    assert len(model.prompts) == 1
    assert drafted
    assert drafted.removed == ("there is no passage M9 for: Invented.",)


@pytest.mark.parametrize("stays", [frozenset({0}), frozenset[int]()])
async def test_a_sentence_that_code_only_doubts_stands_or_falls_by_the_second_look(stays: frozenset[int]) -> None:
    doubted = "Fares do not cover more than a fifth of the cost."
    seen: list[tuple[str, tuple[str, ...], str]] = []
    shown: list[str] = []

    async def look(sentences: Sequence[tuple[str, tuple[str, ...], str]]) -> tuple[frozenset[int], tuple[str, ...]]:
        seen.extend(sentences)
        return stays, ()

    model = Librarian([says((doubted, ["M1"]))])
    drafted = await ModelAnswerer(model, second_look=look).answer(
        "Who pays?", (FARES, BUSES), show=lambda sentence, _: shown.append(sentence.text)
    )

    assert len(model.prompts) == 1
    assert [(text, quotes) for text, quotes, _ in seen] == [(doubted, ("Fares cover a fifth of the cost.",))]
    assert "negation" in seen[0][2]
    assert shown == ([doubted] if stays else [])
    assert bool(drafted) == bool(stays)


@pytest.mark.parametrize("reply", [says(), says(("Invented.", ["M9"])), says(("Uncited.", []))])
async def test_where_nothing_is_left_memory_does_not_hold_the_answer(reply: AnswerReply) -> None:
    assert await answer(Librarian([reply])) == (None, [])


async def test_the_latest_turns_of_a_conversation_are_repeated_within_their_budget() -> None:
    model = Librarian([says()])
    long = Earlier(question="How long is the line?", answer="word " * 200)

    await answer(model, earlier=[long, Earlier(question="Who rides?", answer="Everyone rides.")])

    assert "Question: Who rides?\nAnswer: Everyone rides." in model.prompts[0]
    assert "How long is the line?" not in model.prompts[0]


def test_passages_stay_within_the_token_budget_and_one_is_always_there() -> None:
    hits = [FARES.hit, BUSES.hit]

    assert within_budget(hits, 10_000) == hits
    assert within_budget(hits, 40) == hits[:1]
    assert within_budget(hits, 1) == hits[:1]


async def test_of_two_sentences_that_say_the_same_the_carried_one_stands_for_the_doubted_one() -> None:
    doubted, carried = "Fares always cover a fifth of the cost.", "Fares cover a fifth of the cost."
    seen: list[tuple[str, bool]] = []

    async def look(sentences: Sequence[tuple[str, tuple[str, ...], str]]) -> tuple[frozenset[int], tuple[str, ...]]:
        seen.append(*((text, bool(doubt)) for text, _, doubt in sentences))
        return frozenset({0}), ()

    for said in ([doubted], [doubted, carried], [carried, doubted]):
        model = Librarian([says(*((each, ["M1"]) for each in said))])
        await ModelAnswerer(model, second_look=look).answer("Who pays?", (FARES, BUSES), show=lambda *_: None)

    assert seen == [(doubted, True), (carried, False), (carried, False)]


async def test_the_quote_of_a_sentence_that_fell_is_not_among_those_of_the_answer() -> None:
    async def look(_: Sequence[tuple[str, tuple[str, ...], str]]) -> tuple[frozenset[int], tuple[str, ...]]:
        return frozenset({1}), ()

    both = says(("Fares cover a fifth of the cost.", ["M1"]), (BUSES.hit.passage.text, ["M2"]))
    drafted = await ModelAnswerer(Librarian([both]), second_look=look).answer(
        "Who pays?", (FARES, BUSES), show=lambda *_: None
    )

    assert drafted is not None
    assert [each.numbers for each in drafted.sentences] == [(1,)]
    assert len(drafted.found) == 1
