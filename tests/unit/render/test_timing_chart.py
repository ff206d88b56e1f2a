from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from tests import examples
from tests.golden import matches

from autointel.domain.report import Report
from autointel.domain.run import Engine, Flag, FlagOrigin, Flags, Usage
from autointel.render.durations import chart_lines, flags_in_words

GOLDEN = Path(__file__).parent / "golden"
LOCAL = examples.report(examples.finished(examples.local_results()))
LLM = examples.report(examples.finished(examples.llm_results(), examples.judgments()), Engine.LLM)


def chart(report: Report, width: int = 80) -> str:
    return "".join(f"{line.plain}\n" for line in chart_lines(report, width))


def test_the_chart_of_a_local_run() -> None:
    matches(GOLDEN / "chart_local.txt", chart(LOCAL))


def test_the_chart_of_a_run_with_a_model() -> None:
    matches(GOLDEN / "chart_llm.txt", chart(LLM))


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("report", [LOCAL, LLM])
def test_the_chart_fits_the_terminal(report: Report, width: int) -> None:
    assert [line for line in chart(report, width).splitlines() if cell_len(line) > width] == []


def test_simulated_figures_are_called_simulated() -> None:
    assert "simulated" in chart(LLM.model_copy(update={"simulated": True})).splitlines()[-1]
    assert "simulated" not in chart(LLM)


def test_an_unknown_price_is_called_unknown() -> None:
    usage = Usage(model_calls=1, prompt_tokens=10, completion_tokens=2, usd=None)

    assert "cost unknown" in chart(LLM.model_copy(update={"usage": usage}))


def test_a_run_that_took_no_time_still_has_a_chart() -> None:
    steps = tuple(step.model_copy(update={"started": 0.0, "seconds": 0.0}) for step in LOCAL.steps)

    assert chart(LOCAL.model_copy(update={"steps": steps})).startswith("step          0 s\ntranscribe")


def test_a_run_without_steps_has_an_empty_chart() -> None:
    assert chart(LOCAL.model_copy(update={"steps": ()})).splitlines()[1].startswith("wall")


def test_flags_say_when_the_rollout_decided() -> None:
    on, off = (Flag(value=value, origin=FlagOrigin.ROLLOUT) for value in (True, False))

    assert flags_in_words(Flags()) == "none"
    assert flags_in_words(Flags(parallel_analysis=on, parallel_fact_checking=on)) == "analysis, fact-checking (rollout)"
    assert flags_in_words(Flags(parallel_memory_ops=off)) == "none (rollout)"
