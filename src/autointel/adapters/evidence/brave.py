"""Brave Search: https://api-dashboard.search.brave.com/app/documentation/web-search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import BaseModel
from typing_extensions import override

from autointel.adapters.evidence.finder import Api, Finder, Hit, Probe, day
from autointel.extensions import Setting
from autointel.ports import Fetcher

_MOST: Final = 20
# Both limits are the API's; longer questions are answered with 422.
_QUERY_CHARACTERS: Final = 400
_QUERY_WORDS: Final = 50


class _Result(BaseModel):
    url: str = ""
    title: str | None = None
    page_age: str | None = None


class _Web(BaseModel):
    results: list[_Result] = []


class _Reply(BaseModel):
    # Absent where nothing was found; "type" is what tells such a reply from garbage.
    type: str
    web: _Web = _Web()


class BraveFinder(Finder):
    """By key."""

    name = "brave"
    settings: ClassVar[Mapping[str, Setting]] = {"brave_api_key": Setting(takes="key")}

    def __init__(self, fetcher: Fetcher, key: str, base_url: str = "https://api.search.brave.com") -> None:
        self._api = Api(
            fetcher,
            "Brave Search",
            base_url,
            key_setting="AUTOINTEL_EVIDENCE__BRAVE_API_KEY",
            headers={"x-subscription-token": key},
        )

    @classmethod
    @override
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:
        return cls(fetcher, values["brave_api_key"])

    @classmethod
    @override
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        return Probe("key is set")  # a search costs money

    async def find(self, query: str, limit: int) -> list[Hit]:
        """See Finder."""
        short = " ".join(query.split()[:_QUERY_WORDS])[:_QUERY_CHARACTERS]
        reply = await self._api.ask("/res/v1/web/search", _Reply, {"q": short, "count": min(limit, _MOST)})
        return [
            Hit(url=result.url, title=result.title or result.url, published_at=day(result.page_age))
            for result in reply.web.results[:limit]
            if result.url
        ]
