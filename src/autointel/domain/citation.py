"""Citations: the quotes that support a sentence."""

from __future__ import annotations

from pydantic import Field, model_validator

from autointel.domain.value import Value


class Citation(Value):
    """A verbatim quote from the transcript (up to white space), and its place.

    Times are seconds; ``paragraph`` is set where the source has no times. ``place`` is the page ("p. 12") or chapter of
    a document. ``url`` opens the moment, where it can.
    ``approximate`` marks times that the source does not state and that were worked out from its words;
    ``within`` are then the stated seconds between which the words stand, where the source states any.
    Only code that has found the quote in the transcript makes one (``domain/quoting.py``).
    """

    quote: str = Field(min_length=1)
    start: float | None = None
    end: float | None = None
    paragraph: int | None = None
    place: str | None = None
    url: str | None = None
    speaker: str | None = None
    approximate: bool = False
    within: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _points_somewhere(self) -> Citation:
        if self.start is None and self.paragraph is None:
            raise ValueError("a citation has a second or a paragraph")
        return self
