"""Wikipedia, by the MediaWiki API: keyless, one request at a time, with a name that can be written to.

https://www.mediawiki.org/wiki/API:Etiquette and https://foundation.wikimedia.org/wiki/Policy:User-Agent_policy
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import anyio
from pydantic import BaseModel
from typing_extensions import override

import autointel
from autointel.adapters.evidence.finder import Api, Finder, Hit, Probe
from autointel.errors import EvidenceUnavailable
from autointel.extensions import Setting
from autointel.ports import Fetcher

_ADDRESS: Final = "https://en.wikipedia.org"
_QUERY_CHARACTERS: Final = 300  # the search refuses longer ones


class _Fault(BaseModel):
    info: str = ""


class _Page(BaseModel):
    title: str = ""
    pageid: int = 0
    fullurl: str = ""
    extract: str = ""


class _Query(BaseModel):
    search: list[_Page] = []
    pages: list[_Page] = []


class _Reply(BaseModel):
    error: _Fault | None = None
    query: _Query | None = None
    batchcomplete: bool | None = None


class WikipediaFinder(Finder):
    """Articles with their plain text. Without a date: a sentence is as old as its edit, which is not told."""

    name = "wikipedia"
    settings: ClassVar[Mapping[str, Setting]] = {"contact": Setting(needed=False)}

    def __init__(self, fetcher: Fetcher, base_url: str = _ADDRESS, *, contact: str = "") -> None:
        agent = f"autointel/{autointel.__version__} ({contact or 'a reader that checks claims, one request at a time'})"
        self._api = Api(
            fetcher,
            "Wikipedia",
            base_url,
            key_setting="AUTOINTEL_EVIDENCE__CONTACT",
            headers={"user-agent": agent},
        )
        # Etiquette: serial requests, over all claims that are checked at once.
        self._turn = anyio.Lock()

    @classmethod
    @override
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:
        return cls(fetcher, contact=values.get("contact", ""))

    @classmethod
    @override
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        return Probe("", address=_ADDRESS)

    async def find(self, query: str, limit: int) -> list[Hit]:
        """One request to search, one for each article: the API gives the whole text of one at a time."""
        async with self._turn:
            found = await self._ask(list="search", srsearch=query[:_QUERY_CHARACTERS], srlimit=limit)
            pages = [page for hit in found.search for page in await self._article(hit.pageid)]
        return [Hit(url=page.fullurl, title=page.title, text=page.extract) for page in pages]

    async def _article(self, page_id: int) -> list[_Page]:
        reply = await self._ask(prop="extracts|info", pageids=page_id, explaintext=1, inprop="url")
        return [page for page in reply.pages if page.extract and page.fullurl and page.title]

    async def _ask(self, **params: str | int) -> _Query:
        reply = await self._api.ask(
            "/w/api.php",
            _Reply,
            {"action": "query", "format": "json", "formatversion": 2, **params},
            refusal=EvidenceUnavailable(
                "Wikipedia refuses to answer a reader that it cannot write to.",
                "Put an address of yours into AUTOINTEL_EVIDENCE__CONTACT.",
            ),
        )
        if reply.error is not None:
            raise EvidenceUnavailable(f"Wikipedia answered: {reply.error.info[:200]}", "Try again later.")
        if reply.query is None and not reply.batchcomplete:
            raise EvidenceUnavailable("Wikipedia answered in a form that is not known here.", "Check its base URL.")
        return reply.query or _Query()
