"""The commands over a catalogue in PostgreSQL that two homes share: what one reads, the other finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import httpx
import psycopg
import pytest
from tests.cli.test_mcp import answer, assistant
from tests.cli.test_serve import served
from tests.crash.killing import SAMPLE
from tests.fakes.site import Page, Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
# Read before the fixture that clears the environment.
_URL = os.environ.get("AUTOINTEL_TEST_POSTGRES_URL", "")
_NOBODY = {"AUTOINTEL_NEO4J__URI": "bolt://127.0.0.1:1"}


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every command below keeps its catalogue in one empty schema."""
    assert _URL, "no server: run this through `make test-stores`"
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(_URL, autocommit=True) as session:
        session.execute(f"CREATE SCHEMA {name}".encode())
        monkeypatch.setenv("AUTOINTEL_CATALOGUE__URL", f"{_URL}?options=-csearch_path%3D{name}")
        yield
        session.execute(f"DROP SCHEMA {name} CASCADE".encode())


def at(home: Path, *arguments: str, code: int = 0, **settings: str) -> str:
    """What a command in that home prints."""
    environment = {**os.environ, "AUTOINTEL_HOME": str(home), **settings}
    command = [sys.executable, "-m", "autointel", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == code, done.stderr
    return done.stdout


def briefed(home: Path, code: int = 0, **settings: str) -> None:
    at(home, "run", str(SAMPLE), "--engine", "local", "-q", code=code, **settings)


def test_what_one_home_reads_is_served_to_a_browser_and_to_an_assistant_of_another(tmp_path: Path) -> None:
    briefed(tmp_path / "one")
    other = tmp_path / "other"

    with served(other) as (url, _):
        found = httpx.get(f"{url}api/search", params={"query": "fares"}, trust_env=False, timeout=60).json()
        answered = httpx.get(
            f"{url}api/ask", params={"question": "Who pays for the buses?"}, trust_env=False, timeout=60
        )
        library = httpx.get(url, trust_env=False, timeout=60).text

    async def talk() -> dict[str, Any]:
        async with assistant(other) as session:
            return await answer(session, "search", query="fares")

    assert found["passages"]
    assert answered.status_code == 200
    assert "The Cost of Free Transit" in library
    assert anyio.run(talk)["passages"]


def test_what_waits_for_a_graph_is_drained_by_another_home_once(tmp_path: Path) -> None:
    briefed(tmp_path / "one", code=7, **_NOBODY)
    at(tmp_path / "one", "drain", code=1, **_NOBODY)

    drained = json.loads(at(tmp_path / "other", "drain", "--json"))

    assert {part["kind"] for part in drained} == {"entities", "relations"}
    assert not any(part["waiting"] for part in drained)
    assert json.loads(at(tmp_path / "one", "drain", "--json")) == []
    assert "Tallinn" in at(tmp_path / "other", "graph", "Tallinn")


def test_two_homes_that_watch_one_feed_brief_each_entry_once(tmp_path: Path) -> None:
    items = "".join(
        f'<item><title>{n}</title><guid>{n}</guid><podcast:transcript url="/{n}.vtt" type="text/vtt"/></item>'
        for n in range(2)
    )
    space = "https://podcastindex.org/namespace/1.0"
    feed = f'<rss version="2.0" xmlns:podcast="{space}"><channel><title>T</title>{items}</channel></rss>'
    with Site() as site:
        site.pages["/feed.xml"] = Page(feed.encode(), "application/rss+xml")
        for n in range(2):
            site.pages[f"/{n}.vtt"] = Page(SAMPLE.read_bytes(), "text/vtt")

        def watch(home: str) -> list[str]:
            options = ("--once", "--backlog", "9", "--engine", "local", "--json", "-q")
            told = at(tmp_path / home, "watch", site.url("/feed.xml"), *options, AUTOINTEL_FETCH__ALLOW_HOSTS=site.host)
            return [json.loads(line)["source"]["title"] for line in told.splitlines() if line.startswith("{")]

        with ThreadPoolExecutor(2) as pool:
            reports = [title for titles in pool.map(watch, ("one", "other")) for title in titles]
        reports += watch("one")

    assert sorted(reports) == ["0", "1"]
