from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from lxml import html
from tests.fakes.kept import ENDED, keep_graph, keep_runs, keep_talk
from tests.fakes.web import client_over
from tests.hostile import NAUGHTY


@pytest.fixture
def home(tmp_path: Path) -> Path:
    kept = keep_talk(tmp_path)
    keep_runs(kept)
    return tmp_path


def opened(home: Path, path: str, **parameters: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with client_over(home) as client:
            return await client.get(path, params=parameters)

    return anyio.run(ask)


def page_of(response: httpx.Response) -> Any:
    return html.fromstring(response.content)


def test_the_library_lists_what_was_read(home: Path) -> None:
    page = page_of(opened(home, "/"))

    links = page.xpath("//section[@aria-labelledby='library-title']//a")
    assert [link.text for link in links] == ["The Cost of Free Transit"]
    assert links[0].get("href") == f"/a-token/briefings/{ENDED}"


def test_search_shows_quotes_that_lead_to_their_line(home: Path) -> None:
    page = page_of(opened(home, "/search", query="do fares cover the cost?"))

    first = page.xpath("//ol/li")[0]
    assert first.xpath(".//q/text()") == ["Nobody thinks fares cover the cost."]
    assert first.xpath(".//bdi/text()") == ["Bo:"]
    assert first.xpath(".//a[@class='at']/@href") == [f"/a-token/briefings/{ENDED}#t=4"]


def test_search_is_filtered_by_speaker(home: Path) -> None:
    found = page_of(opened(home, "/search", query="fares", speaker="nobody of that name"))

    assert found.xpath("//ol/li") == []
    assert "No passage matches." in found.text_content()


def test_a_question_is_answered_whole_where_there_is_no_script(home: Path) -> None:
    page = page_of(opened(home, "/ask", question="do fares cover the cost?", whole="1"))

    assert "this is not an answer" in page.text_content()
    assert "Nobody thinks fares cover the cost." in page.text_content()


def test_an_entity_is_shown_with_what_it_is_related_to(home: Path, tmp_path: Path) -> None:
    keep_graph(keep_talk(tmp_path))

    page = page_of(opened(home, "/graph", name="Tallinn"))

    assert "Mara Lind went to Tallinn." in page.text_content()


@pytest.mark.parametrize(
    "path", ["/", "/search?query=fares", "/ask?question=fares&whole=1", "/graph?name=x", "/api/docs"]
)
def test_nothing_read_yet_is_no_error(path: str, tmp_path: Path) -> None:
    assert opened(tmp_path / "new", path).status_code == 200
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("path", ["/briefings/none", "/runs/none"])
def test_what_is_not_there_is_said_in_two_sentences(path: str, home: Path) -> None:
    answer = opened(home, path)

    assert answer.status_code == 404
    assert len(page_of(answer).xpath("//main/p")) == 2


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    keep_talk(tmp_path, title=hostile)

    for path, name in (("/search", "query"), ("/ask", "question"), ("/graph", "name")):
        page = page_of(opened(tmp_path, path, **{name: f"fares {hostile}"}))
        assert page.xpath("//script[not(@src)] | //img | //*[@onerror]") == []


def test_naughty_strings_are_answered(home: Path) -> None:
    words = [text for text in NAUGHTY if text.strip() and len(text) < 1_000]

    async def ask() -> set[int]:
        async with client_over(home) as client:
            return {(await client.get("/search", params={"query": text})).status_code for text in words[::10]}

    assert anyio.run(ask) == {200}
