"""Whatever a step does, the state has an outcome for it; and what is cached is not done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat

import anyio
import pytest
from tests.fakes.engine import FakeEngine, Heard, StandIn, survey
from typing_extensions import override

from autointel.domain.analysis import Analysis
from autointel.domain.report import Results
from autointel.domain.run import Flag, Flags, Options, Outcome, StepName, StepReport
from autointel.errors import CatalogueAway, HomeUnusable, ModelRefused, NoTranscript
from autointel.model.limits import StepUsage
from autointel.pipeline.brief import Brief
from autointel.pipeline.insights import Insights
from autointel.pipeline.read import Noted, Read
from autointel.pipeline.run_state import RunState
from autointel.pipeline.step import AnyStep, Declines, FirstStep, Work
from autointel.pipeline.transcribe import Transcribe
from autointel.ports import KeptStep, StepStore

pytestmark = pytest.mark.anyio

OPTIONS = Options(source="talk.vtt")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Shelf(StepStore):
    """Caches steps in memory; ``full`` refuses to."""

    kept: dict[tuple[StepName, str], KeptStep] = field(default_factory=dict)
    full: bool = False
    noted: list[StepReport] = field(default_factory=list)
    found: list[tuple[StepName, str]] = field(default_factory=list)
    replaces: bool = False

    async def load(self, step: StepName, version: int, inputs: str) -> KeptStep | None:
        assert version >= 1
        return self.kept.get((step, inputs))

    async def save(self, step: StepName, version: int, inputs: str, kept: KeptStep) -> None:
        assert version >= 1
        if self.full:
            raise HomeUnusable("The disk is full.", "Make room.")
        self.kept[step, inputs] = kept

    async def keep_found(self, step: StepName, results: Results) -> None:
        if self.full:
            raise HomeUnusable("The disk is full.", "Make room.")
        self.found.append((step, results.source.id))

    async def replace(self, results: Results) -> None:
        if self.full:
            raise HomeUnusable("The disk is full.", "Make room.")
        self.found.append((StepName.BRIEF, results.source.id))
        self.replaces = False

    async def note(self, report: StepReport) -> None:
        if self.full:
            raise HomeUnusable("The disk is full.", "Make room.")
        self.noted.append(report)


@dataclass
class Spent:
    """A client to a model that has been asked the same by every step."""

    simulated: bool = False

    def spent(self, step: StepName) -> StepUsage:
        del step
        return StepUsage(calls=3, prompt_tokens=30, completion_tokens=10, usd=0.5, queue_seconds=1.5, dropped_items=2)


def reader(engine: FakeEngine) -> Read:
    return Read(engine, survey)


async def begun(state: RunState, engine: FakeEngine) -> RunState:
    await state.perform(Transcribe(engine.found))
    await state.perform(reader(engine))
    return state


async def test_a_finished_step_is_cached_and_not_done_again() -> None:
    shelf, first, second = Shelf(), FakeEngine(), FakeEngine()
    before = await begun(RunState(OPTIONS, Heard(), shelf), first)

    after = await begun(RunState(OPTIONS, Heard(), shelf), second)

    assert second.meeting.order == [StepName.TRANSCRIBE]
    assert after.results.notes == before.results.notes
    assert after.results.analysis == before.results.analysis
    assert [report.name for report in shelf.noted] == [StepName.TRANSCRIBE, StepName.READ] * 2


async def test_a_step_is_done_once_in_a_run() -> None:
    engine = FakeEngine()
    state = await begun(RunState(OPTIONS, Heard()), engine)

    await begun(state, engine)

    assert engine.meeting.order == [StepName.TRANSCRIBE, StepName.READ]


async def test_what_the_next_agent_reads_is_cached_too() -> None:
    shelf = Shelf()
    first = RunState(OPTIONS, Heard(), shelf)
    await first.perform(Transcribe(FakeEngine().found))
    said = await first.perform(reader(FakeEngine()))

    again = RunState(OPTIONS, Heard(), shelf)
    await again.perform(Transcribe(FakeEngine().found))

    assert "The gap is eleven million" in said
    assert await again.perform(reader(FakeEngine())) == said


async def test_two_steps_side_by_side_of_which_one_completes_later_both_leave_their_findings() -> None:
    engine, looked_up, ended = FakeEngine(), anyio.Event(), anyio.Event()

    class SlowToComplete(StandIn):
        async def complete(self, results: Results, value: Noted) -> Noted:
            del results
            looked_up.set()
            with anyio.fail_after(5):
                await ended.wait()
            return value

    state = await begun(RunState(OPTIONS, Heard()), engine)
    perspectives = SlowToComplete(Insights(), engine.insights)
    perspectives.name = StepName.PERSPECTIVES
    fallacies = next(step for step in engine.steps() if step.name is StepName.FALLACIES)
    assert isinstance(fallacies, StandIn)

    async def end_meanwhile() -> None:
        await looked_up.wait()
        await state.perform(fallacies)
        ended.set()

    async with anyio.create_task_group() as group:
        group.start_soon(state.perform, perspectives)
        group.start_soon(end_meanwhile)

    assert {report.outcome for report in state.reports} == {Outcome.DONE}
    assert state.results.analysis.fallacies
    assert state.results.analysis.insights


async def settled(shelf: Shelf, engine: FakeEngine) -> RunState:
    """A run of all steps in a home that holds an earlier version of the source."""
    state = RunState(OPTIONS, Heard(), shelf)
    for step in engine.steps():
        assert isinstance(step, FirstStep | Work)
        await state.perform(step)
    await state.settle()
    return state


async def test_memory_and_graph_are_written_once_the_earlier_version_is_replaced() -> None:
    replacing, other = FakeEngine(), FakeEngine()
    shelf = Shelf(replaces=True)

    state = await settled(shelf, replacing)
    plain = await settled(Shelf(), other)

    order = replacing.meeting.order
    assert order.index(StepName.BRIEF) < min(order.index(StepName.MEMORY), order.index(StepName.GRAPH))
    assert [step for step, _ in shelf.found][-3:] == [StepName.BRIEF, StepName.MEMORY, StepName.GRAPH]
    assert [step.name for step in state.reports] == [step.name for step in plain.reports]
    assert state.results.briefing == plain.results.briefing
    assert state.results.dropped == plain.results.dropped


async def test_a_home_that_is_full_when_the_earlier_version_is_replaced_is_reported_and_nothing_is_written() -> None:
    engine = FakeEngine()

    state = await settled(Shelf(replaces=True, full=True), engine)

    assert state.unkept is not None
    assert state.unkept.message == "The disk is full."
    assert StepName.MEMORY not in engine.meeting.order
    assert {step.outcome for step in state.reports if step.name in {StepName.MEMORY, StepName.GRAPH}} == {
        Outcome.FAILED
    }
    assert state.results.briefing is not None


async def test_what_is_looked_up_anew_is_in_the_results_and_not_in_the_cache() -> None:
    shelf, engine = Shelf(), FakeEngine()

    async def nothing_said(results: Results, analysis: Analysis) -> Analysis:
        assert results.notes.method == "unread"
        assert analysis.excerpts
        return Analysis()

    state = RunState(OPTIONS, Heard(), shelf)
    await state.perform(Transcribe(engine.found))
    await state.perform(Read(engine, survey, nothing_said))

    (cached,) = shelf.kept.values()
    assert state.results.analysis.excerpts == ()
    assert Noted.model_validate_json(cached.value).analysis.excerpts


async def test_a_home_that_cannot_keep_what_was_found_degrades_the_step_and_loses_nothing() -> None:
    state = await begun(RunState(OPTIONS, Heard(), Shelf(full=True)), FakeEngine())

    read = state.results.step(StepName.READ)
    assert read is not None
    assert (read.outcome, read.hint) == (Outcome.DEGRADED, "Make room.")
    assert read.reason == "found, but not kept: The disk is full."
    assert state.results.notes.key_points
    assert state.unkept is None


async def test_a_run_whose_catalogue_was_away_meanwhile_says_that_it_is_not_saved() -> None:
    @dataclass
    class Away(Shelf):
        @override
        async def keep_found(self, step: StepName, results: Results) -> None:
            raise CatalogueAway("The database does not answer.")

    state = await begun(RunState(OPTIONS, Heard(), Away()), FakeEngine())

    assert isinstance(state.unkept, CatalogueAway)
    assert state.results.notes.key_points


async def test_a_simulated_answer_is_still_marked_when_it_comes_from_the_cache() -> None:
    shelf = Shelf()
    await begun(RunState(OPTIONS, Heard(), shelf, Spent(simulated=True)), FakeEngine())

    later = await begun(RunState(OPTIONS, Heard(), shelf), FakeEngine())

    assert later.results.simulated is True


async def test_a_step_reports_what_it_spent_and_whether_it_may_overlap() -> None:
    flags = Flags(parallel_analysis=Flag(value=True))
    state = await begun(RunState(OPTIONS.model_copy(update={"flags": flags}), Heard(), None, Spent()), FakeEngine())

    await state.perform(StandIn(Insights(), FakeEngine().insights))

    report = state.results.step(StepName.INSIGHTS)
    assert report is not None
    assert (report.model_calls, report.tokens, report.usd, report.queue_seconds) == (3, 40, 0.5, 1.5)
    assert report.dropped_items == 2
    assert [each.parallel for each in state.reports] == [False, False, True]


async def test_a_briefing_is_written_without_judgments_when_its_model_refuses() -> None:
    engine = FakeEngine(failing={StepName.BRIEF: ModelRefused("The key was revoked.", "Get another.")})
    state = await begun(RunState(OPTIONS, Heard()), engine)

    await state.perform(StandIn(Brief(Heard()), engine.judge))

    brief = state.results.step(StepName.BRIEF)
    assert brief is not None
    assert (brief.outcome, brief.reason) == (Outcome.DEGRADED, "no key judgments: The key was revoked.")
    assert state.results.briefing is not None
    assert state.failure is None


async def test_a_source_without_words_is_told_of_by_the_error_that_ends_the_run_alone() -> None:
    heard, shelf = Heard(), Shelf()
    engine = FakeEngine(failing={StepName.TRANSCRIBE: NoTranscript("There are no words in it.", "Try another.")})
    state = RunState(OPTIONS, heard, shelf)

    await state.perform_opening(engine.steps())

    assert isinstance(state.failure, NoTranscript)
    assert (heard.ended, shelf.noted) == ([], [])


async def test_there_is_nothing_before_the_transcript() -> None:
    with pytest.raises(LookupError):
        _ = RunState(OPTIONS, Heard()).results


async def all_cached(steps: Sequence[AnyStep], shelf: Shelf | None, options: Options = OPTIONS) -> bool:
    state = RunState(options, Heard(), shelf)
    await state.perform_opening(steps)
    return await state.all_cached(steps)


async def test_a_run_needs_no_crew_once_every_step_that_can_be_cached_is() -> None:
    shelf, engine = Shelf(), FakeEngine()
    transcribe, read, *_, check, memory, _, _ = engine.steps()
    insights = StandIn(Insights(), engine.insights)
    steps = [transcribe, read, Declines(StepName.FALLACIES, "It needs a model.", ""), insights, check, memory]

    assert await all_cached(steps, None) is False
    assert await all_cached(steps, shelf) is False
    state = await begun(RunState(OPTIONS, Heard(), shelf), engine)
    assert await all_cached(steps, shelf) is False
    await state.perform(insights)
    assert await all_cached(steps, shelf) is False
    # A step that is left out need not be cached, nor one that always looks for itself.
    assert await all_cached(steps, shelf, OPTIONS.model_copy(update={"fact_check": False})) is True


async def test_a_cached_run_is_put_together_without_asking_anybody_but_the_stores() -> None:
    shelf, first, again = Shelf(), FakeEngine(), FakeEngine()
    before = RunState(OPTIONS, Heard(), shelf)
    await before.perform_opening(first.steps())
    await before.replay(first.steps())

    after, steps = RunState(OPTIONS, Heard(), shelf), again.steps()
    await after.perform_opening(steps)
    assert await after.all_cached(steps)
    await after.replay(steps)

    assert list(dict.fromkeys(again.meeting.order)) == [StepName.TRANSCRIBE, StepName.MEMORY, StepName.GRAPH]
    assert after.results.briefing == before.results.briefing


async def test_no_reason_of_a_step_holds_a_password_that_a_server_named() -> None:
    refusal = ModelRefused("http://me:s3cr3t@10.0.0.5/v1 says no.", "Try http://me:s3cr3t@10.0.0.5/v2.")

    state = await begun(RunState(OPTIONS, Heard(), shelf := Shelf()), FakeEngine(failing={StepName.READ: refusal}))

    read = state.results.step(StepName.READ)
    assert read is not None
    assert (read.outcome, shelf.noted[-1]) == (Outcome.FAILED, read)
    assert (read.reason, read.hint) == ("http://********@10.0.0.5/v1 says no.", "Try http://********@10.0.0.5/v2.")


async def test_a_judgement_that_leaves_the_cache_while_it_is_replayed_is_an_outcome() -> None:
    state = await begun(RunState(OPTIONS, Heard(), Shelf()), FakeEngine())

    await state.replay([Insights()])

    insights = state.results.step(StepName.INSIGHTS)
    assert insights is not None
    assert (insights.outcome, insights.reason) == (Outcome.FAILED, "The cached result of insights is gone.")


async def test_loading_the_crew_is_no_steps_time() -> None:
    # Begun at 10; the source is found from 10 to 12; the crew starts at 15, and the next step works from 15 to 16.
    state = RunState(OPTIONS, Heard(), clock=chain([10.0, 10.0, 12.0, 15.0, 15.0, 16.0], repeat(16.0)).__next__)
    engine = FakeEngine()
    await state.perform_opening(engine.steps())

    state.begin()
    await state.perform(reader(engine))

    assert [(report.started, report.seconds) for report in state.reports] == [(0.0, 2.0), (2.0, 1.0)]
