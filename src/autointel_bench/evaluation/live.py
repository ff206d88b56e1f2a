"""How well a configured model does on the user's own data: labels, points, and what of it stands on quotes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, Final, TypeVar

import anyio
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from autointel.app.cost_estimate import Plan, cost_of, judging, plan
from autointel.app.model_settings import client_of
from autointel.app.run import execute
from autointel.cli.progress import Silent
from autointel.domain.analysis import Evidence, Finding, Verdict
from autointel.domain.citation import Citation
from autointel.domain.notes import Claim, Notes
from autointel.domain.report import Results
from autointel.domain.run import Depth, Engine, Options, Usage
from autointel.errors import ModelRefused, ModelUnavailable, UsageError
from autointel.pipeline.fact_check import FactCheck
from autointel.ports import Listener
from autointel.settings import Settings

_WORD: Final = re.compile(r"\w+")
_SHORTEST: Final = 4  # letters; shorter words are in every sentence
_FOUND: Final = 0.5
"""Share of a point's words that one note must hold, for the point to count as found."""
_COUNTED: Final = ("calls", "prompt_tokens", "completion_tokens")
P = TypeVar("P", bound=BaseModel)
_EXPECTED: Final = ".expected.json"
_LOOK: Final = "docs/evaluation.md shows the format."


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
    """The calls that ``score`` would make. Raises what reading the transcripts raises."""
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


def score(data: LiveData, settings: Settings, on_progress: Callable[[str], None]) -> LiveScore:
    """Ask the model. Blocks; ``on_progress`` gets a line for each part. Raises AutointelError."""
    usage, simulated, kept, dropped = Usage(), False, 0, 0
    labels: Labels | None = None
    if data.claims:
        judged = judge_claims(settings, _pairs(data), Silent())
        labels = labels_of([claim.label for claim in data.claims], judged.verdicts)
        usage, simulated = usage + judged.usage, judged.simulated
        kept, dropped = judged.spans, judged.dropped
        on_progress(f"{len(data.claims)} claims judged")
    shares: list[float] = []
    for talk in data.talks:
        with tempfile.TemporaryDirectory(prefix="autointel-live-") as home:
            # A home of its own: what was read before must not spare the model a question.
            ended = execute(settings.model_copy(update={"home": Path(home)}), _options(talk), Silent())
        shares += shares_found(talk.points, ended.results.notes)
        usage, simulated = usage + ended.report.usage, simulated or ended.report.simulated
        kept += _stood(ended.results)
        removed = ended.report.briefing.dropped
        dropped += removed.total - removed.duplicates
        on_progress(f"{talk.path.name} read")
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


@dataclass(frozen=True)
class Judged:
    """A verdict for each claim, in order; None where the model gave none. ``spans`` stood, ``dropped`` did not."""

    verdicts: tuple[Verdict | None, ...]
    spans: int
    dropped: int
    usage: Usage
    simulated: bool


def judge_claims(settings: Settings, claims: Sequence[tuple[str, Sequence[str]]], listener: Listener) -> Judged:
    """The verdict on each claim by its texts alone; NOT_ENOUGH_EVIDENCE without one. Blocks. Raises ModelRefused."""
    return anyio.run(_judge_all, settings, claims, listener)


async def _judge_all(settings: Settings, claims: Sequence[tuple[str, Sequence[str]]], listener: Listener) -> Judged:
    verdicts: dict[int, Verdict | None] = {}
    spans, dropped = [0], [0]
    refused: list[ModelRefused] = []

    async with client_of(settings) as client:
        checker = FactCheck(client, (), listener, Depth.STANDARD)

        async def judge_one(index: int, text: str, texts: Sequence[str]) -> None:
            try:
                ruling = await checker.judge(_claim(index, text), _evidence(texts))
            except ModelRefused as error:
                refused.append(error)
            except ModelUnavailable:
                verdicts[index] = None
            else:
                verdicts[index] = ruling.verdict
                spans[0] += len(ruling.evidence)
                dropped[0] += ruling.dropped.total

        async with anyio.create_task_group() as group:
            for index, (text, texts) in enumerate(claims):
                if texts:
                    group.start_soon(judge_one, index, text, texts)
        if refused:
            raise refused[0]
        return Judged(
            verdicts=tuple(verdicts.get(index, Verdict.NOT_ENOUGH_EVIDENCE) for index in range(len(claims))),
            spans=spans[0],
            dropped=dropped[0],
            usage=client.usage,
            simulated=client.simulated,
        )


def _claim(index: int, text: str) -> Claim:
    return Claim(id=f"C{index + 1}", text=text, citation=Citation(quote=text, paragraph=1))


def _evidence(texts: Sequence[str]) -> list[Evidence]:
    return [
        Evidence(id=str(number), url=f"evidence:{number}", title=f"Evidence {number}", quote=text)
        for number, text in enumerate(texts, start=1)
    ]


def _label(text: object) -> object:
    """AVeriTeC's own spelling will do: "Not Enough Evidence", "Conflicting Evidence/Cherrypicking"."""
    folded = "_".join(str(text).upper().replace("/", " ").split())
    return Verdict.CONFLICTING_EVIDENCE if folded.startswith(Verdict.CONFLICTING_EVIDENCE) else folded


def _filled(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in (" ".join(each.split()) for each in texts) if text)


Texts = Annotated[tuple[str, ...], AfterValidator(_filled)]


class LabelledClaim(BaseModel):
    """A claim, its true label, and the texts that it is to be judged by."""

    model_config = ConfigDict(extra="ignore")

    claim: str = Field(min_length=1)
    label: Annotated[Verdict, BeforeValidator(_label)]
    evidence: Texts = ()


class Expected(BaseModel):
    """The points that a reader should find in a transcript."""

    points: Texts = Field(min_length=1)


@dataclass(frozen=True)
class Talk:
    """A transcript, and the points expected of it."""

    path: Path
    points: tuple[str, ...]


@dataclass(frozen=True)
class LiveData:
    """All of a folder; either may be empty, not both."""

    claims: Sequence[LabelledClaim]
    talks: Sequence[Talk]

    @classmethod
    def of(cls, folder: Path) -> LiveData:
        """Raises UsageError: nothing there, a line that does not fit, points without their transcript."""
        claims, talks = _claims(folder / "claims.jsonl"), _talks(folder / "transcripts")
        if not claims and not talks:
            raise UsageError(f"{folder} holds neither claims.jsonl nor transcripts with expected points.", _LOOK)
        return cls(claims, talks)


def _claims(file: Path) -> list[LabelledClaim]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [_parsed(LabelledClaim, line, f"{file}, line {n}") for n, line in enumerate(lines, start=1) if line.strip()]


def _talks(folder: Path) -> list[Talk]:
    return [_talk(file) for file in sorted(folder.glob(f"*{_EXPECTED}"))]


def _talk(file: Path) -> Talk:
    name = file.name.removesuffix(_EXPECTED)
    beside = [path for path in sorted(file.parent.glob("*")) if path.stem == name and path.name != file.name]
    if not beside:
        raise UsageError(f"{file} has no transcript called {name} beside it.", _LOOK)
    return Talk(beside[0], _parsed(Expected, file.read_text(encoding="utf-8"), str(file)).points)


def _parsed(kind: type[P], text: str, where: str) -> P:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "it"
        raise UsageError(f"{where} does not fit: {place}: {first['msg']}.", _LOOK) from error
