"""``autointel serve`` as a process of its own: its address, twenty clients at once, and its end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.fakes.kept import keep_graph, keep_runs, keep_talk

from autointel.cli.app import carry_out_command

pytestmark = pytest.mark.slow

_SERVE = """
import atexit, signal, sys
from autointel.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background hands down its deafness
sys.argv = ["autointel", "serve", *sys.argv[1:]]
atexit.register(lambda: print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr))
main()
"""


@contextmanager
def served(home: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    environment = {**os.environ, "AUTOINTEL_HOME": str(home)}
    process = subprocess.Popen(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", _SERVE, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    kept = keep_talk(tmp_path / "home")
    keep_graph(kept)
    keep_runs(kept)
    return tmp_path / "home"


def test_it_prints_its_address_with_a_token_and_ends_with_0_on_ctrl_c(home: Path) -> None:
    with served(home) as (url, process):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", url)
        answer = httpx.get(f"{url}api/ask", params={"question": "do fares cover the cost?"}, trust_env=False)
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=60)
        modules = (process.stderr.read() if process.stderr else "").splitlines()[-1].split()

    assert answer.json()["citations"][0]["quote"] == "Nobody thinks fares cover the cost."
    assert code == 0
    assert {"starlette", "uvicorn"} <= set(modules)
    assert {"crewai", "langchain_core", "mcp"}.isdisjoint(modules)


def test_twenty_clients_are_answered_at_once(home: Path) -> None:
    asks = [
        ("api/ask", {"question": "do fares cover the cost?"}),
        ("api/search", {"query": "fares"}),
        ("api/graph", {"name": "Tallinn"}),
        ("api/ask/stream", {"question": "do fares cover the cost?"}),
        ("", {}),
    ]

    async def all_at_once(url: str) -> list[int]:
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            answers = await asyncio.gather(*(client.get(path, params=given) for path, given in asks * 4))
        return [answer.status_code for answer in answers]

    with served(home) as (url, _):
        assert asyncio.run(all_at_once(url)) == [200] * 20


@pytest.mark.parametrize("host", ["192.168.1.7", "::", "example.org"])
def test_an_address_that_others_can_reach_is_refused(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = carry_out_command(["serve", "--host", host])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.splitlines()[0] == f"autointel serve listens on this machine only, not on {host}."


def test_the_privacy_gate_reads_what_others_ask(home: Path) -> None:
    with served(home, "--privacy", "block") as (url, _):
        blocked = httpx.get(f"{url}api/ask", params={"question": "is bo@example.org right?"}, trust_env=False)
        passed = httpx.get(f"{url}api/search", params={"query": "fares"}, trust_env=False)

    assert (blocked.status_code, passed.status_code) == (400, 200)
    assert "e-mail" in blocked.text
