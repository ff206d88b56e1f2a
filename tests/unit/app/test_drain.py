"""Servers that are down: nothing is lost while they are, and nothing doubled when they are back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.fakes.engine import Heard
from tests.fakes.qdrant_server import QdrantStandIn

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.adapters.graph.ladybug import LadybugGraph
from autointel.adapters.home import Home
from autointel.adapters.vectors.qdrant_server import QdrantServerMemory
from autointel.app.maintenance import drain
from autointel.app.run import Finished, execute
from autointel.domain.run import Engine, Options, Outcome, StepName
from autointel.settings import Settings

pytestmark = pytest.mark.xdist_group("crew")
SAMPLE = Path(__file__).parents[3] / "src" / "autointel" / "samples" / "free-transit.vtt"


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address where nobody listens, and nobody else comes to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def settings(home: Path, *, qdrant: str | None = None, neo4j: str | None = None) -> Settings:
    servers: dict[str, Any] = {"qdrant": {"url": qdrant}, "neo4j": {"uri": neo4j}}
    return Settings.model_validate(
        {"home": home, **{name: given for name, given in servers.items() if any(given.values())}}
    )


def run(where: Settings) -> Finished:
    return execute(where, Options(source=str(SAMPLE), engine=Engine.LOCAL), Heard())


def waiting(home: Path) -> dict[str, int]:
    with closing(SqliteCatalogue(Home(home).catalogue)) as catalogue:
        return catalogue.outbox.counts()


async def stored(url: str, home: Path) -> tuple[int, tuple[int, int]]:
    memory = QdrantServerMemory(url, "default", WordLlamaEmbedder())
    graph = LadybugGraph(Home(home).graph, "default", locks=Home(home).locks)
    try:
        return await memory.count(), await graph.count()
    finally:
        await memory.close()
        await graph.close()


def test_what_servers_that_are_down_should_hold_waits_and_is_stored_once_they_are_back(
    tmp_path: Path, nowhere: str
) -> None:
    finished = run(settings(tmp_path, qdrant=f"http://{nowhere}", neo4j=f"bolt://{nowhere}"))
    steps = {step.name: step for step in finished.report.steps}
    waits = waiting(tmp_path)
    still_down = drain(settings(tmp_path, qdrant=f"http://{nowhere}", neo4j=f"bolt://{nowhere}"), Heard())
    with QdrantStandIn().running() as url:
        back = drain(settings(tmp_path, qdrant=url), Heard())
        held = anyio.run(stored, url, tmp_path)
        again = drain(settings(tmp_path, qdrant=url), Heard())
        repeated = run(settings(tmp_path, qdrant=url))
        unchanged = anyio.run(stored, url, tmp_path)

    for name in (StepName.MEMORY, StepName.GRAPH):
        assert steps[name].outcome is Outcome.DEGRADED
        assert "wait in the outbox" in steps[name].reason
        assert "autointel drain" in steps[name].hint
    assert finished.report.briefing.markdown.count("wait in the outbox") == 2
    assert waits["memory"] > 40
    assert [(each.kind, each.delivered, each.waiting) for each in still_down] == [
        (kind, 0, waits[kind]) for kind in ("memory", "entities", "relations")
    ]
    assert all(each.trouble for each in still_down)
    assert [(each.kind, each.delivered, each.waiting, each.trouble) for each in back] == [
        (kind, waits[kind], 0, None) for kind in ("memory", "entities", "relations")
    ]
    assert held == (waits["memory"], (waits["entities"], waits["relations"]))
    assert (again, waiting(tmp_path)) == ([], {})
    assert all(step.outcome.is_whole for step in repeated.report.steps)
    assert unchanged == held


def test_a_home_where_nothing_was_read_has_nothing_to_drain(tmp_path: Path) -> None:
    assert drain(settings(tmp_path / "none"), Heard()) == []
    assert not (tmp_path / "none").exists()
