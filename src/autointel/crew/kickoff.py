"""Steps to agents, agents to a crew, and off it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anyio.from_thread import BlockingPortal
from crewai.agents.agent_builder.base_agent import BaseAgent
from crewai.llms.base_llm import BaseLLM

from autointel.crew.agents import judging_agent, step_agent
from autointel.crew.builder import build_intelligence_crew
from autointel.crew.llm import CrewModel
from autointel.crew.loading import without_collecting
from autointel.domain.run import Options, StepName
from autointel.pipeline.roles import roles
from autointel.pipeline.run_state import RunState
from autointel.pipeline.step import Judgement, Opening, Work

Steps = Mapping[StepName, "Opening[Any] | Work[Any] | Judgement[Any]"]


def work_through(
    steps: Steps,
    options: Options,
    state: RunState,
    portal: BlockingPortal,
    llm: BaseLLM | None = None,
) -> None:
    """Do all nine steps. Blocks the calling thread; what became of each step is in the state, and nothing raises.

    Ctrl-C does: KeyboardInterrupt comes out of ``kickoff`` in the main thread, and closing the portal cancels the rest.
    """
    replies = {name: step.reply for name, step in steps.items() if isinstance(step, Judgement)}
    agents = {name: _agent(name, steps[name], state, portal, llm) for name in StepName}
    crew = build_intelligence_crew(agents, options.flags, replies, options.briefing_language)
    if isinstance(llm, CrewModel):
        # Loading the client takes a second or two: start-up, not the first step's work.
        with without_collecting():
            portal.call(llm.client.open)
    state.begin()
    crew.kickoff()


def _agent(
    name: StepName,
    step: Opening[Any] | Work[Any] | Judgement[Any],
    state: RunState,
    portal: BlockingPortal,
    llm: BaseLLM | None,
) -> BaseAgent:
    if isinstance(step, Judgement):
        if llm is None:
            raise ValueError(f"{name} is a judgement, and there is no model to make it")
        return judging_agent(roles()[name], step, state, portal, llm)
    return step_agent(roles()[name], step, state, portal)
