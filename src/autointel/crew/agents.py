"""Agents that never raise: an exception inside a task would kill the whole kickoff, siblings and all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from anyio.from_thread import BlockingPortal
from crewai import Agent, Task
from crewai.agents.agent_builder.base_agent import BaseAgent
from crewai.llms.base_llm import BaseLLM
from crewai.tools.base_tool import BaseTool
from pydantic import BaseModel, Field, ValidationError

from autointel.errors import ModelUnavailable
from autointel.model.prompts import untrusted
from autointel.model.replies import ask_until_grounded_in_thread
from autointel.pipeline.roles import Role
from autointel.pipeline.run_state import RunState
from autointel.pipeline.step import Done, Judgement, Opening, Work


class StepAgent(BaseAgent):
    """Does a step in Python, on the run's loop; the crew's thread waits. No model is asked, no token spent."""

    perform: Callable[[], str] = Field(exclude=True)
    # Crew.setup_agents reads these two, and BaseAgent does not declare them.
    function_calling_llm: Any = None
    step_callback: Any = None

    @property
    def last_messages(self) -> list[Any]:
        """Task reads it after every execution; there was no conversation."""
        return []

    def execute_task(self, task: Any, context: str | None = None, tools: list[BaseTool] | None = None) -> str:
        """Context is not needed: values travel in the state, typed."""
        del task, context, tools
        return self.perform()

    async def aexecute_task(self, task: Any, context: str | None = None, tools: list[BaseTool] | None = None) -> str:
        """Never called by ``kickoff``; here because BaseAgent asks for it."""
        return self.execute_task(task, context, tools)

    def create_agent_executor(self, tools: list[BaseTool] | None = None) -> None:
        """There is nothing to execute but the step."""

    def get_delegation_tools(self, agents: Sequence[BaseAgent]) -> list[BaseTool]:
        """No model drives it, so nothing is delegated."""
        del agents
        return []

    def get_platform_tools(self, apps: Any) -> list[BaseTool]:
        """None."""
        del apps
        return []

    def get_mcp_tools(self, mcps: Any) -> list[BaseTool]:
        """None."""
        del mcps
        return []


class JudgingAgent(Agent):
    """A CrewAI agent for one judgement: one model call, its reply accepted by code or asked for once more."""

    settle: Callable[[JudgingAgent, Task, str], str] = Field(exclude=True)

    def execute_task(self, task: Task, context: str | None = None, tools: list[BaseTool] | None = None) -> str:
        """Ask, accept, write down; whatever happens, a string comes back and the outcome is in the state."""
        del tools  # an agent that reads untrusted text has none
        return self.settle(self, task, context or "")

    def ask(self, task: Task, context: str) -> str:
        """One model call through CrewAI's own agent: role, task and context become its prompt."""
        answer = super().execute_task(task, context, None)
        return answer.model_dump_json() if isinstance(answer, BaseModel) else str(answer)


def step_agent(role: Role, step: Opening[Any] | Work[Any], state: RunState, portal: BlockingPortal) -> StepAgent:
    """An agent that performs ``step``."""
    return StepAgent(
        role=role.role,
        goal=role.goal,
        backstory=role.backstory,
        perform=lambda: portal.call(state.perform, step),
    )


def judging_agent(
    role: Role, step: Judgement[Any], state: RunState, portal: BlockingPortal, llm: BaseLLM
) -> JudgingAgent:
    """An agent that asks the model for ``step``'s reply."""

    def accept(raw: str, *, last: bool) -> Done[Any]:
        return portal.call(lambda: step.accept(state.results, _parsed(step, raw), last=last))

    def settle(agent: JudgingAgent, task: Task, context: str) -> str:
        if not portal.call(state.open, step):
            return state.said(step)
        cached: str | None = portal.call(state.take_cached, step)
        if cached is not None:
            return cached
        unasked: Done[Any] | None = portal.call(lambda: step.unasked(state.results))
        if unasked is not None:
            return str(portal.call(state.close, step, unasked))
        notes = untrusted("notes", context)
        try:
            accepted = ask_until_grounded_in_thread(lambda remark: agent.ask(task, notes + remark), accept)
            done = portal.call(step.verified, accepted)
        except Exception as error:  # noqa: BLE001  it becomes an outcome
            portal.call(state.fail, step, error)
            return state.said(step)
        text: str = portal.call(state.close, step, done)
        return text

    return JudgingAgent(
        role=role.role,
        goal=role.goal,
        backstory=role.backstory,
        llm=llm,
        settle=settle,
        # Retries live in one place, the client to the model; here they would multiply.
        max_retry_limit=0,
        max_iter=2,
        verbose=False,
        allow_delegation=False,
    )


def _parsed(step: Judgement[Any], raw: str) -> BaseModel:
    try:
        return step.reply.model_validate_json(raw)
    except ValidationError as error:
        raise ModelUnavailable(
            f"The model's answer for {step.name} does not fit what was asked for.", "Try again, or another model."
        ) from error
