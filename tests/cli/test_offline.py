"""Offline, no command opens a connection to a server elsewhere, whatever the settings name."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import anyio
import httpx
import pytest
from tests.cli.test_mcp import answer, assistant
from tests.cli.test_serve import served
from tests.fakes.kept import keep_graph, keep_runs, keep_talk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ada>The bridge is closed.\n\n00:04.000 --> 00:06.000\n<v Bo>Since when?\n"
COMMANDS = (
    ("run", "talk.vtt"),
    ("drain",),
    ("search", "fares"),
    ("ask", "do fares cover the cost?"),
    ("graph", "Tallinn"),
    ("ledger", "fares"),
    ("doctor",),
)


class Elsewhere:
    """A server that counts who comes. Its address is this machine's to the system, and looks like no loopback."""

    def __init__(self) -> None:
        self.callers = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.1:{self.port}"

    def settings(self) -> dict[str, str]:
        return {
            "AUTOINTEL_QDRANT__URL": f"http://{self.address}",
            "AUTOINTEL_NEO4J__URI": f"bolt://{self.address}",
            "AUTOINTEL_MODEL__BASE_URL": f"http://{self.address}/v1",
            "AUTOINTEL_MODEL__NAME": "elsewhere",
            "AUTOINTEL_MEMORY__EMBEDDER": "openai",
            "AUTOINTEL_MEMORY__EMBEDDER_URL": f"http://{self.address}/v1",
            "AUTOINTEL_SPEECH__BASE_URL": f"http://{self.address}/v1",
        }

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                self.callers += 1
                caller.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with closing(Elsewhere()) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    kept = keep_talk(tmp_path / "home")
    keep_graph(kept)
    keep_runs(kept)
    (tmp_path / "talk.vtt").write_text(VTT)
    return tmp_path / "home"


def carry_out(home: Path, arguments: tuple[str, ...], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("autointel")), *arguments]
    environment = {**os.environ, "AUTOINTEL_HOME": str(home), **settings}
    return subprocess.run(command, cwd=home.parent, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def test_the_flag_keeps_each_command_at_home(home: Path, elsewhere: Elsewhere) -> None:
    for command in COMMANDS:
        done = carry_out(home, (*command, "--offline"), elsewhere.settings())

        assert done.returncode in {0, 1, 7}, (command, done.stderr)
        assert "unexpected" not in done.stderr, command
        assert elsewhere.callers == 0, (command, done.stderr)


def test_the_setting_keeps_every_command_at_home(home: Path, elsewhere: Elsewhere) -> None:
    settings = {**elsewhere.settings(), "AUTOINTEL_FETCH__OFFLINE": "true"}
    for command in (("search", "fares"), ("reindex",), ("reindex", "--graph"), ("forget", "The Cost of Free Transit")):
        done = carry_out(home, command, settings)

        assert "unexpected" not in done.stderr, command
        assert elsewhere.callers == 0, (command, done.stderr)


def test_without_either_the_servers_are_asked(home: Path, elsewhere: Elsewhere) -> None:
    carry_out(home, ("graph", "Tallinn"), elsewhere.settings())

    assert elsewhere.callers > 0


def test_pages_and_assistants_stay_at_home_too(
    home: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in elsewhere.settings().items():
        monkeypatch.setenv(name, value)

    with served(home, "--offline") as (url, _):
        asked = {"api/search": {"query": "fares"}, "api/ask": {"question": "do fares cover the cost?"}}
        answered = [httpx.get(url + path, params=words, trust_env=False).status_code for path, words in asked.items()]

    async def talk() -> None:
        async with assistant(home, "--offline") as session:
            await answer(session, "search", query="fares")
            await answer(session, "graph", name="Tallinn")

    anyio.run(talk)
    assert answered == [200, 200]
    assert elsewhere.callers == 0
