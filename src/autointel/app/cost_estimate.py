"""What a run would do, before it does anything: calls, tokens, dollars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from autointel.app.run_context import NetworkAccess, event_loop
from autointel.app.sources import source_of
from autointel.domain.passage import chunks
from autointel.domain.run import Engine, Options, StepName, Verify
from autointel.domain.transcript import Transcript
from autointel.errors import NoTranscript
from autointel.model.limits import openai_prices
from autointel.model.prompts import estimate_tokens
from autointel.pipeline.fact_check import THOROUGHNESS
from autointel.pipeline.model_reader import READ_BUDGET
from autointel.pipeline.read import limit_for
from autointel.pipeline.stages import ANALYSES, STAGES, left_out
from autointel.pipeline.verifying import BATCH
from autointel.ports import SpeechRecogniser
from autointel.settings import Settings

# Tokens besides the text that is worked on, and tokens of a reply; upper ends of what was seen, not promises.
_AROUND: Final = 450
_READ_REPLY: Final = 800
_TAXONOMY: Final = 400  # the fallacies' definitions
_JUDGED_REPLY: Final = 900
_VERDICT: Final = 1_800, 400
# The second look: sentences of a reading, or of an analyst; tokens of one with its quotes, and of what is said of it.
_NOTES: Final = 12
_FINDINGS: Final = 8
_SENTENCE: Final = 90, 40


class Planned(BaseModel):
    """One row: a step, its calls, and the tokens of all of them."""

    step: str
    calls: int
    prompt_tokens: int
    completion_tokens: int


class Plan(BaseModel):
    """An estimate; ``usd`` is None where the price is not known."""

    model: str | None
    words: int
    steps: list[Planned]
    usd: float | None

    def table(self) -> str:
        """The estimate as a table for people."""
        if not self.steps:
            return f"{self.words:,} words; the engine local asks no model, so it costs nothing."
        lines = [f"{'step':<14}{'calls':>7}{'tokens in':>12}{'tokens out':>12}"]
        lines += [
            f"{row.step:<14}{row.calls:>7}{row.prompt_tokens:>12,}{row.completion_tokens:>12,}" for row in self.steps
        ]
        calls, tokens_in, tokens_out = (
            sum(getattr(row, name) for row in self.steps) for name in ("calls", "prompt_tokens", "completion_tokens")
        )
        cost = "unknown" if self.usd is None else f"about ${self.usd:.3f}"
        lines += [f"{'all':<14}{calls:>7}{tokens_in:>12,}{tokens_out:>12,}"]
        return "\n".join(
            [*lines, f"{self.words:,} words for {self.model}; cost {cost}. An upper estimate: nothing was asked."]
        )


def plan(settings: Settings, options: Options) -> Plan:
    """Reads the source and asks no model; nothing is listened to. Raises what reading the source raises."""
    with event_loop() as portal:
        transcript = portal.call(_words, settings, options)
    if options.engine is Engine.LOCAL:
        return Plan(model=None, words=transcript.words, steps=[], usd=0.0)
    steps = _steps(transcript, options)
    return Plan(model=settings.model.called, words=transcript.words, steps=steps, usd=cost_of(settings, steps))


def cost_of(settings: Settings, steps: Sequence[Planned]) -> float | None:
    """The cost of these steps in dollars; None where a price is unknown."""
    model = settings.model
    if model.file is not None:
        return 0.0
    reading = openai_prices().of(model.read_name or model.name, model.base_url)
    judging = openai_prices().of(model.name, model.base_url)
    if reading is None or judging is None:
        return None
    return sum(
        (reading if row.step == "read" else judging).of(row.prompt_tokens, row.completion_tokens) for row in steps
    )


def judging(settings: Settings, claims: Sequence[tuple[str, Sequence[str]]]) -> Plan:
    """What judging these claims by these texts would take; a claim without a text asks nobody."""
    asked = [(claim, texts) for claim, texts in claims if texts]
    tokens = sum(estimate_tokens(" ".join((claim, *texts))) + _AROUND for claim, texts in asked)
    steps = [Planned(step="judge", calls=len(asked), prompt_tokens=tokens, completion_tokens=_VERDICT[1] * len(asked))]
    words = sum(len(claim.split()) for claim, _ in claims)
    return Plan(model=settings.model.called, words=words, steps=steps, usd=cost_of(settings, steps))


async def _words(settings: Settings, options: Options) -> Transcript:
    outside = NetworkAccess(settings, offline=options.offline, proxy=options.acquisition.proxy)
    try:
        _, transcript = await source_of(options, outside, Unheard()).fetch(options.source, options.language)
    finally:
        await outside.close()
    return transcript


class Unheard(SpeechRecogniser):
    """Listening is the work itself, which a plan does not begin."""

    async def recognise(self, recording: Path, language: str | None) -> Transcript:
        """Raises NoTranscript."""
        del recording, language
        raise NoTranscript(
            "How much a run would cost is not known before its recording has been listened to.",
            "Run it without --dry-run, with --engine local: that listens, keeps the words and asks no model.",
        )


def _steps(transcript: Transcript, options: Options) -> list[Planned]:
    """The stages that ask a model, in the pipeline's order, without those that the options leave out."""
    parts = chunks(transcript, estimate_tokens, READ_BUDGET)
    text = sum(estimate_tokens(part.text) for part in parts)
    digest = limit_for(transcript) // 4
    thorough = THOROUGHNESS[options.depth]
    judgings = thorough.claims * thorough.judges
    findings = len(ANALYSES) * _JUDGED_REPLY
    asks: dict[StepName, tuple[int, int, int]] = {
        StepName.READ: (len(parts), text + _AROUND * len(parts), _READ_REPLY * len(parts)),
        **dict.fromkeys(ANALYSES, (1, digest + _AROUND, _JUDGED_REPLY)),
        StepName.FALLACIES: (1, digest + _AROUND + _TAXONOMY, _JUDGED_REPLY),
        StepName.FACT_CHECK: (
            1 + judgings,
            digest // 2 + _VERDICT[0] * judgings,
            _JUDGED_REPLY + _VERDICT[1] * judgings,
        ),
        StepName.BRIEF: (1, digest + findings + _AROUND, _JUDGED_REPLY),
    }
    if options.verify is Verify.MODEL:
        asks = {name: _with_verifying(row, name, len(parts)) for name, row in asks.items()}
    without = left_out(options)
    return [
        Planned(step=name, calls=calls, prompt_tokens=tokens_in, completion_tokens=tokens_out)
        for name, (calls, tokens_in, tokens_out) in ((name, asks[name]) for name in STAGES if name in asks)
        if name not in without
    ]


def _with_verifying(row: tuple[int, int, int], name: StepName, readings: int) -> tuple[int, int, int]:
    """The row of a step whose sentences the model looks at once more; the fact-check's are notes, looked at before."""
    if name is StepName.FACT_CHECK:
        return row
    sentences = _NOTES * readings if name is StepName.READ else _FINDINGS
    more = -(-sentences // BATCH)
    calls, tokens_in, tokens_out = row
    return calls + more, tokens_in + _SENTENCE[0] * sentences + _AROUND * more, tokens_out + _SENTENCE[1] * sentences
