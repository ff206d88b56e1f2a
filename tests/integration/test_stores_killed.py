"""The stores hold what was sent, once, whoever is killed at random moments: the writer, three writers, the server."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest
from scripts.server_process import Server
from scripts.services_neo4j import neo4j
from tests.contract.graph_promises import entity
from tests.fakes.cut_line import CutLine
from tests.fakes.memory import BagOfWords

from autointel.adapters.graph.cypher import CypherGraph
from autointel.adapters.graph.ladybug import LadybugGraph
from autointel.adapters.graph.neo4j import Neo4jGraph
from autointel.adapters.insertion import InsertionLimits
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.domain.knowledge import Entity, Provenance, Relation
from autointel.domain.value import content_id
from autointel.pipeline.store import Layer, write_layers
from autointel.ports import Remembered

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("neo4j")]
# Read before the fixture that clears the environment.
_URI = os.environ.get("AUTOINTEL_TEST_NEO4J_URI", "")
_KILLS = 25
# Seconds to wait for a server that may be gone, and for one that starts: its first answers take long.
_IMPATIENT, _PATIENT = 2.0, 20.0
_ROUNDS_OF_THREE = 8
_ROOT = Path(__file__).parents[2]
_WRITER = (
    "import sys, anyio, numpy, ladybug, neo4j; from pathlib import Path;"
    " from tests.integration.test_stores_killed import work;"
    " print('ready', flush=True); sys.stdin.readline(); anyio.run(work, Path(sys.argv[1]), *sys.argv[2:])"
)
# Small batches: a kill falls between two of them, or into one.
_LIMITS = InsertionLimits(batch_size=7, item_timeout=20)


@pytest.fixture
def uri() -> str:
    assert _URI, "no server: run this through `make test-kills`"
    return _URI


@pytest.fixture
def server() -> Iterator[Server]:
    """A Neo4j of the test's own, which may be killed."""
    started = neo4j()
    yield started
    started.stop()


def sent(namespace: str) -> tuple[list[Remembered], list[Entity], list[Relation]]:
    """What one run sends: 120 records, 60 entities, 59 relations. Ids carry the namespace: Neo4j is one for all."""
    records = [
        Remembered(
            record_id=content_id(namespace, str(at)),
            kind="passage",
            source_id="s",
            passage_id=content_id(namespace, str(at)),
            text=f"sentence {at} of the talk",
        )
        for at in range(120)
    ]
    cast = [
        entity(f"{namespace} {at}").model_copy(update={"id": content_id(namespace, "entity", str(at))})
        for at in range(60)
    ]
    relations = [
        Relation(
            id=content_id(namespace, one.id, other.id),
            subject_id=one.id,
            predicate="meets",
            object_id=other.id,
            provenance=Provenance(run_id="run", source_id="s", passage_id="p", quote="They met.", start=1.0),
        )
        for one, other in pairwise(cast)
    ]
    return records, cast, relations


def stores(folder: Path, namespace: str, uri: str, patience: float) -> tuple[SqliteMemory, list[CypherGraph]]:
    """Vectors in a file, the graph in a file, and the graph on the server, which is waited for so many seconds."""
    return SqliteMemory(folder / "memory", namespace, BagOfWords(), limits=_LIMITS), [
        LadybugGraph(folder / "graph", namespace, locks=folder / "locks", limits=_LIMITS),
        Neo4jGraph(uri, namespace, timeout=patience, limits=_LIMITS),
    ]


async def work(folder: Path, namespace: str, uri: str, patience: float = _IMPATIENT) -> list[str]:
    """What a run does with its stores, side by side; the layers that are not stored."""
    records, cast, relations = sent(namespace)
    memory, graphs = stores(folder, namespace, uri, patience)

    async def remember(ids: set[str]) -> None:
        await memory.remember([each for each in records if each.record_id in ids])

    def layer(graph: CypherGraph) -> Layer:
        async def relate(ids: set[str]) -> None:
            await graph.relate(
                [each for each in cast if each.id in ids], [each for each in relations if each.id in ids]
            )

        return Layer([*(each.id for each in cast), *(each.id for each in relations)], graph.missing, relate)

    layers = {graph.backend: layer(graph) for graph in graphs}
    written = await write_layers(
        {"vectors": Layer([each.record_id for each in records], memory.missing, remember), **layers}
    )
    await memory.close()
    for graph in graphs:
        await graph.close()
    return [name for name, each in written.items() if each.lost]


async def state(folder: Path, namespace: str, uri: str, patience: float = _IMPATIENT) -> dict[str, Any]:
    """Everything that the stores hold, each as often as they hold it."""
    memory, graphs = stores(folder, namespace, uri, patience)
    try:
        seen: dict[str, Any] = {"vectors": await memory.count()}
        seen["lacking"] = len(await memory.missing([each.record_id for each in sent(namespace)[0]]))
        for graph in graphs:
            nodes = "MATCH (e:Entity) WHERE e.namespace = $n RETURN e.id AS id ORDER BY id"
            edges = (
                "MATCH (a)-[r:RELATED]->(b) WHERE r.namespace = $n RETURN r.id AS id, a.id AS a, b.id AS b ORDER BY id"
            )
            seen[graph.backend] = await graph._ask([(nodes, {"n": namespace}), (edges, {"n": namespace})])
        return seen
    finally:
        await memory.close()
        for graph in graphs:
            await graph.close()


def expected(namespace: str) -> dict[str, Any]:
    records, cast, relations = sent(namespace)
    nodes = [{"id": each.id} for each in sorted(cast, key=lambda each: each.id)]
    edges = [
        {"id": each.id, "a": each.subject_id, "b": each.object_id}
        for each in sorted(relations, key=lambda each: each.id)
    ]
    return {"vectors": len(records), "lacking": 0, "ladybug": [nodes, edges], "neo4j": [nodes, edges]}


def writers(number: int, folder: Path, namespace: str, uri: str) -> list[subprocess.Popen[bytes]]:
    """Processes that begin to write at the same moment, now: all have loaded what they need."""
    command = [sys.executable, "-c", _WRITER, str(folder), namespace, uri]
    runs = [
        subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        for _ in range(number)
    ]
    for run in runs:
        assert run.stdout is not None
        run.stdout.readline()
    for run in runs:
        assert run.stdin is not None
        run.stdin.write(b"go\n")
        run.stdin.flush()
    return runs


def killed_at(run: subprocess.Popen[bytes], moment: float) -> bool:
    """Kill it at that moment of the monotonic clock; False where it had ended before."""
    with suppress(subprocess.TimeoutExpired):
        run.wait(timeout=max(0.0, moment - time.monotonic()))
    run.kill()
    run.communicate()
    return run.returncode < 0


def undisturbed_seconds(number: int, folder: Path, uri: str) -> float:
    """How long as many writers take here once the server is warm: kills fall into that time on any machine."""
    taken = []
    for turn in range(3):
        runs = writers(number, folder / str(turn), f"whole-{uuid.uuid4()}", uri)
        began = time.monotonic()
        for run in runs:
            run.communicate()
            assert run.returncode == 0
        taken.append(time.monotonic() - began)
    return min(taken)


def test_killed_at_random_moments_every_store_holds_what_was_sent_once(tmp_path: Path, uri: str) -> None:
    chance = random.Random(13)  # noqa: S311 - no secret
    killed, whole = [], undisturbed_seconds(1, tmp_path / "whole", uri)
    for number in range(_KILLS):
        folder, namespace = tmp_path / str(number), f"killed-{uuid.uuid4()}"
        (run,) = writers(1, folder, namespace, uri)
        killed.append(killed_at(run, time.monotonic() + chance.uniform(0.0, whole)))

        assert anyio.run(work, folder, namespace, uri) == []
        assert anyio.run(state, folder, namespace, uri) == expected(namespace), number

    assert sum(killed) > _KILLS // 2


def test_a_server_that_goes_away_at_random_moments_holds_everything_once_it_is_back(tmp_path: Path, uri: str) -> None:
    line = CutLine(int(uri.rpartition(":")[2]))
    chance = random.Random(17)  # noqa: S311 - no secret
    outcomes: list[Sequence[str]] = []
    with line.running() as port:
        through = f"bolt://127.0.0.1:{port}"
        for number in range(_KILLS):
            folder, namespace = tmp_path / str(number), f"left-{uuid.uuid4()}"
            line.allow(chance.uniform(100, 45_000))
            outcomes.append(anyio.run(work, folder, namespace, through))
            line.allow(float("inf"))

            assert anyio.run(work, folder, namespace, through) == []
            assert anyio.run(state, folder, namespace, through) == expected(namespace), number

    # The embedded stores did not notice, whatever became of the server.
    assert {name for lost in outcomes for name in lost} == {"neo4j"}
    assert sum(bool(lost) for lost in outcomes) > _KILLS // 2


def test_three_writers_on_one_home_killed_at_random_moments_leave_what_was_sent_once(tmp_path: Path, uri: str) -> None:
    chance = random.Random(19)  # noqa: S311 - no secret
    killed, whole = [], undisturbed_seconds(3, tmp_path / "whole", uri)
    for number in range(_ROUNDS_OF_THREE):
        folder, namespace = tmp_path / str(number), f"three-{uuid.uuid4()}"
        runs = writers(3, folder, namespace, uri)
        moments = sorted(time.monotonic() + chance.uniform(0.0, whole) for _ in runs)
        killed += [killed_at(run, moment) for run, moment in zip(runs, moments, strict=True)]

        assert anyio.run(work, folder, namespace, uri) == []
        assert anyio.run(state, folder, namespace, uri) == expected(namespace), number

    assert sum(killed) > _ROUNDS_OF_THREE


@pytest.mark.timeout(1800)  # each start of Neo4j takes ten seconds or more
def test_a_server_stopped_or_killed_at_random_moments_holds_everything_once_it_runs_again(
    tmp_path: Path, server: Server
) -> None:
    chance = random.Random(23)  # noqa: S311 - no secret
    outcomes: list[Sequence[str]] = []
    for number in range(_KILLS):
        folder, namespace = tmp_path / str(number), f"server-{uuid.uuid4()}"
        how = signal.SIGKILL if number % 2 else signal.SIGTERM
        ending = threading.Timer(chance.uniform(0.0, 1.5), server.pause, [how])
        ending.start()
        outcomes.append(anyio.run(work, folder, namespace, server.address))
        ending.join()
        server.start()

        assert anyio.run(work, folder, namespace, server.address, _PATIENT) == []
        assert anyio.run(state, folder, namespace, server.address, _PATIENT) == expected(namespace), number

    assert {name for lost in outcomes for name in lost} == {"neo4j"}
    assert sum(bool(lost) for lost in outcomes) > _KILLS // 2
