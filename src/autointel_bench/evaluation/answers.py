"""Questions of our own over public transcripts: is the right sentence first, or in three, and what has no answer?

The questions stand in three sets beside this file; the transcripts are given by folder. A question is asked of all
sources together, as a user asks their library.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from autointel.adapters.sources.parse import parse
from autointel.domain.passage import cut
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.domain.value import content_id
from autointel.memory.findings import Answered, Findings
from autointel_bench.evaluation.recall import Kept

QUESTIONS: Final = ("questions.toml", "more_questions.toml", "reworded_questions.toml")
"""Sets of forty questions; the later ones have questions without an answer that sound as if they had one."""
_TOP: Final = 3


@dataclass(frozen=True)
class Question:
    """``answer`` is what a right quote matches; None where no source holds one."""

    text: str
    answer: re.Pattern[str] | None


@dataclass(frozen=True)
class Asked:
    """The product's replies to one question: its search, and ``ask`` without a model."""

    findings: Findings
    answered: Answered


OpenLibrary = Callable[[str, Sequence[Kept]], AbstractContextManager[Callable[[str, int], Asked]]]


@dataclass(frozen=True)
class AnswerScore:
    """Counts. ``found_nothing`` and ``declined`` are of the questions without an answer, ``lost`` of those with one."""

    answerable: int
    first: int
    in_three: int
    lost: int
    unanswerable: int
    found_nothing: int
    declined: int
    misses: tuple[str, ...]

    def render(self) -> str:
        """A line for each count, and the questions that went wrong."""
        lines = [
            f"right sentence first         {self.first} of {self.answerable}",
            f"right sentence in three      {self.in_three} of {self.answerable}",
            f"ask declines, wrongly        {self.lost} of {self.answerable}",
            f"no answer there: search shows nothing   {self.found_nothing} of {self.unanswerable}",
            f"no answer there: ask declines           {self.declined} of {self.unanswerable}",
        ]
        return "\n".join([*lines, *self.misses])


def score_answers(folder: Path, open_library: OpenLibrary, name: str = QUESTIONS[0]) -> AnswerScore:
    """All questions of a set over all its sources. Raises FileNotFoundError for a transcript that the folder lacks."""
    asked = tomllib.loads(files("autointel_bench.evaluation").joinpath(name).read_text("utf-8"))
    questions = [
        Question(each["text"], re.compile(each["answer"]) if "answer" in each else None) for each in asked["question"]
    ]
    with open_library("answers", [_kept(folder, name) for name in asked["sources"]]) as ask:
        replies = [(question, ask(question.text, _TOP)) for question in questions]
    real = [(question, question.answer, reply) for question, reply in replies if question.answer]
    empty = [(question, reply) for question, reply in replies if question.answer is None]
    places = [_place(answer, reply.findings) for _, answer, reply in real]
    misses = [f"not in three: {each.text}" for (each, _, _), place in zip(real, places, strict=True) if place is None]
    misses += [f"second or third: {each.text}" for (each, _, _), place in zip(real, places, strict=True) if place]
    misses += [f"declined wrongly: {each.text}" for each, _, reply in real if not reply.answered.held]
    misses += [f"answered wrongly: {each.text}" for each, reply in empty if reply.answered.held]
    return AnswerScore(
        answerable=len(real),
        first=places.count(0),
        in_three=len(places) - places.count(None),
        lost=sum(not reply.answered.held for _, _, reply in real),
        unanswerable=len(empty),
        found_nothing=sum(not reply.findings.found for _, reply in empty),
        declined=sum(not reply.answered.held for _, reply in empty),
        misses=tuple(misses),
    )


def _place(answer: re.Pattern[str], findings: Findings) -> int | None:
    hits = (at for at, found in enumerate(findings.found[:_TOP]) if answer.search(found.citation.quote))
    return next(hits, None)


def _kept(folder: Path, name: str) -> Kept:
    path, _, line = name.partition("#")
    file = folder / path
    if line:
        return _meeting(json.loads(file.read_text("utf-8").splitlines()[int(line)]), name)
    parsed = parse(file.read_bytes(), file.name)
    source = Source(id=content_id("answers", name), kind=parsed.kind, path=name, title=parsed.title or file.stem)
    transcript = Transcript(segments=parsed.segments, language=parsed.language)
    return Kept(source, transcript, cut(source, transcript))


def _meeting(meeting: dict[str, list[dict[str, str]]], name: str) -> Kept:
    source = Source(id=content_id("answers", name), kind=SourceKind.TEXT, path=name, title=f"Meeting {name[-2:]}")
    segments = [
        Segment(text=" ".join(turn["content"].split()) or "-", speaker=turn["speaker"], paragraph=place)
        for place, turn in enumerate(meeting["meeting_transcripts"], start=1)
    ]
    transcript = Transcript(segments=tuple(segments), language="en")
    return Kept(source, transcript, cut(source, transcript))
