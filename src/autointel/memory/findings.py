"""Values of a search: the stores that are searched, filters, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import Field

from autointel.domain.citation import Citation
from autointel.domain.passage import ANYWHERE, Passage, Scope
from autointel.domain.source import Source
from autointel.domain.value import Value
from autointel.ports import Embedder, PassageIndex, SpokenWords, VectorMemory


@dataclass(frozen=True)
class Stores:
    """What is searched, and within which ``scope``. Without ``memory``, or where it is down, by keyword alone.

    ``embedder`` is one that is faster than a look-up: it compares the moments of found passages with the question.
    """

    index: PassageIndex
    words: SpokenWords
    memory: VectorMemory | None = None
    embedder: Embedder | None = None
    scope: Scope = ANYWHERE


class Filters(Value):
    """What the user restricts a search to. ``source`` is part of a title or address, ``speaker`` part of a name.

    A source without a date passes no date.
    """

    source: str | None = None
    speaker: str | None = None
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return any((self.source, self.speaker, self.since, self.until))


class Found(Value):
    """A moment of a passage, and the sentence of it that is shown. ``score`` is comparable within one search only.

    ``relevance``, in 0..1, is comparable between searches: the share of the question's words, rare ones weighing more,
    that the passage holds. ``similarity`` is the cosine between question and passage, None where vectors did not find
    it. ``parts`` are the scores that each strategy gave the passage.
    """

    passage: Passage
    citation: Citation
    speaker: str | None
    source_title: str
    source_url: str | None
    namespace: str
    score: float
    relevance: float = 1.0
    similarity: float | None = None
    strategies: tuple[str, ...] = ()
    parts: dict[str, float] = Field(default_factory=dict)


class Findings(Value):
    """Best first. ``seconds`` are of each strategy; ``warnings`` say what could not be asked.

    ``nearest`` is the relevance of the best passage even where it was too low to show; ``missing`` are the words of the
    question that none of the best passages holds; ``understood`` says what the question was taken to ask for.
    """

    found: tuple[Found, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    nearest: float = 0.0
    missing: tuple[str, ...] = ()
    understood: dict[str, str] = Field(default_factory=dict)


def passes(source: Source, filters: Filters) -> bool:
    """Whether a search restricted so looks into the source."""
    if filters.source:
        wanted = filters.source.casefold()
        places = (source.id, source.title, source.url or "", str(source.path or ""))
        if not any(wanted in place.casefold() for place in places):
            return False
    day = source.published_at
    if filters.since and (day is None or day < filters.since):
        return False
    return not (filters.until and (day is None or day > filters.until))
