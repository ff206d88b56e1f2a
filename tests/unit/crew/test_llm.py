"""What CrewAI makes of our model: one call a task, no retries of its own, events with usage.

One file, and few tests: importing crewai takes seconds. Each pins something that a new crewai could break.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import start_blocking_portal
from pydantic import BaseModel
from tests.fakes.clock import FakeClock

from autointel.crew import keep_in, switch_off_side_effects
from autointel.errors import ModelUnavailable
from autointel.model.client import ModelClient
from autointel.model.endpoint import Endpoint
from autointel_bench.simulated import Fault, FaultKind, Profile, SimulatedModel

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from crewai import Crew

    from autointel.crew.crew import CrewModel

NOTES = "[k1] The buses have been free since 2013. [k2] Fares covered a fifth of the cost."


class Finding(BaseModel):
    text: str
    note_ids: list[str]


class Findings(BaseModel):
    items: list[Finding]


@pytest.fixture(autouse=True)
def _quiet(tmp_path: Path) -> None:
    switch_off_side_effects()
    keep_in(tmp_path)


@dataclass
class Bench:
    llm: CrewModel
    server: SimulatedModel
    events: list[Any] = field(default_factory=list)

    def crew(self, schema: str) -> Crew:
        """Three analysts, two of them side by side."""
        from crewai import Agent, Crew, Task

        tasks = [
            Task(
                name=name,
                description=f"Find what follows. {NOTES}",
                expected_output="Findings.",
                agent=Agent(
                    role=f"{name} analyst",
                    goal="Find.",
                    backstory="Careful.",
                    llm=self.llm,
                    max_retry_limit=0,
                    max_iter=2,
                ),
                context=[],
                async_execution=name != "perspectives",
                output_pydantic=Findings if schema == "output_pydantic" else None,
                response_model=Findings if schema == "response_model" else None,
            )
            for name in ("insights", "fallacies", "perspectives")
        ]
        agents = [task.agent for task in tasks if task.agent]
        return Crew(agents=agents, tasks=tasks, verbose=False, tracing=False, memory=False, cache=False)


@contextmanager
def bench(profile: Profile) -> Iterator[Bench]:
    from crewai.events.event_bus import crewai_event_bus
    from crewai.events.types.llm_events import LLMCallCompletedEvent, LLMCallFailedEvent, LLMCallStartedEvent

    from autointel.crew.crew import CrewModel

    with SimulatedModel(profile) as server, start_blocking_portal() as portal, crewai_event_bus.scoped_handlers():
        client = ModelClient(Endpoint(name="simulated", base_url=server.base_url), clock=FakeClock().clock)
        it = Bench(CrewModel(model="simulated", client=client, portal=portal), server)
        for kind in (LLMCallStartedEvent, LLMCallCompletedEvent, LLMCallFailedEvent):
            crewai_event_bus.on(kind)(lambda _, event: it.events.append(event))
        try:
            yield it
        finally:
            portal.call(client.aclose)


def flushed(it: Bench) -> list[Any]:
    from crewai.events.event_bus import crewai_event_bus

    crewai_event_bus.flush()
    return it.events


@pytest.mark.parametrize("schema", ["output_pydantic", "response_model"])
def test_a_task_is_one_call_and_its_reply_fits(schema: str) -> None:
    with bench(Profile()) as it:
        outputs: list[Any] = it.crew(schema).kickoff().tasks_output  # type: ignore[union-attr]  # nothing is streamed

        assert it.server.calls.by_step() == {"insights": 1, "fallacies": 1, "perspectives": 1}
        assert it.server.calls.by_role()["insights-analyst"] == 1
        assert [call.response_format for call in it.server.calls.all] == ["json_schema"] * 3
        assert all(Findings.model_validate_json(output.raw).items for output in outputs)


def test_with_output_pydantic_the_value_is_set_without_another_call() -> None:
    with bench(Profile()) as it:
        outputs: list[Any] = it.crew("output_pydantic").kickoff().tasks_output  # type: ignore[union-attr]  # same

        assert all(isinstance(output.pydantic, Findings) for output in outputs)
        assert len(it.server.calls) == 3


def test_with_response_model_the_schema_is_not_said_twice() -> None:
    with bench(Profile()) as it:
        it.crew("response_model").kickoff()

        assert all('"properties"' not in call.prompt for call in it.server.calls.all)


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.RATE_LIMITED])
def test_crewai_adds_no_tries_to_the_doors_four(kind: FaultKind) -> None:
    with bench(Profile(faults=(Fault(kind, count=None),))) as it:
        crew = it.crew("response_model")
        crew.tasks = crew.tasks[-1:]

        with pytest.raises(ModelUnavailable, match=r"\(4 tries\)"):
            crew.kickoff()

        assert len(it.server.calls) == 4


def test_a_prompt_that_is_too_long_is_not_summarised_behind_our_back() -> None:
    with bench(Profile(context_tokens=10)) as it:
        crew = it.crew("response_model")
        crew.tasks = crew.tasks[-1:]

        with pytest.raises(ModelUnavailable, match="longer than simulated can read"):
            crew.kickoff()

        assert len(it.server.calls) == 1


def test_each_call_is_told_as_crewais_events_with_its_usage() -> None:
    with bench(Profile(faults=(Fault(FaultKind.REFUSAL, step="perspectives"),))) as it:
        with pytest.raises(ModelUnavailable):
            it.crew("response_model").kickoff()

        told = [(type(event).__name__, event.task_name) for event in flushed(it)]
        assert sorted(told) == [
            ("LLMCallCompletedEvent", "fallacies"),
            ("LLMCallCompletedEvent", "insights"),
            ("LLMCallFailedEvent", "perspectives"),
            ("LLMCallStartedEvent", "fallacies"),
            ("LLMCallStartedEvent", "insights"),
            ("LLMCallStartedEvent", "perspectives"),
        ]
        usages = [event.usage["total_tokens"] for event in it.events if type(event).__name__ == "LLMCallCompletedEvent"]
        served = [call.prompt_tokens + call.completion_tokens for call in it.server.calls.all if not call.fault]
        assert sorted(usages) == sorted(served)


def test_a_call_from_a_loop_of_crewais_own_is_done_on_the_runs() -> None:
    import anyio

    with bench(Profile()) as it:
        crew = it.crew("response_model")

        answer = anyio.run(lambda: it.llm.acall(f"Notes: {NOTES}", from_task=crew.tasks[0]))

        assert isinstance(answer, str)
        assert "[k1]" in answer or "buses" in answer


def test_crewai_believes_the_window_is_never_full_and_no_word_stops_a_reply() -> None:
    with bench(Profile()) as it:
        assert not it.llm.is_context_window_overflowing_threshold([{"role": "user", "content": NOTES * 1000}])
        assert not it.llm.supports_stop_words()
