"""The unit of memory: a short run of neighbouring segments."""

from __future__ import annotations

from pydantic import Field

from autointel.domain.value import Value


class Passage(Value):
    """A run of whole segments, ``first`` to ``last`` (indexes into the transcript, both included).

    ``id`` is a uuid5 of source and content; ``text`` joins the segments with single spaces.
    """

    id: str
    source_id: str
    index: int = Field(ge=0)
    first: int = Field(ge=0)
    last: int = Field(ge=0)
    text: str = Field(min_length=1)
    start: float | None = None
    end: float | None = None
    paragraph: int | None = None
    speakers: tuple[str, ...] = ()


class Hit(Value):
    """A passage found in memory. ``score`` is comparable within one answer only; higher is nearer."""

    passage: Passage
    score: float
    source_title: str
    source_url: str | None = None
    namespace: str = "default"
