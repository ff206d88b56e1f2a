from __future__ import annotations

from datetime import date

import anyio
import pytest
from tests.fakes.fetcher import TableFetcher
from tests.fakes.site import Page, Site

from autointel.adapters.evidence.finder import Finder, Hit
from autointel.adapters.evidence.paged import Checked, PagedEvidence
from autointel.adapters.fetch.addresses import AddressRule
from autointel.adapters.fetch.fetcher import SafeFetcher
from autointel.domain.analysis import Evidence
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.errors import AutointelError, EvidenceUnavailable, FetchFailed, SourceBlocked
from autointel.ports import Fetched

SPEECH = "We cut the sulphur emissions of the old station by forty percent in only nine years of honest work"


class Finds(Finder):
    name = "table"

    def __init__(self, *hits: Hit) -> None:
        self.hits = hits
        self.limit = 0

    async def find(self, query: str, limit: int) -> list[Hit]:
        del query
        self.limit = limit
        return list(self.hits)


class HasAFault(Finds):
    async def find(self, query: str, limit: int) -> list[Hit]:
        row: dict[str, str] = {query: str(limit)}
        return [hit(row["published"])]


def hit(name: str, published_at: date | None = None, text: str | None = None) -> Hit:
    return Hit(url=f"https://{name}.test/page", title=name.title(), published_at=published_at, text=text)


def plain(name: str, text: str, status: int = 200) -> Fetched:
    return Fetched(url=f"https://{name}.test/page", status=status, content_type="text/plain", body=text.encode())


def checked() -> Checked:
    source = Source(
        id="s", kind=SourceKind.ARTICLE, url="https://speech.test/1", title="Speech", published_at=date(2024, 1, 1)
    )
    return Checked.of(source, Transcript(segments=(Segment(text=SPEECH, paragraph=1),)))


def search(finder: Finder, *pages: Fetched, fetcher: TableFetcher | None = None, limit: int = 5) -> list[Evidence]:
    fetcher = fetcher or TableFetcher({page.url: page for page in pages})
    evidence = PagedEvidence(finder, fetcher, checked=checked)
    return anyio.run(evidence.search, "sulphur emissions", limit)


def test_a_source_with_a_fault_of_its_own_is_named_with_the_error() -> None:
    with pytest.raises(AutointelError, match=r"^The source of evidence table failed: KeyError: 'published'$"):
        search(HasAFault())


def test_a_quote_is_what_stands_in_the_page() -> None:
    text = "A report. Sulphur emissions fell by 12 percent, it says. Nothing else."

    (evidence,) = search(Finds(hit("report")), plain("report", text))

    assert evidence.quote == "Sulphur emissions fell by 12 percent, it says."
    assert (evidence.url, evidence.title) == ("https://report.test/page", "Report")


@pytest.mark.parametrize(("by", "asked"), [("https://engine.test/", 0), ("own", 1), (None, 1)])
def test_an_engine_on_the_web_leads_to_no_host_of_the_users_own(by: str | None, asked: int) -> None:
    async def look(site: Site) -> list[Evidence]:
        fetcher = SafeFetcher(AddressRule.of([site.host]))
        finder = Finds(Hit(url=site.url("/secret"), title="Report"))
        finder.named_by = site.url("/search") if by == "own" else by
        try:
            return await PagedEvidence(finder, fetcher, checked=checked).search("sulphur emissions", 5)
        finally:
            await fetcher.close()

    with Site({"/secret": Page(b"Sulphur emissions fell.", "text/plain")}) as site:
        if asked:
            assert len(anyio.run(look, site)) == 1
        else:
            with pytest.raises(EvidenceUnavailable, match="a host of your own"):
                anyio.run(look, site)
        assert len(site.requests) == asked


def test_the_same_evidence_has_the_same_id() -> None:
    page = plain("report", "Sulphur emissions fell.")

    assert search(Finds(hit("report")), page)[0].id == search(Finds(hit("report")), page)[0].id


def test_the_sources_own_site_is_not_even_fetched() -> None:
    fetcher = TableFetcher()

    assert search(Finds(hit("speech")), fetcher=fetcher) == []
    assert fetcher.asked == []


def test_a_copy_of_the_source_is_no_evidence() -> None:
    assert search(Finds(hit("mirror")), plain("mirror", f"Full text: {SPEECH}.")) == []


def test_what_appeared_before_the_claim_comes_first_and_the_rest_is_marked() -> None:
    later, earlier, undated = hit("later", date(2024, 2, 1)), hit("earlier", date(2023, 1, 1)), hit("undated")
    pages = [plain(name, f"Sulphur emissions fell, says {name}.") for name in ("later", "earlier", "undated")]

    found = search(Finds(later, earlier, undated), *pages)

    assert found[-1].title == "Later"
    assert {item.title: item.newer_than_claim for item in found} == {"Later": True, "Earlier": False, "Undated": None}


def test_pages_that_fail_are_left_out_and_spares_take_their_place() -> None:
    finder = Finds(hit("gone"), hit("blocked"), hit("missing"), hit("good"))
    fetcher = TableFetcher(
        {
            "https://gone.test/page": FetchFailed("gone"),
            "https://blocked.test/page": SourceBlocked("blocked"),
            "https://missing.test/page": plain("missing", "not here", 404),
            "https://good.test/page": plain("good", "Sulphur emissions fell."),
        }
    )

    assert [item.title for item in search(finder, fetcher=fetcher, limit=1)] == ["Good"]
    assert finder.limit > 1


def test_pages_that_all_fail_are_no_absence_of_evidence() -> None:
    fetcher = TableFetcher({"https://gone.test/page": FetchFailed("It is gone.", "Try again.")})

    with pytest.raises(EvidenceUnavailable, match=r"None of the 1 pages that table found .* It is gone\."):
        search(Finds(hit("gone")), fetcher=fetcher)


def test_nothing_found_is_an_empty_list() -> None:
    assert search(Finds()) == []


def test_a_page_found_twice_is_read_once() -> None:
    fetcher = TableFetcher({"https://report.test/page": plain("report", "Sulphur emissions fell.")})

    search(Finds(hit("report"), hit("report")), fetcher=fetcher)

    assert fetcher.asked == ["https://report.test/page"]


def test_a_page_that_came_with_the_hit_is_not_fetched() -> None:
    fetcher = TableFetcher()

    (evidence,) = search(Finds(hit("wiki", text="Sulphur emissions fell.")), fetcher=fetcher)

    assert (evidence.quote, fetcher.asked) == ("Sulphur emissions fell.", [])


def test_without_a_source_nothing_is_excluded() -> None:
    page = plain("mirror", f"{SPEECH}, he said of sulphur emissions.")
    evidence = PagedEvidence(Finds(hit("mirror")), TableFetcher({page.url: page}))

    assert len(anyio.run(evidence.search, "sulphur emissions", 5)) == 1
