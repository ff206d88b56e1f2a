"""A Neo4j that is down while a talk is read gets everything once it is back: the real server, the real commands."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path

import anyio
import pytest
from tests.crash.killing import SAMPLE, Machine

from autointel.adapters.graph.neo4j import Neo4jGraph

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("neo4j")]
# Read before the fixture that clears the environment.
_URI = os.environ.get("AUTOINTEL_TEST_NEO4J_URI", "")


async def stored(namespace: str) -> tuple[int, int]:
    graph = Neo4jGraph(_URI, namespace)
    try:
        return await graph.count()
    finally:
        await graph.close()


def test_what_waited_for_the_server_arrives_once(tmp_path: Path) -> None:
    assert _URI, "no server: run this through `make test-integration`"
    namespace = f"outbox-{uuid.uuid4()}"
    run = ("run", "-q", str(SAMPLE), "--namespace", namespace)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        machine = Machine(tmp_path, {"AUTOINTEL_NEO4J__URI": f"bolt://127.0.0.1:{nobody.getsockname()[1]}"})
        machine.finish(*run, code=7)
        machine.finish("drain", code=1)
    waiting = dict(machine.rows("SELECT kind, count(*) FROM outbox GROUP BY kind"))
    machine.settings["AUTOINTEL_NEO4J__URI"] = _URI

    machine.finish("drain")
    arrived = anyio.run(stored, namespace)
    machine.finish("drain")
    machine.finish(*run)

    assert waiting.keys() == {"entities", "relations"}
    assert arrived == (waiting["entities"], waiting["relations"])
    assert machine.rows("SELECT * FROM outbox") == []
    assert anyio.run(stored, namespace) == arrived


def test_what_is_forgotten_leaves_the_homes_own_graph_too_after_a_server_was_named(tmp_path: Path) -> None:
    assert _URI, "no server: run this through `make test-integration`"
    namespace = f"outbox-{uuid.uuid4()}"
    machine, file = Machine(tmp_path), tmp_path / "graph" / f"{namespace}.lbug"
    machine.finish("run", "-q", str(SAMPLE), "--namespace", namespace)
    before = b"Desmond Pryce" in file.read_bytes()
    machine.settings["AUTOINTEL_NEO4J__URI"] = _URI
    machine.finish("reindex", "--graph", "--namespace", namespace)

    machine.finish("forget", str(SAMPLE), "--namespace", namespace)

    assert (before, b"Desmond Pryce" in file.read_bytes()) == (True, False)
    assert anyio.run(stored, namespace) == (0, 0)
