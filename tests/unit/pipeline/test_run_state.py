"""Whatever a step does, the state has an outcome for it; and what is kept is not done again."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from tests.fakes.engine import FakeEngine, Heard, survey

from autointel.domain.results import Results
from autointel.domain.run import Outcome, StepName, StepReport
from autointel.errors import HomeUnusable, ModelRefused
from autointel.pipeline.ahead import all_kept
from autointel.pipeline.analyses import FindInsights
from autointel.pipeline.brief import Brief
from autointel.pipeline.read import Read
from autointel.pipeline.run_state import RunState, Spending
from autointel.pipeline.transcribe import Transcribe
from autointel.ports import KeptStep, StepStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Shelf(StepStore):
    """Keeps steps in memory; ``full`` refuses to."""

    kept: dict[tuple[StepName, str], KeptStep] = field(default_factory=dict)
    full: bool = False
    noted: list[StepReport] = field(default_factory=list)
    found: list[tuple[StepName, str]] = field(default_factory=list)

    async def load(self, step: StepName, version: int, inputs: str) -> KeptStep | None:
        assert version == 1
        return self.kept.get((step, inputs))

    async def save(self, step: StepName, version: int, inputs: str, kept: KeptStep) -> None:
        assert version == 1
        if self.full:
            raise HomeUnusable("The disk is full.", "Make room.")
        self.kept[step, inputs] = kept

    async def keep_found(self, step: StepName, results: Results) -> None:
        if self.full:
            raise HomeUnusable("The disk is full.", "Make room.")
        self.found.append((step, results.source.id))

    async def note(self, report: StepReport) -> None:
        if self.full:
            raise HomeUnusable("The disk is full.", "Make room.")
        self.noted.append(report)


def ledger_with(store: Shelf | None = None, **more: bool) -> RunState:
    simulated = more.get("simulated", False)
    return RunState(listener=Heard(), parallel=lambda _: False, store=store, simulated=lambda: simulated)


async def begun(state: RunState, engine: FakeEngine) -> RunState:
    await state.perform(Transcribe(engine.found))
    await state.perform(Read(engine, survey))
    return state


async def test_a_finished_step_is_kept_and_not_done_again() -> None:
    shelf, first, second = Shelf(), FakeEngine(), FakeEngine()
    before = await begun(ledger_with(shelf), first)

    after = await begun(ledger_with(shelf), second)

    assert second.meeting.order == [StepName.TRANSCRIBE]
    assert after.results.notes == before.results.notes
    assert after.results.analysis == before.results.analysis
    assert after.reused == {StepName.READ}
    assert [report.name for report in shelf.noted] == [StepName.TRANSCRIBE, StepName.READ] * 2


async def test_what_the_next_agent_reads_is_kept_too() -> None:
    shelf = Shelf()
    first = ledger_with(shelf)
    await first.perform(Transcribe(FakeEngine().found))
    said = await first.perform(Read(FakeEngine(), survey))

    again = ledger_with(shelf)
    await again.perform(Transcribe(FakeEngine().found))

    assert "The gap is eleven million" in said
    assert await again.perform(Read(FakeEngine(), survey)) == said


async def test_a_home_that_cannot_keep_what_was_found_degrades_the_step_and_loses_nothing() -> None:
    state = await begun(ledger_with(Shelf(full=True)), FakeEngine())

    read = state.results.step(StepName.READ)
    assert read is not None
    assert (read.outcome, read.hint) == (Outcome.DEGRADED, "Make room.")
    assert read.reason == "found, but not kept: The disk is full."
    assert state.results.notes.key_points


async def test_a_simulated_answer_is_still_marked_when_it_comes_from_the_shelf() -> None:
    shelf = Shelf()
    await begun(ledger_with(shelf, simulated=True), FakeEngine())

    later = await begun(ledger_with(shelf), FakeEngine())

    assert later.results.simulated is True


async def test_a_step_reports_what_it_spent() -> None:
    state = RunState(
        listener=Heard(),
        parallel=lambda _: True,
        spent=lambda _: Spending(model_calls=3, tokens=40, usd=0.5, queue_seconds=1.5),
    )

    await state.perform(Transcribe(FakeEngine().found))

    report = state.results.step(StepName.TRANSCRIBE)
    assert report is not None
    assert (report.model_calls, report.tokens, report.usd, report.queue_seconds, report.parallel) == (
        3,
        40,
        0.5,
        1.5,
        True,
    )


async def test_a_briefing_is_written_without_judgments_when_its_model_refuses() -> None:
    engine = FakeEngine(failing={StepName.BRIEF: ModelRefused("The key was revoked.", "Get another.")})
    state = await begun(ledger_with(), engine)

    await state.perform(Brief(engine, Heard()))

    brief = state.results.step(StepName.BRIEF)
    assert brief is not None
    assert (brief.outcome, brief.reason) == (Outcome.DEGRADED, "no key judgments: The key was revoked.")
    assert state.results.briefing is not None
    assert state.failure is None


async def test_there_is_nothing_before_the_transcript() -> None:
    with pytest.raises(LookupError):
        _ = ledger_with().results


async def test_looking_ahead_finds_that_all_is_kept_only_when_it_is() -> None:
    shelf, engine = Shelf(), FakeEngine()
    steps = {step.name: step for step in (Transcribe(engine.found), Read(engine, survey), FindInsights(engine))}

    assert await all_kept(steps, None, ()) is False
    assert await all_kept(steps, shelf, ()) is False
    state = await begun(ledger_with(shelf), engine)
    assert await all_kept(steps, shelf, ()) is False
    assert await all_kept(steps, shelf, {StepName.INSIGHTS}) is True
    await state.perform(FindInsights(engine))
    assert await all_kept(steps, shelf, ()) is True


async def test_words_that_were_sought_before_the_crew_started_are_sought_once_and_their_time_is_the_steps() -> None:
    engine, ticks = FakeEngine(), iter([10.0, 12.0, 12.5])
    state = RunState(listener=Heard(), parallel=lambda _: False, clock=lambda: next(ticks))
    opening = Transcribe(engine.found)
    await opening.find()
    state.begin()

    await state.perform(opening)

    report = state.reports[0]
    assert engine.meeting.order == [StepName.TRANSCRIBE]
    assert report.seconds > 0.5
    assert report.started == 2.0
