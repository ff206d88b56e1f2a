"""A question to memory. Without a model the answer is where to read: the best passages, and that they are no answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Protocol

from pydantic import Field

from autointel.domain.citation import Citation
from autointel.domain.value import Value
from autointel.errors import ModelUnavailable
from autointel.memory.findings import Found, Stores
from autointel.memory.question import coverage, telling
from autointel.memory.search import search

_LEAST: Final = 0.4
"""Share of a question's telling words that one passage holds, for memory to hold an answer.

Measured on three conversations of LoCoMo and six meetings of QMSum, in passages of 120 words: with the rule about names
it lets 98% and 86% of their own questions pass, and 5% and 26% of those asked of another. That a passage speaks of what
was asked does not say that it answers it: of LoCoMo's questions that only seem to have an answer, 98% pass.
"""
_FAR_BELOW: Final = 0.4
"""Share of the best hit's score under which a hit is only shown for the words it holds."""
_HALF: Final = 0.5
_NAME: Final = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z]\w+")
NOT_HELD: Final = "Memory does not hold the answer."
SIMULATED: Final = "A simulated model wrote this: it shows how an answer looks, and knows nothing."
NO_ANSWER: Final = "No model is asked, so this is not an answer: these are the passages that speak of it."


class Drafted(Value):
    """What an answerer wrote. Every citation is one of those it was given; ``simulated`` where no real model did."""

    text: str
    citations: tuple[Citation, ...]
    simulated: bool = False


class Answerer(Protocol):
    """Answers from passages, and from nothing else."""

    async def answer(self, question: str, found: Sequence[Found]) -> Drafted | None:
        """None where the passages do not hold the answer. Raises ModelUnavailable, ModelRefused."""
        ...


class Answered(Value):
    """``held`` is false where memory has nothing on it; ``answer`` is None where no model was asked.

    ``remark`` says in one sentence what this is; empty for a model's answer.
    """

    question: str
    held: bool
    remark: str
    answer: str | None = None
    citations: tuple[Citation, ...] = ()
    found: tuple[Found, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()


async def ask(question: str, limit: int, stores: Stores, answerer: Answerer | None = None) -> Answered:
    """The answer, or the passages to read instead, or that memory holds neither.

    The rule decides before a model is asked: a question on something never read costs nothing.
    """
    findings = await search(question, limit, stores)
    held = holds(question, findings.found)
    draft, warnings = None, findings.warnings
    if answerer and held:
        try:
            draft = await answerer.answer(question, findings.found)
            held = draft is not None
        except ModelUnavailable as error:
            # What was found is worth reading even so.
            warnings = (*warnings, f"{error.message} {error.hint}")
    if not held:
        return Answered(question=question, held=False, remark=NOT_HELD, seconds=findings.seconds, warnings=warnings)
    shown = relevant(question, findings.found)
    return Answered(
        question=question,
        held=True,
        remark=_remark(draft),
        answer=draft.text if draft else None,
        citations=draft.citations if draft else tuple(found.citation for found in shown),
        found=shown,
        seconds=findings.seconds,
        warnings=warnings,
    )


def _remark(draft: Drafted | None) -> str:
    if draft is None:
        return NO_ANSWER
    return SIMULATED if draft.simulated else ""


def holds(question: str, found: Sequence[Found]) -> bool:
    """Whether one passage holds enough of the question's telling words, and any at all a name that is in it."""
    texts = [frozenset(telling(_words_of(each))) for each in found]
    names = {stem for name in _NAME.findall(question) for stem in telling(name)}
    # Somebody of whom nobody spoke: the other words ("go", "group") stand everywhere.
    if names and not names & set[str]().union(*texts):
        return False
    return coverage(question, texts) >= _LEAST


def relevant(question: str, found: Sequence[Found]) -> tuple[Found, ...]:
    """Those worth showing: not far below the best in score, or holding half of the question's telling words."""
    least = _FAR_BELOW * max((each.score for each in found), default=0.0)
    return tuple(
        each
        for each in found
        if each.score >= least or coverage(question, [frozenset(telling(_words_of(each)))]) >= _HALF
    )


def _words_of(found: Found) -> str:
    """Who speaks and where belong to what a passage says."""
    return " ".join((found.passage.text, *found.passage.speakers, found.source_title))
