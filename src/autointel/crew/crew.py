"""Steps to agents, agents to a crew, the crew's run, and CrewAI's view of the client to the model.

The tasks follow from the table of stages. Flags change ``async_execution`` and nothing else: never the tasks, their
order, prompts or contexts. So flags on and flags off give the same result, only sooner (docs/pipeline.md has the table
of what overlaps).

Agents never raise: an exception inside a task would end the whole kickoff, siblings included. The crew works in a
thread of its own: its calls run inside an event loop of CrewAI's, which in the main thread takes the first Ctrl-C for
itself and then waits for the very call that was to be ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio.to_thread
from anyio.from_thread import BlockingPortal
from crewai import Agent, Crew, Process, Task
from crewai.agents.agent_builder.base_agent import BaseAgent
from crewai.events.types.llm_events import LLMCallType
from crewai.llms.base_llm import BaseLLM, llm_call_context
from crewai.tools.base_tool import BaseTool
from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from autointel.crew import interruptibly
from autointel.domain.run import Options, StepName
from autointel.errors import ModelUnavailable
from autointel.model.chat import Message
from autointel.model.client import ModelClient
from autointel.model.prompts import estimate_messages, untrusted
from autointel.model.replies import ask_until_grounded_in_thread
from autointel.model.retries import Answer
from autointel.pipeline.run_state import RunState
from autointel.pipeline.stages import PIPELINE, ROLES, Role, Stage, overlaps
from autointel.pipeline.step import AnyStep, Done, Judgement

# crewai shortens a conversation, by asking the model to, where it believes a window is full. The client knows
# better: it reports what a server finds too long.
_NEVER_FULL = 100_000_000


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
    role, language = ROLES[stage.name], options.briefing_language
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
    role = ROLES[step.name]
    if not isinstance(step, Judgement):
        perform = partial(portal.call, state.perform, step)
        return StepAgent(role=role.role, goal=role.goal, backstory=role.backstory, perform=perform)
    if llm is None:
        raise ValueError(f"{step.name} is a judgement, and there is no model to make it")
    return _judging_agent(role, step, state, portal, llm)


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


def _judging_agent(
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


class NoReplay:
    """Takes every call that the replay database would get, and writes nothing."""

    def __getattr__(self, name: str) -> Any:
        del name
        return lambda *_, **__: None


class _UnrecordedCrew(Crew):
    """A crew that keeps no replay database.

    CrewAI would open one as soon as the crew is made, which a full disk does not let it, and sync it to disk after
    every task (20 ms each, measured). Resume is our own.
    """

    _task_output_handler: Any = PrivateAttr(default_factory=NoReplay)


def crew_model(client: ModelClient, steps: Sequence[AnyStep], state: RunState, portal: BlockingPortal) -> CrewModel:
    """CrewAI's view of the run's client. A judgement that shows its items early gets them as they come in."""
    streams = {
        step.name: Stream(step.streamed, _shown(step, state))
        for step in steps
        if isinstance(step, Judgement) and step.streamed
    }
    return CrewModel(model=client.endpoint.name, client=client, portal=portal, streams=streams)


def _shown(step: Judgement[Any], state: RunState) -> Callable[[str], None]:
    return lambda item: step.show(state.results, item)


@dataclass(frozen=True)
class Stream:
    """Of a step's reply, the list ``field`` is handed over item by item: ``show`` gets each as JSON, unverified."""

    field: str
    show: Callable[[str], None]


class CrewModel(BaseLLM):
    """One for all agents of a crew. The step is the task's name, the role the agent's.

    ``call`` blocks a CrewAI thread while the run's loop does the work. CrewAI emits no events for a model of one's own,
    so it emits them itself. Its errors are the client's: ModelRefused, BudgetSpent, ModelUnavailable.
    """

    client: ModelClient = Field(exclude=True)
    portal: BlockingPortal = Field(exclude=True)
    streams: Mapping[StepName, Stream] = Field(default={}, exclude=True)

    def call(  # noqa: PLR0917 - BaseLLM's signature
        self,
        messages: Any,
        tools: Any = None,
        callbacks: Any = None,
        available_functions: Any = None,
        from_task: Any = None,
        from_agent: Any = None,
        response_model: type[BaseModel] | None = None,
    ) -> str | BaseModel:
        """The reply as a value where a schema is asked for: as text, crewai would look for tool calls in it."""
        del tools, callbacks, available_functions  # no agent that reads a transcript has any
        conversation = _conversation(messages)
        with llm_call_context():
            self._emit_call_started_event(messages, from_task=from_task, from_agent=from_agent)
            try:
                role = from_agent.role if from_agent else self.model
                answer = self.portal.call(
                    partial(self._answer, conversation, response_model, role, StepName(from_task.name))
                )
            except Exception as error:
                self._emit_call_failed_event(str(error), from_task=from_task, from_agent=from_agent)
                raise
            self._emit_call_completed_event(
                answer.text, LLMCallType.LLM_CALL, from_task, from_agent, messages, usage=_usage(answer)
            )
        self._track_token_usage_internal(_usage(answer))
        return answer.text if answer.value is None else answer.value

    async def _answer(
        self, messages: list[Message], schema: type[BaseModel] | None, role: str, step: StepName
    ) -> Answer:
        stream = self.streams.get(step)
        if stream is None or schema is None:
            return await self.client.answer(messages, schema, role=role, step=step)
        return await self.client.answer_shown(
            messages, schema, role=role, step=step, field=stream.field, show=stream.show
        )

    async def acall(  # noqa: PLR0917 - BaseLLM's signature
        self,
        messages: Any,
        tools: Any = None,
        callbacks: Any = None,
        available_functions: Any = None,
        from_task: Any = None,
        from_agent: Any = None,
        response_model: type[BaseModel] | None = None,
    ) -> str | BaseModel:
        """The same for a crew that runs on a loop of its own: the work is still done on the run's."""
        del tools, callbacks, available_functions
        ask = partial(self.call, messages, from_task=from_task, from_agent=from_agent, response_model=response_model)
        return await anyio.to_thread.run_sync(ask)

    # crewai wraps both in a retry of its own, on anything that looks like a rate limit; retries live in the client.
    call._crewai_rate_limit_wrapped = True  # type: ignore[attr-defined]  # noqa: SLF001
    acall._crewai_rate_limit_wrapped = True  # type: ignore[attr-defined]  # noqa: SLF001

    def get_input_tokens_count(self, messages: Any, tools: Any = None, response_model: Any = None) -> int:
        """An upper estimate; crewai's own writes a warning to standard error each time."""
        del tools, response_model
        return estimate_messages([message["content"] for message in _conversation(messages)])

    def get_context_window_size(self) -> int:
        """Never full."""
        return _NEVER_FULL

    def supports_stop_words(self) -> bool:
        """None are sent: a reply is held to its schema."""
        return False


def _conversation(messages: Any) -> list[Message]:
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    return [{"role": str(message["role"]), "content": str(message["content"])} for message in messages]


def _usage(answer: Answer) -> dict[str, int]:
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }
