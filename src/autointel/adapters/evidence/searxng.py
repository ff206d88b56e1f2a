"""SearXNG, a search engine over others that anyone can run: https://docs.searxng.org/dev/search_api.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel
from typing_extensions import override

from autointel.adapters.evidence.finder import Api, Finder, Hit, Probe, day
from autointel.errors import EvidenceUnavailable
from autointel.extensions import Setting
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
    # Usually on this machine; a server elsewhere is refused by the network rule.
    offline = True
    settings: ClassVar[Mapping[str, Setting]] = {"searxng_url": Setting(takes="address")}

    def __init__(self, fetcher: Fetcher, base_url: str) -> None:
        self._api = Api(fetcher, "SearXNG", base_url, key_setting="AUTOINTEL_EVIDENCE__SEARXNG_URL")

    @classmethod
    @override
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:
        return cls(fetcher, values["searxng_url"])

    @classmethod
    @override
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        return Probe("", address=values["searxng_url"])

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
