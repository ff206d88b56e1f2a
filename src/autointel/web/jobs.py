"""Runs that were started here: each in a process of its own; and server-sent events, of a run or an answer as it comes.

A run does not depend on who follows it: a client that is gone stops nothing, and may follow again from any event.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Final, Literal

from anyio import to_thread
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from autointel.app.children import TERMINATED, Children, Ended
from autointel.domain.report import Report
from autointel.domain.value import Value
from autointel.errors import AutointelError, UsageError
from autointel.memory.findings import Found, Sentence
from autointel.web.answers import SentenceAnswer
from autointel.web.queries import Queries

_AT_ONCE: Final = 2  # each takes a core and some hundred megabytes
_MOST: Final = 100  # jobs that are known at a time
_REMINDER: Final = 15.0  # seconds
_STOPPED: Final = ("The run was stopped; finished steps are saved.", "Run it again to continue.")


class Wanted(Value):
    """A run that somebody asks for."""

    source: str = Field(min_length=1, max_length=4_000, description="a web address, or a file on this machine")
    engine: Literal["auto", "llm", "local"] = "auto"
    depth: Literal["standard", "deep", "comprehensive", "experimental"] = "standard"


class JobState(Value):
    """How far a job is. ``run_id`` names its briefing once there is one."""

    id: str
    source: str
    state: Literal["waiting", "running", "done", "failed"]
    events: int
    run_id: str | None = None
    message: str = ""
    hint: str = ""


@dataclass
class ServedRun:
    """One run and its events so far. The events come from a thread, the followers from event loops."""

    id: str
    wanted: Wanted
    begun: bool = False
    report: Report | None = None
    _events: list[dict[str, Any]] = field(default_factory=list)
    _bells: set[Callable[[], object]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def add(self, event: dict[str, Any]) -> None:
        """Append the event and wake whoever follows."""
        with self._lock:
            self._events.append(event)
            bells = list(self._bells)
        for ring in bells:
            with suppress(RuntimeError):  # the loop of a follower that is gone
                ring()

    @property
    def last(self) -> dict[str, Any]:
        """The newest event; empty before the first."""
        with self._lock:
            return self._events[-1] if self._events else {}

    @property
    def over(self) -> bool:
        """Whether the last event was the end."""
        return self.last.get("event") == "ended"

    @property
    def state(self) -> JobState:
        """How far the run is, for a client that does not follow its events."""
        last = self.last
        over = last.get("event") == "ended"
        state: Literal["waiting", "running", "done", "failed"] = "running" if self.begun else "waiting"
        if over:
            state = "done" if last["run_id"] else "failed"
        return JobState(
            id=self.id,
            source=self.wanted.source,
            state=state,
            events=len(self._events),
            run_id=last["run_id"] if over else None,
            message=last["message"] if over else "",
            hint=last["hint"] if over else "",
        )

    async def follow(self, after: int = 0) -> AsyncIterator[tuple[int, dict[str, Any]] | None]:
        """Events from number ``after`` on, each with its own number from 1, until the end; None every 15 seconds."""
        bell = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ring() -> None:
            loop.call_soon_threadsafe(bell.set)

        self._bells.add(ring)
        try:
            while True:
                bell.clear()
                with self._lock:
                    fresh = self._events[after:]
                for event in fresh:
                    after += 1
                    yield after, event
                    if event["event"] == "ended":
                        return
                try:
                    await asyncio.wait_for(bell.wait(), _REMINDER)
                except TimeoutError:
                    yield None
        finally:
            self._bells.discard(ring)


class Jobs:
    """Starts runs, two at a time, and knows them by id. Thread-safe."""

    def __init__(self, children: Children, arguments: Callable[[Wanted], Sequence[str]]) -> None:
        self._children = children
        self._arguments = arguments
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="run")
        self._lock = Lock()
        self._jobs: dict[str, ServedRun] = {}

    def start(self, wanted: Wanted) -> ServedRun:
        """A new job, or the one that already does the same. Raises UsageError where too many wait."""
        arguments = self._arguments(wanted)
        with self._lock:
            for job in self._jobs.values():
                if job.wanted == wanted and not job.over:
                    return job
            self._forget_oldest()
            job = ServedRun(f"job-{secrets.token_hex(6)}", wanted)
            self._jobs[job.id] = job
        self._pool.submit(self._run, job, arguments)
        return job

    def find(self, job_id: str) -> ServedRun | None:
        """The job of that id."""
        with self._lock:
            return self._jobs.get(job_id)

    def all(self) -> list[ServedRun]:
        """Newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def stop(self) -> None:
        """End every run, which saves its finished steps. Blocks until they have ended."""
        self._children.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _forget_oldest(self) -> None:
        if len(self._jobs) < _MOST:
            return
        over = next((job.id for job in self._jobs.values() if job.over), None)
        if over is None:
            raise UsageError(f"{_MOST} runs are waiting already.", "Wait until some of them have ended.")
        del self._jobs[over]

    def _run(self, job: ServedRun, arguments: Sequence[str]) -> None:
        job.begun = True

        def heard(line: str) -> None:
            event = _event(line)
            if event is not None:
                job.add(event)

        ended = self._children.run(arguments, heard)
        job.report = ended.report
        job.add(_ending(ended, job.report))


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def _ending(ended: Ended, report: Report | None) -> dict[str, Any]:
    message, hint = "", ""
    if report is None:
        said = [line for line in ended.said if _event(line) is None]
        message, hint = _STOPPED if ended.code == TERMINATED else ((*said, "", "")[0], (*said, "", "")[1])
    return {
        "event": "ended",
        "code": ended.code,
        "run_id": report.run_id if report else None,
        "title": report.source.title if report else None,
        "seconds": round(ended.seconds, 3),
        "message": message or ("" if report else "The run ended without a briefing."),
        "hint": hint,
    }


def event_stream(events: AsyncIterator[bytes]) -> Response:
    """The answer of an endpoint that streams."""
    return StreamingResponse(events, media_type="text/event-stream")


async def job_events(job: ServedRun, after: int) -> AsyncIterator[bytes]:
    """Each event of the run under its number, so that a browser that lost the line asks for the rest only."""
    async for followed in job.follow(after):
        if followed is None:
            yield b": still here\n\n"
        else:
            number, event = followed
            yield _line(event["event"], event, number)


async def answer_events(queries: Queries, question: str, limit: int, engine: str) -> AsyncIterator[bytes]:
    """``passages`` at once; each ``sentence`` as soon as its quotes carry it; ``done`` with the whole answer.

    A model's words are never shown before code has checked them: a sentence that falls could not be taken back.
    """
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    shown = 0

    def show(sentence: Sentence, quotes: Sequence[Found]) -> None:
        nonlocal shown
        shown += 1
        line = _line("sentence", SentenceAnswer.of(sentence, quotes).model_dump(mode="json"))
        with suppress(RuntimeError):  # the loop of a client that is gone
            loop.call_soon_threadsafe(lines.put_nowait, line)

    async def answer() -> None:
        try:
            found = await to_thread.run_sync(queries.search, question, limit)
            lines.put_nowait(_line("passages", [each.model_dump(mode="json") for each in found.passages]))
            ask = partial(queries.ask, question, limit, engine, show)
            # Who left does not wait for the answer; the thread ends by itself, and what was answered is cached.
            answered = await to_thread.run_sync(ask, abandon_on_cancel=True)
            for each in answered.sentences[shown:]:  # of a cached answer
                lines.put_nowait(_line("sentence", each.model_dump(mode="json")))
            lines.put_nowait(_line("done", answered.model_dump(mode="json")))
        except AutointelError as error:
            lines.put_nowait(_line("failed", {"message": error.message, "hint": error.hint}))
        finally:
            lines.put_nowait(b"")

    answering = asyncio.create_task(answer())
    try:
        while line := await lines.get():
            yield line
        await answering
    finally:
        answering.cancel()


def _line(event: str, value: Any, number: int | None = None) -> bytes:
    named = "" if number is None else f"id: {number}\n"
    return f"{named}event: {event}\ndata: {json.dumps(value)}\n\n".encode()
