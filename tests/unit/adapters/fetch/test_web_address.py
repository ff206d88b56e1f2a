from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.adapters.fetch import web_address
from autointel.errors import FetchFailed


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.test/",
        "gopher://127.0.0.1:25/_MAIL",
        "dict://127.0.0.1:11211/",
        "ldap://127.0.0.1/",
        "data:text/html,hello",
        "javascript:alert(1)",
        "jar:http://127.0.0.1!/",
        "//example.test/",
        "example.test/talk",
        "",
    ],
)
def test_only_http_and_https_are_fetched(url: str) -> None:
    with pytest.raises(FetchFailed, match="not fetched"):
        web_address.parse(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///path",
        "http://host:0/",
        "http://host:65536/",
        "http://host:eighty/",
        "http://[::1",
        "http://ho\x00st/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1:99999999999999999999/",
    ],
)
def test_an_address_that_makes_no_sense_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(FetchFailed) as refused:
        web_address.parse(url)

    assert refused.value.hint


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for candidate in (text, f"http://{text}", f"https://example.test/{text}"):
        try:
            url = web_address.parse(candidate)
        except FetchFailed:
            continue
        assert url.scheme in {"http", "https"}


def test_user_password_query_and_fragment_are_not_shown() -> None:
    url = web_address.parse("https://anna:secret@example.test/feed?key=hidden#part")

    assert web_address.shown(url) == "https://example.test/feed"
    assert str(web_address.without_credentials(url)) == "https://example.test/feed?key=hidden"


def test_a_long_address_is_shown_short() -> None:
    assert len(web_address.shown(web_address.parse("https://example.test/" + "a" * 500))) == 120


def test_a_user_in_the_address_becomes_a_header() -> None:
    url = web_address.parse("https://anna:s%40crət@example.test/")

    assert web_address.basic_authorization(url) == {"authorization": "Basic YW5uYTpzQGNyyZl0"}
    assert web_address.basic_authorization(web_address.parse("https://example.test/")) == {}


def test_a_relative_address_is_read_from_the_page_that_led_there() -> None:
    base = web_address.parse("https://example.test/a/b")

    assert str(web_address.parse("../c", base)) == "https://example.test/c"


def test_the_default_port_belongs_to_the_same_origin() -> None:
    assert web_address.same_origin(web_address.parse("http://a.test/x"), web_address.parse("http://a.test:80/y"))
    assert not web_address.same_origin(web_address.parse("http://a.test/"), web_address.parse("https://a.test/"))
