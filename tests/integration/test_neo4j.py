"""The graph's promises on a real Neo4j: ``scripts/services run -- pytest tests/integration``."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from itertools import pairwise

import anyio
import pytest
from tests.contract.graph_forgetting import forgets_a_source
from tests.contract.graph_promises import ALL, TALLINN, TALLINN_BUS, GraphPromises, entity, relation

from autointel.adapters.graph.neo4j import Neo4jGraph
from autointel.domain.knowledge import Entity
from autointel.domain.value import content_id
from autointel.errors import StoreUnavailable
from autointel.ports import KnowledgeGraph

# Read before the fixture that clears the environment.
_URI = os.environ.get("AUTOINTEL_TEST_NEO4J_URI", "")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def uri() -> str:
    assert _URI, "no server: run this through `make test-integration`"
    return _URI


async def _emptied(graph: Neo4jGraph) -> None:
    # The contract speaks of an empty graph, and ids do not know of namespaces here.
    await graph._ask([("MATCH (n) DETACH DELETE n", {})], write=True)


@pytest.fixture
async def graph(uri: str) -> AsyncIterator[KnowledgeGraph]:
    made = Neo4jGraph(uri, f"test-{uuid.uuid4()}")
    await _emptied(made)
    yield made
    await made.close()


class TestNeo4j(GraphPromises):
    """The real server."""


# One server for all of these tests, and some of them empty it.
pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("neo4j")]


async def test_many_writers_over_the_same_entities_all_succeed(uri: str) -> None:
    # Two clients, so that not even our own lock keeps the writers apart: what the server calls a deadlock is retried.
    one, other = Neo4jGraph(uri, "busy"), Neo4jGraph(uri, "busy")
    await _emptied(one)
    cast = [entity(f"speaker {number}") for number in range(40)]

    async def write(graph: Neo4jGraph, shift: int) -> None:
        turned: list[Entity] = [*cast[shift:], *cast[:shift]]
        await graph.relate(turned, [relation(a, "meets", b) for a, b in pairwise(turned)])

    async with anyio.create_task_group() as tasks:
        for shift in range(20):
            tasks.start_soon(write, one if shift % 2 else other, shift)

    assert await one.count() == (40, 40)
    await one.close()
    await other.close()


async def test_a_source_is_forgotten(uri: str) -> None:
    graph = Neo4jGraph(uri, f"test-{uuid.uuid4()}")
    await _emptied(graph)

    await forgets_a_source(graph)

    await graph.close()


async def test_namespaces_share_a_database_and_see_nothing_of_each_other(uri: str) -> None:
    mine, yours = Neo4jGraph(uri, "mine"), Neo4jGraph(uri, "yours")
    await _emptied(mine)
    theirs = [each.model_copy(update={"id": content_id("yours", each.id)}) for each in ALL]
    await mine.relate(ALL, [relation(TALLINN, "runs", TALLINN_BUS)])
    await yours.relate(theirs, [])

    assert await mine.count() == (4, 1)
    assert await yours.count() == (4, 0)
    assert [found.id for found in await yours.find("riga", 5)] == [theirs[3].id]
    await mine.close()
    await yours.close()


async def test_a_database_that_is_not_there_is_a_sentence_and_a_hint(uri: str) -> None:
    graph = Neo4jGraph(uri, "default", database="nowhere")

    with pytest.raises(StoreUnavailable, match="has no database nowhere") as raised:
        await graph.count()

    assert raised.value.hint
    await graph.close()
