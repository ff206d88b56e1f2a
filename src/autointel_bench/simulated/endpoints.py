"""The answers of each address, and its faults."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from autointel_bench.simulated import protocol
from autointel_bench.simulated.calls import Call, Calls
from autointel_bench.simulated.http import BreakOff, Request, Response, as_json
from autointel_bench.simulated.profile import Fault, FaultKind, Profile
from autointel_bench.simulated.reply import Said, said_by, say, tokens
from autointel_bench.simulated.voices import share

_ROLE: Final = re.compile(r"You are (?:an? |the )?([^.\n,]{2,60})")
# "autointel/read/Reader/3f9a…": how the product labels a request for a server's support desk.
_LABEL: Final = re.compile(r"^autointel/(?P<step>[^/]*)/(?P<role>[^/]*)/")

_COMMENTS: Final = 8
_BETWEEN_COMMENTS: Final = 0.05  # seconds

_ERRORS: Final[Mapping[FaultKind, tuple[int, str, str, str]]] = {
    FaultKind.SERVER_ERROR: (500, "The server had an error.", "server_error", "internal_error"),
    FaultKind.RATE_LIMITED: (429, "Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    FaultKind.OUT_OF_QUOTA: (429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"),
    FaultKind.REVOKED_KEY: (401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    FaultKind.CONTEXT_TOO_LONG: (
        400,
        "This model's maximum context length is exceeded by the messages.",
        "invalid_request_error",
        "context_length_exceeded",
    ),
}


class Endpoints:
    """Answers requests, keeps the log, and lets faults strike."""

    def __init__(self, profile: Profile) -> None:
        self.calls = Calls()
        self.become(profile)

    def become(self, profile: Profile) -> None:
        """Behave so from now on."""
        self.profile = profile
        self._seen = [0] * len(profile.faults)
        self._recent: deque[float] = deque()

    async def respond(self, request: Request) -> Response:
        """The response to one request; every one is labelled as simulated."""
        try:
            response = await self._route(request)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # A malformed request is the client's fault, and the client should see where.
            response = as_json(protocol.error(f"Cannot answer that: {error!r}.", "invalid_request_error", None), 400)
        response.headers["x-autointel-simulated"] = "1"
        return response

    async def _route(self, request: Request) -> Response:
        match request.method, request.path.removeprefix("/v1"):
            case "POST", "/chat/completions":
                return await self._chat(request)
            case "POST", "/embeddings":
                return await self._embed(request)
            case "POST", "/audio/transcriptions":
                return await self._transcribe(request)
            case "GET", "/models":
                return as_json(protocol.models())
            case "GET", "/simulated/calls":
                return as_json(self.calls.as_json())
        return as_json(protocol.error(f"Unknown address {request.path}.", "invalid_request_error", "not_found"), 404)

    async def _chat(self, request: Request) -> Response:
        asked = json.loads(request.body)
        call = self._begin(request, asked)
        call.response_format = (asked.get("response_format") or {}).get("type", "text")
        call.streamed = bool(asked.get("stream"))
        call.prompt = said_by(asked, {"system", "developer", "user", "assistant", "tool"})
        call.message_tokens = tokens(call.prompt)
        held_to = "".join(
            json.dumps(asked[name], separators=(",", ":")) for name in ("response_format", "tools") if asked.get(name)
        )
        call.prompt_tokens = call.message_tokens + tokens(held_to)
        ends_here = True
        try:
            refusal = await self._trouble(call) or self._rejects(call, asked)
            if refusal:
                call.status = refusal.status
                return refusal
            said = say(asked, call, self.profile)
            call.completion_tokens = tokens(said.spoken)
            if call.streamed:
                ends_here = False
                return Response(content_type="text/event-stream", pieces=self._stream(call, said, asked))
            return await self._whole(call, said)
        finally:
            if ends_here:
                self.calls.end(call, time.monotonic())

    def _begin(self, request: Request, asked: Mapping[str, Any]) -> Call:
        label = _LABEL.match(request.headers.get("x-client-request-id", ""))
        found = _ROLE.search(said_by(asked, {"system", "developer"}))
        call = Call(
            index=len(self.calls),
            path=request.path,
            role=label["role"] if label else found[1] if found else "",
            step=label["step"] if label else "",
            model=str(asked.get("model", "")),
            started=time.monotonic(),
        )
        self.calls.begin(call)
        return call

    async def _trouble(self, call: Call) -> Response | None:
        """The answer of a fault or a limit in place of a reply, after the latency that a reply would have had."""
        fault = self._struck(call)
        call.fault = fault.kind if fault else None
        call.rewrite = fault.rewrite if fault and fault.kind == FaultKind.REWRITTEN else None
        call.usage = fault.body if fault and fault.kind == FaultKind.USAGE else None
        if call.fault == FaultKind.HANG:
            await asyncio.Event().wait()
        limited = self._over_limit()
        spread = (share(call.prompt) * 2 - 1) * self.profile.jitter
        await asyncio.sleep(0 if limited else self.profile.latency * (1 + spread))
        if limited:
            return limited
        if call.prompt_tokens > self.profile.context_tokens:
            return _failure(FaultKind.CONTEXT_TOO_LONG)
        if fault and fault.kind in _ERRORS:
            return _failure(fault.kind, fault.retry_after)
        if fault and fault.kind == FaultKind.ANSWER:
            body = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
            return Response(fault.status, body.encode(), headers=dict(fault.headers))
        if call.fault == FaultKind.GARBAGE_BODY:
            return Response(body=b"<html><title>A proxy's page (simulated)</title></html>", content_type="text/html")
        return None

    def _struck(self, call: Call) -> Fault | None:
        struck = None
        for i, fault in enumerate(self.profile.faults):
            if fault.matches(call):
                self._seen[i] += 1
                struck = struck or (fault if fault.strikes(self._seen[i]) else None)
        return struck

    def _over_limit(self) -> Response | None:
        limit, now = self.profile.requests_per_minute, time.monotonic()
        if limit is None:
            return None
        while self._recent and self._recent[0] <= now - self.profile.rate_window:
            self._recent.popleft()
        if len(self._recent) < limit:
            self._recent.append(now)
            return None
        wait = self._recent[0] + self.profile.rate_window - now
        return _failure(FaultKind.RATE_LIMITED, f"{wait:.3f}" if self.profile.says_retry_after else None)

    def _rejects(self, call: Call, asked: Mapping[str, Any]) -> Response | None:
        given = {call.response_format: "response_format"}
        # A temperature of 0 is one.
        given |= {"stream": "stream"} if call.streamed else {}
        given |= {"system": "messages[0].role"} if any(m["role"] == "system" for m in asked["messages"]) else {}
        given |= {name: name for name in ("max_tokens", "max_completion_tokens") if asked.get(name) is not None}
        given |= {"temperature": "temperature"} if asked.get("temperature") is not None else {}
        for name, param in given.items():
            if name in self.profile.rejects:
                text = f"'{param}' of this kind ({name}) is not supported with this model."
                return as_json(protocol.error(text, "invalid_request_error", "unsupported_value", param), 400)
        return None

    async def _whole(self, call: Call, said: Said) -> Response:
        if self.profile.tokens_per_second:
            await asyncio.sleep(call.completion_tokens / self.profile.tokens_per_second)
        response = as_json(protocol.completion(call, said, with_usage=self.profile.usage))
        if call.fault != FaultKind.CUT:
            return response
        return Response(pieces=_cut([response.body[: len(response.body) // 2]]))

    async def _stream(self, call: Call, said: Said, asked: Mapping[str, Any]) -> AsyncIterator[bytes]:
        with_usage = self.profile.usage and bool((asked.get("stream_options") or {}).get("include_usage"))
        # An endless reply has no half to be cut at.
        half = 0 if said.repeats else sum(1 for _ in protocol.chunks(call, said, with_usage=with_usage)) // 2
        try:
            for _ in range(_COMMENTS if call.fault == FaultKind.ALIVE else 0):
                yield b": still here\n\n"
                await asyncio.sleep(_BETWEEN_COMMENTS)
            for i, (brought, event) in enumerate(protocol.chunks(call, said, with_usage=with_usage)):
                if call.fault == FaultKind.CUT and i > half:
                    raise BreakOff
                await asyncio.sleep(brought / self.profile.tokens_per_second if self.profile.tokens_per_second else 0)
                yield event
        finally:
            self.calls.end(call, time.monotonic())

    async def _embed(self, request: Request) -> Response:
        asked = json.loads(request.body)
        call = self._begin(request, asked)
        try:
            trouble = await self._trouble(call)
            if trouble:
                call.status = trouble.status
                return trouble
            return as_json(protocol.embeddings(asked, call))
        finally:
            self.calls.end(call, time.monotonic())

    async def _transcribe(self, request: Request) -> Response:
        call = self._begin(request, {})
        try:
            trouble = await self._trouble(call)
            if trouble:
                call.status = trouble.status
                return trouble
            asked, heard = protocol.transcription(
                request.headers.get("content-type", ""), request.body, self.profile.speech
            )
            if asked == "text":
                return Response(body=self.profile.speech.encode(), content_type="text/plain")
            return as_json(heard)
        finally:
            self.calls.end(call, time.monotonic())


def _failure(kind: FaultKind, retry_after: str | None = None) -> Response:
    status, message, error_kind, code = _ERRORS[kind]
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return as_json(protocol.error(message, error_kind, code), status, **headers)


async def _cut(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    raise BreakOff
