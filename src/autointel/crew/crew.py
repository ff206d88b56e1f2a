"""Steps to agents, agents to a crew, and the crew's run. The tasks follow from the table of stages.

Flags change ``async_execution`` and nothing else: never the tasks, their order, prompts or contexts. So flags on and
flags off give the same result at another time of day (docs/pipeline.md has the table of what overlaps).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from anyio.from_thread import BlockingPortal
from crewai import Crew, Process, Task
from crewai.agents.agent_builder.base_agent import BaseAgent
from crewai.llms.base_llm import BaseLLM
from pydantic import BaseModel, PrivateAttr

from autointel.crew.agents import judging_agent, step_agent
from autointel.crew.interrupts import interruptibly
from autointel.crew.llm import crew_model
from autointel.domain.run import Options, StepName
from autointel.model.client import ModelClient
from autointel.pipeline.roles import roles
from autointel.pipeline.run_state import RunState
from autointel.pipeline.stages import PIPELINE, Stage, overlaps
from autointel.pipeline.step import AnyStep, Judgement


def work_through(steps: Sequence[AnyStep], state: RunState, portal: BlockingPortal, model: ModelClient | None) -> None:
    """Do every step that is still to be done. Blocks; what became of each is in the state, and nothing raises.

    Ctrl-C does: KeyboardInterrupt is raised here, in the main thread, and closing the portal cancels the rest.
    """
    llm = crew_model(model, steps, state, portal) if model else None
    crew = crew_of(steps, state, portal, llm)
    interruptibly(crew.kickoff, stop=partial(portal.call, model.stop) if model else None)


def crew_of(steps: Sequence[AnyStep], state: RunState, portal: BlockingPortal, llm: BaseLLM | None) -> Crew:
    """A crew of one agent a step. ``llm`` makes the judgements, if there are any."""
    agents = {step.name: _agent(step, state, portal, llm) for step in steps}
    replies = {step.name: step.reply for step in steps if isinstance(step, Judgement)}
    return build_intelligence_crew(agents, state.options, replies)


def build_intelligence_crew(
    agents: Mapping[StepName, BaseAgent], options: Options, replies: Mapping[StepName, type[BaseModel]]
) -> Crew:
    """A task a stage, in the table's order. ``replies`` has the schema of each step that a model judges."""
    tasks: dict[StepName, Task] = {}
    for stage in PIPELINE:
        tasks[stage.name] = _task(stage, agents[stage.name], options, tasks, replies.get(stage.name))
    return _UnrecordedCrew(
        agents=[agents[stage.name] for stage in PIPELINE],
        tasks=list(tasks.values()),
        process=Process.sequential,
        verbose=False,
        memory=False,
        cache=False,
        tracing=False,
    )


def _task(
    stage: Stage,
    agent: BaseAgent,
    options: Options,
    before: Mapping[StepName, Task],
    reply: type[BaseModel] | None,
) -> Task:
    role, language = roles()[stage.name], options.briefing_language
    return Task(
        name=stage.name.value,
        description=f"{role.description} Write in {language}." if language else role.description,
        expected_output=role.expected_output,
        agent=agent,
        # Always explicit: an async task without a context gets none, not "everything before it".
        context=[before[need] for need in stage.needs],
        async_execution=overlaps(stage, options.flags),
        response_model=reply,
    )


def _agent(step: AnyStep, state: RunState, portal: BlockingPortal, llm: BaseLLM | None) -> BaseAgent:
    role = roles()[step.name]
    if not isinstance(step, Judgement):
        return step_agent(role, step, state, portal)
    if llm is None:
        raise ValueError(f"{step.name} is a judgement, and there is no model to make it")
    return judging_agent(role, step, state, portal, llm)


class _NoReplay:
    """Takes every call that the replay database would get, and writes nothing."""

    def __getattr__(self, name: str) -> Any:
        del name
        return lambda *_, **__: None


class _UnrecordedCrew(Crew):
    """A crew that keeps no replay database.

    CrewAI would open one as soon as the crew is made, which a full disk does not let it, and sync it to disk after
    every task (20 ms each, measured). Resume is our own.
    """

    _task_output_handler: Any = PrivateAttr(default_factory=_NoReplay)


def unrecorded(crew: Crew) -> Crew:
    """Another crew without its replay database: for a comparison on equal terms."""
    crew._task_output_handler = _NoReplay()  # type: ignore[assignment]  # noqa: SLF001
    return crew
