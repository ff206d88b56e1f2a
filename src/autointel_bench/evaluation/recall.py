"""How much of the evidence for a question a search finds, as the product stores and cites.

LoCoMo (Maharana et al., 2024, CC BY-NC 4.0): long conversations in sessions, questions of all categories with the turns
that answer them. A session is a source, cut into passages as a run cuts it; a hit is the turn that is cited. QMSum
(Zhong et al., 2021): meetings, questions with spans of turns; the share of the spans' words in the first passages.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any, Final, Protocol, TypeAlias

from autointel.domain.citation import Citation
from autointel.domain.passage import Passage, cut
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.domain.value import Value, content_id

_TURN: Final = re.compile(r"D\d+:\d+")
_SESSION: Final = re.compile(r"session_(\d+)")
_TOP: Final = 10
_SHORT_TOP: Final = 5
_WORDS: Final = 2000
_EVERY: Final = 1000

Turn: TypeAlias = tuple[str, int]
"""Id of the source, and number of the turn in it, from 1."""
Cut = Callable[[Source, Transcript], tuple[Passage, ...]]


class Read(Protocol):
    """A passage that was found."""

    @property
    def passage(self) -> Passage:
        """The passage."""
        ...


class Shown(Read, Protocol):
    """A hit of a search."""

    @property
    def citation(self) -> Citation:
        """The sentence of it that is shown."""
        ...


Search = Callable[[str, int], Sequence[Shown]]
"""The best hits for a question, best first."""
Reading = Callable[[str, int], Sequence[Read]]
"""The passages to read for a question, best first."""


@dataclass(frozen=True)
class Kept:
    """A source as memory keeps it."""

    source: Source
    transcript: Transcript
    passages: tuple[Passage, ...]


Open = Callable[[str, Sequence[Kept]], AbstractContextManager[Search]]
"""A search over these sources, under a name of their own."""
OpenReading = Callable[[str, Sequence[Kept]], AbstractContextManager[Reading]]


@dataclass(frozen=True)
class Question:
    """A question and the turns that answer it."""

    text: str
    evidence: frozenset[Turn]


class RecallScore(Value):
    """Means over the questions: share of the evidence in the first 5 and 10, and nDCG of the first 10."""

    questions: int
    recall_at_5: float
    recall_at_10: float
    ndcg_at_10: float


class SpanScore(Value):
    """Mean share of the words asked for that stand in the best passages of 2,000 words together."""

    questions: int
    words: float


def score_locomo(file: Path, open_search: Open, *, turns: bool = False) -> RecallScore:
    """Every question of every conversation in LoCoMo's file, asked of its own conversation.

    With ``turns`` each turn is a passage of its own, as others measure it.
    """
    results: list[tuple[float, float, float]] = []
    for conversation in json.loads(file.read_text(encoding="utf-8")):
        kept, places = _sessions(conversation, _one_turn if turns else cut)
        with open_search(f"locomo-{len(results)}", kept) as search:
            results += [
                ranked_score(cited_turns(search(question.text, _TOP)), question.evidence)
                for question in _questions(conversation, places)
            ]
    return RecallScore(
        questions=len(results),
        recall_at_5=_mean([result[0] for result in results]),
        recall_at_10=_mean([result[1] for result in results]),
        ndcg_at_10=_mean([result[2] for result in results]),
    )


def _one_turn(source: Source, transcript: Transcript) -> tuple[Passage, ...]:
    return cut(source, transcript, target_words=1)


def cited_turns(found: Sequence[Shown]) -> list[Turn]:
    """The turn that each hit cites, each once: a second sentence of the same turn finds nothing new."""
    return list(dict.fromkeys((hit.passage.source_id, hit.citation.paragraph or 0) for hit in found))


def ranked_score(ranked: Sequence[Hashable], evidence: frozenset[Any]) -> tuple[float, float, float]:
    """Recall at 5, recall at 10, nDCG at 10 (each hit gains 1)."""
    gains = [1 / math.log2(place + 2) for place in range(_TOP)]
    gained = sum(gain for gain, found in zip(gains, ranked, strict=False) if found in evidence)
    return (
        len(evidence.intersection(ranked[:_SHORT_TOP])) / len(evidence),
        len(evidence.intersection(ranked[:_TOP])) / len(evidence),
        gained / sum(gains[: len(evidence)]),
    )


def _sessions(conversation: Mapping[str, Any], cut_up: Cut) -> tuple[list[Kept], dict[str, Turn]]:
    """The sessions as sources, and where each turn such as ``D3:14`` stands."""
    talk = conversation["conversation"]
    numbers = sorted(int(found[1]) for found in map(_SESSION.fullmatch, talk) if found)
    kept = [_session(conversation["sample_id"], talk, number, cut_up) for number in numbers]
    places = {
        turn["dia_id"]: (each.source.id, place)
        for each in kept
        for place, turn in enumerate(talk[each.source.title], start=1)
    }
    return kept, places


def _session(sample: str, talk: Mapping[str, Any], number: int, cut_up: Cut) -> Kept:
    title = f"session_{number}"
    said_on = datetime.strptime(talk[f"{title}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC).date()
    source = Source(id=content_id(sample, title), kind=SourceKind.TEXT, path=title, title=title, published_at=said_on)
    transcript = Transcript(
        segments=tuple(
            Segment(text=" ".join(turn["text"].split()) or "-", speaker=turn["speaker"], paragraph=place)
            for place, turn in enumerate(talk[title], start=1)
        )
    )
    return Kept(source, transcript, cut_up(source, transcript))


def _questions(conversation: Mapping[str, Any], places: Mapping[str, Turn]) -> Iterator[Question]:
    """Questions with evidence that the conversation holds."""
    for asked in conversation["qa"]:
        turns = (turn for place in asked.get("evidence", ()) for turn in _TURN.findall(place))
        evidence = frozenset(places[turn] for turn in turns if turn in places)
        if evidence:
            yield Question(asked["question"], evidence)


def score_qmsum(file: Path, open_search: OpenReading, meetings: int | None = None) -> SpanScore:
    """The specific questions of QMSum's file (one meeting a line), each asked of its own meeting."""
    shares: list[float] = []
    lines = file.read_text(encoding="utf-8").splitlines()[:meetings]
    for number, line in enumerate(lines):
        meeting = json.loads(line)
        kept = _meeting(number, meeting)
        counts = [len(segment.text.split()) for segment in kept.transcript.segments]
        with open_search(f"qmsum-{number}", [kept]) as search:
            for asked in meeting["specific_query_list"]:
                found = search(asked["query"], _EVERY)
                ranked = list({hit.passage.id: hit.passage for hit in found}.values())
                shares.append(word_share(ranked, _turns(asked["relevant_text_span"]), counts))
    return SpanScore(questions=len(shares), words=_mean(shares))


def word_share(ranked: Sequence[Passage], wanted: frozenset[int], counts: Sequence[int]) -> float:
    """The share of the wanted turns' words in the first passages of at most 2,000 words together."""
    read: set[int] = set()
    words = 0
    for passage in ranked:
        words += len(passage.text.split())
        if words > _WORDS:
            break
        read.update(range(passage.first, passage.last + 1))
    total = sum(counts[turn] for turn in wanted)
    return sum(counts[turn] for turn in wanted & read) / total if total else 0.0


def _meeting(number: int, meeting: Mapping[str, Any]) -> Kept:
    turns = meeting["meeting_transcripts"]
    source = Source(id=content_id("qmsum", str(number)), kind=SourceKind.TEXT, path=str(number), title=str(number))
    transcript = Transcript(
        segments=tuple(
            Segment(text=" ".join(turn["content"].split()) or "-", speaker=turn["speaker"], paragraph=place)
            for place, turn in enumerate(turns, start=1)
        )
    )
    return Kept(source, transcript, cut(source, transcript))


def _turns(spans: Sequence[Sequence[str]]) -> frozenset[int]:
    return frozenset(turn for first, last in spans for turn in range(int(first), int(last) + 1))


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0


def render_locomo(file: Path, ways: Mapping[str, Open], turns: Mapping[str, Open]) -> str:
    """A line for each way of searching LoCoMo's conversations; for ``turns`` each turn is a passage."""
    lines = [f"{'evidence found':<30}{'R@5':>7}{'R@10':>7}{'nDCG@10':>9}{'questions':>11}"]
    scores = {name: score_locomo(file, open_search) for name, open_search in ways.items()}
    scores |= {name: score_locomo(file, open_search, turns=True) for name, open_search in turns.items()}
    for name, score in scores.items():
        lines.append(
            f"{name:<30}{score.recall_at_5:>7.3f}{score.recall_at_10:>7.3f}{score.ndcg_at_10:>9.3f}{score.questions:>11}"
        )
    return "\n".join(lines)


def render_qmsum(file: Path, ways: Mapping[str, OpenReading], meetings: int | None = None) -> str:
    """A line for each way of searching QMSum's meetings."""
    lines = [f"{'words found in 2,000 words':<30}{'share':>7}{'questions':>11}"]
    for name, open_search in ways.items():
        score = score_qmsum(file, open_search, meetings)
        lines.append(f"{name:<30}{score.words:>7.3f}{score.questions:>11}")
    return "\n".join(lines)
