"""What overlaps under each of the eight combinations of flags, seen by fakes that wait for each other."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations, product

import pytest
from anyio.from_thread import start_blocking_portal
from tests.fakes.engine import FakeEngine, Heard, Meeting

from autointel.app.run import report_of
from autointel.domain.report import Report, Results
from autointel.domain.run import Flag, Flags, Options, Outcome, RunId, StepName, Timing, Usage
from autointel.errors import Declined, ModelUnavailable, NoTranscript
from autointel.pipeline.run_state import RunState
from autointel.pipeline.stages import PIPELINE, overlaps

pytestmark = pytest.mark.xdist_group("crew")  # one worker pays for importing crewai

ANALYSTS = frozenset({StepName.INSIGHTS, StepName.FALLACIES, StepName.PERSPECTIVES})
STORES = frozenset({StepName.MEMORY, StepName.GRAPH})
CHECK = frozenset({StepName.FACT_CHECK})
# (analysis, fact-checking, memory ops) -> the parties that come together; written out apart from the table it judges.
ALLOWED: dict[tuple[bool, bool, bool], list[frozenset[StepName]]] = {
    (False, False, False): [],
    (False, False, True): [STORES],
    (False, True, False): [],
    (False, True, True): [CHECK | STORES],
    (True, False, False): [ANALYSTS],
    (True, False, True): [ANALYSTS, STORES],
    (True, True, False): [ANALYSTS | CHECK],
    (True, True, True): [ANALYSTS | CHECK | STORES],
}


def flags_of(combination: tuple[bool, ...]) -> Flags:
    analysis, fact_checking, memory_ops = (Flag(value=on) for on in combination)
    return Flags(parallel_analysis=analysis, parallel_fact_checking=fact_checking, parallel_memory_ops=memory_ops)


def run(engine: FakeEngine, flags: Flags | None = None, *, off: str = "") -> RunState:
    from autointel.crew.crew import work_through

    chosen = Options.model_validate({"source": "talk.vtt", "flags": flags or Flags()} | ({off: False} if off else {}))
    state, steps = RunState(chosen, Heard()), engine.steps()
    with start_blocking_portal() as portal:
        portal.call(state.perform_opening, steps)
        work_through(steps, state, portal, None)
    return state


def report(results: Results, flags: Flags) -> Report:
    timing = Timing(
        wall_seconds=1,
        startup_seconds=0,
        steps_seconds=1,
        critical_path_seconds=1,
        critical_path=(),
        efficiency=1,
        framework_seconds=0,
    )
    return report_of(
        results,
        Options(source="talk.vtt", flags=flags),
        run=RunId(id="run-1", created_at=datetime(2026, 1, 1, tzinfo=UTC)),
        timing=timing,
        usage=Usage(),
    )


@pytest.mark.parametrize("combination", list(product((False, True), repeat=3)))
def test_the_overlaps_that_the_flags_allow_happen_and_no_others(combination: tuple[bool, bool, bool]) -> None:
    parties = ALLOWED[combination]
    meeting = Meeting(parties=parties)

    state = run(FakeEngine(meeting), flags_of(combination))

    allowed = {frozenset(pair) for party in parties for pair in combinations(party, 2)}
    assert meeting.missed == set()
    # The layers of one step overlap among themselves, whatever the flags say.
    assert {pair for pair in meeting.seen if len(pair) > 1} == allowed
    assert [step.outcome for step in state.reports] == [Outcome.DONE] * 9
    assert {step.name for step in state.reports if step.parallel} == {
        stage.name for stage in PIPELINE if overlaps(stage, flags_of(combination))
    }


def test_artifacts_are_equal_under_all_eight_combinations() -> None:
    reports = [
        report(run(FakeEngine(), flags_of(combination)).results, flags_of(combination))
        for combination in product((False, True), repeat=3)
    ]

    assert all(other.artifacts() == reports[0].artifacts() for other in reports)
    assert reports[0].briefing.judgments


@pytest.mark.uncounted
def test_fifty_runs_with_all_flags_on_find_the_same() -> None:
    all_on = flags_of((True, True, True))
    first = report(run(FakeEngine(), all_on).results, all_on).artifacts()

    for _ in range(49):
        assert report(run(FakeEngine(), all_on).results, all_on).artifacts() == first


def test_one_step_that_fails_stops_no_other_and_the_page_names_it() -> None:
    engine = FakeEngine(failing={StepName.FALLACIES: ModelUnavailable("The model hung up.", "Try again.")})

    state = run(engine, flags_of((True, True, True)))

    outcomes = {step.name: step.outcome for step in state.reports}
    assert outcomes.pop(StepName.FALLACIES) is Outcome.FAILED
    assert set(outcomes.values()) == {Outcome.DONE}
    assert state.results.briefing is not None
    assert "The model hung up" in state.results.briefing.markdown
    assert state.failure is None


def test_an_error_nobody_foresaw_becomes_an_outcome_too() -> None:
    engine = FakeEngine(failing={StepName.MEMORY: ZeroDivisionError("by zero")})

    state = run(engine, flags_of((True, True, True)))

    memory = state.results.step(StepName.MEMORY)
    assert memory is not None
    assert memory.outcome is Outcome.FAILED
    assert "ZeroDivisionError" in memory.reason


def test_what_cannot_be_judged_is_declined_with_the_reason() -> None:
    engine = FakeEngine(failing={StepName.INSIGHTS: Declined("It needs a model.", "Set one.")})

    state = run(engine)

    insights = state.results.step(StepName.INSIGHTS)
    assert insights is not None
    assert (insights.outcome, insights.reason, insights.hint) == (Outcome.DECLINED, "It needs a model.", "Set one.")


def test_without_a_transcript_nothing_else_is_tried() -> None:
    engine = FakeEngine(failing={StepName.TRANSCRIBE: NoTranscript("There are no words in it.", "Try another.")})

    state = run(engine, flags_of((True, True, True)))

    assert isinstance(state.failure, NoTranscript)
    assert engine.meeting.order == [StepName.TRANSCRIBE]
    assert [step.outcome for step in state.reports] == [Outcome.FAILED] + [Outcome.SKIPPED] * 8


@pytest.mark.parametrize(
    ("option", "step"),
    [("fact_check", StepName.FACT_CHECK), ("memory", StepName.MEMORY), ("graph", StepName.GRAPH)],
)
def test_a_step_switched_off_is_reported_as_skipped(option: str, step: StepName) -> None:
    engine = FakeEngine()

    state = run(engine, off=option)

    skipped = state.results.step(step)
    assert skipped is not None
    assert skipped.outcome is Outcome.SKIPPED
    assert step not in engine.meeting.order
