"""CrewAI's view of the client to the model: its agents ask through this, and see nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio.to_thread
from anyio.from_thread import BlockingPortal
from crewai.events.types.llm_events import LLMCallType
from crewai.llms.base_llm import BaseLLM, llm_call_context
from pydantic import BaseModel, Field

from autointel.domain.run import StepName
from autointel.model.chat import Message
from autointel.model.client import ModelClient
from autointel.model.prompts import estimate_messages
from autointel.model.retries import Answer
from autointel.pipeline.run_state import RunState
from autointel.pipeline.step import AnyStep, Judgement

# crewai shortens a conversation, by asking the model to, where it believes a window is full. The client knows
# better: it reports what a server finds too long.
_NEVER_FULL = 100_000_000


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
