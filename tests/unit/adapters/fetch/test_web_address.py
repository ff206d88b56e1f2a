from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.adapters.fetch.exchange import (
    basic_authorization,
    parse_address,
    same_origin,
    shown,
    without_credentials,
)
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
        parse_address(url)


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
        parse_address(url)

    assert refused.value.hint


@pytest.mark.uncounted
@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for candidate in (text, f"http://{text}", f"https://example.test/{text}"):
        try:
            url = parse_address(candidate)
        except FetchFailed:
            continue
        assert url.scheme in {"http", "https"}


def test_user_password_query_and_fragment_are_not_shown() -> None:
    url = parse_address("https://anna:secret@example.test/feed?key=hidden#part")

    assert shown(url) == "https://example.test/feed"
    assert str(without_credentials(url)) == "https://example.test/feed?key=hidden"


def test_a_long_address_is_shown_short() -> None:
    assert len(shown(parse_address("https://example.test/" + "a" * 500))) == 120


def test_a_user_in_the_address_becomes_a_header() -> None:
    url = parse_address("https://anna:s%40crət@example.test/")

    assert basic_authorization(url) == {"authorization": "Basic YW5uYTpzQGNyyZl0"}
    assert basic_authorization(parse_address("https://example.test/")) == {}


def test_a_relative_address_is_read_from_the_page_that_led_there() -> None:
    base = parse_address("https://example.test/a/b")

    assert str(parse_address("../c", base)) == "https://example.test/c"


def test_the_default_port_belongs_to_the_same_origin() -> None:
    assert same_origin(parse_address("http://a.test/x"), parse_address("http://a.test:80/y"))
    assert not same_origin(parse_address("http://a.test/"), parse_address("https://a.test/"))
