"""How well a configured model does on the user's own data: labels, points, and what of it stands on quotes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

from autointel.app.cost_estimate import Plan, cost_of, judging, plan
from autointel.app.run import execute
from autointel.domain.analysis import Finding, Verdict
from autointel.domain.notes import Notes
from autointel.domain.report import Results
from autointel.domain.run import Engine, Options, Usage
from autointel.settings import Settings
from autointel_bench.evaluation.judge import judge_claims
from autointel_bench.evaluation.live_data import LiveData, Talk
from autointel_bench.quiet import Quiet

_WORD: Final = re.compile(r"\w+")
_SHORTEST: Final = 4  # letters; shorter words are in every sentence
_FOUND: Final = 0.5
"""Share of a point's words that one note must hold, for the point to count as found."""


@dataclass(frozen=True)
class Labels:
    """How often the judge was right. ``unanswered`` claims count as wrong."""

    claims: int
    accuracy: float
    macro_f1: float
    unanswered: int


@dataclass(frozen=True)
class LiveScore:
    """Shares in 0..1. ``grounded`` is what stood, of all sentences, spans and note ids given in the end."""

    labels: Labels | None
    talks: int
    points: int
    recall: float
    grounded: float | None
    usage: Usage
    model: str
    simulated: bool

    def render(self) -> str:
        """A table for people."""
        rows = []
        if self.labels:
            rows += [
                ("claims judged", f"{self.labels.claims}"),
                ("  labels right (accuracy)", f"{self.labels.accuracy:.3f}"),
                ("  macro-F1 over the labels there are", f"{self.labels.macro_f1:.3f}"),
                ("  without an answer", f"{self.labels.unanswered}"),
            ]
        if self.talks:
            rows += [
                ("transcripts read", f"{self.talks}"),
                ("  expected points", f"{self.points}"),
                ("  found in the notes", f"{self.recall:.3f}"),
            ]
        rows += [
            ("grounded", "-" if self.grounded is None else f"{self.grounded:.3f}"),
            ("calls", f"{self.usage.model_calls}"),
            ("tokens in, out", f"{self.usage.prompt_tokens:,}, {self.usage.completion_tokens:,}"),
            ("cost", "unknown" if self.usage.usd is None else f"${self.usage.usd:.4f}"),
        ]
        said = " (simulated: no measure of any model)" if self.simulated else ""
        return "\n".join([f"{self.model}{said}", *(f"{name:<40}{value:>20}" for name, value in rows)])


def estimate(data: LiveData, settings: Settings) -> Plan:
    """What ``score`` would ask, before it asks anything. Raises what reading the transcripts raises."""
    plans = [plan(settings, _options(talk)) for talk in data.talks]
    if data.claims:
        plans.append(judging(settings, _pairs(data)))
    steps = [row for each in plans for row in each.steps]
    merged = [
        rows[0].model_copy(update={name: sum(getattr(row, name) for row in rows) for name in _COUNTED})
        for rows in ([row for row in steps if row.step == step] for step in dict.fromkeys(row.step for row in steps))
    ]
    words = sum(each.words for each in plans)
    return Plan(model=settings.model.called, words=words, steps=merged, usd=cost_of(settings, merged))


_COUNTED: Final = ("calls", "prompt_tokens", "completion_tokens")


def score(data: LiveData, settings: Settings, told: Callable[[str], None]) -> LiveScore:
    """Ask the model. Blocks; ``told`` hears of each part. Raises AutointelError."""
    usage, simulated, kept, dropped = Usage(), False, 0, 0
    labels: Labels | None = None
    if data.claims:
        judged = judge_claims(settings, _pairs(data), Quiet())
        labels = labels_of([claim.label for claim in data.claims], judged.verdicts)
        usage, simulated = usage + judged.usage, judged.simulated
        kept, dropped = judged.spans, judged.dropped
        told(f"{len(data.claims)} claims judged")
    shares: list[float] = []
    for talk in data.talks:
        with tempfile.TemporaryDirectory(prefix="autointel-live-") as home:
            # A home of its own: what was read before must not spare the model a question.
            ended = execute(settings.model_copy(update={"home": Path(home)}), _options(talk), Quiet())
        shares += shares_found(talk.points, ended.results.notes)
        usage, simulated = usage + ended.report.usage, simulated or ended.report.simulated
        kept += _stood(ended.results)
        removed = ended.report.briefing.dropped
        dropped += removed.total - removed.duplicates
        told(f"{talk.path.name} read")
    return LiveScore(
        labels=labels,
        talks=len(data.talks),
        points=len(shares),
        recall=fmean(share >= _FOUND for share in shares) if shares else 0.0,
        grounded=kept / (kept + dropped) if kept + dropped else None,
        usage=usage,
        model=settings.model.called,
        simulated=simulated,
    )


def labels_of(expected: Sequence[Verdict], given: Sequence[Verdict | None]) -> Labels:
    """Macro-F1 is the mean over every label that is expected or given."""
    pairs = list(zip(expected, given, strict=True))
    present = dict.fromkeys([*expected, *(label for label in given if label is not None)])
    return Labels(
        claims=len(pairs),
        accuracy=fmean(label is verdict for label, verdict in pairs),
        macro_f1=fmean(_f1(pairs, label) for label in present),
        unanswered=sum(verdict is None for verdict in given),
    )


def _f1(pairs: Iterable[tuple[Verdict, Verdict | None]], label: Verdict) -> float:
    both = expected = given = 0
    for wanted, got in pairs:
        both += wanted is label and got is label
        expected += wanted is label
        given += got is label
    return 2 * both / (expected + given)


def shares_found(points: Sequence[str], notes: Notes) -> list[float]:
    """For each point the largest share of its words that one note holds, in its text or its quote."""
    said = [
        _words(f"{note.text} {note.citation.quote}")
        for kind in (notes.key_points, notes.claims, notes.positions, notes.fallacies)
        for note in kind
    ]
    found = []
    for point in points:
        wanted = _words(point)
        found.append(max((len(wanted & words) / len(wanted) for words in said), default=0.0) if wanted else 0.0)
    return found


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if len(word) >= _SHORTEST or word.isdigit()}


def _stood(results: Results) -> int:
    """Quotes of notes, and citations of whatever rests on notes."""
    notes, found = results.notes, results.analysis
    quoted = (notes.key_points, notes.claims, notes.positions, notes.fallacies, notes.relations)
    judgments = results.briefing.judgments if results.briefing else ()
    findings: tuple[Sequence[Finding], ...] = (found.insights, found.themes, found.fallacies, found.perspectives)
    cited = sum(len(each.citations) for kind in findings for each in kind)
    return sum(map(len, quoted)) + cited + sum(len(each.citations) for each in judgments)


def _pairs(data: LiveData) -> list[tuple[str, Sequence[str]]]:
    return [(claim.claim, claim.evidence) for claim in data.claims]


def _options(talk: Talk) -> Options:
    """Reading, analysis and briefing; claims are measured apart, by evidence that stays the same."""
    return Options(source=str(talk.path), engine=Engine.LLM, fact_check=False, memory=False, graph=False)
