"""A home that another process holds on to: who waits says so, gives up after half a minute, and loses nothing."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from tests.crash.killing import SAMPLE, Machine

pytestmark = pytest.mark.timeout(240)


def test_a_catalogue_that_is_kept_busy_ends_the_run(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home")
    machine.finish("run", str(SAMPLE))
    before = machine.kept()

    with closing(sqlite3.connect(machine.catalogue, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        machine.finish("run", "-q", str(SAMPLE), code=6)
        said = machine.told
        machine.finish("search", "fare")

    assert said == [
        f"The catalogue {machine.catalogue} is kept busy by another autointel.",
        "Try again when the other one has ended.",
    ]
    assert machine.kept() == before


def test_a_store_that_is_not_let_go_of_costs_its_step_and_the_next_run_stores_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home")
    machine.finish("run", str(SAMPLE))
    before = machine.kept()
    shutil.rmtree(machine.home / "graph")
    (lock,) = machine.home.glob("locks/graph-*.lock")

    with FileLock(lock):
        machine.finish("run", str(SAMPLE), code=7)
    said = "\n".join(machine.told)
    machine.finish("run", str(SAMPLE))

    assert "The graph is in use by another autointel; waiting for it." in said
    assert "was not released in 30 s" in said
    assert machine.kept() == before
