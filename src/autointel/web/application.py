"""The server of ``autointel serve``: pages and JSON behind the guard, on this machine only."""

from __future__ import annotations

import json
import socket
from typing import Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from autointel.errors import UsageError
from autointel.web.endpoints import endpoints_of, responder
from autointel.web.guard import Guard, is_loopback
from autointel.web.jobs import Jobs
from autointel.web.openapi import openapi_of
from autointel.web.pages import Pages
from autointel.web.queries import Queries

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
            "From elsewhere, use ssh -L 8000:127.0.0.1:PORT.",
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
