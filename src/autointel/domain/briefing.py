"""The briefing and its key judgments."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, computed_field, model_validator

from autointel.domain.citation import Citation
from autointel.domain.value import Confidence, Value


class Likelihood(StrEnum):
    """How likely a judgment is to be true; separate from confidence in its grounds (ICD 203)."""

    ALMOST_CERTAIN = "almost certain"
    VERY_LIKELY = "very likely"
    LIKELY = "likely"
    EVEN = "roughly even"
    UNLIKELY = "unlikely"
    VERY_UNLIKELY = "very unlikely"
    REMOTE = "almost no chance"


class KeyJudgment(Value):
    """One sentence that an analyst would sign."""

    text: str = Field(min_length=1)
    likelihood: Likelihood
    confidence: Confidence
    citations: tuple[Citation, ...] = Field(min_length=1)


class Dropped(Value):
    """What was removed because it rested on nothing, by kind; final items only.

    ``not_carried`` are sentences that say what their quotes do not, ``questions`` those that state nothing,
    ``duplicates`` what was said before. ``sentences`` are these three and the ``uncited``, with the reasons.
    """

    quotes: int = Field(default=0, ge=0)
    note_ids: int = Field(default=0, ge=0)
    uncited: int = Field(default=0, ge=0)
    spans: int = Field(default=0, ge=0)
    not_carried: int = Field(default=0, ge=0)
    duplicates: int = Field(default=0, ge=0)
    questions: int = Field(default=0, ge=0)
    sentences: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Everything removed."""
        return self.quotes + self.note_ids + self.uncited + self.spans + self.sentences_removed

    @property
    def sentences_removed(self) -> int:
        """Sentences that their quotes do not carry, that state nothing, or that were said before."""
        return self.not_carried + self.duplicates + self.questions

    def __add__(self, other: Dropped) -> Dropped:
        """Both together, the sentences in the alphabet's order: which of two steps ended first makes no difference."""
        return Dropped(
            quotes=self.quotes + other.quotes,
            note_ids=self.note_ids + other.note_ids,
            uncited=self.uncited + other.uncited,
            spans=self.spans + other.spans,
            not_carried=self.not_carried + other.not_carried,
            duplicates=self.duplicates + other.duplicates,
            questions=self.questions + other.questions,
            sentences=tuple(sorted((*self.sentences, *other.sentences))),
        )


class Briefing(Value):
    """The briefing as Markdown, and its judgments as values."""

    markdown: str
    judgments: tuple[KeyJudgment, ...] = ()
    dropped: Dropped = Dropped()

    @model_validator(mode="before")
    @classmethod
    def _sum_again(cls, value: object) -> object:
        """Ignore the sum in a saved report; the sum is computed."""
        if isinstance(value, dict):
            return {key: each for key, each in value.items() if key != "dropped_ungrounded"}
        return value

    @computed_field  # type: ignore[prop-decorator]
    @property
    def dropped_ungrounded(self) -> int:
        """The sum of ``dropped``."""
        return self.dropped.total
