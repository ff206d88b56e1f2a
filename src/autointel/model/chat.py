"""The one ``ChatOpenAI`` of a run, on the run's loop, over a transport of our own that streams every reply.

LangChain's client, once it is loaded, writes the request and checks the reply's form. What travels is the transport's
business: it asks for a stream, takes silence (not length) for failure, ends a reply that goes round in circles, reads
errors inside of a 200, and hands LangChain one well-formed completion.
"""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread
import httpx
from pydantic import SecretStr

from autointel.errors import without_secrets
from autointel.model import lean
from autointel.model.completion import Completion, NotOpenAI, ServerError, read_completion
from autointel.model.endpoint import Endpoint, transport_to
from autointel.model.uncompressed import PLAINLY, refuse_compressed

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

Message = Mapping[str, str]
"""``role`` ("system", "user", "assistant") and ``content``."""
SIMULATED_HEADER: Final = "x-autointel-simulated"
_LONGEST_ERROR: Final = 65_536
# A server may say "still here" for long, but not for ever: so many times its silence is waited for words.
_ALIVE: Final = 20
# Once a reply has said that it is at its end, only its count of tokens is waited for, so many seconds.
_AFTER_THE_END: Final = 3.0
# Connecting is quick or fails.
_CONNECT: Final = 15.0
_CLOSING: Final = 1.0
_SENDING: Final[ContextVar[_Sending]] = ContextVar("_SENDING")
# A chat completion needs none of these, and langsmith would post prompts to a third party where it is switched on.
_LEFT_OUT: Final = lean.LeftOut(
    absent=frozenset(
        {
            "httpx._main",
            "openai.lib.streaming._assistants",
            "openai.lib.streaming.responses",
            "openai.types.beta",
            "openai.types.graders",
            "openai.types.realtime",
            "openai.types.responses",
            "pydantic.v1",
        }
    ),
    never=frozenset({"langsmith"}),
    hollow=frozenset({"langchain_openai", "langchain_openai.chat_models", "openai.resources", "openai.types"}),
    given=(
        ("langsmith.run_helpers.get_tracing_context", lambda: {"metadata": None, "tags": None, "parent": None}),
        ("langsmith.run_helpers._set_tracing_context", lambda context: None),  # noqa: ARG005
        ("langsmith.utils.tracing_is_enabled", lambda: False),
        ("langsmith.utils.get_env_var", lambda *_, **__: None),
    ),
)


@dataclass(frozen=True)
class RawReply:
    """A reply as the server sent it. Token counts are None where the server gave none that can be believed."""

    text: str
    model: str
    refusal: str | None = None
    finish: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    thought: bool = False


@dataclass(frozen=True)
class Asked:
    """How one question is to be sent: ``patience`` in seconds, for the first word and between two."""

    model: str
    messages: list[Message]
    extra: Mapping[str, Any]
    patience: tuple[float, float]
    most_characters: int
    streams: bool = True
    show: Callable[[str], None] = lambda _: None


class Silence(TimeoutError):
    """Nothing came for ``seconds``; ``began`` where the reply had begun."""

    def __init__(self, seconds: float, *, began: bool) -> None:
        super().__init__(f"silent for {seconds:g} s")
        self.seconds = seconds
        self.began = began


@dataclass
class _Sending:
    """One request on its way through LangChain's client; ``sent`` and ``first_word`` are times of the loop's clock."""

    asked: Asked
    completion: Completion
    sent: float = 0.0
    first_word: float | None = None
    error: Exception | None = None


class Chat:
    """Sends requests: no retries, no limits. Raises what completion.py raises, Silence, and httpx's own errors.

    Until LangChain's client is loaded, requests are written here, in the form that it gives them: a question or two
    need not pay for its import, and the first passages are read meanwhile. At most ``connections`` stay open unused.
    """

    def __init__(self, endpoint: Endpoint, connections: int) -> None:
        self._endpoint = endpoint
        self._connections = connections
        self._client: httpx.AsyncClient | None = None
        self._chat: ChatOpenAI | None = None
        self._loading = anyio.Lock()
        self.simulated = False
        """Whether any reply came from a simulated model."""
        self.sent = 0
        """How many requests went on their way so far."""
        self.slowest_start: float | None = None
        """The longest that a first word took so far, in seconds; None before the first."""

    async def send(self, asked: Asked) -> RawReply:
        """The whole reply to one request; ``asked.show`` gets its text as it comes."""
        await self.open()
        sending = _Sending(asked, Completion(asked.most_characters, asked.show), anyio.current_time())
        token = _SENDING.set(sending)
        failure: Exception | None = None
        try:
            await _cancelled_once(self._asking(asked))
        except Exception as error:  # noqa: BLE001  raised below, as the transport raised it, with its own cause
            failure = sending.error or error
        finally:
            _SENDING.reset(token)
        if failure is not None:
            if isinstance(failure, ServerError | NotOpenAI):
                failure.body = without_secrets(failure.body, self._endpoint.api_key.get_secret_value())
            raise failure
        if sending.first_word is not None:
            self.slowest_start = max(self.slowest_start or 0.0, sending.first_word - sending.sent)
        return _raw(sending.completion, asked.model)

    async def aclose(self) -> None:
        """Close the pool, on the loop it was made on."""
        if self._client is not None:
            await self._client.aclose()
        self._client = self._chat = None

    async def open(self) -> None:
        """Make the pool of connections, the first time."""
        async with self._loading:
            if self._client is None:
                inner = transport_to(self._endpoint, self._connections)
                sending = _Streaming(self, inner, self._endpoint.query)
                self._client = httpx.AsyncClient(transport=sending, timeout=None, trust_env=False)  # noqa: S113  it keeps the time itself

    async def load(self) -> None:
        """Send through LangChain's client from now on. A third of a second of imports, off the loop, the first time."""
        await self.open()
        async with self._loading:
            if self._chat is None and self._client is not None:
                await anyio.to_thread.run_sync(load_client, abandon_on_cancel=True)
                await _rehearse()
                self._chat = _made(self._endpoint, self._client)

    async def _asking(self, asked: Asked) -> None:
        messages = [dict(each) for each in asked.messages]
        if self._chat is not None:
            await self._chat.ainvoke(messages, model=asked.model, **asked.extra)
        elif self._client is not None:
            extra = dict(asked.extra)
            body, headers = extra.pop("extra_body", {}), extra.pop("extra_headers", {})
            await self._client.post(
                f"{self._endpoint.address.rstrip('/')}/chat/completions",
                headers={"Authorization": f"Bearer {self._endpoint.api_key.get_secret_value()}", **headers},
                json={"messages": messages, "model": asked.model, "stream": False, **extra, **body},
            )

    def _look_at(self, headers: httpx.Headers) -> None:
        self.simulated = self.simulated or SIMULATED_HEADER in headers


class _Streaming(httpx.AsyncBaseTransport):
    """Sends what LangChain's client asks for as a stream, and hands back one completion."""

    def __init__(self, chat: Chat, inner: httpx.AsyncBaseTransport, query: Mapping[str, str]) -> None:
        self._chat = chat
        self._inner = inner
        self._query = query

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        sending = _SENDING.get()
        try:
            await self._exchange(request, sending)
        except Exception as error:
            sending.error = error
            raise
        return httpx.Response(200, json=_whole(sending.completion, sending.asked.model), request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _exchange(self, request: httpx.Request, sending: _Sending) -> None:
        first, between = sending.asked.patience
        response: httpx.Response | None = None
        try:
            self._chat.sent += 1
            with anyio.fail_after(first):
                response = await self._inner.handle_async_request(_streamed(request, sending.asked, self._query))
            refuse_compressed(response)
            self._chat._look_at(response.headers)  # noqa: SLF001  the one who made it
            if not response.is_success:
                body = await _short_body(response, between)
                raise ServerError(response.status_code, response.headers, body)
            chunks = _timed(response.aiter_bytes(), sending, first, between)
            await read_completion(chunks, response.headers, sending.completion)
        except (TimeoutError, httpx.TimeoutException) as error:
            if isinstance(error, Silence | httpx.ConnectTimeout):
                raise
            began = sending.first_word is not None
            raise Silence(between if began else first, began=began) from None
        finally:
            if response is not None:
                with anyio.CancelScope(shield=True), anyio.move_on_after(1):
                    await response.aclose()


async def _cancelled_once(work: Coroutine[Any, Any, Any]) -> None:
    """Do the work; if this is cancelled, cancel the work once and wait until it has closed its connection.

    anyio cancels again at every await until its scope is left. LangChain asks in tasks of its own, which no shield of
    ours protects: the second cancellation would end the closing of the connection, and the server would write on for
    nobody.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({task}, timeout=_CLOSING)
        raise


def _streamed(request: httpx.Request, asked: Asked, query: Mapping[str, str]) -> httpx.Request:
    """The same request with ``query``, and with a stream asked for; without limits of the client's own."""
    body = json.loads(request.content)
    if asked.streams:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    headers = httpx.Headers(request.headers.raw)
    del headers["content-length"]
    headers.update(PLAINLY)
    times = {"connect": _CONNECT, "read": None, "write": asked.patience[0], "pool": None}
    url = request.url.copy_merge_params(query) if query else request.url
    return httpx.Request(
        request.method, url, headers=headers, json=body, extensions={**request.extensions, "timeout": times}
    )


async def _timed(chunks: AsyncIterator[bytes], sending: _Sending, first: float, between: float) -> AsyncIterator[bytes]:
    """The chunks of a reply. Raises Silence; comments that only keep the connection open count as life."""
    began = anyio.current_time()
    words_before = 0
    while True:
        said = sending.completion
        patience = between if sending.first_word is not None else first
        try:
            with anyio.move_on_after(min(patience, _AFTER_THE_END) if said.finish else patience) as waiting:
                chunk = await anext(chunks, b"")
        except httpx.TransportError:
            if not said.finish:
                raise
            return  # the reply is whole, however its connection ends
        if waiting.cancelled_caught and not said.finish:
            raise Silence(patience, began=sending.first_word is not None)
        if waiting.cancelled_caught or not chunk:
            return
        now = anyio.current_time()
        yield chunk
        words = said.characters
        if words > words_before:
            began, words_before = now, words
            sending.first_word = sending.first_word or now
        elif now - began > _ALIVE * between + first:
            raise Silence(now - began, began=sending.first_word is not None)


async def _short_body(response: httpx.Response, seconds: float) -> str:
    """The text of an error; the end of a long one is left out."""
    parts, size = [], 0
    with anyio.move_on_after(seconds):
        async for chunk in response.aiter_bytes():
            parts.append(chunk)
            size += len(chunk)
            if size > _LONGEST_ERROR:
                break
    return b"".join(parts).decode("utf-8", "replace")


def _whole(completion: Completion, asked: str) -> dict[str, Any]:
    """A completion in the form that LangChain accepts; tokens and refusals are read from ours."""
    message = {"role": "assistant", "content": completion.text}
    return {
        "id": "",
        "object": "chat.completion",
        "created": 0,
        "model": completion.model or asked,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }


def _raw(said: Completion, asked: str) -> RawReply:
    usage: Mapping[str, Any] = said.usage if isinstance(said.usage, Mapping) else {}
    return RawReply(
        text=said.text,
        model=said.model or asked,
        refusal=said.refusal or None,
        finish=said.finish,
        prompt_tokens=_tokens(usage.get("prompt_tokens", usage.get("input_tokens"))),
        completion_tokens=_tokens(usage.get("completion_tokens", usage.get("output_tokens"))),
        thought=said.thought_characters > 0 or said.thinks_aloud,
    )


def _tokens(count: Any) -> int | None:
    """A count of tokens that can be believed: a whole number above zero, as a number or as text."""
    try:
        number = int(float(count))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number > 0 else None


def _made(endpoint: Endpoint, client: httpx.AsyncClient) -> ChatOpenAI:
    from langchain_openai.chat_models.base import ChatOpenAI

    return ChatOpenAI(
        model=endpoint.name,
        base_url=endpoint.address,
        api_key=endpoint.api_key,
        max_retries=0,  # retries live in request.py; here they would multiply
        temperature=None,
        use_responses_api=False,
        stream_chunk_timeout=None,
        http_async_client=client,
        # A proxy for its synchronous client, which nobody uses; without one it would look into the environment.
        http_client=httpx.Client(trust_env=False, transport=httpx.MockTransport(lambda _: httpx.Response(200))),
    )


def load_client() -> None:
    """Import LangChain's client: half a second, the first time."""
    # openai loads its resources at the first use of a client, which would be on the loop.
    lean.load(["langchain_openai.chat_models.base", "openai.resources.chat"], _LEFT_OUT)
    # They tell a developer which method to call; what they stand for is an error that we turn into a sentence.
    warnings.filterwarnings("ignore", message="This model does not support OpenAI's structured output")
    warnings.filterwarnings("ignore", message="Invalid schema for OpenAI's structured output")
    logging.getLogger("httpx").setLevel(logging.WARNING)


async def _rehearse() -> None:
    """One call that reaches nobody: what the libraries set up at the first one (30 ms) is then not the first step's."""
    reply = _whole(Completion(1), "none")
    answer_at_once = httpx.MockTransport(lambda _: httpx.Response(200, json=reply))
    async with httpx.AsyncClient(transport=answer_at_once, trust_env=False) as nobody:
        chat = _made(Endpoint(name="none", base_url="http://nobody.invalid", api_key=SecretStr("none")), nobody)
        await chat.ainvoke([{"role": "user", "content": ""}], response_format={"type": "json_object"})
