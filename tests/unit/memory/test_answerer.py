"""An answer from memory: every sentence cites passages that were there, or it is not said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from autointel.domain.citation import Citation
from autointel.domain.passage import Passage
from autointel.domain.run import StepName, Usage
from autointel.memory.answerer import AnswerReply, AnswerSentence, ModelAnswerer
from autointel.memory.findings import Found
from autointel.ports import Model

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def found(text: str) -> Found:
    passage = Passage(id=text, source_id="s", index=0, first=0, last=0, text=text, start=61.0, speakers=("Ana",))
    return Found(
        passage=passage,
        citation=Citation(quote=text, start=61.0),
        speaker="Ana",
        source_title="A talk",
        source_url=None,
        namespace="default",
        score=1.0,
    )


FARES, BUSES = found("Fares cover a fifth."), found("Buses come every ten minutes.")


@dataclass
class Librarian(Model):
    """Gives its replies one after another, the last one for ever."""

    replies: list[AnswerReply]
    prompts: list[str] = field(default_factory=list)

    @property
    def usage(self) -> Usage:
        return Usage()

    async def ask(
        self, role: str, system: str, user: str, schema: type[Any], *, step: StepName, smaller: bool = False
    ) -> Any:
        assert role
        assert system
        assert step
        assert not smaller
        self.prompts.append(user)
        reply = self.replies[min(len(self.prompts), len(self.replies)) - 1]
        assert isinstance(reply, schema)
        return reply


def says(*sentences: tuple[str, list[str]]) -> AnswerReply:
    return AnswerReply(sentences=[AnswerSentence(text=text, passage_ids=ids) for text, ids in sentences])


async def test_sentences_carry_the_numbers_of_their_passages() -> None:
    model = Librarian([says(("Fares cover a fifth.", ["M1"]), ("Buses are frequent.", ["[M2]", "M1", "M2"]))])

    drafted = await ModelAnswerer(model).answer("Who pays?", [FARES, BUSES])

    assert drafted
    assert drafted.text == "Fares cover a fifth. [1] Buses are frequent. [2][1]"
    assert drafted.citations == (FARES.citation, BUSES.citation)
    assert len(model.prompts) == 1


async def test_the_passages_are_shown_with_who_spoke_and_when() -> None:
    model = Librarian([says(("Yes.", ["M1"]))])

    await ModelAnswerer(model).answer("Who pays?", [FARES, BUSES])

    assert "[M2] Buses come every ten minutes.\n(A talk, Ana, 1:01)" in model.prompts[0]
    assert "Who pays?" in model.prompts[0]


@pytest.mark.parametrize("passage_id", ["M3", "M0", "K1", "1", "", "M1; M2"])
async def test_a_sentence_on_a_passage_that_is_not_there_is_told_once_and_then_not_said(passage_id: str) -> None:
    model = Librarian([says(("Invented.", [passage_id]), ("Fares cover a fifth.", ["M1"]))])

    drafted = await ModelAnswerer(model).answer("Who pays?", [FARES, BUSES])

    assert drafted
    assert drafted.text == "Fares cover a fifth. [1]"
    assert len(model.prompts) == 2
    assert f"there is no passage {passage_id}" in model.prompts[1]


async def test_a_sentence_that_cites_nothing_is_told_once_and_may_be_mended() -> None:
    model = Librarian([says(("Fares cover a fifth.", [])), says(("Fares cover a fifth.", ["M1"]))])

    drafted = await ModelAnswerer(model).answer("Who pays?", [FARES])

    assert "no passage is cited for: Fares cover a fifth." in model.prompts[1]
    assert drafted
    assert drafted.citations == (FARES.citation,)


@pytest.mark.parametrize("reply", [says(), says(("Invented.", ["M9"])), says(("Uncited.", []))])
async def test_where_nothing_is_left_memory_does_not_hold_the_answer(reply: AnswerReply) -> None:
    assert await ModelAnswerer(Librarian([reply])).answer("Who pays?", [FARES]) is None
