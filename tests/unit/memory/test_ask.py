from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.unit.memory.conftest import Fill

from autointel.memory.ask import NO_ANSWER, NOT_HELD, Answering, Drafted, ask, holds, in_context, relevant
from autointel.memory.excerpts import Excerpt
from autointel.memory.findings import Earlier, Sentence, Show, Stores
from autointel.memory.search import search
from autointel.text.carriers import Carriers
from autointel.text.carrying import Carried

pytestmark = pytest.mark.anyio
FARES = ["Fares pay for the buses.", "The council met.", "Nobody thinks fares cover the cost.", "Trees line the road."]


class Model:
    """Answers with the first citation, or does not."""

    def __init__(self, text: str | None) -> None:
        self._text = text
        self.asked: list[str] = []

    async def answer(
        self,
        question: str,
        excerpts: Sequence[Excerpt],
        *,
        show: Show,
        earlier: Sequence[Earlier] = (),
    ) -> Drafted | None:
        assert earlier == ()
        self.asked.append(question)
        if self._text is None:
            return None
        sentence = Sentence(text=self._text, numbers=(1,))
        found = (excerpts[0].quoting(Carriers(0, 0, Carried(1.0))),)
        show(sentence, found)
        return Drafted(sentences=(sentence,), found=found)


async def test_without_a_model_the_passages_are_shown_and_called_no_answer(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    answered = await ask("Do fares cover the cost?", 2, stores)

    assert answered.held
    assert answered.answer is None
    assert answered.remark == NO_ANSWER
    assert answered.citations[0].quote == "Nobody thinks fares cover the cost."
    assert answered.found[0].citation == answered.citations[0]


@pytest.mark.parametrize(
    "question", ["How do zeppelins cross the Atlantic?", "What was it about?", "Did Caroline like the council?"]
)
async def test_what_memory_does_not_speak_of_is_not_held(question: str, stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    answered = await ask(question, 2, stores)

    assert (answered.held, answered.remark[: len(NOT_HELD)], answered.found) == (False, NOT_HELD, ())


@pytest.mark.parametrize(
    ("question", "remark"),
    [
        ("What do the fares of the buses cost in Vietnam?", f"{NOT_HELD} Nothing read speaks of Vietnam."),
        # One name of two was said.
        (
            "Do the fares that pay for the buses of the Council pay in Vietnam?",
            f"{NOT_HELD} Nothing read speaks of Vietnam.",
        ),
        ("Do the fares of the buses pay for an iPad?", f"{NOT_HELD} Nothing read speaks of iPad."),
        ("What do the fares of the buses cost in the Parliament?", NOT_HELD),
        ("Do Fares Pay For The Buses In Vietnam?", NO_ANSWER),
        ("Was kosten die fares und die buses in einer Stadt wie Wien heute?", NOT_HELD),
        ("What do the fares of the buses cost abroad?", NO_ANSWER),
        ("Who thinks, like Dr. Council, that fares cover the cost on Sunday?", NO_ANSWER),
    ],
)
async def test_a_name_that_nobody_said_has_no_answer(question: str, remark: str, stores: Stores, keep: Fill) -> None:
    await keep(FARES, "talk")
    await keep(["Nobody came."], "Parliament")

    assert (await ask(question, 2, stores)).remark == remark


async def test_nothing_is_held_where_nothing_was_read(stores: Stores) -> None:
    assert not (await ask("Do fares cover the cost?", 2, stores)).held


async def test_a_model_answers_from_the_passages_with_their_citations(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    answered = await ask("Do fares cover the cost?", 2, stores, Answering(Model("No.")))

    assert (answered.held, answered.answer, answered.remark) == (True, "No. [1]", "")
    assert [citation.quote for citation in answered.citations] == ["Fares pay for the buses."]


async def test_a_model_may_find_that_the_passages_do_not_answer(stores: Stores, keep: Fill) -> None:
    await keep(FARES)

    answered = await ask("Do fares cover the cost?", 2, stores, Answering(Model(None)))

    assert (answered.held, answered.remark, answered.citations) == (False, NOT_HELD, ())


async def test_a_model_is_not_paid_for_what_was_never_read(stores: Stores, keep: Fill) -> None:
    await keep(FARES)
    model = Model("Anything.")

    await ask("How do zeppelins cross the Atlantic?", 2, stores, Answering(model))

    assert model.asked == []


async def test_speakers_and_titles_count_as_what_a_passage_says(stores: Stores, keep: Fill) -> None:
    await keep(FARES, "Debate")

    found = (await search("fares", 5, stores)).found

    assert holds("What did Ada say of fares in the Debate?", found)
    assert not holds("What did Zed say of fares in the Parliament?", found)


async def test_what_is_far_below_the_best_and_lacks_the_words_is_not_shown(stores: Stores, keep: Fill) -> None:
    await keep(FARES)
    (best,) = (await search("Do fares cover the cost?", 1, stores)).found
    silent = best.passage.model_copy(update={"text": "Trees line the road.", "speakers": ()})
    weak = best.model_copy(update={"score": 0.3 * best.score})
    off = weak.model_copy(update={"passage": silent, "source_title": ""})
    near = off.model_copy(update={"score": 0.5 * best.score})

    assert relevant("Do fares cover the cost?", [best, near, weak, off]) == (best, near, weak)


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("And why?", "Do fares cover the cost? And why?"),
        ("What did she say about it?", "Do fares cover the cost? What did she say about it?"),
        ("Who lives there?", "Do fares cover the cost? Who lives there?"),
        ("Do trees line the long road in spring?", "Do trees line the long road in spring?"),
        ("Is there anything about bananas?", "Is there anything about bananas?"),
    ],
)
def test_a_follow_up_is_searched_with_the_words_of_the_question_before(question: str, searched: str) -> None:
    assert in_context(question, [Earlier(question="Do fares cover the cost?", answer="No.")]) == searched
    assert in_context(question, []) == question
