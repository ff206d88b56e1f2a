"""Chapters and excerpts against what people wrote about meetings (QMSum): Pk of the borders, ROUGE-1 of the excerpts.

Every second meeting is in the half on which the rules were tuned; the other half is held out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from autointel.errors import UsageError

Meeting: TypeAlias = Sequence[tuple[str, str]]
"""Turns: who speaks, and the words."""

Read: TypeAlias = Callable[[Meeting], tuple[Sequence[int], Sequence[str]]]
"""A meeting to the turns (from 0) that open a chapter after the first, and the excerpts, best first."""

_BUDGET: Final = 150  # words of excerpts
_ANNOTATION: Final = re.compile(r"\{[^{}]*\}|<[^<>]*>")
_SPACED: Final = re.compile(r" +(?=[.,;:?!])|(?<=\w) +(?=['’](?:s|t|re|ve|ll|d|m)\b)")
_WORD: Final = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class MeetingScore:
    """Means: Pk (lower is better) of our borders and of no border, ROUGE-1 F of the excerpts and of the first words."""

    meetings: int
    pk: float
    pk_without: float
    rouge: float
    rouge_lead: float
    chapters: float

    def render(self, name: str) -> str:
        """One line."""
        return (
            f"{name:<12}{self.meetings:>9}{self.pk:>8.3f}{self.pk_without:>12.3f}{self.chapters:>10.1f}"
            f"{self.rouge:>9.3f}{self.rouge_lead:>7.3f}"
        )


def score_meetings(folder: Path, read: Read) -> str:
    """A table over the ``*.jsonl`` files of a folder. Raises UsageError where there is no meeting."""
    found = [
        json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()
    ]
    if not found:
        raise UsageError(f"{folder} holds no QMSum meetings.", "Give the folder with val.jsonl or test.jsonl.")
    scores = [_score(meeting, read) for meeting in found]
    halves = {"tuned on": scores[::2], "held out": scores[1::2], "all": scores}
    head = f"{'meetings':<12}{'number':>9}{'Pk':>8}{'no border':>12}{'chapters':>10}{'ROUGE-1':>9}{'lead':>7}"
    return "\n".join([head, *(_mean(half).render(name) for name, half in halves.items() if half)])


def turns_of(meeting: Any) -> list[tuple[str, str]]:
    """The turns in order, without marks of the annotators; an empty turn stays, since topics are counted by turns."""
    return [
        (turn["speaker"].split(" (")[0], " ".join(_SPACED.sub("", _ANNOTATION.sub(" ", turn["content"])).split()))
        for turn in meeting["meeting_transcripts"]
    ]


def pk(borders: Sequence[int], gold: Sequence[int], lengths: Sequence[int]) -> float:
    """Beeferman's Pk over words: how often two words half a mean topic apart are wrongly called together or apart.

    ``borders`` and ``gold`` are turns that open a part after the first; ``lengths`` are the words of each turn.
    """
    total = sum(lengths)
    window = max(2, round(total / (len(gold) + 1) / 2))
    if window >= total:
        return 0.0
    ours, theirs = (_parts(starts, lengths) for starts in (borders, gold))
    pairs = range(total - window)
    wrong = sum((ours[at] == ours[at + window]) != (theirs[at] == theirs[at + window]) for at in pairs)
    return wrong / len(pairs)


def rouge_1(found: str, gold: str) -> float:
    """F of the words in common, counted as often as both have them."""
    ours, theirs = Counter(_WORD.findall(found.lower())), Counter(_WORD.findall(gold.lower()))
    shared = sum((ours & theirs).values())
    return 2 * shared / (sum(ours.values()) + sum(theirs.values())) if shared else 0.0


def _parts(starts: Sequence[int], lengths: Sequence[int]) -> list[int]:
    opening = frozenset(starts)
    part, parts = 0, []
    for turn, length in enumerate(lengths):
        part += turn in opening
        parts += [part] * length
    return parts


def _score(meeting: Any, read: Read) -> MeetingScore:
    turns = turns_of(meeting)
    lengths = [len(words.split()) for _, words in turns]
    spans = sorted({int(span[0]) for topic in meeting["topic_list"] for span in topic["relevant_text_span"]} - {0})
    borders, excerpts = read(turns)
    gold = " ".join(query["answer"] for query in meeting["general_query_list"][:1])
    against = partial(rouge_1, gold=gold)
    return MeetingScore(
        meetings=1,
        pk=pk(borders, spans, lengths),
        pk_without=pk((), spans, lengths),
        rouge=against(_first(excerpts)),
        rouge_lead=against(_first([words for _, words in turns])),
        chapters=len(borders) + 1,
    )


def _first(texts: Sequence[str]) -> str:
    return " ".join(" ".join(texts).split()[:_BUDGET])


def _mean(scores: Sequence[MeetingScore]) -> MeetingScore:
    number = len(scores)
    return MeetingScore(
        meetings=number,
        pk=sum(score.pk for score in scores) / number,
        pk_without=sum(score.pk_without for score in scores) / number,
        rouge=sum(score.rouge for score in scores) / number,
        rouge_lead=sum(score.rouge_lead for score in scores) / number,
        chapters=sum(score.chapters for score in scores) / number,
    )
