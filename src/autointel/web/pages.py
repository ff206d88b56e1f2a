"""The web pages: library, search, ask, graph, a run as it goes on, and every briefing as ``report.html`` shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from anyio import to_thread
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from autointel.errors import AutointelError, UsageError
from autointel.render.html.page import ICON, environment, own_file
from autointel.web.endpoints import Endpoint, body_of, found, known_job, status_of
from autointel.web.jobs import Jobs, Wanted
from autointel.web.queries import Queries

if TYPE_CHECKING:
    from jinja2 import Environment

Page = Callable[[Request], Awaitable[Response]]
_CANDIDATES: Final = 100  # what is filtered by source and speaker afterwards
_SHOWN: Final = 20


class Pages:
    """A method for each page. An error becomes a page that says what happened and what to do."""

    def __init__(self, queries: Queries, jobs: Jobs, endpoints: tuple[Endpoint, ...]) -> None:
        self._queries = queries
        self._jobs = jobs
        self._endpoints = endpoints

    async def home(self, request: Request) -> Response:
        """The library, and what can be asked of it."""
        sources = await to_thread.run_sync(self._queries.sources)
        jobs = [job.state for job in self._jobs.all()]
        return self._page(request, "home.html", "Library", {"sources": sources.sources, "jobs": jobs})

    async def search(self, request: Request) -> Response:
        """Passages, perhaps of one source or speaker only."""
        asked = {name: request.query_params.get(name, "").strip() for name in ("query", "source", "speaker")}
        sources = (await to_thread.run_sync(self._queries.sources)).sources
        answer = None
        if asked["query"]:
            answer = await to_thread.run_sync(self._queries.search, asked["query"], _CANDIDATES)
        passages = [
            each
            for each in (answer.passages if answer else ())
            if asked["source"] in {"", each.source_id}
            and asked["speaker"].casefold() in (each.citation.speaker or "").casefold()
        ]
        seen = {each.title: each.run_id for each in sources}
        shown = {"answer": answer, "passages": passages[:_SHOWN], "sources": sources, "seen": seen}
        return self._page(request, "search.html", "Search", asked | shown)

    async def ask(self, request: Request) -> Response:
        """The question, answered by the script sentence by sentence, or whole where there is no script."""
        question, answer = request.query_params.get("question", "").strip(), None
        if question and request.query_params.get("whole"):
            answer = await to_thread.run_sync(self._queries.ask, question)
        return self._page(
            request, "ask.html", "Ask", {"question": question, "answer": answer, "seen": await self._seen()}
        )

    async def graph(self, request: Request) -> Response:
        """What is known about a person, place or thing."""
        name = request.query_params.get("name", "").strip()
        answer = await to_thread.run_sync(self._queries.graph, name) if name else None
        return self._page(request, "graph.html", "Graph", {"name": name, "answer": answer, "seen": await self._seen()})

    async def briefing(self, request: Request) -> Response:
        """The page of a run, the same as ``report.html``, under the policy that it carries itself."""
        page, policy = await found(partial(self._queries.page, request.path_params["run"]))
        headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"}
        return HTMLResponse(page, headers=headers)

    async def start(self, request: Request) -> Response:
        """Start a run, and go to its page."""
        given = parse_qs((await body_of(request)).decode(errors="replace"))
        try:
            wanted = Wanted(source=given.get("source", [""])[0].strip())
        except ValidationError as error:
            raise UsageError("The source is empty or too long.", "Give a web address or a file.") from error
        job = await to_thread.run_sync(self._jobs.start, wanted)
        return RedirectResponse(f"{_base(request)}/runs/{job.id}", 303)

    async def run(self, request: Request) -> Response:
        """A run as it goes on."""
        job = known_job(self._jobs, request).state
        return self._page(request, "run.html", job.source, {"job": job})

    async def api(self, request: Request) -> Response:
        """The endpoints for programs."""
        rows = [
            {
                "method": each.method,
                "path": each.path,
                "summary": each.summary,
                "takes": ", ".join(each.asks.model_fields),
                "answers": each.answers.__name__ if each.answers else "",
            }
            for each in self._endpoints
        ]
        return self._page(request, "api.html", "API", {"endpoints": rows})

    async def style(self, _: Request) -> Response:
        """The style of ``report.html``, and what forms add to it."""
        return Response(f"{own_file('page.css')}\n{_own('app.css')}", media_type="text/css")

    async def script(self, _: Request) -> Response:
        """The script of these pages."""
        return Response(_own("app.js"), media_type="text/javascript")

    def guarded(self, page: Page) -> Page:
        """The page, or one that says what went wrong."""

        async def respond(request: Request) -> Response:
            try:
                return await page(request)
            except AutointelError as error:
                return self._page(
                    request,
                    "problem.html",
                    "This did not work",
                    {"message": error.message, "hint": error.hint},
                    status_of(error),
                )

        return respond

    async def _seen(self) -> dict[str, str | None]:
        sources = await to_thread.run_sync(self._queries.sources)
        return {each.title: each.run_id for each in sources.sources}

    def _page(self, request: Request, template: str, title: str, values: dict[str, Any], status: int = 200) -> Response:
        shared = {"base": _base(request), "icon": ICON, "namespace": self._queries.namespace, "title": title}
        return HTMLResponse(_templates().get_template(template).render(shared | values), status)


def _base(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


@cache
def _own(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    """With the sanitising and the functions of ``report.html``."""
    from jinja2 import PackageLoader

    return environment().overlay(loader=PackageLoader(__package__, "templates"))
