"""Runs as a faultless machine would make them against the simulated typical profile, and ways to doctor them."""

from __future__ import annotations

from collections.abc import Mapping

from tests.examples import finished, judgments, llm_results, report, step

from autointel.domain.report import Report
from autointel.domain.run import Engine, Outcome, StepName, StepReport
from autointel_bench.flags.cases import GROUPS, Combination
from autointel_bench.flags.overlaps import JUDGING
from autointel_bench.flags.record import Inside, ModelCall, RunRecord
from autointel_bench.stores import Request

CLAIMS = 5
_SECONDS = {
    StepName.TRANSCRIBE: 0.02,
    StepName.READ: 1.05,
    StepName.MEMORY: 0.18,
    StepName.GRAPH: 0.11,
    StepName.BRIEF: 1.05,
}
_ANALYST = 1.05
_CLAIM = 1.5
_LATE = 0.02


def took(name: StepName, *, at_once: bool) -> float:
    if name is StepName.FACT_CHECK:
        return 1.05 + _CLAIM * (1 if at_once else CLAIMS)
    return _SECONDS.get(name, _ANALYST)


def schedule(combination: Combination, *, at_once: bool | None = None) -> dict[StepName, tuple[float, float]]:
    """Start and seconds of every step, as the barrier would have it."""
    at_once = combination.fact_checking if at_once is None else at_once
    groups = {step_: group for group in GROUPS[combination.number] for step_ in group}
    spans: dict[StepName, tuple[float, float]] = {}
    at = 0.01
    for name in StepName:
        if name in spans:
            continue
        group = groups.get(name, (name,))
        for each in group:
            spans[each] = (at, took(each, at_once=at_once))
        at += max(took(each, at_once=at_once) for each in group) + 0.005
    return spans


def flags_run(
    combination: Combination,
    round_: int = 1,
    *,
    spans: Mapping[StepName, tuple[float, float]] | None = None,
    outcomes: Mapping[StepName, Outcome] | None = None,
    claims_at_once: bool | None = None,
    slower: float = 0.0,
    title: str | None = None,
) -> RunRecord:
    """One whole run, unless told otherwise. ``slower`` seconds are added to the crew's time and the shell's."""
    spans = dict(spans or schedule(combination, at_once=claims_at_once))
    steps = tuple(
        step(name, *spans[name], outcome, reason="" if outcome is Outcome.DONE else f"{name} was doctored")
        for name in spans
        for outcome in [(outcomes or {}).get(name, Outcome.DONE)]
    )
    crew = max(started + seconds for started, seconds in spans.values()) + 0.02 + slower
    at_once = combination.fact_checking if claims_at_once is None else claims_at_once
    return RunRecord(
        combination=combination.number,
        round=round_,
        exit_code=7 if outcomes else 0,
        shell_seconds=crew + 5.0,
        inside=Inside(
            report=_report(steps, crew, title),
            began=100.0,
            cpu_seconds=5.0,
            peak_bytes=400_000_000,
            first_judgment_seconds=crew + 4.0,
            requests=(
                _request("memory", "missing", 0.05, spans[StepName.MEMORY][0]),
                _request("memory", "remember", 0.075, spans[StepName.MEMORY][0] + 0.05),
                _request("graph", "missing", 0.05, spans[StepName.GRAPH][0]),
            ),
        ),
        calls=tuple(calls_of(spans, at_once=at_once)),
        requests=tuple(
            _request("evidence", verb, seconds, 0.0)
            for verb, seconds in (("search", 0.3), ("page", 0.15))
            for _ in range(CLAIMS)
        ),
    )


def calls_of(spans: Mapping[StepName, tuple[float, float]], *, at_once: bool) -> list[ModelCall]:
    asking = [name for name in spans if name not in {StepName.TRANSCRIBE, StepName.MEMORY, StepName.GRAPH}]
    calls = [_call(name, name, spans[name][0] + _LATE) for name in asking]
    calls += [_call(StepName.READ, f"passage {number}", spans[StepName.READ][0] + _LATE) for number in (2, 3)]
    judged_from = spans[StepName.FACT_CHECK][0] + 1.5
    calls += [
        _call(
            StepName.FACT_CHECK, f"claim {number}", judged_from + (0 if at_once else number * _CLAIM), purpose=JUDGING
        )
        for number in range(CLAIMS)
    ]
    return calls


def _call(name: StepName, subject: str, started: float, *, purpose: str = "") -> ModelCall:
    return ModelCall(
        step=name,
        subject=subject,
        purpose=purpose,
        started=100 + started,
        ended=101 + started,
        stated_seconds=1.0,
        prompt_tokens=1_000,
        completion_tokens=100,
    )


def _request(to: str, verb: str, seconds: float, started: float) -> Request:
    return Request(to=to, verb=verb, stated_seconds=seconds, started=100 + started, ended=100 + started + seconds)


def _report(steps: tuple[StepReport, ...], crew: float, title: str | None) -> Report:
    made = report(finished(llm_results(), judgments()), Engine.LLM, simulated=True)
    timing = made.timing.model_copy(update={"wall_seconds": crew + 4.0, "startup_seconds": 4.0})
    named = made.source if title is None else made.source.model_copy(update={"title": title})
    return made.model_copy(update={"steps": steps, "timing": timing, "source": named})
