"""A site on loopback that writes down whatever is asked of it: a search engine with pages, or a trap with none."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from typing_extensions import override

_SEARCH: Final = "/search"


class LoopbackSite:
    """Serves ``pages`` by path, and finds all of them for any search, as SearXNG does. ``asked`` has every path."""

    def __init__(self, pages: Mapping[str, str] | None = None) -> None:
        self.pages = dict(pages or {})
        self.asked: list[str] = []
        site = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.answer(self)

            do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815  http.server's names

            @override
            def log_message(self, format: str, *args: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Write it down, and answer."""
        path = urlsplit(request.path).path
        self.asked.append(path)
        if path == _SEARCH and self.pages:
            found = [{"url": f"{self.base_url}{page}", "title": page.strip("/")} for page in self.pages]
            self._send(request, 200, "application/json", json.dumps({"results": found}))
        elif path in self.pages:
            self._send(request, 200, "text/plain; charset=utf-8", self.pages[path])
        else:
            self._send(request, 404, "text/plain", "Nothing here.")

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, kind: str, text: str) -> None:
        body = text.encode()
        request.send_response(status)
        request.send_header("content-type", kind)
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
