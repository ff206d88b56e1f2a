"""A simulated search engine and the pages it finds: a real server on loopback that answers as SearXNG does.

The product asks it through its own fetcher, with every check that a page from the web would pass. What it says is made
of the question's words and settles nothing.
"""

from __future__ import annotations

import asyncio
import html
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

from autointel_bench.simulated.http import LoopbackServer, Response, as_json
from autointel_bench.simulated.http import Request as HttpRequest
from autointel_bench.simulated.profile import EvidenceLatency
from autointel_bench.stores import Request

_FILLING: Final = (
    "It neither supports nor refutes anything, and nobody has looked into the matter since it was raised.",
    "Those who took part remember it in different ways, and what was written down at the time is not complete.",
    "A reader who wants to know more will have to look somewhere else, and will find that others did so before.",
    "The figures that are sometimes quoted come from several years, and were not collected in the same way.",
    "What can be said is that the question was asked more than once, by people who had reasons for asking.",
)


class SimulatedEvidence(LoopbackServer):
    """``log`` has every request, ``base_url`` is what ``evidence.searxng_url`` takes.

    Pages are cited by address: runs that are to have equal results need the same ``port`` (0 takes any that is free).
    """

    def __init__(self, latency: EvidenceLatency, *, port: int = 0) -> None:
        super().__init__("simulated-evidence", port=port)
        self._latency = latency
        self._asked: dict[str, str] = {}
        self.log: list[Request] = []

    @property
    def base_url(self) -> str:
        """For example ``http://127.0.0.1:43121``."""
        return f"http://{self._host}:{self.port}"

    @override
    async def respond(self, request: HttpRequest) -> Response:
        address = urlsplit(request.path)
        is_search = address.path == "/search"
        stated = self._latency.search_seconds if is_search else self._latency.page_seconds
        started = time.monotonic()
        await asyncio.sleep(stated)
        response = self._found(parse_qs(address.query).get("q", [""])[0]) if is_search else self._page(address.path)
        self.log.append(
            Request(
                to="evidence",
                verb="search" if is_search else "page",
                stated_seconds=stated,
                started=started,
                ended=time.monotonic(),
            )
        )
        return response

    def _found(self, query: str) -> Response:
        digest = sha256(query.encode()).hexdigest()[:12]
        paths = [f"/page/{digest}-{number}" for number in range(1, self._latency.pages + 1)]
        self._asked |= dict.fromkeys(paths, query)
        results = [{"url": f"{self.base_url}{path}", "title": f"Simulated page {path[-14:]}"} for path in paths]
        return as_json({"query": query, "results": results, "unresponsive_engines": []})

    def _page(self, path: str) -> Response:
        if path not in self._asked:
            return Response(status=404, body=b"no such simulated page", content_type="text/plain")
        words = self._asked[path].split()
        return Response(body=_article(words).encode(), content_type="text/html; charset=utf-8")


def _article(words: Sequence[str]) -> str:
    """The words of the question, never eight in their order: such a page would be taken for a copy of the source.

    As long as a short article: what reads pages takes another, dearer way with a page of a few lines.
    """
    subject = " ".join(sorted({word.strip(".,;:!?") for word in words}, key=str.lower)[:12])
    paragraphs = [f"This simulated page was written for a benchmark and bears on {subject}. {_FILLING[0]}"]
    paragraphs += [" ".join(_FILLING[start:] + _FILLING[:start]) for start in range(1, len(_FILLING))]
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    head = "<head><title>Simulated page</title></head>"
    return f"<!doctype html><html lang='en'>{head}<body><article>{body}</article></body></html>"
