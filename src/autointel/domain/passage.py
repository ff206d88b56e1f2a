"""The unit of memory: a short run of neighbouring segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from autointel.domain.citation import Citation
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


class Scope(Value):
    """Where to search: these sources, passages in which one of these speakers speaks. None is no limit."""

    source_ids: frozenset[str] | None = None
    speakers: frozenset[str] | None = None

    def __bool__(self) -> bool:
        return self.source_ids is not None or self.speakers is not None


ANYWHERE: Final = Scope()


def passage_of(citation: Citation, passages: Sequence[Passage]) -> Passage:
    """The passage that a quote begins in: the last that starts no later and holds its first words.

    A quote that runs over a passage's end still belongs to where it begins.
    """
    where = citation.start if citation.start is not None else citation.paragraph
    earlier = [passage for passage in passages if _begins(passage, citation) <= (where or 0)] or [passages[0]]
    opening = citation.quote[:40]
    return next((passage for passage in reversed(earlier) if opening in passage.text), earlier[-1])


def _begins(passage: Passage, citation: Citation) -> float:
    return (passage.start if citation.start is not None else passage.paragraph) or 0
