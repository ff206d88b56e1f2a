"""A whole run through the model engine, over loopback HTTP, on a clock where waiting costs nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.fakes.clock import FakeClock
from tests.fakes.engine import Heard

from autointel.app.run import execute
from autointel.app.run_context import Substitutes
from autointel.cli.exits import exit_code_of
from autointel.domain.report import Report
from autointel.domain.run import Engine, Flag, Flags, Options
from autointel.errors import AutointelError
from autointel.model.limits import Price, Prices
from autointel.settings import Settings
from autointel_bench.simulated import SimulatedModel
from autointel_bench.simulated.calls import Call

SAMPLE = Path(__file__).parents[2] / "src" / "autointel" / "samples" / "free-transit.vtt"
ON = Flag(value=True)
ALL_ON = Flags(parallel_analysis=ON, parallel_fact_checking=ON, parallel_memory_ops=ON)
# The simulated model costs nothing; a dollar a call makes budgets easy to read.
PRICES = Prices(as_of=date(2026, 1, 1), models={"simulated": Price(input=100.0, output=400.0)})
PAGE = (
    "Free public transport in Tallinn\n\nThe number of trips rose by fourteen percent in the first year. "
    "A bus costs a city about five hundred thousand dollars. Kansas City kept its buses free for years. "
    "The council of the city voted on the fare in March. Drivers say that a third of trips run late.\n"
)


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, and its report or the error that it ended with."""

    code: int
    report: Report | None
    error: AutointelError | None
    heard: Heard
    waits: tuple[float, ...]

    @property
    def outcomes(self) -> dict[str, str]:
        return {step.name.value: step.outcome.value for step in self.report.steps} if self.report else {}


def run_over(
    server: SimulatedModel,
    folder: Path,
    *,
    source: Path = SAMPLE,
    pages: Iterable[str] = (PAGE,),
    model: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> Ended:
    """One run in ``folder``; what it raises is in the result."""
    evidence = folder / "evidence"
    evidence.mkdir(exist_ok=True, parents=True)
    for number, page in enumerate(pages):
        (evidence / f"page{number}.txt").write_text(page, encoding="utf-8")
    made = Settings.model_validate(
        {
            "home": folder / "home",
            "model": {"base_url": server.base_url, "name": "simulated", "timeout": 20, **(model or {})},
            "evidence": {"sources": ("folder",), "folder": evidence},
            **(settings or {}),
        }
    )
    given: dict[str, Any] = {"flags": ALL_ON, "memory": False, "graph": False, **options}
    heard, time = Heard(), FakeClock()
    try:
        asked = Options(source=str(source), engine=Engine.LLM, **given)
        report = execute(made, asked, heard, substitutes=Substitutes(clock=time.clock, prices=PRICES)).report
    except AutointelError as error:
        return Ended(error.exit_code, None, error, heard, tuple(time.waits))
    return Ended(exit_code_of(report), report, None, heard, tuple(time.waits))


def most_asked(calls: Iterable[Call]) -> int:
    """How often the question that was asked most was asked; one put in other words again is the same question."""
    return max(Counter(question(call) for call in calls).values())


def question(call: Call) -> str:
    """What was asked, without what a second try adds to it."""
    ends = ("\n\nAnswer with one JSON object", "\n\nYour last reply could not be used")
    return min((call.prompt.split(end)[0] for end in ends), key=len)


def answered(calls: Iterable[Call]) -> set[str]:
    """Questions that got the answer they wanted."""
    return {question(call) for call in calls if call.fault is None and call.status == 200}
