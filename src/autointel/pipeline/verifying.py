"""Sentences that a model points at: by number as it writes, and in a second look at what it wrote.

A model that copies quotes copies them wrong and spends six times the tokens, so it cites numbers. Those are often off
by a few sentences: they say where to look first, and ``text.carriers`` decides.

In the second look a model says of each sentence whether its quotes carry it, and by which words; words that stand in
no quote carry nothing. Code has checked every sentence before (``text.carrying``). What code finds carried, the model
can only remove: it sees a sentence in the quote's own words that says something else. What code doubts, by rules that
true paraphrases break too, stays only if the model says which words carry it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, Self

from propcache.api import cached_property
from pydantic import BaseModel, Field, model_validator

from autointel.domain.analysis import Dropped
from autointel.domain.citation import Citation, Script
from autointel.domain.run import StepName
from autointel.errors import AutointelError
from autointel.model.prompts import untrusted
from autointel.model.reply_text import ids_in, without_citations
from autointel.ports import Model
from autointel.text.carriers import Lines, carriers, joining, rarity
from autointel.text.carrying import Fault, Ground, Reason, Weight
from autointel.text.sentences import Sentence, cut

# Faults of what states nothing.
_QUESTIONS: Final = {Fault.QUESTION, Fault.INSTRUCTION, Fault.PROMPT, Fault.EMPTY}
BATCH: Final = 15  # sentences a call: more, and a small model loses count
_ROLE: Final = "Verifier"
_SYSTEM: Final = (
    "You are Verifier. You compare sentences with the quotes they are said to rest on. You know nothing but the quotes."
)
_TASK: Final = (
    "Each sentence below has an id in square brackets; the lines under it are its quotes. Of each sentence, by its id, "
    "copy in words the few words of its own quotes that come nearest to it. Then say whether its quotes say it: "
    '"carried" where they say all of it, be it in other words, "partly" where they say some of it, "not" where they do '
    "not say it or say otherwise."
)
_WORD: Final = re.compile(r"\w+")


def in_words(reasons: Sequence[Reason]) -> str:
    """Reasons as one line."""
    return "; ".join(map(str, reasons))


def at_least(count: int, most: int) -> Any:
    """A list's bounds: the least is asked for, since small models leave lists empty, and not insisted on."""
    return Field(max_length=most, json_schema_extra={"minItems": count})


class Pointed(BaseModel):
    """A short text and the numbers of the sentences that say it."""

    text: str = Field(min_length=1, max_length=200, description="one short statement that stands alone")
    at: list[int] = at_least(1, 3)

    @model_validator(mode="after")
    def _uncited(self) -> Self:
        self.text = without_citations(self.text, self.at) or self.text
        return self


@dataclass(frozen=True)
class Rejected:
    """A text that no sentence carries."""

    text: str
    reasons: tuple[Reason, ...]
    doubtful: Citation | None = None
    """The likeliest sentences, where code only doubts that they carry the text and a model is to decide."""

    def __str__(self) -> str:
        return f"{self.text[:200]} ({in_words(self.reasons) or 'it stands nowhere'})"

    @property
    def is_mendable(self) -> bool:
        """Whether the passage could mend the text; it cannot make a statement of an order or of nothing."""
        return all(reason.fault not in _QUESTIONS or reason.fault is Fault.QUESTION for reason in self.reasons)

    @property
    def dropped(self) -> Dropped:
        """Counted by kind."""
        asks = any(reason.fault in _QUESTIONS for reason in self.reasons)
        return Dropped(questions=int(asks), not_carried=int(not asks), sentences=(str(self),))


@dataclass(frozen=True)
class NumberedPassage:
    """A stretch of a transcript as numbered sentences. ``names`` are the names of the whole source.

    ``second_look``: a model decides on sentences that code only doubts.
    """

    script: Script
    language: str
    names: Collection[str] = field(default_factory=frozenset)
    said_on: date | None = None
    prompt: str = ""
    checked: bool = True
    second_look: bool = False

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences of speech; the whole text where no sentence can be found."""
        return tuple(cut(self.script)) or (Sentence(0, len(self.script.text), self.script.text),)

    @cached_property
    def text(self) -> str:
        """A line a sentence, numbered from 1; a line with the speaker's name where another begins to speak."""
        lines, speaker = [], None
        for number, sentence in enumerate(self.sentences, start=1):
            who = self.script.speaker_at(sentence.start)
            if who and who != speaker:
                lines.append(f"{who}:")
            speaker = who
            lines.append(f"{number}| {sentence.text}")
        return "\n".join(lines)

    @cached_property
    def speakers(self) -> frozenset[str]:
        """Who speaks here, in lower case."""
        return frozenset(name.casefold() for name in self._lines.speakers if name)

    def prepare(self) -> None:
        """Work out what every note is compared with, while no note is there yet. Blocks, as ``Lines.prepare``."""
        self._lines.prepare(self.language)
        _ = self._weight

    def citation(self, text: str, at: Sequence[int]) -> Citation | Rejected:
        """The sentences that carry the text, as a quote; near the numbers first, then anywhere in the passage."""
        found = carriers(text, self._lines, [number - 1 for number in at], self._ground, weight=self._weight)
        if found is None:
            return Rejected(text, ())
        citation = self.script.cite(self.sentences[found.first].start, self.sentences[found.last].end)
        if found.outcome or not self.checked:
            return citation
        doubtful = self.second_look and found.outcome.is_doubtful
        return Rejected(text, found.outcome.reasons, citation if doubtful else None)

    def joining(self, first: str, predicate: str, second: str, at: Sequence[int]) -> Citation | Rejected:
        """The sentences in which two names and the words that join them stand."""
        near = [number - 1 for number in at]
        found = joining((first, second), predicate, self._lines, near, self.language)
        if found is None:
            reason = Reason(Fault.CONTENT, "no sentence has both ends and what joins them")
            return Rejected(f"{first} {predicate} {second}", (reason,))
        return self.script.cite(self.sentences[found.first].start, self.sentences[found.last].end)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(
            [sentence.text for sentence in self.sentences],
            [self.script.speaker_at(sentence.start) for sentence in self.sentences],
        )

    @cached_property
    def _ground(self) -> Ground:
        return Ground((), (), None, self.said_on, self.names, self.prompt, self.language)

    @cached_property
    def _weight(self) -> Weight:
        return rarity(self._lines.sentences, self.language)


class SentenceCheck(BaseModel):
    """What the model says of one sentence: first the words that it goes by, so that the verdict follows from them."""

    id: str = Field(max_length=8)
    words: str = Field(default="", max_length=300, description="words of its quotes, letter for letter")
    carried: Literal["carried", "partly", "not"]


class SentenceChecks(BaseModel):
    """One verdict a sentence."""

    sentences: list[SentenceCheck] = at_least(1, BATCH)


@dataclass(frozen=True)
class Shown:
    """A sentence that is to be shown, and the quotes beside it. ``doubt`` is what code has against it, if anything."""

    text: str
    quotes: tuple[str, ...]
    doubt: str = ""


@dataclass(frozen=True)
class Checked:
    """Which sentences stay, by their place in what was given; what was removed; and why no model was heard, if so."""

    stays: frozenset[int]
    dropped: Dropped
    unheard: str = ""


class Verifier:
    """Asks the cheaper model about sentences, fifteen a call."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def check(self, step: StepName, sentences: Sequence[Shown], *, partly: bool = False) -> Checked:
        """The sentences that their quotes carry; with ``partly``, also those that follow from more than one note.

        A sentence that the model says nothing of stays, unless code doubts it: then the model must call it carried. Of
        a model that does not answer, ``unheard`` says why.
        """
        accepted = {"carried", "partly"} if partly else {"carried"}
        reasons = {at: shown.doubt for at, shown in enumerate(sentences) if shown.doubt}
        for first in range(0, len(sentences), BATCH):
            batch = sentences[first : first + BATCH]
            try:
                verdicts = await self._ask(step, batch)
            except AutointelError as error:
                return _checked(sentences, reasons, f"the model did not verify every sentence: {error.message}")
            for at, reason in enumerate(_reasons(batch, verdicts, accepted), start=first):
                if reason:
                    reasons[at] = reason
                else:
                    reasons.pop(at, None)
        return _checked(sentences, reasons)

    async def _ask(self, step: StepName, batch: Sequence[Shown]) -> SentenceChecks:
        listed = "\n\n".join(
            "\n".join([f"[s{number}] {_line(shown.text)}", *(_line(quote) for quote in shown.quotes)])
            for number, shown in enumerate(batch, start=1)
        )
        prompt = f"{_TASK}\n{untrusted('sentences', listed)}"
        return await self._model.ask(_ROLE, _SYSTEM, prompt, SentenceChecks, step=step, smaller=True)


def _checked(sentences: Sequence[Shown], reasons: dict[int, str], unheard: str = "") -> Checked:
    removed = tuple(f"{sentences[at].text[:200]} ({reasons[at]})" for at in sorted(reasons))
    stays = frozenset(range(len(sentences))) - frozenset(reasons)
    return Checked(stays, Dropped(not_carried=len(removed), sentences=removed), unheard)


def _reasons(batch: Sequence[Shown], verdicts: SentenceChecks, accepted: set[str]) -> Iterator[str]:
    """Why each sentence of the batch is removed; empty where it stays."""
    ids = {f"s{number}" for number in range(1, len(batch) + 1)}
    said = {ids_in([verdict.id], ids)[0]: verdict for verdict in reversed(verdicts.sentences)}
    for number, shown in enumerate(batch, start=1):
        verdict = said.get(f"s{number}")
        if verdict is None:
            yield shown.doubt
            continue
        against = f"{shown.doubt}; the model: " if shown.doubt else "the model: "
        if verdict.carried not in ({"carried"} if shown.doubt else accepted):
            yield f"{against}{verdict.carried if verdict.carried == 'partly' else 'not'} carried"
        elif not _stands_in(verdict.words, shown.quotes):
            yield f"{against}carried, by words that stand in no quote"
        else:
            yield ""


def _stands_in(words: str, quotes: Sequence[str]) -> bool:
    """Whether the words stand in one of the quotes, in order; punctuation and case aside."""
    wanted = _WORD.findall(words.casefold())
    spoken = [_WORD.findall(quote.casefold()) for quote in quotes]
    return bool(wanted) and any(
        wanted == line[at : at + len(wanted)] for line in spoken for at in range(len(line) - len(wanted) + 1)
    )


def _line(text: str) -> str:
    return " ".join(text.split())
