"""Tavily: https://docs.tavily.com/documentation/api-reference/endpoint/search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import BaseModel
from typing_extensions import override

from autointel.adapters.evidence.finder import Api, Finder, Hit, Probe, day
from autointel.extensions import Setting
from autointel.ports import Fetcher

_MOST: Final = 20
_QUERY_CHARACTERS: Final = 400


class _Result(BaseModel):
    url: str = ""
    title: str | None = None
    published_date: str | None = None


class _Reply(BaseModel):
    results: list[_Result]


class TavilyFinder(Finder):
    """By key. Only its addresses are used: a quote must stand in the page, not in somebody's summary of it."""

    name = "tavily"
    settings: ClassVar[Mapping[str, Setting]] = {"tavily_api_key": Setting(takes="key")}

    def __init__(self, fetcher: Fetcher, key: str, base_url: str = "https://api.tavily.com") -> None:
        self._api = Api(
            fetcher,
            "Tavily",
            base_url,
            key_setting="AUTOINTEL_EVIDENCE__TAVILY_API_KEY",
            headers={"authorization": f"Bearer {key}"},
        )

    @classmethod
    @override
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:
        return cls(fetcher, values["tavily_api_key"])

    @classmethod
    @override
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        return Probe("key is set")  # a search costs money

    async def find(self, query: str, limit: int) -> list[Hit]:
        """See Finder."""
        question = {"query": query[:_QUERY_CHARACTERS], "max_results": min(limit, _MOST), "search_depth": "basic"}
        reply = await self._api.ask("/search", _Reply, {}, body=question)
        return [
            Hit(url=result.url, title=result.title or result.url, published_at=day(result.published_date))
            for result in reply.results[:limit]
            if result.url
        ]
