from __future__ import annotations

from datetime import date

from tests.fakes.fetcher import html

from autointel.adapters.evidence.paged import decoded, read_page
from autointel.ports import Fetched

STORY = "<p>The river rose by three metres in March, and the town was cut off for nine days.</p>" * 3
ARTICLE = f"""<html><head><title>Flood</title><meta property="article:published_time" content="2024-03-09T10:00:00Z">
</head><body><nav>Home | News</nav><article><h1>Flood</h1>{STORY}</article></body></html>"""


def test_an_article_gives_its_words_its_title_and_its_day() -> None:
    page = read_page(html("https://news.test/flood", ARTICLE))

    assert page is not None
    assert "The river rose by three metres" in page.text
    assert "Home | News" not in page.text
    assert (page.title, page.published_at) == ("Flood", date(2024, 3, 9))


def test_a_page_without_a_type_is_known_by_its_content() -> None:
    fetched = html("https://news.test/flood", ARTICLE).model_copy(update={"content_type": ""})

    assert read_page(fetched) is not None


def test_plain_text_is_taken_as_it_is() -> None:
    page = read_page(
        Fetched(url="https://a.test", status=200, content_type="text/plain", body="Größe.".encode("cp1252"))
    )

    assert page is not None
    assert page.text == "Größe."


def test_what_holds_no_text_is_none() -> None:
    assert read_page(html("https://a.test", ARTICLE, status=404)) is None
    assert read_page(html("https://a.test", "")) is None
    assert read_page(html("https://a.test", "<html><body></body></html>")) is None
    assert read_page(Fetched(url="https://a.test", status=200, content_type="application/pdf", body=b"%PDF")) is None


def test_a_byte_order_mark_is_no_word() -> None:
    assert decoded(b"\xef\xbb\xbfone") == "one"
