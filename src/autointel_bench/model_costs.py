"""The model's part of a run: calls and tokens at each depth, as the simulated model counts them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autointel.app.run import execute
from autointel.cli.progress import Silent
from autointel.domain.run import Depth, Engine, Options, StepName, Verify
from autointel.settings import Settings
from autointel_bench.simulated import Profile, SimulatedModel
from autointel_bench.simulated.calls import Call
from autointel_bench.simulated.reply import tokens
from autointel_bench.talk import pages, talk

WORDS: Final = 25_000
_PAGES: Final = 24
_TIMED: Final = re.compile(r"^\d\d:.* --> .*\n<v [^>]*>", re.MULTILINE)
READ_MOST: Final = 1.25
"""Tokens of the prompts that read, for each token of the transcript: no more than this."""
ALL_MOST: Final = 2.05
"""The same of all prompts of a run."""
VERIFIED_MOST: Final = 2.4
"""The same where the model takes a second look (``--verify model``)."""
_VERIFIER: Final = "Verifier"


@dataclass(frozen=True)
class StepCost:
    """One step's calls, and the tokens of all of them; ``longest`` is the longest prompt."""

    step: str
    calls: int
    prompt_tokens: int
    longest: int
    completion_tokens: int


@dataclass(frozen=True)
class RunCost:
    """One run's. Prompts are counted without the schema that a reply is held to, which no transcript lengthens."""

    depth: Depth
    words: int
    transcript_tokens: int
    schema_tokens: int
    steps: tuple[StepCost, ...]
    verify: Verify = Verify.CODE

    @property
    def title(self) -> str:
        """The depth, and who verified where that was not code alone."""
        return f"{self.depth}, --verify model" if self.verify is Verify.MODEL else str(self.depth)

    @property
    def read_share(self) -> float:
        """Tokens of the prompts that read, for each of the transcript."""
        return sum(step.prompt_tokens for step in self.steps if step.step == StepName.READ) / self.transcript_tokens

    @property
    def whole_share(self) -> float:
        """Tokens of all prompts, for each of the transcript."""
        return sum(step.prompt_tokens for step in self.steps) / self.transcript_tokens


def run_cost(depth: Depth, words: int = WORDS, verify: Verify = Verify.CODE) -> RunCost:
    """The cost of one run at that depth over a talk of ``words`` words, with evidence from a folder. Blocks."""
    with tempfile.TemporaryDirectory(prefix="autointel-costs-") as folder, SimulatedModel(Profile(items=8)) as server:
        source, evidence = Path(folder, "talk.vtt"), Path(folder, "evidence")
        text = talk(words)
        source.write_text(text, encoding="utf-8")
        evidence.mkdir()
        for name, page in pages(_PAGES):
            (evidence / name).write_text(page, encoding="utf-8")
        settings = Settings.model_validate(
            {
                "home": Path(folder, "home"),
                "model": {"base_url": server.base_url, "name": "simulated"},
                "evidence": {"sources": ("folder",), "folder": evidence},
            }
        )
        options = Options(source=str(source), engine=Engine.LLM, depth=depth, verify=verify, memory=False, graph=False)
        report = execute(settings, options, Silent()).report
        spoken = " ".join(_TIMED.sub("", text).removeprefix("WEBVTT").split())
        return RunCost(
            depth=depth,
            verify=verify,
            words=report.transcript.words,
            transcript_tokens=tokens(spoken),
            schema_tokens=sum(call.prompt_tokens - call.message_tokens for call in server.calls.all),
            steps=tuple(_steps(server.calls.all)),
        )


def _steps(calls: Iterable[Call]) -> Iterable[StepCost]:
    """A row a step, and one for the second look that the model takes at the sentences of several steps."""
    asked = list(calls)
    for step in StepName:
        yield from _row(step.value, [call for call in asked if call.step == step and call.role != _VERIFIER])
    yield from _row("second look", [call for call in asked if call.role == _VERIFIER])


def _row(name: str, mine: Sequence[Call]) -> Iterable[StepCost]:
    if mine:
        yield StepCost(
            step=name,
            calls=len(mine),
            prompt_tokens=sum(call.message_tokens for call in mine),
            longest=max(call.message_tokens for call in mine),
            completion_tokens=sum(call.completion_tokens for call in mine),
        )


def page_of(costs: Iterable[RunCost]) -> str:
    """``docs/model-costs.md``."""
    lines = [
        "# Calls and tokens",
        "",
        "<!-- Written by scripts/model_costs.py -->",
        "",
        f"A simulated talk of {WORDS:,} words, read and judged by the simulated model, with evidence from a folder of",
        f"{_PAGES} simulated pages. A token is four characters here; no vendor's count. Replies are the simulated",
        "model's, and so is their length: a real model's are its own. Shares are of the transcript's tokens.",
    ]
    for cost in costs:
        lines += ["", f"## {cost.title}", "", _in_short(cost), ""]
        lines += ["| step | calls | tokens in | longest prompt | tokens out (simulated) |", "|---|--:|--:|--:|--:|"]
        lines += [
            f"| {s.step} | {s.calls} | {s.prompt_tokens:,} | {s.longest:,} | {s.completion_tokens:,} |"
            for s in cost.steps
        ]
        calls, sent, out = (
            sum(getattr(s, name) for s in cost.steps) for name in ("calls", "prompt_tokens", "completion_tokens")
        )
        lines.append(f"| all | {calls} | {sent:,} | | {out:,} |")
    return "\n".join(lines) + "\n"


def _in_short(cost: RunCost) -> str:
    return (
        f"{cost.words:,} words, {cost.transcript_tokens:,} tokens. Prompts that read: {cost.read_share:.2f} ×; all "
        f"prompts: {cost.whole_share:.2f} ×. Schemas beside the prompts: {cost.schema_tokens:,} tokens."
    )
