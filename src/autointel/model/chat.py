"""The one ``ChatOpenAI`` of a run, on the run's loop, with a connection pool of its own."""

from __future__ import annotations

import logging
import warnings
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import anyio.to_thread
import httpx
from pydantic import SecretStr

from autointel.model.endpoint import Endpoint, Limits

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_openai import ChatOpenAI

Message = Mapping[str, str]
"""``role`` ("system", "user", "assistant") and ``content``."""

SIMULATED_HEADER: Final = "x-autointel-simulated"


@dataclass(frozen=True)
class RawReply:
    """What came back. Token counts are None where the server gave none."""

    text: str
    model: str
    refusal: str | None = None
    finish: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Chat:
    """Sends requests: no retries, no limits. Vendors' exceptions come through as they are; exchange.py knows them."""

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._client: httpx.AsyncClient | None = None
        self._chat: ChatOpenAI | None = None
        self._loading = anyio.Lock()
        self.simulated = False
        """Whether any reply came from a simulated model."""

    async def send(self, model: str, messages: list[Message], extra: Mapping[str, Any]) -> RawReply:
        """The whole reply to one request."""
        chat = await self.open()
        return _raw(await chat.ainvoke([dict(message) for message in messages], model=model, **extra), model)

    async def stream(self, model: str, messages: list[Message], extra: Mapping[str, Any]) -> AsyncGenerator[RawReply]:
        """The reply in pieces; ``finish``, tokens and refusal stand in the piece that brings them."""
        chat = await self.open()
        sent = [dict(message) for message in messages]
        async for piece in chat.astream(sent, model=model, stream_usage=True, **extra):
            yield _raw(piece, model)

    async def aclose(self) -> None:
        """Close the pool, on the loop it was made on."""
        if self._client is not None:
            await self._client.aclose()
        self._client = self._chat = None

    async def open(self) -> ChatOpenAI:
        """Load and make the client, the first time. Takes seconds then; no call's time limit should count them."""
        async with self._loading:
            if self._chat is None:
                # Seconds of imports, off the loop: other work goes on meanwhile.
                await anyio.to_thread.run_sync(_load)
                await _rehearse()
                self._chat = self._made()
        return self._chat

    def _made(self) -> ChatOpenAI:
        from langchain_openai import ChatOpenAI

        # A pool of its own: the library's is shared by every ChatOpenAI of the process, and dies with the first loop.
        pool = httpx.Limits(max_connections=None, max_keepalive_connections=self._limits.max_concurrent_calls)
        self._client = httpx.AsyncClient(
            timeout=self._endpoint.timeout, limits=pool, event_hooks={"response": [self._look_at]}
        )
        return ChatOpenAI(
            model=self._endpoint.name,
            base_url=self._endpoint.base_url or "https://api.openai.com/v1",
            api_key=self._endpoint.api_key,
            max_retries=0,  # retries live in exchange.py; here they would multiply
            timeout=self._endpoint.timeout,
            temperature=None,
            use_responses_api=False,
            stream_chunk_timeout=None,
            http_async_client=self._client,
        )

    async def _look_at(self, response: httpx.Response) -> None:
        self.simulated = self.simulated or SIMULATED_HEADER in response.headers


def _load() -> None:
    import langchain_openai
    import openai.resources.chat  # openai loads it at the first use of a client, which would be on the loop

    del langchain_openai, openai
    # They tell a developer which method to call; what they stand for is an error that we turn into a sentence.
    warnings.filterwarnings("ignore", message="This model does not support OpenAI's structured output")
    warnings.filterwarnings("ignore", message="Invalid schema for OpenAI's structured output")
    logging.getLogger("httpx").setLevel(logging.WARNING)


async def _rehearse() -> None:
    """One call that reaches nobody: what the libraries set up at the first one (30 ms) is then not the first step's."""
    from langchain_openai import ChatOpenAI

    said = {"role": "assistant", "content": "{}"}
    reply = {"id": "", "object": "chat.completion", "created": 0, "model": "none"}
    reply |= {"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}
    answer_at_once = httpx.MockTransport(lambda _: httpx.Response(200, json=reply))
    async with httpx.AsyncClient(transport=answer_at_once) as nobody:
        chat = ChatOpenAI(
            model="none", base_url="http://nobody.invalid", api_key=SecretStr("none"), http_async_client=nobody
        )
        await chat.ainvoke([{"role": "user", "content": ""}], response_format={"type": "json_object"})


def _raw(message: BaseMessage, asked: str) -> RawReply:
    usage: Mapping[str, Any] = getattr(message, "usage_metadata", None) or {}
    about = message.response_metadata
    return RawReply(
        text=message.text if isinstance(message.content, list) else message.content,
        model=about.get("model_name") or asked,
        refusal=message.additional_kwargs.get("refusal"),
        finish=about.get("finish_reason"),
        prompt_tokens=usage.get("input_tokens"),
        completion_tokens=usage.get("output_tokens"),
    )
