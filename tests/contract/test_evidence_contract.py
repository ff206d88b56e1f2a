"""What every source of evidence promises, asked of the fake and of each real one over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from tests.fakes.evidence import ShelfEvidence
from tests.fakes.fetcher import TableFetcher
from tests.fakes.site import Answer, Exchange, Page, Site, hang_up, redirect, silence

from autointel.adapters.evidence.finder import Finder
from autointel.adapters.evidence.folder import FolderFinder
from autointel.adapters.evidence.paged import PagedEvidence
from autointel.adapters.evidence.search_engines import (
    BraveFinder,
    GoogleFactCheckFinder,
    SearxngFinder,
    TavilyFinder,
    WikipediaFinder,
)
from autointel.adapters.fetch.addresses import AddressRule
from autointel.adapters.fetch.fetcher import Limits, SafeFetcher
from autointel.domain.analysis import Evidence
from autointel.errors import EvidenceUnavailable
from autointel.ports import EvidenceSearch, Fetcher

QUOTE = "Sulphur emissions of the station fell by 12 percent."
TEXT = f"A report on the valley. {QUOTE} The café is open on Sundays."
PAGES = ("/one", "/two", "/three")


def _json(value: object) -> Page:
    return Page(json.dumps(value).encode(), "application/json")


def _engine(*, found: Callable[[str], object], nothing: object) -> Callable[[Site], Answer]:
    """Answers with ``found(base url)`` to questions about emissions, with ``nothing`` to others."""

    def with_site(site: Site) -> Answer:
        def answer(exchange: Exchange) -> None:
            asked = f"{exchange.path} {exchange.asked.body.decode()}"
            exchange.send(_json(found(site.url().rstrip("/")) if "emissions" in asked else nothing))

        return answer

    return with_site


def _wikipedia(site: Site) -> Answer:
    def answer(exchange: Exchange) -> None:
        asked = parse_qs(urlsplit(exchange.path).query)
        if "pageids" in asked:
            number = int(asked["pageids"][0])
            url = site.url(PAGES[number - 1])
            page = {"pageid": number, "ns": 0, "title": f"Page {number}", "fullurl": url, "extract": TEXT}
            exchange.send(_json({"batchcomplete": True, "query": {"pages": [page]}}))
        elif "emissions" in asked["srsearch"][0]:
            hits = [{"ns": 0, "title": f"Page {n}", "pageid": n, "snippet": "<span>x</span>"} for n in (1, 2, 3)]
            exchange.send(_json({"batchcomplete": True, "query": {"searchinfo": {"totalhits": 3}, "search": hits}}))
        else:
            exchange.send(_json({"batchcomplete": True, "query": {"searchinfo": {"totalhits": 0}, "search": []}}))

    return answer


@dataclass(frozen=True)
class Engine:
    path: str
    finder: Callable[[Fetcher, str], Finder]
    answer: Callable[[Site], Answer]


ENGINES = {
    "wikipedia": Engine("/w/api.php", lambda f, base: WikipediaFinder(f, base, contact="me@example.test"), _wikipedia),
    "searxng": Engine(
        "/search",
        SearxngFinder,
        _engine(
            found=lambda base: {
                "query": "q",
                "number_of_results": 0,
                "results": [
                    {
                        "url": f"{base}{path}",
                        "title": f"Page {path}",
                        "content": "…",
                        "publishedDate": "2023-04-05T00:00:00" if path == "/one" else None,
                        "engine": "duckduckgo",
                        "score": 1.0,
                    }
                    for path in PAGES
                ],
                "answers": [],
                "unresponsive_engines": [["google", "timeout"]],
            },
            nothing={"query": "q", "results": [], "unresponsive_engines": []},
        ),
    ),
    "tavily": Engine(
        "/search",
        lambda fetcher, base: TavilyFinder(fetcher, "tvly-key", base),
        _engine(
            found=lambda base: {
                "query": "q",
                "results": [
                    {"url": f"{base}{path}", "title": f"Page {path}", "content": "…", "score": 0.9} for path in PAGES
                ],
                "response_time": 1.2,
            },
            nothing={"query": "q", "results": [], "response_time": 0.3},
        ),
    ),
    "brave": Engine(
        "/res/v1/web/search",
        lambda fetcher, base: BraveFinder(fetcher, "brave-key", base),
        _engine(
            found=lambda base: {
                "type": "search",
                "web": {
                    "type": "search",
                    "results": [
                        {"url": f"{base}{path}", "title": f"Page {path}", "page_age": "2023-04-05T06:07:08"}
                        for path in PAGES
                    ],
                },
            },
            nothing={"type": "search", "query": {"original": "q"}},
        ),
    ),
    "google-fact-check": Engine(
        "/v1alpha1/claims:search",
        lambda fetcher, base: GoogleFactCheckFinder(fetcher, "google-key", base),
        _engine(
            found=lambda base: {
                "claims": [
                    {
                        "text": "Emissions fell by half.",
                        "claimant": "A minister",
                        "claimReview": [
                            {
                                "publisher": {"name": "Checkers", "site": "checkers.test"},
                                "url": f"{base}{path}",
                                "title": "" if path == "/two" else f"Page {path}",
                                "reviewDate": "2023-04-05T00:00:00Z",
                                "textualRating": "False",
                                "languageCode": "en",
                            }
                        ],
                    }
                    for path in PAGES
                ]
            },
            nothing={},
        ),
    ),
}


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(dict.fromkeys(PAGES, Page(TEXT.encode(), "text/plain"))) as running:
        yield running


Search = Callable[[str, int], list[Evidence]]


def over(finder: Callable[[Fetcher, str], Finder], site: Site, limits: Limits | None = None) -> Search:
    def search(query: str, limit: int) -> list[Evidence]:
        async def run() -> list[Evidence]:
            fetcher = SafeFetcher(AddressRule.of([site.host]), limits)
            try:
                return await PagedEvidence(finder(fetcher, site.url()), fetcher).search(query, limit)
            finally:
                await fetcher.close()

        return anyio.run(run)

    return search


def shelf() -> EvidenceSearch:
    return ShelfEvidence(
        [Evidence(id=f"e{n}", url=f"https://shelf.test/{n}", title=f"Book {n}", quote=QUOTE) for n in range(3)]
    )


@pytest.fixture(params=["shelf", "folder", *ENGINES])
def search(request: pytest.FixtureRequest, site: Site, tmp_path: Path) -> Search:
    if request.param == "shelf":
        return lambda query, limit: anyio.run(shelf().search, query, limit)
    if request.param == "folder":
        for name in PAGES:
            (tmp_path / f"{name[1:]}.txt").write_text(TEXT)
        return over(lambda _fetcher, _base: FolderFinder(tmp_path), site)
    engine = ENGINES[request.param]
    site.pages[engine.path] = engine.answer(site)
    return over(engine.finder, site)


def test_evidence_is_found_with_its_quote_its_page_and_an_id(search: Search) -> None:
    found = search("sulphur emissions", 3)

    assert len(found) == 3
    assert {item.quote for item in found} == {QUOTE}
    assert len({item.url for item in found}) == len({item.id for item in found}) == 3
    assert all(item.title for item in found)


def test_no_more_comes_than_was_asked_for(search: Search) -> None:
    assert len(search("sulphur emissions", 1)) == 1


def test_nothing_found_is_an_empty_list(search: Search) -> None:
    assert search("zeppelin", 3) == []


def test_asking_twice_gives_the_same(search: Search) -> None:
    assert search("sulphur emissions", 3) == search("sulphur emissions", 3)


def _garbage(exchange: Exchange) -> None:
    exchange.send(Page(b"\x00\xff{not json", "application/json"))


FAULTS: dict[str, Answer] = {
    "500": Page(b"oops", status=500),
    "429": Page(b"slow down", status=429, headers={"Retry-After": "30"}),
    "400": Page(b"what?", status=400),
    "401": Page(b"who?", status=401),
    "403": Page(b"no", status=403),
    "hangs": silence,
    "hangs up": hang_up,
    "garbage": _garbage,
    "html": Page(b"<html>Welcome</html>"),
    "empty": Page(b"", "application/json"),
    "list": Page(b"[]", "application/json"),
    "null": Page(b"null", "application/json"),
    "wrong types": Page(b'{"results": 7, "query": 7, "claims": 7, "type": 7}', "application/json"),
    "led elsewhere": redirect("http://169.254.169.254/"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ENGINES)
def test_every_fault_of_an_engine_is_evidence_unavailable(name: str, fault: str, site: Site) -> None:
    site.pages[ENGINES[name].path] = FAULTS[fault]

    with pytest.raises(EvidenceUnavailable) as unavailable:
        over(ENGINES[name].finder, site, Limits(deadline_seconds=0.3))("sulphur emissions", 3)

    assert unavailable.value.message.endswith(".")
    assert unavailable.value.hint
    assert not any(key in unavailable.value.message for key in ("tvly-key", "brave-key", "google-key"))


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_says_where_it_is(name: str) -> None:
    """What it finds is held to that."""
    assert ENGINES[name].finder(TableFetcher({}), "https://engine.test").named_by == "https://engine.test"


def test_the_fake_can_be_down_too() -> None:
    with pytest.raises(EvidenceUnavailable):
        anyio.run(ShelfEvidence(down=True).search, "anything", 3)
