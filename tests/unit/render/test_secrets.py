from __future__ import annotations

import pytest

from autointel.render.plain_text import masked

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
        "the risk-free bearer of good news",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("piece", ["@", "://", "a@", "key=", "key", "?auth", "bearer ", "sk-", "a" * 40, "= "])
def test_masking_takes_time_linear_in_the_text(piece: str) -> None:
    assert len(masked(piece * 20_000)) > 0
