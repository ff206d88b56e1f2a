"""The server of ``autointel serve``: pages and JSON on this machine, for its own pages and whoever knows its token."""

from __future__ import annotations

import json
import re
import secrets
import socket
from typing import Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autointel.app.run_context import is_loopback
from autointel.errors import UsageError
from autointel.web.endpoints import endpoints_of, openapi_of, responder
from autointel.web.jobs import Jobs
from autointel.web.pages import Pages
from autointel.web.queries import Queries

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The address holds the token: no other site is told of it.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HOST: Final = re.compile(r"(?i)([\d.]{7,15}|localhost|\[[\da-f:]{2,39}\])(?::(\d{1,5}))?")
_HTTP: Final = 80  # the port of an address that names none
_GRACE: Final = 1  # second for streams that are open when the server stops


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
