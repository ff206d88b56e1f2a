"""SearXNG, a search engine over others that anyone can run: https://docs.searxng.org/dev/search_api.html."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from autointel.adapters.evidence.api import Api
from autointel.adapters.evidence.search_hit import Finder, Hit, day
from autointel.errors import EvidenceUnavailable
from autointel.ports import Fetcher


class _Result(BaseModel):
    url: str = ""
    title: str | None = None
    publishedDate: str | None = None  # noqa: N815 - SearXNG's name


class _Reply(BaseModel):
    results: list[_Result]
    unresponsive_engines: list[list[Any]] = []


class SearxngFinder(Finder):
    """An instance by its base URL, usually the user's own."""

    name = "searxng"

    def __init__(self, fetcher: Fetcher, base_url: str) -> None:
        self._api = Api(fetcher, "SearXNG", base_url, key_setting="AUTOINTEL_EVIDENCE__SEARXNG_URL")

    async def find(self, query: str, limit: int) -> list[Hit]:
        """See Finder. Raises EvidenceUnavailable where all of its own engines were silent, too."""
        reply = await self._api.ask(
            "/search",
            _Reply,
            {"q": query, "format": "json"},
            refusal=EvidenceUnavailable(
                "SearXNG refuses to answer in JSON, as it does by default.",
                "Add json to search.formats in its settings.yml and restart it.",
            ),
        )
        if not reply.results and reply.unresponsive_engines:
            silent = ", ".join(str(engine[0]) for engine in reply.unresponsive_engines[:5] if engine)
            raise EvidenceUnavailable(f"SearXNG got no answer from {silent}.", "Try again later.")
        found = [result for result in reply.results if result.url]
        return [
            Hit(url=result.url, title=result.title or result.url, published_at=day(result.publishedDate))
            for result in found[:limit]
        ]
