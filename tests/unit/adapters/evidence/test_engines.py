"""What is peculiar to one engine; what they share is in tests/contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from tests.fakes.site import Exchange, Page, Site

from autointel.adapters.evidence.finder import Finder, Hit, day
from autointel.adapters.evidence.search_engines import (
    BraveFinder,
    GoogleFactCheckFinder,
    SearxngFinder,
    TavilyFinder,
    WikipediaFinder,
)
from autointel.adapters.fetch.addresses import AddressRule
from autointel.adapters.fetch.fetcher import SafeFetcher
from autointel.errors import EvidenceUnavailable
from autointel.ports import Fetcher


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def find(site: Site, finder: Callable[[Fetcher, str], Finder], query: str = "coal", limit: int = 3) -> list[Hit]:
    async def run() -> list[Hit]:
        fetcher = SafeFetcher(AddressRule.of([site.host]))
        try:
            return await finder(fetcher, site.url()).find(query, limit)
        finally:
            await fetcher.close()

    return anyio.run(run)


def reply(value: object) -> Page:
    return Page(json.dumps(value).encode(), "application/json")


def query_of(site: Site) -> dict[str, list[str]]:
    return parse_qs(urlsplit(site.paths[0]).query)


def test_wikipedia_is_asked_by_a_name_that_can_be_written_to(site: Site) -> None:
    site.pages["/w/api.php"] = reply({"batchcomplete": True})

    find(site, lambda fetcher, base: WikipediaFinder(fetcher, base, contact="anna@example.test"))

    assert "anna@example.test" in site.requests[0].headers["user-agent"]


def test_wikipedia_is_asked_one_thing_at_a_time(site: Site) -> None:
    def answer(exchange: Exchange) -> None:
        search = {"query": {"search": [{"pageid": 1}]}}
        page = {"query": {"pages": [{"title": "T", "fullurl": "https://w.test/T", "extract": "Words."}]}}
        exchange.send(reply(search if "srsearch" in exchange.path else page))

    site.pages["/w/api.php"] = answer

    async def run() -> None:
        fetcher = SafeFetcher(AddressRule.of([site.host]))
        finder = WikipediaFinder(fetcher, site.url())
        async with anyio.create_task_group() as group:
            for claim in range(4):
                group.start_soon(finder.find, f"claim {claim}", 3)
        await fetcher.close()

    anyio.run(run)

    kinds = ["search" if "srsearch" in path else "page" for path in site.paths]
    assert kinds == ["search", "page"] * 4


def test_wikipedias_own_errors_are_handed_on(site: Site) -> None:
    site.pages["/w/api.php"] = reply({"error": {"code": "maxlag", "info": "Waiting for a server."}})

    with pytest.raises(EvidenceUnavailable, match="Waiting for a server"):
        find(site, WikipediaFinder)


def test_a_wikipedia_of_another_form_is_not_taken_for_an_empty_one(site: Site) -> None:
    site.pages["/w/api.php"] = reply({"hello": "world"})

    with pytest.raises(EvidenceUnavailable, match="not known here"):
        find(site, WikipediaFinder)


def test_an_article_without_text_is_left_out(site: Site) -> None:
    def answer(exchange: Exchange) -> None:
        hits = {"query": {"search": [{"pageid": 1}]}}
        exchange.send(reply(hits if "srsearch" in exchange.path else {"query": {"pages": [{"missing": True}]}}))

    site.pages["/w/api.php"] = answer

    assert find(site, WikipediaFinder) == []


def test_a_searxng_that_refuses_json_says_where_it_is_switched_on(site: Site) -> None:
    site.pages["/search"] = Page(b"Forbidden", status=403)

    with pytest.raises(EvidenceUnavailable, match="refuses to answer in JSON") as refused:
        find(site, SearxngFinder)

    assert "settings.yml" in refused.value.hint


def test_a_searxng_whose_engines_are_all_silent_has_not_found_nothing(site: Site) -> None:
    site.pages["/search"] = reply({"results": [], "unresponsive_engines": [["google", "CAPTCHA"], ["bing", "timeout"]]})

    with pytest.raises(EvidenceUnavailable, match="no answer from google, bing"):
        find(site, SearxngFinder)


def test_tavily_gets_its_key_in_a_header_and_the_question_in_a_body(site: Site) -> None:
    site.pages["/search"] = reply(
        {"results": [{"url": "https://a.test", "published_date": "Mon, 11 Nov 2024 09:00:00 GMT"}]}
    )

    (found,) = find(site, lambda fetcher, base: TavilyFinder(fetcher, "tvly-secret", base), "c" * 999, limit=50)

    assert site.requests[0].headers["authorization"] == "Bearer tvly-secret"
    assert json.loads(site.requests[0].body) == {"query": "c" * 400, "max_results": 20, "search_depth": "basic"}
    assert (found.title, str(found.published_at)) == ("https://a.test", "2024-11-11")


def test_brave_gets_no_longer_question_than_it_takes(site: Site) -> None:
    site.pages["/res/v1/web/search"] = reply({"type": "search"})

    find(site, lambda fetcher, base: BraveFinder(fetcher, "brave-secret", base), "word " * 99, limit=50)

    assert site.requests[0].headers["x-subscription-token"] == "brave-secret"
    assert query_of(site) == {"q": [" ".join(["word"] * 50)], "count": ["20"]}


def test_googles_key_is_not_in_the_address(site: Site) -> None:
    review = {"url": "https://c.test/1", "title": "", "publisher": {"name": "Checkers"}}
    site.pages["/v1alpha1/claims:search"] = reply({"claims": [{"text": "Coal is gone", "claimReview": [review, {}]}]})

    (found,) = find(site, lambda fetcher, base: GoogleFactCheckFinder(fetcher, "google-secret", base))

    assert site.requests[0].headers["x-goog-api-key"] == "google-secret"
    assert "google-secret" not in site.paths[0]
    assert found.title == "Checkers: Coal is gone"


@pytest.mark.parametrize(
    ("finder", "path", "setting"),
    [
        (lambda f, b: TavilyFinder(f, "k", b), "/search", "AUTOINTEL_EVIDENCE__TAVILY_API_KEY"),
        (lambda f, b: BraveFinder(f, "k", b), "/res/v1/web/search", "AUTOINTEL_EVIDENCE__BRAVE_API_KEY"),
        (
            lambda f, b: GoogleFactCheckFinder(f, "k", b),
            "/v1alpha1/claims:search",
            "AUTOINTEL_EVIDENCE__GOOGLE_FACT_CHECK_API_KEY",
        ),
    ],
)
def test_a_refused_key_names_its_setting(
    finder: Callable[[Fetcher, str], Finder], path: str, setting: str, site: Site
) -> None:
    site.pages[path] = Page(b"{}", status=401)

    with pytest.raises(EvidenceUnavailable, match="refuses the key") as refused:
        find(site, finder)

    assert setting in refused.value.hint


def test_a_wait_that_is_asked_for_is_told(site: Site) -> None:
    site.pages["/search"] = Page(status=429, headers={"Retry-After": "30"})

    with pytest.raises(EvidenceUnavailable, match="left alone for 30 seconds"):
        find(site, SearxngFinder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-09", date(2024, 3, 9)),
        ("2024-03-09T23:10:00Z", date(2024, 3, 9)),
        ("Mon, 11 Nov 2024 09:00:00 GMT", date(2024, 11, 11)),
        ("2024-13-40", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_read_from_what_engines_send(text: str | None, expected: date | None) -> None:
    assert day(text) == expected
