"""The simulated engine is asked as the product asks SearXNG: over HTTP, through its own fetcher."""

from __future__ import annotations

import pytest

from autointel.adapters.evidence.paged import PagedEvidence
from autointel.adapters.evidence.search_engines import SearxngFinder
from autointel.adapters.fetch.addresses import AddressRule
from autointel.adapters.fetch.fetcher import Limits, SafeFetcher
from autointel.errors import FetchFailed
from autointel_bench.evidence import SimulatedEvidence
from autointel_bench.simulated.profile import EvidenceLatency

pytestmark = pytest.mark.anyio
LATENCY = EvidenceLatency(search_seconds=0.01, page_seconds=0.005, pages=2)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def fetcher() -> SafeFetcher:
    return SafeFetcher(AddressRule.of(("127.0.0.1",), offline=True), Limits())


async def test_a_search_finds_pages_that_the_product_can_quote() -> None:
    with SimulatedEvidence(LATENCY) as server:
        with_fetcher = fetcher()
        evidence = await PagedEvidence(SearxngFinder(with_fetcher, server.base_url), with_fetcher).search(
            "Tallinn ridership doubled", 4
        )
        await with_fetcher.close()

    assert evidence
    assert all("simulated page" in piece.quote.lower() or "Tallinn" in piece.quote for piece in evidence)
    assert all(piece.url.startswith(server.base_url) for piece in evidence)
    assert [request.verb for request in server.log] == ["search", "page", "page"]
    assert {request.stated_seconds for request in server.log} == {0.01, 0.005}


async def test_the_same_question_finds_the_same_pages_at_the_same_port() -> None:
    found = []
    port = 0
    for _ in range(2):
        with SimulatedEvidence(LATENCY, port=port) as server:
            port = server.port
            reaching = fetcher()
            found.append(await SearxngFinder(reaching, server.base_url).find("fares", 2))
            await reaching.close()

    assert found[0] == found[1]
    assert len(found[0]) == 2


async def test_a_port_that_is_taken_is_told_at_once() -> None:
    with SimulatedEvidence(LATENCY) as server, pytest.raises(OSError, match="in use"):
        SimulatedEvidence(LATENCY, port=server.port).start()


async def test_a_page_that_nobody_found_is_not_there() -> None:
    with SimulatedEvidence(LATENCY) as server:
        reaching = fetcher()
        try:
            page = await reaching.fetch(f"{server.base_url}/page/none-1")
        except FetchFailed:
            pytest.fail("a missing page is an answer, not a broken connection")
        await reaching.close()

    assert page.status == 404
