"""Values of search and questions: stores, filters, findings, the weights of several scores, the answer.

The order is by a sum of scores, each divided by the best of its kind. Ranks instead of scores (reciprocal-rank fusion)
lose to keyword alone. The weights were chosen on three conversations of LoCoMo (Maharana et al., 2024) and 35 meetings
of QMSum (Zhong et al., 2021), so expect less elsewhere. docs/evaluation.md has what each brings; ``autointel eval
recall`` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final, TypeAlias

from pydantic import Field

from autointel.domain.citation import Citation
from autointel.domain.passage import ANYWHERE, Passage, Scope
from autointel.domain.transcript import Source
from autointel.domain.value import Value
from autointel.ports import Embedder, PassageIndex, SpokenWords, VectorMemory

FLOOR: Final = 0.3
"""Cosine below which a passage says nothing of the question; without it, whatever is asked finds something."""


@dataclass(frozen=True)
class Stores:
    """The stores that are searched within ``scope``. Without ``memory``, or where it is down, by keyword alone.

    ``embedder`` is one that is faster than a look-up: it compares the moments of found passages with the question.
    ``remembered`` counts, and blocks, what memory was to hold: nothing, where every run was told to leave it out.
    """

    index: PassageIndex
    words: SpokenWords
    memory: VectorMemory | None = None
    embedder: Embedder | None = None
    scope: Scope = ANYWHERE
    remembered: Callable[[], int] | None = None


class Filters(Value):
    """The user's restrictions of a search. ``source`` is part of a title or address, ``speaker`` part of a name.

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


@dataclass(frozen=True)
class Weights:
    """Weights of the scores; each score is divided by the best of its kind.

    First the passages: ``around`` is what a neighbour's word counts in the index, ``beside`` the share of a
    neighbouring passage's score. Then the moments inside them: ``passage`` is their passage's score, ``before`` and
    ``after`` what a word counts that only the neighbouring moment has, ``meaning`` the moment's own vector.
    """

    around: float = 0.5
    keyword: float = 1.0
    dense: float = 0.2
    entity: float = 0.1
    speaker: float = 0.15
    dates: float = 0.3
    beside: float = 0.3
    passage: float = 1.2
    words: float = 1.0
    before: float = 0.4
    after: float = 0.25
    length: float = 0.15
    meaning: float = 0.15
    said_by: float = 0.3


WEIGHTS: Final = Weights()
_NOTHING: Final = Weights(**dict.fromkeys((each.name for each in fields(Weights)), 0.0))
KEYWORD_ONLY: Final = replace(_NOTHING, keyword=1.0, passage=1.0, words=1.0)
"""The words of the question alone, to measure against."""
VECTORS_ONLY: Final = replace(_NOTHING, dense=1.0, passage=1.0, meaning=1.0)
"""Nearness in meaning alone, to measure against."""


def fuse(parts: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> dict[str, float]:
    """Scores by passage id: for each part its weight times the score over the part's best; all scores are positive."""
    fused: dict[str, float] = {}
    for name, scores in parts.items():
        best = max(scores.values(), default=0.0)
        for key, score in scores.items():
            if best > 0:
                fused[key] = fused.get(key, 0.0) + weights[name] * score / best
    return fused


def with_neighbours(
    scores: Mapping[str, float], places: Mapping[str, tuple[str, int]], share: float
) -> dict[str, float]:
    """Scores with ``share`` of what the passage before and the one after scored; ``places`` are source and position."""
    at = {places[key]: score for key, score in scores.items()}
    return {
        key: score + share * sum(at.get((places[key][0], places[key][1] + step), 0.0) for step in (-1, 1))
        for key, score in scores.items()
    }


class Sentence(Value):
    """One sentence of an answer, and the numbers of the quotes that carry it, from 1."""

    text: str
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.text} {''.join(f'[{number}]' for number in self.numbers)}".rstrip()


Show: TypeAlias = Callable[[Sentence, Sequence[Found]], None]
"""Takes a sentence as soon as it has been checked, with the quotes that carry it, in the order of its numbers."""


class Earlier(Value):
    """A question of the same conversation, and what was answered."""

    question: str
    answer: str


class Answered(Value):
    """``held`` is false where memory has nothing on it; ``answer`` is None where no model was asked.

    ``found`` are the quotes that carry the sentences, by their numbers, or without an answer the passages to read.
    ``removed`` are sentences of the answer that no passage carries, with the reasons.
    ``remark`` says in one sentence what this is; empty for a model's answer.
    """

    question: str
    held: bool
    remark: str
    answer: str | None = None
    sentences: tuple[Sentence, ...] = ()
    removed: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    found: tuple[Found, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
