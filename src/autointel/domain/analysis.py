"""The findings of the analysts, each with citations."""

from __future__ import annotations

from pydantic import Field

from autointel.domain.citation import Citation
from autointel.domain.value import Confidence, Value


class Finding(Value):
    """An item of analysis. ``method`` names how it was found, so that a reader can weigh it."""

    text: str = Field(min_length=1)
    confidence: Confidence
    method: str
    # A finding that cites nothing is an opinion of ours.
    citations: tuple[Citation, ...] = Field(min_length=1)


class Insight(Finding):
    """A conclusion from what was said."""


class Theme(Finding):
    """A subject that runs through the source."""


class Excerpt(Finding):
    """A sentence that stands for its part of the talk; ``text`` is verbatim, ``context`` the sentence before it."""

    context: Citation | None = None


class FrequentTerm(Finding):
    """A word or phrase used often."""

    count: int = Field(ge=1)


class Fallacy(Finding):
    """A step of reasoning that does not hold; ``counter_reading`` says why it might."""

    type: str
    premise: str
    counter_reading: str


class Perspective(Finding):
    """A view: its holder, its grounds, and what it leaves out."""

    holder: str
    grounds: str
    missing: str


class RelatedPassage(Value):
    """A passage of another source on the same subject. Not a verdict; ``flags`` name literal differences."""

    passage_id: str
    quote: str
    source_title: str
    source_url: str | None = None
    start: float | None = None
    paragraph: int | None = None
    place: str | None = None
    approximate: bool = False
    score: float
    flags: tuple[str, ...] = ()


class Statement(Finding):
    """A sentence that sounds factual; ``text`` is verbatim. Ranked, not judged. ``sponsored``: an advertisement's."""

    related: tuple[RelatedPassage, ...] = ()
    sponsored: bool = False


class Analysis(Value):
    """Everything the analysts and the local engine found."""

    insights: tuple[Insight, ...] = ()
    themes: tuple[Theme, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    terms: tuple[FrequentTerm, ...] = ()
    statements: tuple[Statement, ...] = ()
    fallacies: tuple[Fallacy, ...] = ()
    perspectives: tuple[Perspective, ...] = ()
