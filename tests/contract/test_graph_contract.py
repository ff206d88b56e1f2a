"""What every knowledge graph promises: the fake that other tests lean on, and ladybug in a file.

Neo4j answers the same suite in tests/integration.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.graph_promises import GraphPromises
from tests.fakes.graph import FakeGraph

from autointel.adapters.graph.ladybug import LadybugGraph
from autointel.ports import KnowledgeGraph


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["fake", "ladybug"])
async def graph(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[KnowledgeGraph]:
    made: KnowledgeGraph = (
        FakeGraph()
        if request.param == "fake"
        else LadybugGraph(tmp_path / "graph", "default", locks=tmp_path / "locks")
    )
    yield made
    await made.close()


class TestGraphs(GraphPromises):
    """The fake and ladybug."""
