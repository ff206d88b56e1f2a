"""Search services as sources of evidence: Wikipedia, SearXNG, Tavily, Brave Search and Google Fact Check Tools.

Wikipedia is asked by the MediaWiki API: without a key, one request at a time, under a name that can be written to
(https://www.mediawiki.org/wiki/API:Etiquette, https://foundation.wikimedia.org/wiki/Policy:User-Agent_policy).
SearXNG is a search engine over others that anyone can run (https://docs.searxng.org/dev/search_api.html); the other
three need a key: https://docs.tavily.com/documentation/api-reference/endpoint/search,
https://api-dashboard.search.brave.com/app/documentation/web-search and, for reviews by fact-checkers,
https://developers.google.com/fact-check/tools/api.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import anyio
from pydantic import BaseModel
from typing_extensions import override

import autointel
from autointel.adapters.evidence.finder import Api, Finder, Hit, Probe, day
from autointel.errors import EvidenceUnavailable
from autointel.extensions import Setting
from autointel.ports import Fetcher

# The most results, characters and words in a query that the APIs take; longer questions are answered with 422.
_MOST: Final = 20
_QUERY_CHARACTERS: Final = 400
_QUERY_WORDS: Final = 50
_WIKIPEDIA: Final = "https://en.wikipedia.org"
_WIKIPEDIA_CHARACTERS: Final = 300  # the search refuses longer ones


class SearxngFinder(Finder):
    """An instance by its base URL, usually the user's own."""

    name = "searxng"
    # Usually on this machine; a server elsewhere is refused by the network rule.
    offline = True
    settings: ClassVar[Mapping[str, Setting]] = {"searxng_url": Setting(takes="address")}

    def __init__(self, fetcher: Fetcher, base_url: str) -> None:
        self.named_by = base_url
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
            _SearxngReply,
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


class _SearxngResult(BaseModel):
    url: str = ""
    title: str | None = None
    publishedDate: str | None = None  # noqa: N815 - SearXNG's name


class _SearxngReply(BaseModel):
    results: list[_SearxngResult]
    unresponsive_engines: list[list[Any]] = []


class _Keyed(Finder):
    """A service that wants a key, named by the one setting. A search costs money, so ``doctor`` asks nothing."""

    title: ClassVar[str]
    address: ClassVar[str]

    def __init__(self, fetcher: Fetcher, key: str, base_url: str | None = None) -> None:
        [setting] = self.settings
        variable = Setting.variable(setting)
        self.named_by = base_url or self.address
        self._api = Api(fetcher, self.title, self.named_by, key_setting=variable, headers=self.signed_by(key))

    @classmethod
    @override
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:
        [setting] = cls.settings
        return cls(fetcher, values[setting])

    @classmethod
    @override
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        return Probe("key is set")

    @staticmethod
    @abstractmethod
    def signed_by(key: str) -> Mapping[str, str]:
        """The headers that carry the key; in the address it would be logged on the way."""


class TavilyFinder(_Keyed):
    """Only its addresses are used: a quote must stand in the page, not in somebody's summary of it."""

    name = "tavily"
    title = "Tavily"
    address = "https://api.tavily.com"
    settings: ClassVar[Mapping[str, Setting]] = {"tavily_api_key": Setting(takes="key")}

    @staticmethod
    @override
    def signed_by(key: str) -> Mapping[str, str]:
        return {"authorization": f"Bearer {key}"}

    async def find(self, query: str, limit: int) -> list[Hit]:
        """See Finder."""
        question = {"query": query[:_QUERY_CHARACTERS], "max_results": min(limit, _MOST), "search_depth": "basic"}
        reply = await self._api.ask("/search", _TavilyReply, {}, body=question)
        return [
            Hit(url=result.url, title=result.title or result.url, published_at=day(result.published_date))
            for result in reply.results[:limit]
            if result.url
        ]


class _TavilyResult(BaseModel):
    url: str = ""
    title: str | None = None
    published_date: str | None = None


class _TavilyReply(BaseModel):
    results: list[_TavilyResult]


class BraveFinder(_Keyed):
    """Brave Search."""

    name = "brave"
    title = "Brave Search"
    address = "https://api.search.brave.com"
    settings: ClassVar[Mapping[str, Setting]] = {"brave_api_key": Setting(takes="key")}

    @staticmethod
    @override
    def signed_by(key: str) -> Mapping[str, str]:
        return {"x-subscription-token": key}

    async def find(self, query: str, limit: int) -> list[Hit]:
        """See Finder."""
        short = " ".join(query.split()[:_QUERY_WORDS])[:_QUERY_CHARACTERS]
        reply = await self._api.ask("/res/v1/web/search", _BraveReply, {"q": short, "count": min(limit, _MOST)})
        return [
            Hit(url=result.url, title=result.title or result.url, published_at=day(result.page_age))
            for result in reply.web.results[:limit]
            if result.url
        ]


class _BraveResult(BaseModel):
    url: str = ""
    title: str | None = None
    page_age: str | None = None


class _BraveResults(BaseModel):
    results: list[_BraveResult] = []


class _BraveReply(BaseModel):
    # Absent where nothing was found; "type" is what tells such a reply from garbage.
    type: str
    web: _BraveResults = _BraveResults()


class GoogleFactCheckFinder(_Keyed):
    """The page of a review is read like any other; its rating is not taken over."""

    name = "google-fact-check"
    title = "Google Fact Check Tools"
    address = "https://factchecktools.googleapis.com"
    settings: ClassVar[Mapping[str, Setting]] = {"google_fact_check_api_key": Setting(takes="key")}

    @staticmethod
    @override
    def signed_by(key: str) -> Mapping[str, str]:
        return {"x-goog-api-key": key}

    async def find(self, query: str, limit: int) -> list[Hit]:
        """See Finder. One claim may have several reviews."""
        reply = await self._api.ask("/v1alpha1/claims:search", _GoogleReply, {"query": query, "pageSize": limit})
        reviews = [(claim, review) for claim in reply.claims for review in claim.claimReview if review.url]
        return [
            Hit(
                url=review.url,
                title=review.title or f"{review.publisher.name}: {claim.text}"[:200],
                published_at=day(review.reviewDate),
            )
            for claim, review in reviews[:limit]
        ]


class _Publisher(BaseModel):
    name: str = ""


class _Review(BaseModel):
    url: str = ""
    title: str = ""
    reviewDate: str | None = None  # noqa: N815 - Google's name
    publisher: _Publisher = _Publisher()


class _ReviewedClaim(BaseModel):
    text: str = ""
    claimReview: list[_Review] = []  # noqa: N815 - Google's name


class _GoogleReply(BaseModel):
    # An empty object is how nothing found is said.
    claims: list[_ReviewedClaim] = []


class WikipediaFinder(Finder):
    """Articles with their plain text. Without a date: a sentence is as old as its edit, which is not told."""

    name = "wikipedia"
    settings: ClassVar[Mapping[str, Setting]] = {"contact": Setting(needed=False)}

    def __init__(self, fetcher: Fetcher, base_url: str = _WIKIPEDIA, *, contact: str = "") -> None:
        self.named_by = base_url
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
        return Probe("", address=_WIKIPEDIA)

    async def find(self, query: str, limit: int) -> list[Hit]:
        """One request to search, one for each article: the API gives the whole text of one at a time."""
        async with self._turn:
            found = await self._ask(list="search", srsearch=query[:_WIKIPEDIA_CHARACTERS], srlimit=limit)
            pages = [page for hit in found.search for page in await self._article(hit.pageid)]
        return [Hit(url=page.fullurl, title=page.title, text=page.extract) for page in pages]

    async def _article(self, page_id: int) -> list[_WikipediaPage]:
        reply = await self._ask(prop="extracts|info", pageids=page_id, explaintext=1, inprop="url")
        return [page for page in reply.pages if page.extract and page.fullurl and page.title]

    async def _ask(self, **params: str | int) -> _WikipediaQuery:
        reply = await self._api.ask(
            "/w/api.php",
            _WikipediaReply,
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
        return reply.query or _WikipediaQuery()


class _WikipediaPage(BaseModel):
    title: str = ""
    pageid: int = 0
    fullurl: str = ""
    extract: str = ""


class _WikipediaQuery(BaseModel):
    search: list[_WikipediaPage] = []
    pages: list[_WikipediaPage] = []


class _WikipediaFault(BaseModel):
    info: str = ""


class _WikipediaReply(BaseModel):
    error: _WikipediaFault | None = None
    query: _WikipediaQuery | None = None
    batchcomplete: bool | None = None
