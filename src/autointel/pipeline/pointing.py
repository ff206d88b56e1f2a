"""Numbered sentences: a model points at them, and code finds the sentences that carry what it wrote.

A model that copies quotes copies them wrong and spends six times the tokens. One that cites numbers is often off by a
few sentences; so the numbers say where to look first, and ``text.carriers`` decides.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import BaseModel, Field

from autointel.domain.briefing import Dropped
from autointel.domain.citation import Citation, Script
from autointel.text.carriers import Lines, carriers, joining, rarity
from autointel.text.carrying import Fault, Ground, Reason, Weight
from autointel.text.sentences import Sentence, cut

_QUESTIONS = {Fault.QUESTION, Fault.INSTRUCTION, Fault.PROMPT, Fault.EMPTY}


def at_least(count: int, most: int) -> Any:
    """A list's bounds: the least is asked for, since small models leave lists empty, and not insisted on."""
    return Field(max_length=most, json_schema_extra={"minItems": count})


class Pointed(BaseModel):
    """A short text and the numbers of the sentences that say it."""

    text: str = Field(min_length=1, max_length=200, description="one short statement that stands alone")
    at: list[int] = at_least(1, 3)


@dataclass(frozen=True)
class Rejected:
    """A text that no sentence carries."""

    text: str
    reasons: tuple[Reason, ...]

    def __str__(self) -> str:
        return f"{self.text[:200]} ({'; '.join(map(str, self.reasons)) or 'it stands nowhere'})"

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
    """A stretch of a transcript as numbered sentences. ``names`` are the names of the whole source."""

    script: Script
    language: str
    names: Collection[str] = field(default_factory=frozenset)
    said_on: date | None = None
    prompt: str = ""
    checked: bool = True

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences of speech; the whole text where none can be told apart."""
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

    def citation(self, text: str, at: Sequence[int]) -> Citation | Rejected:
        """The sentences that carry the text, as a quote; near the numbers first, then anywhere in the passage."""
        found = carriers(text, self._lines, [number - 1 for number in at], self._ground, weight=self._weight)
        if found is None or (self.checked and not found.outcome):
            return Rejected(text, found.outcome.reasons if found else ())
        return self.script.cite(self.sentences[found.first].start, self.sentences[found.last].end)

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
