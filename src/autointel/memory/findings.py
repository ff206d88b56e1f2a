"""What a search finds and what a question gets: stores and filters, one order out of several scores, the answer.

The order is by a sum of scores, each divided by the best of its kind. Ranks instead of scores (reciprocal-rank fusion)
lose to keyword alone. The weights were chosen on three conversations of LoCoMo (Maharana et al., 2024) and 35 meetings
of QMSum (Zhong et al., 2021), so expect less elsewhere. docs/evaluation.md has what each brings; ``autointel eval
recall`` prints it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import pairwise
from typing import Final, TypeAlias

from pydantic import Field

from autointel.domain.citation import Citation, Script
from autointel.domain.passage import ANYWHERE, Passage, Scope
from autointel.domain.transcript import Source
from autointel.domain.value import Value
from autointel.memory.question import telling
from autointel.ports import Embedder, PassageIndex, SpokenWords, VectorMemory
from autointel.text.sentences import cut, is_punctuated, turns


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


@dataclass(frozen=True)
class Weights:
    """What the best of each kind adds.

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

FLOOR: Final = 0.3
"""Cosine below which a passage says nothing of the question; without it, whatever is asked finds something."""


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


_END: Final = re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？]")
# Without punctuation a passage is one "sentence"; then it is cut where the source cut it.
_LONGEST: Final = 320  # characters
_PACKED: Final = 160
"""Characters from which a stretch without an end mark is a run of captions, and no sentence."""
_QUESTION_MARKS: Final = ("?", "？")
# What ends so before a full stop has not ended: a title, or an initial ("I" is mostly the pronoun).
_GOES_ON: Final = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|Sen|Gov|Rep|St|Mt|vs)|(?<![^\W_])[A-HJ-Z])$")
_LONGEST_TITLE: Final = 6
# A sentence of fewer words says little; scripts that do not part words are measured in characters.
_FEWEST: Final = 4
_WIDE: Final = 24


def best_span(script: Script, wanted: Mapping[str, float], within: tuple[int, int] | None = None) -> tuple[int, int]:
    """Where in ``script.text`` the sentence stands whose stems weigh most in ``wanted``; of equals the first.

    Of those that begin ``within`` two places, if given. A scrap of a few words gives way to any whole sentence that
    matches. A question is second to a statement that weighs as much. Neither stands alone where an answer follows: it
    is shown with it, or, where somebody else or the next paragraph answers, the answer in its stead: a quote has one
    speaker and crosses no paragraph.
    """
    spans = list(sentences(script))
    first, end = within or (0, len(script.text))

    def worth(place: int) -> tuple[bool, float, bool, bool, int]:
        text = script.text[slice(*spans[place])]
        weight = round(sum(wanted.get(word, 0.0) for word in telling(text)), 6)
        whole = _is_whole(text)
        return whole and weight > 0, weight, whole, not text.endswith(_QUESTION_MARKS), -place

    places = [place for place, span in enumerate(spans) if first <= span[0] < end]
    if not places:
        return first, end
    best = max(places, key=worth)
    if spans[best][1] - spans[best][0] > _PACKED and not _END.search(script.text, *spans[best]):
        return _whole_sentences(script, spans[best], wanted)
    return _answered(script, spans[best], spans[best + 1] if best + 1 < len(spans) else None)


def _whole_sentences(script: Script, span: tuple[int, int], wanted: Mapping[str, float]) -> tuple[int, int]:
    """A run of raw captions from where a sentence probably begins to where one ends: 1 ms.

    What runs over a border of the run is taken along where a wanted word stands nowhere else.
    """
    pieces = [(each.start, each.end) for each in cut(script) if span[0] < each.end and each.start < span[1]]
    inside = [piece for piece in pieces if span[0] <= piece[0] and piece[1] <= span[1]]
    if not inside:
        return span
    held = set(telling(script.text[inside[0][0] : inside[-1][1]]))
    lost = [
        piece
        for piece in (pieces[0], pieces[-1])
        if any(word in wanted and word not in held for word in telling(script.text[slice(*piece)]))
    ]
    return min(piece[0] for piece in (*inside, *lost)), max(piece[1] for piece in (*inside, *lost))


def _answered(script: Script, best: tuple[int, int], following: tuple[int, int] | None) -> tuple[int, int]:
    text = script.text[slice(*best)]
    # A name called out is answered, too.
    if following is None or (_is_whole(text) and not text.endswith(_QUESTION_MARKS)):
        return best
    asked, answered = (script.segments[script.segment_at(each[0])] for each in (best, following))
    if (asked.speaker, asked.paragraph) == (answered.speaker, answered.paragraph):
        return best[0], following[1]
    return following if _is_whole(script.text[slice(*following)]) else best


def _is_whole(text: str) -> bool:
    return len(text.split()) >= _FEWEST or len(text) >= _WIDE


def sentences(script: Script) -> Iterator[tuple[int, int]]:
    """Spans of sentences, in order; none crosses a border that ``turns`` names, such as a heading's."""
    borders = [script.offsets[first] for first, _ in turns(script)]
    for begin, end in _between(0, borders, len(script.text)):
        for start, stop in _between(begin, [found.end() for found in _end_marks(script, begin, end)], end):
            if stop - start > _LONGEST:
                yield from _packed(script, start, stop)
            else:
                yield from _trimmed(script.text, start, stop)


def likely_sentences(script: Script) -> Iterator[tuple[int, int]]:
    """Sentences; in raw captions where they probably end, since runs of cues share no matter and no beginning."""
    if is_punctuated(script.text):
        return sentences(script)
    return ((each.start, each.end) for each in cut(script))


def _end_marks(script: Script, begin: int, end: int) -> Iterator[re.Match[str]]:
    for mark in _END.finditer(script.text, begin, end):
        before = script.text[max(begin, mark.start() - _LONGEST_TITLE) : mark.start()]
        if not (mark[0].startswith(".") and _GOES_ON.search(before)):
            yield mark


def _packed(script: Script, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """A long stretch in runs of whole segments, as long as may be."""
    begin = start
    borders = [offset for offset in script.offsets if start < offset < stop]
    for here, following in pairwise([*borders, stop]):
        if following - begin > _LONGEST:
            yield from _trimmed(script.text, begin, here)
            begin = here
    yield from _trimmed(script.text, begin, stop)


def _between(begin: int, cuts: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    return pairwise([begin, *(cut for cut in cuts if begin < cut < end), end])


def _trimmed(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    piece = text[start:stop]
    start, stop = start + len(piece) - len(piece.lstrip()), stop - len(piece) + len(piece.rstrip())
    if start < stop:
        yield start, stop


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
