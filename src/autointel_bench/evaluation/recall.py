"""How much of the evidence for a question a search finds.

LoCoMo (Maharana et al., 2024, CC BY-NC 4.0): long conversations in sessions, questions with the turns that answer them.
Here a session is a source and a turn a passage, so that a hit is exact. Category 5, questions without an answer, is
left out. QMSum (Zhong et al., 2021): meetings, questions with spans of turns.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from autointel.domain.chunking import cut
from autointel.domain.passage import Passage
from autointel.domain.source import Source, SourceKind
from autointel.domain.transcript import Segment, Transcript
from autointel.domain.value import Value, content_id

_TURN: Final = re.compile(r"D\d+:\d+")
_SESSION: Final = re.compile(r"session_(\d+)")
_UNANSWERABLE: Final = 5
_TOP: Final = 10
_SHORT_TOP: Final = 5
_WORDS: Final = 2000

Search = Callable[[str, int], Sequence[str]]
"""Ids of the best passages for a question, best first."""


@dataclass(frozen=True)
class Kept:
    """A source as memory keeps it."""

    source: Source
    transcript: Transcript
    passages: tuple[Passage, ...]


Open = Callable[[str, Sequence[Kept]], AbstractContextManager[Search]]
"""A search over these sources, under a name of their own."""


@dataclass(frozen=True)
class Question:
    """A question and the ids of the passages that answer it."""

    text: str
    evidence: frozenset[str]


class RecallScore(Value):
    """Means over the questions: share of the evidence in the first 5 and 10, and nDCG of the first 10."""

    questions: int
    recall_at_5: float
    recall_at_10: float
    ndcg_at_10: float


class SpanScore(Value):
    """Mean share of the turns asked for that stand in the best passages of 2,000 words together."""

    questions: int
    share: float


def score_locomo(file: Path, open_search: Open) -> RecallScore:
    """Every question of every conversation in LoCoMo's file, asked of its own conversation."""
    results: list[tuple[float, float, float]] = []
    for conversation in json.loads(file.read_text(encoding="utf-8")):
        kept = _sessions(conversation)
        known = {passage.id for each in kept for passage in each.passages}
        with open_search(f"locomo-{len(results)}", kept) as search:
            results += [
                ranked_score(search(question.text, _TOP), question.evidence)
                for question in _questions(conversation, known)
            ]
    return RecallScore(
        questions=len(results),
        recall_at_5=_mean([result[0] for result in results]),
        recall_at_10=_mean([result[1] for result in results]),
        ndcg_at_10=_mean([result[2] for result in results]),
    )


def ranked_score(ranked: Sequence[str], evidence: frozenset[str]) -> tuple[float, float, float]:
    """Recall at 5, recall at 10, nDCG at 10 (each hit gains 1)."""
    gains = [1 / math.log2(place + 2) for place in range(_TOP)]
    gained = sum(gain for gain, found in zip(gains, ranked, strict=False) if found in evidence)
    return (
        len(evidence.intersection(ranked[:_SHORT_TOP])) / len(evidence),
        len(evidence.intersection(ranked[:_TOP])) / len(evidence),
        gained / sum(gains[: len(evidence)]),
    )


def _sessions(conversation: Mapping[str, Any]) -> list[Kept]:
    talk = conversation["conversation"]
    numbers = sorted(int(found[1]) for found in map(_SESSION.fullmatch, talk) if found)
    return [_session(conversation["sample_id"], talk, number) for number in numbers]


def _session(sample: str, talk: Mapping[str, Any], number: int) -> Kept:
    title = f"session_{number}"
    said_on = datetime.strptime(talk[f"{title}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC).date()
    source = Source(id=content_id(sample, title), kind=SourceKind.TEXT, path=title, title=title, published_at=said_on)
    turns = [(turn["dia_id"], turn["speaker"], " ".join(turn["text"].split()) or "-") for turn in talk[title]]
    return Kept(
        source=source,
        transcript=Transcript(
            segments=tuple(
                Segment(text=text, speaker=speaker, paragraph=place)
                for place, (_, speaker, text) in enumerate(turns, start=1)
            )
        ),
        passages=tuple(
            Passage(
                # Memory wants a uuid; two conversations both have a D1:1.
                id=turn_id(sample, turn),
                source_id=source.id,
                index=place,
                first=place,
                last=place,
                text=text,
                paragraph=place + 1,
                speakers=(speaker,),
            )
            for place, (turn, speaker, text) in enumerate(turns)
        ),
    )


def turn_id(sample: str, turn: str) -> str:
    """The passage id of a turn such as ``D3:14``."""
    return content_id("turn", sample, turn)


def _questions(conversation: Mapping[str, Any], known: set[str]) -> Iterator[Question]:
    """Questions with an answer, and with evidence that the conversation holds."""
    for asked in conversation["qa"]:
        turns = (turn for place in asked.get("evidence", ()) for turn in _TURN.findall(place))
        evidence = known.intersection(turn_id(conversation["sample_id"], turn) for turn in turns)
        if asked["category"] != _UNANSWERABLE and evidence:
            yield Question(asked["question"], frozenset(evidence))


def score_qmsum(file: Path, open_search: Open, meetings: int | None = None) -> SpanScore:
    """The specific questions of QMSum's file (one meeting a line), each asked of its own meeting."""
    shares: list[float] = []
    lines = file.read_text(encoding="utf-8").splitlines()[:meetings]
    for number, line in enumerate(lines):
        meeting = json.loads(line)
        kept = _meeting(number, meeting)
        passages = {passage.id: passage for passage in kept.passages}
        with open_search(f"qmsum-{number}", [kept]) as search:
            for asked in meeting["specific_query_list"]:
                ranked = [passages[found] for found in search(asked["query"], len(passages))]
                shares.append(span_share(ranked, _turns(asked["relevant_text_span"])))
    return SpanScore(questions=len(shares), share=_mean(shares))


def span_share(ranked: Sequence[Passage], wanted: frozenset[int]) -> float:
    """The share of the wanted turns in the first passages of at most 2,000 words together."""
    read: set[int] = set()
    words = 0
    for passage in ranked:
        words += len(passage.text.split())
        if words > _WORDS:
            break
        read.update(range(passage.first, passage.last + 1))
    return len(wanted & read) / len(wanted) if wanted else 0.0


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


def render_locomo(file: Path, ways: Mapping[str, Open]) -> str:
    """A line for each way of searching LoCoMo's conversations."""
    lines = [f"{'evidence found':<30}{'R@5':>7}{'R@10':>7}{'nDCG@10':>9}{'questions':>11}"]
    for name, open_search in ways.items():
        score = score_locomo(file, open_search)
        lines.append(
            f"{name:<30}{score.recall_at_5:>7.3f}{score.recall_at_10:>7.3f}{score.ndcg_at_10:>9.3f}{score.questions:>11}"
        )
    return "\n".join(lines)


def render_qmsum(file: Path, ways: Mapping[str, Open], meetings: int | None = None) -> str:
    """A line for each way of searching QMSum's meetings."""
    lines = [f"{'turns found in 2,000 words':<30}{'share':>7}{'questions':>11}"]
    for name, open_search in ways.items():
        score = score_qmsum(file, open_search, meetings)
        lines.append(f"{name:<30}{score.share:>7.3f}{score.questions:>11}")
    return "\n".join(lines)
