"""The tools for assistants, by the official client in memory, over a home in which something has been saved."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import ClientSession
from mcp.shared.memory import create_connected_server_and_client_session
from tests import examples
from tests.fakes.kept import ENDED, keep_graph, keep_runs, keep_talk
from tests.fakes.web import Scripted, jobs_over, queries_over

from autointel.app.children import Ended
from autointel.web.mcp_server import mcp_server

REPORT = examples.report(examples.finished(examples.local_results())).model_dump_json()
EVENTS = [
    {"event": "source", "title": "The Cost of Free Transit"},
    {"event": "step", "name": "read", "outcome": None},
    {"event": "progress", "name": "read", "done": 1, "total": 2, "unit": "passages"},
    {"event": "step", "name": "read", "outcome": "done"},
    {"event": "judgment", "text": "It costs more.", "citations": []},
    {"event": "waiting", "text": "Waiting for the model."},
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    kept = keep_talk(tmp_path)
    keep_graph(kept)
    keep_runs(kept)
    return tmp_path


@asynccontextmanager
async def assistant(
    home: Path, children: Scripted | None = None, *, files: bool = False
) -> AsyncIterator[ClientSession]:
    jobs = jobs_over(children or Scripted([], Ended(1, "", ("It broke.", "Mend it."), 0.1)))
    server = mcp_server(queries_over(home), jobs, files=files)
    async with create_connected_server_and_client_session(server._mcp_server) as session:
        yield session


def called(home: Path, tool: str, children: Scripted | None = None, *, files: bool = False, **words: Any) -> Any:
    async def call() -> Any:
        async with assistant(home, children, files=files) as session:
            return await session.call_tool(tool, words)

    return anyio.run(call)


@pytest.mark.parametrize(
    ("tool", "words", "where"),
    [
        ("search", {"query": "do fares cover the cost?"}, ("passages", 0, "citation")),
        ("ask", {"question": "do fares cover the cost?"}, ("citations", 0)),
        ("ledger", {"subject": "fares cost"}, ("statements", 0, "citation")),
    ],
)
def test_every_answer_carries_the_quote_with_its_speaker_and_second(
    tool: str, words: dict[str, Any], where: tuple[Any, ...], home: Path
) -> None:
    found = called(home, tool, **words).structuredContent
    for step in where:
        found = found[step]

    assert (found["quote"], found["speaker"], found["second"]) == ("Nobody thinks fares cover the cost.", "Bo", 4.0)


def test_the_graph_the_sources_and_a_briefing_are_shown(home: Path) -> None:
    graph = called(home, "graph", name="Tallinn").structuredContent
    sources = called(home, "sources").structuredContent
    briefing = called(home, "show", run=ENDED).structuredContent

    assert graph["entities"][0]["neighbours"][0]["name"] == "Mara Lind"
    assert ENDED in {each["run_id"] for each in sources["sources"]}
    assert briefing["notes"][0]["citations"]


def test_a_run_tells_its_progress_in_words_and_ends_with_its_briefing(home: Path) -> None:
    told: list[str] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001  the SDK's names
        told.append(message or "")

    async def call() -> Any:
        children = Scripted([json.dumps(event) for event in EVENTS], Ended(0, REPORT, (), 1.0))
        async with assistant(home, children) as session:
            return await session.call_tool("run", {"source": "https://x.test/talk"}, progress_callback=progress)

    ran = anyio.run(call).structuredContent

    assert (ran["state"], ran["briefing"]["title"]) == ("done", "The Cost of Free Transit")
    assert [line for line in told if line] == [
        "found The Cost of Free Transit",
        "read started",
        "read 1 of 2 passages",
        "read done",
        "judgment: It costs more.",
        "Waiting for the model.",
    ]


def test_a_run_that_fails_says_why_and_what_to_do(home: Path) -> None:
    ran = called(home, "run", source="https://x.test/talk").structuredContent

    assert (ran["state"], ran["message"], ran["hint"]) == ("failed", "It broke.", "Mend it.")


def test_files_and_standard_input_are_not_read_for_an_assistant(home: Path) -> None:
    children = Scripted([], Ended(0, REPORT, (), 1.0))

    for source in ("talk.vtt", "-"):
        refused = called(home, "run", children, source=source)
        assert refused.isError
        assert "Only web addresses are read here." in refused.content[0].text
    assert children.asked == []
    assert called(home, "run", children, files=True, source="talk.vtt").structuredContent["state"] == "done"


def test_what_is_not_there_is_an_error_that_the_assistant_can_read(home: Path) -> None:
    missing = called(home, "show", run="none such")

    assert missing.isError
    assert "none such" in missing.content[0].text
