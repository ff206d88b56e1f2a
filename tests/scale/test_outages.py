"""Stores that go away in the middle of the work, and every source ends briefed once or given up with its reason."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest
from scripts.server_process import Server
from scripts.services_debian import postgres, rabbitmq, redis
from scripts.services_neo4j import neo4j
from tests.fakes.qdrant_server import QdrantStandIn
from tests.scale import apart
from tests.scale.fleet import ROOT, Fleet, talks

from autointel.adapters.graph.neo4j import Neo4jGraph

pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("scale")]
_LONGER_THAN_A_RUN_WAITS = 40.0  # seconds; a run waits 30 for its database
# Nothing listens there: a source at it cannot be read now, but perhaps later.
_NOBODY = "127.0.0.1:9"

_FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)], check=True)  # noqa: S603, S607
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607


@pytest.fixture(scope="module")
def broker() -> Iterator[Server]:
    server = rabbitmq()
    yield server
    server.stop()


@pytest.fixture
def database() -> Iterator[Server]:
    server = postgres()
    yield server
    server.stop()


@pytest.fixture
def servers(broker: Server, database: Server) -> Iterator[dict[str, Server]]:
    """All that a worker of a fleet speaks to."""
    limits = redis()
    yield {"catalogue": database, "broker": broker, "limits": limits}
    limits.stop()


@pytest.fixture(scope="module")
def graph() -> Iterator[Server]:
    server = neo4j()
    yield server
    server.stop()


@pytest.fixture
def fleet(broker: Server, database: Server, tmp_path: Path) -> Iterator[Fleet]:
    settings = {
        "AUTOINTEL_QUEUE__BROKER_URL": broker.address,
        "AUTOINTEL_QUEUE__RETRY_SECONDS": "1",
        "AUTOINTEL_CATALOGUE__URL": database.address,
    }
    fleet = Fleet(tmp_path / "home", settings, apart=True)
    yield fleet
    fleet.abandon()


def test_a_database_that_vanishes_in_the_middle_leaves_no_source_and_no_run_behind(
    fleet: Fleet, database: Server, tmp_path: Path
) -> None:
    fleet.hire(2)
    batch = fleet.start_batch(str(talks(tmp_path / "talks", 4)))
    fleet.until_running(batch)
    time.sleep(2)

    database.pause()
    time.sleep(_LONGER_THAN_A_RUN_WAITS)
    database.start()
    jobs = fleet.wait(batch, 300)

    assert [job["state"] for job in jobs] == ["done"] * 4, jobs
    assert len(fleet.read()) == 4
    # The runs that could not note their own end are noted as interrupted, those that memory was shut to as partial, and
    # none goes on for ever.
    assert {run["state"] for run in fleet.runs()} <= {"done", "partial", "failed", "interrupted"}


@pytest.mark.skipif(not apart.is_possible(), reason="a network of one's own takes the rights of root")
@pytest.mark.parametrize("store", ["catalogue", "broker", "limits"])
def test_a_network_cut_between_workers_and_a_store_costs_no_source(
    fleet: Fleet, servers: dict[str, Server], tmp_path: Path, store: str
) -> None:
    with apart.Apart().here() as machine:
        places = {name: machine.reach(port_in(server.address)) for name, server in servers.items()}
        moved = {name: server.address.replace("127.0.0.1", places[name]) for name, server in servers.items()}
        fleet.hire(
            2,
            before=machine.prefix,
            settings={
                "AUTOINTEL_CATALOGUE__URL": moved["catalogue"],
                "AUTOINTEL_QUEUE__BROKER_URL": moved["broker"],
                "AUTOINTEL_QUEUE__LIMITS_URL": moved["limits"],
            },
        )
        batch = fleet.start_batch(str(talks(tmp_path / "talks", 6)))
        fleet.until_running(batch)

        machine.pull(places[store])
        time.sleep(_LONGER_THAN_A_RUN_WAITS)
        # Without the limits a source that asks no model and no host goes on; without the others it cannot end.
        held_up = any(job["state"] != "done" for job in fleet.jobs(batch))
        machine.plug(places[store])
        jobs = fleet.wait(batch, 400)
        fleet.abandon()

    assert held_up or store == "limits"
    assert [job["state"] for job in jobs] == ["done"] * 6, fleet.runs()
    assert len(fleet.read()) == 6


@pytest.mark.skipif(not apart.is_possible(), reason="a network of one's own takes the rights of root")
@pytest.mark.parametrize("store", ["vectors", "graph"])
def test_a_network_cut_between_workers_and_what_they_store_in_leaves_it_whole_and_nothing_twice(
    fleet: Fleet, servers: dict[str, Server], graph: Server, tmp_path: Path, store: str
) -> None:
    # The stand-in speaks Qdrant's REST over the vendor's in-memory mode: no registry has the real server.
    vectors = QdrantStandIn()
    with vectors.running() as url, apart.Apart().here() as machine:
        addresses = {
            **{name: server.address for name, server in servers.items()},
            "vectors": url,
            "graph": graph.address,
        }
        places = {name: machine.reach(port_in(address)) for name, address in addresses.items()}
        moved = {name: address.replace("127.0.0.1", places[name]) for name, address in addresses.items()}
        fleet.hire(
            2,
            before=machine.prefix,
            settings={
                "AUTOINTEL_CATALOGUE__URL": moved["catalogue"],
                "AUTOINTEL_QUEUE__BROKER_URL": moved["broker"],
                "AUTOINTEL_QUEUE__LIMITS_URL": moved["limits"],
                # The cut may fall on attempt after attempt.
                "AUTOINTEL_QUEUE__ATTEMPTS": "20",
                "AUTOINTEL_QDRANT__URL": moved["vectors"],
                "AUTOINTEL_NEO4J__URI": moved["graph"],
            },
        )
        folder = str(talks(tmp_path / "talks", 4))
        batch = fleet.start_batch(folder, namespace="cut")
        fleet.until_running(batch)

        machine.pull(places[store])
        time.sleep(_LONGER_THAN_A_RUN_WAITS)
        held_up = any(job["state"] != "done" for job in fleet.jobs(batch))
        machine.plug(places[store])
        jobs = fleet.wait(batch, 400)
        undisturbed = fleet.wait(fleet.start_batch(folder, namespace="whole"), 400)
        fleet.abandon()
        # What a briefing could not store waits in the catalogue; the briefing is "partial".
        fleet.settings |= {"AUTOINTEL_QDRANT__URL": url, "AUTOINTEL_NEO4J__URI": graph.address}
        fleet.command("drain")
        stored = {namespace: anyio.run(held, graph, vectors, namespace) for namespace in ("cut", "whole")}

    assert held_up
    assert {job["state"] for job in jobs} <= {"done", "partial"}, jobs
    assert [job["state"] for job in undisturbed] == ["done"] * 4, undisturbed
    assert stored["cut"] == stored["whole"]
    assert all(stored["whole"]), stored


@pytest.mark.skipif(not _FAKETIME, reason="libfaketime is not installed")
def test_workers_whose_clocks_disagree_by_hours_brief_every_source_and_retry_in_time(
    fleet: Fleet, tmp_path: Path
) -> None:
    clock = {"LD_PRELOAD": str(_FAKETIME), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    for offset in ("+5h", "-5h"):
        fleet.hire(settings={**clock, "FAKETIME": offset, "AUTOINTEL_FETCH__ALLOW_HOSTS": _NOBODY})
    # The last one is tried three times, and each time due again by some worker's clock.
    batch = fleet.start_batch(str(talks(tmp_path / "talks", 4)), f"http://{_NOBODY}/gone.vtt")

    jobs = fleet.wait(batch, 300)

    assert [job["state"] for job in jobs] == ["done"] * 4 + ["dead"], jobs
    assert jobs[-1]["attempts"] == 3
    assert len(fleet.read()) == 4


def test_a_worker_of_today_takes_over_from_one_whose_catalogue_is_a_version_older(fleet: Fleet, tmp_path: Path) -> None:
    schema = 'with_name("schema.sql"))'
    older = version(tmp_path / "older", "adapters/catalogue/postgres/connection.py", schema, f"{schema}[:-1]")
    old = Fleet(tmp_path / "old" / "home", {**fleet.settings, **older}, apart=True)
    try:
        old.home.parent.mkdir()
        old.hire()
        batch = old.start_batch(str(talks(tmp_path / "talks", 5)))
        old.until_running(batch)
        fleet.hire()  # its first look brings the catalogue up to date, with a source of the older one in work
        jobs = fleet.wait(batch, 300)

        assert [job["state"] for job in jobs] == ["done"] * 5, jobs
        assert len(fleet.read()) == 5
        # A run that the older worker starts at this moment finds the catalogue too new; no source meets that twice.
        assert {job["attempts"] for job in jobs} <= {1, 2}
        assert [run["state"] for run in fleet.runs()].count("done") == 5
        assert "was written by a newer autointel" in (old.home.parent / "workers.log").read_text()
        assert old.dismiss() == [0]
    finally:
        old.abandon()


def test_a_batch_with_an_option_that_a_worker_does_not_know_is_briefed_by_one_that_does(
    fleet: Fleet, tmp_path: Path
) -> None:
    option = "    color: bool = True\n"
    newer = version(tmp_path / "newer", "cli/request.py", option, f"{option}    tone: str = ''\n")
    new = Fleet(tmp_path / "new" / "home", {**fleet.settings, **newer}, apart=True)
    try:
        new.home.parent.mkdir()
        fleet.hire()
        batch = new.start_batch(str(talks(tmp_path / "talks", 3)))
        log = tmp_path / "workers.log"
        while "was started by another version" not in log.read_text():
            time.sleep(0.5)
        assert {job["state"] for job in fleet.jobs(batch)} == {"waiting"}
        new.hire()
        jobs = new.wait(batch, 300)

        assert [(job["state"], job["attempts"]) for job in jobs] == [("done", 1)] * 3, jobs
        assert len(fleet.read()) == 3
    finally:
        new.abandon()


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk takes the rights of root")
def test_a_full_disk_holds_the_work_up_and_costs_no_source(broker: Server, small_disk: Path, tmp_path: Path) -> None:
    settings = {"AUTOINTEL_QUEUE__BROKER_URL": broker.address, "AUTOINTEL_QUEUE__RETRY_SECONDS": "1"}
    fleet = Fleet(small_disk / "home", {**settings, "AUTOINTEL_QUEUE__ATTEMPTS": "20"})
    try:
        batch = fleet.start_batch(str(talks(tmp_path / "talks", 4)))
        fleet.hire()
        fleet.until_running(batch)
        fill(small_disk)
        time.sleep(20)
        (small_disk / "filling").unlink()
        jobs = fleet.wait(batch, 300)

        assert {job["state"] for job in jobs} <= {"done", "partial"}, jobs
        assert len(fleet.read()) == 4
    finally:
        fleet.abandon()


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk takes the rights of root")
def test_a_worker_whose_disk_is_full_takes_no_source_from_one_with_room(
    broker: Server, database: Server, small_disk: Path, tmp_path: Path
) -> None:
    settings = {
        "AUTOINTEL_QUEUE__BROKER_URL": broker.address,
        "AUTOINTEL_QUEUE__RETRY_SECONDS": "1",
        "AUTOINTEL_CATALOGUE__URL": database.address,
    }
    fleet = Fleet(tmp_path / "home", settings, apart=True)
    try:
        fill(small_disk)
        fleet.hire(settings={"AUTOINTEL_HOME": str(small_disk / "home")})
        fleet.hire()
        jobs = fleet.wait(fleet.start_batch(str(talks(tmp_path / "talks", 3))), 300)

        assert [(job["state"], job["attempts"]) for job in jobs] == [("done", 1)] * 3, jobs
        assert len(fleet.read()) == 3
    finally:
        fleet.abandon()


def version(folder: Path, file: str, old: str, new: str) -> dict[str, str]:
    """This program with another line in one of its files, in a folder; the settings with which a process runs it."""
    shutil.copytree(ROOT / "src" / "autointel", folder / "autointel", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "autointel" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


async def held(graph: Server, vectors: QdrantStandIn, namespace: str) -> tuple[int, int, list[tuple[str, ...]]]:
    """What the stores have under a namespace: entities, relations, and what the vectors are of."""
    store = Neo4jGraph(graph.address, namespace)
    try:
        entities, relations = await store.count()
    finally:
        await store.close()
    points = [
        point.payload or {}
        for each in vectors.client.get_collections().collections
        if each.name.startswith(f"{namespace}-")
        for point in vectors.client.scroll(each.name, limit=100_000)[0]
    ]
    return entities, relations, sorted((p["kind"], p["source_id"], p["passage_id"]) for p in points)


def port_in(address: str) -> int:
    """The port that an address names."""
    port = urlsplit(address).port
    assert port is not None
    return port


def fill(folder: Path) -> None:
    """Leave no byte of the disk free."""
    with suppress(OSError), (folder / "filling").open("wb", buffering=0) as filling:
        while filling.write(bytes(4096)):
            pass
