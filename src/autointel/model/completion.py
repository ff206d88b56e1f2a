"""One reply as it streams in: assembled in linear time, counted, and ended where it only repeats itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Characters looked back at, how often they are looked at, and how many a repetition must fill to be a loop.
_TAIL: Final = 6_000
_EVERY: Final = 512
_LOOP: Final = 600
_TIMES: Final = 3  # a loop goes round so often, at least
_PROBE: Final = 40  # characters that are looked for as they stood before
# A reasoning model may think for long before it says a word.
_MOST_THOUGHT: Final = 400_000
# Bytes of an answer that is no stream, and of one line of a stream.
_MOST_BYTES: Final = 8_000_000
# Of an event that goes over several lines: they are parsed again with each that may be the last.
_MOST_LINES: Final = 1_000
_LONGEST_EVENT: Final = 200_000
_BOM: Final = b"\xef\xbb\xbf"
# Finishes of servers' own for a reply that broke off.
_BROKEN: Final = ("error", "abort", "aborted", "cancelled", "network_error")
ABORTED: Final = "aborted"
"""A finish that says that the reply is not at its end: one for all of ``_BROKEN``."""
LOOP: Final = "loop"
"""A finish of our own: the reply went round in circles, or was too long, and was ended here."""


class ServerError(Exception):
    """The server answered with an error: in its status, or inside a 200. ``body`` is its text."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


class NotOpenAI(Exception):
    """The answer is none that the OpenAI protocol knows; ``body`` is how it begins."""

    def __init__(self, body: str) -> None:
        super().__init__("no OpenAI reply")
        self.body = body


class EmptyReply(Exception):
    """A reply without a choice in it: mostly a passing fault of the server."""


class LoopWatch:
    """Notices a loop in text that comes in pieces. Looks at the last few thousand characters, every 512 or so."""

    def __init__(self) -> None:
        self._tail = ""
        self._unseen = 0

    def loops(self, piece: str) -> bool:
        """Whether the text, with this piece, has begun to go round in circles."""
        self._tail += piece
        self._unseen += len(piece)
        if self._unseen < _EVERY:
            return False
        self._unseen = 0
        self._tail = self._tail[-_TAIL:]
        return _is_loop(self._tail)


def _is_loop(tail: str) -> bool:
    if len(tail) < _LOOP:
        return False
    if tail[-_LOOP:].isspace():
        return True
    probe, until = tail[-_PROBE:], len(tail) - 1
    # The last words as they stood before: how far back is how long the circle is.
    at = tail.rfind(probe, 0, until)
    if at < 0:
        return False
    period = len(tail) - _PROBE - at
    times = max(_TIMES, -(-_LOOP // period))
    if period * times > len(tail):
        return False
    circle = tail[-period:]
    return tail.endswith(circle * times)


@dataclass
class Completion:
    """One reply. Text is put together at the end, so that a long one costs no copying."""

    most_characters: int
    show: Callable[[str], None] = lambda _: None
    model: str | None = None
    finish: str | None = None
    usage: Any = None
    refusal: str = ""
    chosen: bool = False
    thought_characters: int = 0
    _text: list[str] = field(default_factory=list)
    _thought: list[str] = field(default_factory=list)
    _characters: int = 0
    _watch: LoopWatch = field(default_factory=LoopWatch)

    @property
    def text(self) -> str:
        """The reply; the reasoning, where the reply is empty."""
        said = "".join(self._text)
        # Some servers file the reply under reasoning and leave the content empty.
        return said if said.strip() else "".join(self._thought)

    @property
    def characters(self) -> int:
        """Characters received so far, those of the reasoning among them."""
        return self._characters + self.thought_characters

    @property
    def thinks_aloud(self) -> bool:
        """Whether the text itself begins with reasoning."""
        return bool(self._text) and "<think" in "".join(self._text[:20])[:200]

    def add(self, event: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        """One chunk of a stream, or one whole completion. Raises ServerError for an error inside."""
        if event.get("error") or _is_error(event):
            raise ServerError(200, headers, json.dumps(event))
        self.model = event.get("model") if isinstance(event.get("model"), str) else self.model
        self.usage = event.get("usage") or _groqs(event).get("usage") or self.usage
        choices = event.get("choices")
        # Of several replies side by side, which nobody asked for, the first counts.
        listed = choices if isinstance(choices, list) else []
        choice = next((each for each in listed if isinstance(each, dict) and not each.get("index")), None)
        if choice is None:
            return
        self.chosen = True
        if choice.get("error"):
            raise ServerError(200, headers, json.dumps(choice))
        said = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
        if isinstance(said, dict):
            self._say(said)
        finish = choice.get("finish_reason")
        finish = finish.casefold() if isinstance(finish, str) else None
        self.finish = self.finish or (ABORTED if finish in _BROKEN else finish)

    def _say(self, said: Mapping[str, Any]) -> None:
        self.refusal += said["refusal"] if isinstance(said.get("refusal"), str) else ""
        text = (
            _words(said.get("content"))
            or _parsed(said.get("parsed"))
            or _arguments(said.get("tool_calls"))
            or _arguments([{"function": said.get("function_call")}])  # as older servers write a call
        )
        thought = _words(said.get("reasoning_content") or said.get("reasoning"))
        if text:
            self._text.append(text)
            self._characters += len(text)
            self.show(text)
        if thought:
            self._thought.append(thought)
            self.thought_characters += len(thought)
        longest = max(self._characters, len(self.refusal))
        too_long = longest > self.most_characters or self.thought_characters > _MOST_THOUGHT
        if too_long or (self._watch.loops(text or thought)):
            self.finish = LOOP


def _groqs(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Usage as Groq puts it into the last piece of a stream, beside the protocol."""
    own = event.get("x_groq")
    return own if isinstance(own, dict) else {}


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return ""


def _parsed(value: Any) -> str:
    """A reply that the server has parsed already and gives as a value."""
    return json.dumps(value, ensure_ascii=False) if value and isinstance(value, dict | list) else ""


def _arguments(calls: Any) -> str:
    """What a model that answers by calling a tool, though it was given none, hands to the tool."""
    functions = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    given = [function.get("arguments") for function in functions if isinstance(function, dict)]
    return "".join(each if isinstance(each, str) else json.dumps(each) for each in given if each)


def _is_error(event: Mapping[str, Any]) -> bool:
    """An error that does not stand under ``error``: vLLM's, FastAPI's, those of go-betweens with codes of their own."""
    if event.get("choices"):
        return False
    of_its_kind = "error" in {event.get("object"), event.get("type")} or event.get("success") is False
    coded = bool({"code", "status", "status_code"} & set(event)) and bool({"message", "msg"} & set(event))
    base = event.get("base_resp")
    return of_its_kind or coded or "detail" in event or (isinstance(base, dict) and bool(base.get("status_code")))


async def read_completion(chunks: AsyncIterator[bytes], headers: Mapping[str, str], into: Completion) -> None:
    """Read an answer of status 200 into ``into``: a stream of events, or one JSON object.

    Raises ServerError, NotOpenAI, EmptyReply. A stream that breaks off leaves ``finish`` None.
    """
    lines, events = _Lines(), _Events(headers, into)
    async for chunk in chunks:
        for line in lines.feed(chunk):
            if events.take(line) or into.finish == LOOP:
                into.finish = into.finish or "stop"
                _check(into)
                return
    rest = lines.rest()
    if lines.is_stream:
        events.take(rest)
        events.end()
    else:
        _take_whole(rest, headers, into)
    _check(into)


def _check(into: Completion) -> None:
    if not into.chosen:
        raise EmptyReply


class _Lines:
    """Lines of a stream as they are complete; a body that is no stream is kept whole."""

    def __init__(self) -> None:
        self.is_stream: bool | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[str]:
        self._size += len(chunk)
        if self.is_stream is not None or chunk.strip():  # white space before the reply is no part of it
            self._parts.append(chunk)
        if self.is_stream is None:
            head = b"".join(self._parts).removeprefix(_BOM).lstrip()[:6]
            self.is_stream = head.startswith((b"data", b"event", b":", b"id:", b"retry:")) if head else None
        if self._size > _MOST_BYTES:
            raise NotOpenAI(self.rest()[:300])
        if not self.is_stream or not (b"\n" in chunk or b"\r" in chunk):
            return []
        # Any of the three ends of a line that the standard allows; a blank line too many means nothing.
        *whole, rest = b"".join(self._parts).removeprefix(_BOM).replace(b"\r", b"\n").split(b"\n")
        self._parts, self._size = [rest], len(rest)
        return [line.decode("utf-8", "replace") for line in whole]

    def rest(self) -> str:
        return b"".join(self._parts).decode("utf-8", "replace")


class _Events:
    """The events of a stream, from its lines. Most are one line; the standard lets one go over several."""

    def __init__(self, headers: Mapping[str, str], into: Completion) -> None:
        self._headers = headers
        self._into = into
        self._begun = ""
        self._lines = 0

    def take(self, line: str) -> bool:
        """One line; True at the end of the stream. Raises ServerError, NotOpenAI."""
        if not line.startswith("data:"):
            return False  # a comment that says "still here", an event's name, a blank line
        data = line[5:].strip()
        if data == "[DONE]":
            self.end()
            return True
        event = _event(data) if data else None
        if event is None and data:
            event = self._joined(data)
        elif event is not None:
            self.end()
        if isinstance(event, dict):
            self._into.add(event, self._headers)
        return False

    def end(self) -> None:
        """End the stream. Raises NotOpenAI for an event that is not whole."""
        if self._begun:
            raise NotOpenAI(self._begun[:300])

    def _joined(self, data: str) -> Any:
        """The event that this line ends; None where it goes on."""
        self._begun += f"{data}\n"
        self._lines += 1
        if self._lines > _MOST_LINES or len(self._begun) > _LONGEST_EVENT:
            self.end()
        event = _event(self._begun) if data.endswith("}") else None
        if event is not None:
            self._begun, self._lines = "", 0
        return event


def _event(data: str) -> Any:
    """The value of an event's data; None where it is no JSON, or not all of it."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _take_whole(body: str, headers: Mapping[str, str], into: Completion) -> None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        _take_lines(body, headers, into)
        return
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]
    if not isinstance(value, dict) or not ({"choices", "error"} & set(value) or _is_error(value)):
        raise NotOpenAI(body[:300])
    into.add(value, headers)
    into.finish = into.finish or "stop"


def _take_lines(body: str, headers: Mapping[str, str], into: Completion) -> None:
    """The pieces of a stream as JSON lines, without the events around them."""
    pieces = [_event(line) for line in body.splitlines() if line.strip()]
    if not pieces or not all(isinstance(piece, dict) for piece in pieces):
        raise NotOpenAI(body[:300])
    for piece in pieces:
        into.add(piece, headers)
