"""A Neo4j that asks for a password, and one that is stopped half-way and started again."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import anyio
import pytest
from scripts.server_process import Server
from scripts.services_neo4j import neo4j
from tests.contract.graph_promises import entity

from autointel.adapters.graph.neo4j import Neo4jGraph
from autointel.app.doctor import diagnose
from autointel.errors import NotAllStored, StoreUnavailable
from autointel.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600), pytest.mark.xdist_group("neo4j")]
pytestmark.append(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
_PASSWORD = "a-password-of-the-tests"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    started = neo4j(_PASSWORD)
    # The first question to a new server takes seconds, and doctor waits for two.
    anyio.run(first_question, started)
    yield started
    started.stop()
    # Connections that the stop broke are closed by the garbage collector; here, where that may be passed over.
    gc.collect()


def graph(server: Server, password: str = _PASSWORD, **options: str) -> Neo4jGraph:
    return Neo4jGraph(server.address, "access", user="neo4j", password=password, timeout=10.0, **options)  # type: ignore[arg-type]


async def first_question(server: Server) -> None:
    asked = graph(server)
    await asked.count()
    await asked.close()


async def refused(graph: Neo4jGraph) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as raised:
        await graph.count()
    await graph.close()
    return raised.value


async def test_first_writers_at_once_on_an_empty_server_all_succeed(server: Server) -> None:
    emptied = graph(server)
    for statement in ("CONSTRAINT entity_id", "INDEX entity_folded", "INDEX related_id"):
        await emptied._ask([(f"DROP {statement} IF EXISTS", {})], write=True)
    before = (await emptied.count())[0]
    await emptied.close()
    writers = [graph(server) for _ in range(6)]
    async with anyio.create_task_group() as tasks:
        for number, writer in enumerate(writers):
            tasks.start_soon(writer.relate, [entity(f"first {number}")], [])

    assert await writers[0].count() == (before + 6, 0)
    for writer in writers:
        await writer.close()


async def test_a_wrong_password_and_none_are_named(server: Server) -> None:
    wrong = await refused(graph(server, "wrong"))
    absent = await refused(Neo4jGraph(server.address, "access", timeout=10.0))

    for error in (wrong, absent):
        assert "does not accept the name or password" in error.message
        assert "AUTOINTEL_NEO4J__PASSWORD" in error.hint


async def test_a_missing_database_is_named(server: Server) -> None:
    error = await refused(graph(server, database="nowhere"))

    assert "nowhere" in error.message
    assert "AUTOINTEL_NEO4J__DATABASE" in error.hint


@pytest.mark.parametrize(("password", "ok"), [(_PASSWORD, True), ("wrong", False)])
def test_doctor_signs_in(server: Server, password: str, *, ok: bool) -> None:
    settings = Settings.model_validate({"neo4j": {"uri": server.address, "password": password}})

    [check] = [check for check in diagnose(settings) if check.part == "graph"]

    assert check.ok is ok
    assert ("AUTOINTEL_NEO4J__PASSWORD" in check.hint) is not ok


async def test_a_server_stopped_half_way_and_started_again_holds_everything_once(server: Server) -> None:
    cast = [entity(f"half-way {number}") for number in range(60)]
    writing = graph(server)
    await writing.relate(cast[:30], [])
    await anyio.to_thread.run_sync(server.pause)

    with pytest.raises(NotAllStored) as raised:
        await writing.relate(cast, [])
    await anyio.to_thread.run_sync(server.start)
    lacking = await writing.missing([each.id for each in cast])
    await writing.relate([each for each in cast if each.id in lacking], [])

    assert raised.value.lost == {each.id for each in cast}
    assert lacking == {each.id for each in cast[30:]}
    assert await writing.missing([each.id for each in cast]) == set()
    assert (await writing.count())[0] >= 60
    await writing.close()
