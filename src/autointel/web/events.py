"""Server-sent events: a run as it goes on, an answer sentence by sentence."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from anyio import to_thread
from starlette.responses import Response, StreamingResponse

from autointel.errors import AutointelError
from autointel.web.answers import AskAnswer
from autointel.web.jobs import Job
from autointel.web.library import Library

# A sentence of an answer ends with the numbers of the passages it rests on.
_SENTENCE: Final = re.compile(r"(.+?)((?:\[\d+\])+)\s*", re.DOTALL)
_NUMBER: Final = re.compile(r"\d+")


def event_stream(events: AsyncIterator[bytes]) -> Response:
    """The answer of an endpoint that streams."""
    return StreamingResponse(events, media_type="text/event-stream")


def _line(event: str, value: Any, number: int | None = None) -> bytes:
    named = "" if number is None else f"id: {number}\n"
    return f"{named}event: {event}\ndata: {json.dumps(value)}\n\n".encode()


async def job_events(job: Job, after: int) -> AsyncIterator[bytes]:
    """Each event of the run under its number, so that a browser that lost the line asks for the rest only."""
    async for followed in job.follow(after):
        if followed is None:
            yield b": still here\n\n"
        else:
            number, event = followed
            yield _line(event["event"], event, number)


async def answer_events(library: Library, question: str, limit: int, engine: str) -> AsyncIterator[bytes]:
    """``passages`` at once; each ``sentence`` once its passages are seen to carry it; ``done`` with the whole answer.

    A model's words are never shown before code has checked them: a sentence that falls could not be taken back.
    """
    try:
        found = await to_thread.run_sync(library.search, question, limit)
        yield _line("passages", [each.model_dump(mode="json") for each in found.passages])
        answered = await to_thread.run_sync(library.ask, question, limit, engine)
    except AutointelError as error:
        yield _line("failed", {"message": error.message, "hint": error.hint})
        return
    for sentence in sentences_of(answered):
        yield _line("sentence", sentence)
    yield _line("done", answered.model_dump(mode="json"))


def sentences_of(answered: AskAnswer) -> Iterator[dict[str, Any]]:
    """Each sentence of the answer with the quotes that it rests on."""
    passages = answered.passages
    for text, marks in _SENTENCE.findall(answered.answer or ""):
        numbers = [int(number) for number in _NUMBER.findall(marks)]
        cited = [passages[number - 1].citation for number in numbers if 0 < number <= len(passages)]
        yield {"text": text.strip(), "citations": [each.model_dump(mode="json") for each in cited]}
