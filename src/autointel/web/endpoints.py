"""The endpoints under ``/api`` as one table: routes, their checks and the OpenAPI document follow from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, TypeVar

from anyio import to_thread
from pydantic import BaseModel, Field, ValidationError
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from autointel import __version__
from autointel.domain.report import Report
from autointel.domain.value import Value
from autointel.errors import AutointelError, HomeUnusable, ModelRefused, StoreUnavailable, UsageError
from autointel.web.answers import AskAnswer, BriefingAnswer, GraphAnswer, LedgerAnswer, SearchAnswer, SourcesAnswer
from autointel.web.jobs import Jobs, JobState, ServedRun, Wanted, answer_events, event_stream, job_events
from autointel.web.queries import Queries

T = TypeVar("T")
LONGEST_BODY: Final = 64 * 1024
_STATUS: Final[Mapping[type[AutointelError], int]] = {
    UsageError: 400,
    ModelRefused: 502,
    StoreUnavailable: 503,
    HomeUnusable: 503,
}
_REFERENCE: Final = "#/components/schemas/{model}"


class NotHere(UsageError):
    """Nothing has that name: 404."""


class Problem(Value):
    """An error: what happened, and what to do."""

    message: str
    hint: str = ""


class Query(BaseModel):
    """Parameters of search."""

    query: str = Field(min_length=1, max_length=2_000)
    limit: int = Field(default=10, ge=1, le=100)


class Question(BaseModel):
    """Parameters of ask. ``engine`` auto: a model writes the answer if one is configured."""

    question: str = Field(min_length=1, max_length=2_000)
    limit: int = Field(default=5, ge=1, le=100)
    engine: Literal["auto", "llm", "local"] = "auto"


class Name(BaseModel):
    """Parameters of graph."""

    name: str = Field(min_length=1, max_length=2_000)
    limit: int = Field(default=10, ge=1, le=100)


class Subject(BaseModel):
    """Parameters of ledger."""

    subject: str = Field(min_length=1, max_length=2_000)
    limit: int = Field(default=20, ge=1, le=100)


class After(BaseModel):
    """From which event on; 0 is the first. A browser's ``Last-Event-ID`` does the same."""

    after: int = Field(default=0, ge=0)


class Nothing(BaseModel):
    """No parameters."""


class JobStates(Value):
    """The runs that were started here, newest first."""

    runs: tuple[JobState, ...]


@dataclass(frozen=True)
class Endpoint:
    """One endpoint. ``asks`` checks the query, or the body of a POST; ``answers`` is None for an event stream."""

    method: Literal["GET", "POST"]
    path: str
    summary: str
    asks: type[BaseModel]
    answers: type[BaseModel] | None
    work: Callable[[Any, Request], Awaitable[BaseModel | Response]]


class _Work:
    """What each endpoint does."""

    def __init__(self, queries: Queries, jobs: Jobs) -> None:
        self._queries = queries
        self._jobs = jobs

    async def search(self, asked: Query, _: Request) -> BaseModel:
        """Passages."""
        return await to_thread.run_sync(self._queries.search, asked.query, asked.limit)

    async def ask(self, asked: Question, _: Request) -> BaseModel:
        """An answer."""
        return await to_thread.run_sync(self._queries.ask, asked.question, asked.limit, asked.engine)

    async def ask_stream(self, asked: Question, _: Request) -> Response:
        """An answer as events."""
        return event_stream(answer_events(self._queries, asked.question, asked.limit, asked.engine))

    async def graph(self, asked: Name, _: Request) -> BaseModel:
        """Entities."""
        return await to_thread.run_sync(self._queries.graph, asked.name, asked.limit)

    async def ledger(self, asked: Subject, _: Request) -> BaseModel:
        """Statements."""
        return await to_thread.run_sync(self._queries.ledger, asked.subject, asked.limit)

    async def sources(self, _: Nothing, __: Request) -> BaseModel:
        """What was read."""
        return await to_thread.run_sync(self._queries.sources)

    async def briefing(self, _: Nothing, request: Request) -> BaseModel:
        """One briefing."""
        return await found(partial(self._queries.briefing, request.path_params["run"]))

    async def report(self, _: Nothing, request: Request) -> BaseModel:
        """One report."""
        return await found(partial(self._queries.report, request.path_params["run"]))

    async def start(self, asked: Wanted, _: Request) -> BaseModel:
        """A run, new or joined."""
        return (await to_thread.run_sync(self._jobs.start, asked)).state

    async def runs(self, _: Nothing, __: Request) -> BaseModel:
        """All runs."""
        return JobStates(runs=tuple(job.state for job in self._jobs.all()))

    async def run(self, _: Nothing, request: Request) -> BaseModel:
        """One run."""
        return known_job(self._jobs, request).state

    async def events(self, asked: After, request: Request) -> Response:
        """The events of one run."""
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isascii() and last.isdigit() else asked.after
        return event_stream(job_events(known_job(self._jobs, request), after))


def endpoints_of(queries: Queries, jobs: Jobs) -> tuple[Endpoint, ...]:
    """Every endpoint."""
    work = _Work(queries, jobs)
    return (
        Endpoint("GET", "/api/search", "Passages that fit best, each with its quote", Query, SearchAnswer, work.search),
        Endpoint("GET", "/api/ask", "An answer with citations", Question, AskAnswer, work.ask),
        Endpoint("GET", "/api/ask/stream", "The same, sentence by sentence", Question, None, work.ask_stream),
        Endpoint("GET", "/api/graph", "What is known about a person, place or thing", Name, GraphAnswer, work.graph),
        Endpoint("GET", "/api/ledger", "Who said what on a subject, in time", Subject, LedgerAnswer, work.ledger),
        Endpoint("GET", "/api/sources", "What has been read", Nothing, SourcesAnswer, work.sources),
        Endpoint("GET", "/api/briefings/{run}", "A saved briefing", Nothing, BriefingAnswer, work.briefing),
        Endpoint("GET", "/api/briefings/{run}/report", "The whole report of a run", Nothing, Report, work.report),
        Endpoint("GET", "/api/runs", "Runs that were started here", Nothing, JobStates, work.runs),
        Endpoint("POST", "/api/runs", "Start a run, or join the one that does the same", Wanted, JobState, work.start),
        Endpoint("GET", "/api/runs/{job}", "How far a run is", Nothing, JobState, work.run),
        Endpoint("GET", "/api/runs/{job}/events", "Its events, from any of them on", After, None, work.events),
    )


def known_job(jobs: Jobs, request: Request) -> ServedRun:
    """The job that the path names. Raises NotHere."""
    job = jobs.find(request.path_params["job"])
    if job is None:
        raise NotHere("This run was not started here.", "The list of runs names those that were.")
    return job


async def found(look: Callable[[], T]) -> T:
    """What the path names. Raises NotHere where nothing has that name."""
    try:
        return await to_thread.run_sync(look)
    except UsageError as error:
        raise NotHere(error.message, error.hint) from error


def responder(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint as Starlette calls it: checks, work, JSON; an error as Problem with its status."""

    async def respond(request: Request) -> Response:
        try:
            given = await body_of(request) if endpoint.method == "POST" else request.query_params
            asked = _valid(endpoint.asks, given)
            answered = await endpoint.work(asked, request)
        except AutointelError as error:
            return problem(error)
        if isinstance(answered, Response):
            return answered
        return Response(answered.model_dump_json(), media_type="application/json")

    return respond


def _valid(model: type[BaseModel], given: Mapping[str, Any] | bytes) -> BaseModel:
    try:
        if isinstance(given, bytes):
            return model.model_validate_json(given or b"{}")
        return model.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise UsageError(f"{where}: {first['msg']}.", "api/openapi.json says what is taken.") from error


async def body_of(request: Request) -> bytes:
    """Raises UsageError for a body that is too long."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            raise UsageError("The request is too long.", f"Send at most {LONGEST_BODY // 1024} kB.")
    return bytes(body)


def status_of(error: AutointelError) -> int:
    """The status of HTTP that says the same."""
    if isinstance(error, NotHere):
        return 404
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def problem(error: AutointelError) -> Response:
    """The error as JSON."""
    return JSONResponse({"message": error.message, "hint": error.hint}, status_of(error))


def openapi_of(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """OpenAPI 3.1. Pure."""
    answers = {each.answers for each in endpoints if each.answers} | {Problem}
    bodies = {each.asks for each in endpoints if each.method == "POST"}
    wanted = [(model, "serialization") for model in _sorted(answers)] + [
        (model, "validation") for model in _sorted(bodies)
    ]
    names, schemas = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]  # the modes are literals
    paths: dict[str, dict[str, Any]] = {}
    for each in endpoints:
        answer = names[each.answers, "serialization"] if each.answers else None
        body = names[each.asks, "validation"] if each.method == "POST" else None
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, answer, body)
    return {
        "openapi": "3.1.0",
        "info": {"title": "autointel", "version": __version__},
        "servers": [{"url": ".."}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _sorted(models: set[type[BaseModel]]) -> list[type[BaseModel]]:
    return sorted(models, key=lambda model: model.__name__)


def _operation(endpoint: Endpoint, answer: dict[str, Any] | None, body: dict[str, Any] | None) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}} if answer else {"text/event-stream": {}}
    refused = {"application/json": {"schema": {"$ref": _REFERENCE.format(model="Problem")}}}
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "parameters": [*_in_path(endpoint), *([] if body else _in_query(endpoint))],
        "responses": {
            "200": {"description": "The answer", "content": content},
            "default": {"description": "An error: what happened, and what to do", "content": refused},
        },
    }
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _in_path(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for part in endpoint.path.split("/"):
        if part.startswith("{"):
            yield {"name": part.strip("{}"), "in": "path", "required": True, "schema": {"type": "string"}}


def _in_query(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    schema = endpoint.asks.model_json_schema()
    for name, taken in schema.get("properties", {}).items():
        yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": taken}
