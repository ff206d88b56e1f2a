"""Answers a question from passages of memory, each sentence resting on passages that were there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, Field

from autointel.domain.run import StepName
from autointel.memory.ask import Drafted
from autointel.memory.findings import Found
from autointel.model.grounding import Ungrounded, ask_until_grounded
from autointel.model.prompts import untrusted
from autointel.ports import Model
from autointel.render.sheet import moment
from autointel.text.carrying import Carried, Ground, carried

_ID: Final = re.compile(r"\[?M(\d{1,4})\]?")
_ROLE: Final = "Librarian"
_SYSTEM: Final = (
    "You are a Librarian. You answer from the passages you are given and from nothing you know besides.\n"
    "Your goal: an answer of which every sentence can be looked up."
)
_TASK: Final = (
    "Answer the question in at most five plain sentences. Give for each the ids of the passages it rests on, exactly "
    "as they stand in square brackets; a sentence without one is removed. Where the passages do not hold the answer, "
    "give no sentences."
)


class AnswerSentence(BaseModel):
    """One sentence of the answer."""

    text: str = Field(min_length=1)
    passage_ids: list[str] = Field(description="ids of the passages it rests on, as in square brackets")


class AnswerReply(BaseModel):
    """The answer; no sentences where the passages do not hold it."""

    sentences: list[AnswerSentence] = Field(max_length=5)


class ModelAnswerer:
    """Implements Answerer over the one client to the model."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def answer(self, question: str, found: Sequence[Found]) -> Drafted | None:
        """The sentences that rest on passages, each with their numbers in ``found``, from 1; None where none does.

        Ids that nothing bears, and sentences that their passages do not carry, are told to the model once, then
        removed. Raises ModelRefused, ModelUnavailable.
        """
        prompt = _prompt(question, found)

        def accept(reply: AnswerReply, *, last: bool) -> Drafted | None:
            wrong = _wrong(reply, found)
            if wrong and not last:
                raise Ungrounded(wrong)
            return _grounded(reply, found)

        return await ask_until_grounded(lambda remark: self._ask(prompt + remark), accept)

    async def _ask(self, prompt: str) -> AnswerReply:
        return await self._model.ask(_ROLE, _SYSTEM, prompt, AnswerReply, step=StepName.BRIEF)


def _prompt(question: str, found: Sequence[Found]) -> str:
    passages = "\n\n".join(f"[M{n}] {each.passage.text}\n({_about(each)})" for n, each in enumerate(found, start=1))
    return f"{_TASK}\n{untrusted('question', question)}\n{untrusted('passages', passages)}"


def _about(found: Found) -> str:
    speakers = ", ".join(found.passage.speakers)
    at = moment(found.passage.start, found.passage.paragraph)
    return ", ".join(part for part in (found.source_title, speakers, at) if part)


def _number(passage_id: str, most: int) -> int | None:
    """Which passage an id stands for, from 1; None where it stands for none."""
    named = _ID.fullmatch(passage_id.strip())
    return int(named[1]) if named and 1 <= int(named[1]) <= most else None


def _numbers(sentence: AnswerSentence, most: int) -> list[int]:
    numbers = (_number(passage_id, most) for passage_id in sentence.passage_ids)
    return list(dict.fromkeys(number for number in numbers if number is not None))


def _carried(sentence: AnswerSentence, found: Sequence[Found]) -> Carried:
    """Whether the passages that a sentence cites carry it: its numbers, names, negations and half of its words."""
    cited = [found[number - 1].passage for number in _numbers(sentence, len(found))]
    said = [f"{who} said: {passage.text}" for passage in cited for who in passage.speakers]
    return carried(sentence.text, Ground(tuple(passage.text for passage in cited), tuple(said)))


def _wrong(reply: AnswerReply, found: Sequence[Found]) -> str:
    most = len(found)
    ids = dict.fromkeys(passage_id for sentence in reply.sentences for passage_id in sentence.passage_ids)
    unknown = [passage_id for passage_id in ids if _number(passage_id, most) is None]
    problems = [f"there is no passage {', '.join(unknown)[:200]}"] if unknown else []
    problems += [f"no passage is cited for: {each.text[:200]}" for each in reply.sentences if not each.passage_ids]
    problems += [
        f"its passages do not say: {each.text[:200]} ({'; '.join(map(str, outcome.reasons))})"
        for each in reply.sentences
        if _numbers(each, most) and not (outcome := _carried(each, found))
    ]
    return "; ".join(problems)


def _grounded(reply: AnswerReply, found: Sequence[Found]) -> Drafted | None:
    kept = [
        (sentence.text.strip(), _numbers(sentence, len(found)))
        for sentence in reply.sentences
        if _carried(sentence, found)
    ]
    kept = [(text, numbers) for text, numbers in kept if text and numbers]
    if not kept:
        return None
    cited = dict.fromkeys(number for _, numbers in kept for number in numbers)
    return Drafted(
        text=" ".join(f"{text} {''.join(f'[{number}]' for number in numbers)}" for text, numbers in kept),
        citations=tuple(found[number - 1].citation for number in sorted(cited)),
    )
