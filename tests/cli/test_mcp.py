"""``autointel mcp`` as an assistant uses it: by the official client, over standard input and output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from tests.fakes.kept import keep_graph, keep_runs, keep_talk
from tests.fakes.site import Exchange, Site

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[2] / "src" / "autointel" / "samples" / "free-transit.vtt"


_MCP = """
import signal, sys
from autointel.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores Ctrl-C
sys.argv = ["autointel", "mcp"]
main()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@asynccontextmanager
async def assistant(home: Path, *options: str) -> AsyncIterator[ClientSession]:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "autointel", "mcp", *options],
        env={**os.environ, "AUTOINTEL_HOME": str(home)},
    )
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        yield session


async def answer(session: ClientSession, tool: str, **words: Any) -> dict[str, Any]:
    answered = await session.call_tool(tool, words)
    assert not answered.isError, answered.content
    assert answered.structuredContent is not None
    return answered.structuredContent


def test_the_official_client_lists_tools_asks_and_gets_citations(home: Path) -> None:
    kept = keep_talk(home)
    keep_graph(kept)
    keep_runs(kept)

    async def talk() -> None:
        async with assistant(home) as session:
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            asked = await answer(session, "ask", question="do fares cover the cost?")
            found = await answer(session, "search", query="do fares cover the cost?")
            graph = await answer(session, "graph", name="Tallinn")
            ledger = await answer(session, "ledger", subject="fares cost")
            sources = await answer(session, "sources")
            shown = await answer(session, "show", run=sources["sources"][0]["run_id"])

        assert set(tools) == {"search", "ask", "graph", "ledger", "sources", "show", "run"}
        assert all(tool.description and tool.outputSchema for tool in tools.values())
        quote = {
            "quote": "Nobody thinks fares cover the cost.",
            "speaker": "Bo",
            "second": 4.0,
            "source": "The Cost of Free Transit",
            "url": "https://youtube.com/watch?v=x&t=4",
        }
        assert quote.items() <= asked["citations"][0].items()
        assert asked["held"]
        assert asked["answer"] is None  # no model is configured, and none is imitated
        assert quote.items() <= found["passages"][0]["citation"].items()
        assert quote.items() <= ledger["statements"][0]["citation"].items()
        relation = graph["entities"][0]["neighbours"][0]
        assert (relation["name"], relation["citations"][0]["second"]) == ("Mara Lind", 75.0)
        assert shown["notes"]
        assert all(note["citations"][0]["quote"] for note in shown["notes"])

    anyio.run(talk)


def test_a_run_reports_its_progress_and_returns_its_briefing_with_citations(home: Path) -> None:
    async def talk() -> None:
        told: list[str] = []

        async def progress(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001  the SDK's names
            told.append(message or "")

        async with assistant(home, "--files") as session:
            answered = await session.call_tool(
                "run", {"source": str(SAMPLE), "wait_seconds": 200}, progress_callback=progress
            )
            again = await answer(session, "search", query="Tallinn")

        ran = answered.structuredContent
        assert ran is not None
        assert ran["state"] == "done"
        assert ran["briefing"]["title"] == "The Cost of Free Transit"
        assert all(note["citations"][0]["second"] is not None for note in ran["briefing"]["notes"])
        assert "read done" in told
        assert again["passages"]

    anyio.run(talk)


@contextmanager
def greeted(home: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The server as a process whose first request has been answered."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    with subprocess.Popen(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", _MCP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "AUTOINTEL_HOME": str(home), **environment},
    ) as server:
        send(server, "initialize", hello, 1)
        assert server.stdout
        assert json.loads(server.stdout.readline())["result"]["serverInfo"]["name"] == "autointel"
        yield server


def send(server: subprocess.Popen[str], method: str, parameters: dict[str, Any], number: int | None = None) -> None:
    line = {"jsonrpc": "2.0", "method": method, "params": parameters} | ({"id": number} if number else {})
    assert server.stdin
    server.stdin.write(json.dumps(line) + "\n")
    server.stdin.flush()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly_while_it_waits_for_a_line(home: Path, number: signal.Signals) -> None:
    with greeted(home) as server:
        server.send_signal(number)
        assert server.stderr
        code, said = server.wait(timeout=60), server.stderr.read()

    assert (code, said) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_the_run_it_started(home: Path, number: signal.Signals) -> None:
    begun, left = Event(), Event()

    def never_answers(exchange: Exchange) -> None:
        begun.set()
        exchange.connection.settimeout(60)
        with suppress(ConnectionError):  # nothing more comes: the run hangs up
            exchange.connection.recv(1)
        left.set()

    with (
        Site({"/talk.vtt": never_answers}) as site,
        greeted(home, AUTOINTEL_FETCH__ALLOW_HOSTS=site.host) as server,
    ):
        send(server, "notifications/initialized", {})
        send(server, "tools/call", {"name": "run", "arguments": {"source": site.url("/talk.vtt")}}, 2)
        assert begun.wait(60)
        server.send_signal(number)
        assert server.stderr
        code, said = server.wait(timeout=60), server.stderr.read()
        assert left.wait(60)

    assert (code, said) == (0, "")


def test_assistants_cannot_read_files_unless_they_may(home: Path) -> None:
    async def talk() -> None:
        async with assistant(home) as session:
            refused = await session.call_tool("run", {"source": str(SAMPLE)})
            stdin = await session.call_tool("run", {"source": "-"})
            unknown = await session.call_tool("show", {"run": "none such"})

        for error in (refused, stdin, unknown):
            assert error.isError
        assert "Only web addresses are read here." in str(refused.content)
        assert "There is no finished run of" in str(unknown.content)

    anyio.run(talk)

    assert not home.exists()
