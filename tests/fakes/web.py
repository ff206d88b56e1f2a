"""The server of ``autointel serve`` without a socket, over a home in which something has been saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from autointel.app.children import Children, Ended
from autointel.cli.progress import Silent
from autointel.domain.run import Engine
from autointel.settings import Settings
from autointel.web.application import application
from autointel.web.jobs import Jobs
from autointel.web.queries import Queries

TOKEN = "a-token"
HOST = "127.0.0.1:8000"


class Scripted(Children):
    """Children that say what they are given, and wait for ``go`` before the last line."""

    def __init__(self, lines: Sequence[str], ended: Ended, wait: Callable[[], object] = lambda: None) -> None:
        super().__init__({})
        self._lines = lines
        self._ended = ended
        self._wait = wait
        self.asked: list[list[str]] = []

    def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
        self.asked.append(list(arguments))
        for line in self._lines:
            heard(line)
        self._wait()
        return self._ended


def jobs_over(children: Children) -> Jobs:
    return Jobs(children, lambda wanted: ["run", wanted.source])


def queries_over(home: Path, namespace: str = "default") -> Queries:
    return Queries(Settings(home=home), namespace, lambda _: Engine.LOCAL, Silent())


def client_over(home: Path, jobs: Jobs | None = None, **headers: str) -> httpx.AsyncClient:
    """A client of the server, below its token unless the path says otherwise."""
    app: Any = application(queries_over(home), jobs or jobs_over(Children({})), TOKEN)
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}/{TOKEN}", headers=headers)
