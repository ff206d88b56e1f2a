from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from autointel.errors import AutointelError
from autointel.render.plain_text import masked
from autointel.settings import load

SECRET = "s3cr3t-and-long-enough-0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f"https://user:{SECRET}@host.example/path",
        f"bolt+s://{SECRET}@host.example:7687",
        f"postgresql://a:{SECRET}@b@host.example/x",
        f"http://host.example/v1?api_key={SECRET}&x=1",
        f"https://feeds.example/rss?auth={SECRET}#t",
        f"https://a.example/?X-Amz-Signature={SECRET}",
        f"https://a.example/?access_token={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"authorization: basic {SECRET}",
        f"api-key: {SECRET}",
        f'{{"password": "{SECRET}"}}',
        f"AUTOINTEL_MODEL__API_KEY={SECRET}",
        f"the server said: invalid key sk-{SECRET}",
        f"tvly-{SECRET}",
        f"'neo4j:{SECRET}@host.example' is no address",
        f"u:{SECRET}@127.0.0.1:6333",
    ],
)
def test_a_secret_is_covered_wherever_it_stands(text: str) -> None:
    assert SECRET not in masked(f"The server at {text} answered 401.")


@pytest.mark.parametrize(
    "text",
    [
        "https://host.example/watch?v=abcdefghijk&t=10s",
        "someone@example.org wrote to http://host.example:8080/a",
        "The key is missing. See AUTOINTEL_QDRANT__API_KEY.",
        "Set OPENAI_API_KEY, or AUTOINTEL_MODEL__BASE_URL for a local one.",
        "at 10:30 write to someone@example.org, or to mailto:someone@example.org",
        "the risk-free bearer of good news",
        "KeyError: 'published'",
        "  google.auth.exceptions.TokenError: no response",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "piece", ["@", "://", "a@", "key=", "key", "?auth", "a:", ":@", "bearer ", "sk-", "a" * 40, "= "]
)
def test_masking_takes_time_linear_in_the_text(piece: str) -> None:
    assert len(masked(piece * 20_000)) > 0


def _percent_encoded(secret: str) -> str:
    return quote(secret, safe="")


def _base64(secret: str) -> str:
    return b64encode(secret.encode()).decode()


@pytest.mark.parametrize("secret", ["plainwords-9", "with space/+&%", "sk-0123456789abcdefghijkl"])
@pytest.mark.parametrize("form", [str, _percent_encoded, _base64])
def test_a_server_that_repeats_the_key_does_not_have_it_shown(secret: str, form: Callable[[str], str]) -> None:
    load({"model.api_key": secret})

    error = AutointelError(f"host.example refuses the key: {form(secret)} is wrong", form(secret))

    assert (error.message, str(error)) == ("host.example refuses the key: ******** is wrong",) * 2
    assert error.hint == "********"
    assert masked(f"log: {form(secret)}.") == "log: ********."


def test_the_password_of_an_address_is_covered_where_a_driver_repeats_it_alone() -> None:
    load({"catalogue.url": "postgresql://me:a%2Fb%2Fc-secret@db.example/x"})

    assert AutointelError("no login with a/b/c-secret").message == "no login with ********"


def test_what_is_also_a_word_is_not_covered() -> None:
    load({"model.api_key": "ollama", "neo4j.password": "neo4j"})

    assert AutointelError("Start it: ollama serve").message == "Start it: ollama serve"
