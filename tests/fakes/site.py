"""A web site on loopback: what it serves is told to it, and it remembers who asked for what."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Page:
    """A whole, honest answer."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Behaviour = Callable[["Exchange"], None]
Answer = Page | Behaviour


class Exchange(BaseHTTPRequestHandler):
    """A request in the hands of a behaviour, which may answer as badly as it likes."""

    protocol_version = "HTTP/1.1"
    site: Site
    asked: Asked

    def send(self, page: Page) -> None:
        """A whole answer."""
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        if "Content-Length" not in page.headers:
            self.send_header("Content-Length", str(len(page.body)))
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)

    def begin(self, **headers: str) -> None:
        """The head of an answer that is written by hand, and ends with the connection."""
        self.close_connection = True
        self.send_response(int(headers.pop("status", "200")))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked = Asked(self.command, self.path, headers, self.rfile.read(length))
        self.site.requests.append(self.asked)
        try:
            self._answer(self.site.answer_to(self.path))
        except ConnectionError:
            self.close_connection = True  # who asked has had enough

    do_POST = do_GET  # noqa: N815 - the name is http.server's

    def _answer(self, answer: Answer) -> None:
        if isinstance(answer, Page):
            self.send(answer)
        else:
            answer(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - likewise
        """Tests look at ``site.requests``."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # the usual five make the sixth at once wait a second

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves early is its own affair: a traceback on stderr would be taken for the product's."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Site:
    """``with Site({"/talk.vtt": Page(b"WEBVTT…", "text/vtt")}) as site: …``; paths are matched without their query."""

    def __init__(self, pages: Mapping[str, Answer] | None = None) -> None:
        self.pages: dict[str, Answer] = dict(pages or {})
        self.requests: list[Asked] = []
        self.closing = threading.Event()
        handler = type("SiteExchange", (Exchange,), {"site": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        # A short poll: shutting down waits for it.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    @property
    def host(self) -> str:
        """``127.0.0.1:port``."""
        return f"127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.requests]

    def url(self, path: str = "/") -> str:
        """The address of a page."""
        return f"http://{self.host}{path}"

    def answer_to(self, path: str) -> Answer:
        """The page at a path, or a 404."""
        return self.pages.get(path.partition("?")[0], Page(b"not here", "text/plain", 404))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def redirect(to: str, status: int = 302) -> Page:
    """Leads on. Letters beyond ASCII go as UTF-8 bytes, as servers send them; http.server would refuse them."""
    return Page(status=status, headers={"Location": to.encode().decode("latin-1")})


def silence(exchange: Exchange) -> None:
    """Takes the question and never answers."""
    exchange.close_connection = True
    exchange.site.closing.wait(60)


def drip(exchange: Exchange) -> None:
    """A byte at a time, for ever: no read ever times out."""
    exchange.begin(Content_Type="text/html")
    while not exchange.site.closing.wait(0.02):
        exchange.wfile.write(b".")


def flood(exchange: Exchange) -> None:
    """As fast as it goes, for ever."""
    exchange.begin(Content_Type="text/html")
    while not exchange.site.closing.is_set():
        exchange.wfile.write(b"x" * 65536)


def hang_up(exchange: Exchange) -> None:
    """Promises a thousand bytes and leaves after ten."""
    exchange.begin(Content_Type="text/html", Content_Length="1000")
    exchange.wfile.write(b"<html>half")
