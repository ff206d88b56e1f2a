"""The server of ``autointel serve``: its guard, its pages, and JSON under ``/api``, on this machine only.

Pages show the library, search, ask, graph, a run as it goes on, and every briefing as ``report.html`` shows it. They
and the JSON are for this server's own pages and whoever knows its token.
"""

from __future__ import annotations

import json
import re
import secrets
import socket
from collections.abc import Awaitable, Callable
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from anyio import to_thread
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autointel.app.run_context import is_loopback
from autointel.errors import AutointelError, UsageError
from autointel.render.html.page import ICON, environment, own_file
from autointel.web.endpoints import Endpoint, body_of, endpoints_of, found, known_job, openapi_of, responder, status_of
from autointel.web.jobs import Jobs, Wanted
from autointel.web.queries import Queries

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The address holds the token: no other site gets it.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HOST: Final = re.compile(r"(?i)([\d.]{7,15}|localhost|\[[\da-f:]{2,39}\])(?::(\d{1,5}))?")
_HTTP: Final = 80  # the port of an address that names none
_GRACE: Final = 1  # second for streams that are open when the server stops
Page = Callable[[Request], Awaitable[Response]]
_CANDIDATES: Final = 100  # what is filtered by source and speaker afterwards
_SHOWN: Final = 20  # passages on a page


def application(queries: Queries, jobs: Jobs, token: str) -> ASGIApp:
    """Everything below the token."""
    endpoints = endpoints_of(queries, jobs)
    document = json.dumps(openapi_of(endpoints), indent=1)
    pages = Pages(queries, jobs, endpoints)

    async def openapi(_: Request) -> Response:
        return Response(document, media_type="application/json")

    async def metrics(_: Request) -> Response:
        return Response(await to_thread.run_sync(queries.metrics), media_type="text/plain; version=0.0.4")

    routes = [
        Route("/", pages.guarded(pages.home)),
        Route("/search", pages.guarded(pages.search)),
        Route("/ask", pages.guarded(pages.ask)),
        Route("/graph", pages.guarded(pages.graph)),
        Route("/briefings/{run}", pages.guarded(pages.briefing)),
        Route("/runs", pages.guarded(pages.start), methods=["POST"]),
        Route("/runs/{job}", pages.guarded(pages.run)),
        Route("/static/page.css", pages.style),
        Route("/static/app.js", pages.script),
        Route("/metrics", metrics),
        Route("/api/openapi.json", openapi),
        Route("/api/docs", pages.guarded(pages.api)),
        *(Route(each.path, responder(each), methods=[each.method]) for each in endpoints),
    ]
    return Guard(Starlette(routes=routes), token)


def listening(host: str, port: int) -> socket.socket:
    """A socket that only this machine can reach; port 0 is a free one. Raises UsageError for any other address."""
    if not is_loopback(host):
        raise UsageError(
            f"autointel serve listens on this machine only, not on {host}.",
            "From elsewhere, use ssh -L PORT:127.0.0.1:PORT, the same PORT twice.",
        )
    name = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in name else socket.AF_INET
        return socket.create_server((name, port), family=family)
    except OSError as error:
        raise UsageError(f"Nothing can listen on port {port}: {error.strerror}.", "Choose another --port.") from error


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Answer until a signal comes, which is raised again as KeyboardInterrupt. Blocks."""
    from uvicorn import Config, Server

    config = Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # the path holds the token
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    Server(config).run(sockets=[listener])


class Guard:
    """Passes a request on if its host, its origin and its token are right; else 403 and why.

    The token is the first part of the path, or stands in ``Authorization: Bearer``. A page of another site can name
    neither this host (DNS rebinding) nor its origin, and knows no token.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refusal = _refusal(headers, scope["method"], scope["server"][1] if scope.get("server") else None)
        inner = None if refusal else self._inside(scope, headers)
        if inner is None:
            await _refuse(send, refusal or "The token in the address is missing or wrong.")
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered.setdefault("Content-Security-Policy", POLICY)
                answered.update(_HEADERS)
            await send(message)

        await self._app(inner, receive, guarded)

    def _inside(self, scope: Scope, headers: Headers) -> Scope | None:
        """The scope below the token; None for a wrong one."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer" and self._is_token(bearer):
            return scope
        first = str(scope["path"]).split("/", 2)[1] if str(scope["path"]).startswith("/") else ""
        if not self._is_token(first):
            return None
        # Starlette takes the path without its root.
        return {**scope, "root_path": f"/{first}"}

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token.encode())


def _refusal(headers: Headers, method: str, port: int | None) -> str:
    """Why the request comes from elsewhere, or was meant for another port; empty if neither."""
    hosts = headers.getlist("host")
    host = hosts[0] if len(hosts) == 1 else ""
    named = _HOST.fullmatch(host)
    if named is None or not is_loopback(named[1].lower()) or int(named[2] or _HTTP) != port:
        return "This server answers to the names of this machine only."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "A page of another site may not ask this server."
    # A link may lead here; nothing else of another site may.
    elsewhere = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    if elsewhere and not (method == "GET" and headers.get("sec-fetch-mode") == "navigate"):
        return "A page of another site may not ask this server."
    return ""


async def _refuse(send: Send, why: str) -> None:
    hint = "Open the address that autointel serve printed."
    body = json.dumps({"message": why, "hint": hint}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), **_HEADERS}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 403, "headers": raw})
    await send({"type": "http.response.body", "body": body})


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
