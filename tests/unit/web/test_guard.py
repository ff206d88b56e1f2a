"""Who is refused: other hosts, other origins, other tokens, other machines."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest
from tests.fakes.web import HOST, TOKEN, client_over

from autointel.errors import UsageError
from autointel.web.application import POLICY, listening


def asked(home: Path, path: str = "/api/sources", method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def ask() -> httpx.Response:
        async with client_over(home) as client:
            return await client.request(method, path, headers=named)

    return anyio.run(ask)


def test_whoever_knows_the_token_is_answered(tmp_path: Path) -> None:
    answer = asked(tmp_path)

    assert (answer.status_code, answer.json()) == (200, {"sources": []})


def test_programs_send_the_token_in_a_header(tmp_path: Path) -> None:
    address = f"http://{HOST}/api/sources"

    assert asked(tmp_path, address, authorization=f"Bearer {TOKEN}").status_code == 200
    assert asked(tmp_path, address, authorization="Bearer another").status_code == 403


@pytest.mark.parametrize("path", ["/api/sources", "/another/api/sources", "/", "/a-token-and-more/", "//a-token/"])
def test_a_wrong_token_is_refused(path: str, tmp_path: Path) -> None:
    answer = asked(tmp_path, f"http://{HOST}{path}")

    assert answer.status_code == 403
    assert answer.json()["message"] == "The token in the address is missing or wrong."


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "192.168.1.7:8000",
        "10.0.0.1",
        "",
        "[::1",
        "127.0.0.1:1",
        "127.0.0.1",
        "127.0.0.1:8000, evil.example",
        "me@127.0.0.1:8000",
        "127.0.0.1:8000/",
        "127.0.0.1:",
        "127.0.0.1:+8000",
        "127.0.0.1.:8000",
    ],
)
def test_another_host_name_port_or_more_than_both_is_refused(host: str, tmp_path: Path) -> None:
    assert asked(tmp_path, host=host).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.0.0.9:8000"])
def test_the_names_of_this_machine_are_answered(host: str, tmp_path: Path) -> None:
    assert asked(tmp_path, host=host).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8000"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_origin_is_refused(origin: str, method: str, tmp_path: Path) -> None:
    assert asked(tmp_path, "/api/runs", method, origin=origin).status_code == 403


def test_the_page_s_own_origin_is_answered(tmp_path: Path) -> None:
    assert asked(tmp_path, origin=f"http://{HOST}", sec_fetch_site="same-origin").status_code == 200


def test_another_site_may_link_here_and_nothing_else(tmp_path: Path) -> None:
    linked = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}

    assert asked(tmp_path, **linked).status_code == 200
    assert asked(tmp_path, "/runs", "POST", **linked).status_code == 403
    assert asked(tmp_path, sec_fetch_site="cross-site", sec_fetch_mode="no-cors").status_code == 403


def test_every_answer_carries_the_policy_and_is_not_stored(tmp_path: Path) -> None:
    page = asked(tmp_path, "/")

    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", [".".join("0000"), "::", "192.168.1.7", "example.org", "", "127.0.0.1.example.org"])
def test_an_address_that_others_can_reach_is_not_listened_on(host: str) -> None:
    with pytest.raises(UsageError, match="on this machine only"):
        listening(host, 0)


def test_a_port_that_is_taken_is_named() -> None:
    with listening("localhost", 0) as taken, pytest.raises(UsageError, match="Nothing can listen on port"):
        listening("127.0.0.1", taken.getsockname()[1])
