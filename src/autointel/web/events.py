"""Server-sent events: a run as it goes on, an answer sentence by sentence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from anyio import to_thread
from starlette.responses import Response, StreamingResponse

from autointel.errors import AutointelError
from autointel.memory.findings import Found, Sentence
from autointel.web.answers import SentenceAnswer
from autointel.web.jobs import ServedRun
from autointel.web.queries import Queries


def event_stream(events: AsyncIterator[bytes]) -> Response:
    """The answer of an endpoint that streams."""
    return StreamingResponse(events, media_type="text/event-stream")


def _line(event: str, value: Any, number: int | None = None) -> bytes:
    named = "" if number is None else f"id: {number}\n"
    return f"{named}event: {event}\ndata: {json.dumps(value)}\n\n".encode()


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
