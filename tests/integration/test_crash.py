"""Commands killed at random moments and begun again: nothing lost, doubled or done again.

``autointel run`` with each engine and 25 kills, a run that replaces an earlier version of its source with 15.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from tests.crash.killing import SAMPLE, Machine, moments

from autointel_bench.simulated import Profile, SimulatedModel

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("crash")]
_KILLS: Final = 25
_REPLACING_KILLS: Final = 15
_AT_ONCE: Final = 4
_PAGE: Final = (
    "Free public transport in Tallinn\n\nThe number of trips rose by fourteen percent in the first year. "
    "A bus costs a city about five hundred thousand dollars. Kansas City kept its buses free for years. "
    "The council of the city voted on the fare in March. Drivers say that a third of trips run late.\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatedModel]:
    # Slow enough that a kill finds calls under way.
    with SimulatedModel(Profile(latency=0.1, jitter=0.5)) as server:
        yield server


@dataclass(frozen=True)
class Undisturbed:
    """What a run that nobody kills is given, how many lines it tells, and all that it keeps."""

    environment: dict[str, str]
    lines: int
    kept: dict[str, Any]


@pytest.fixture(scope="module")
def undisturbed(server: SimulatedModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Undisturbed]:
    """By engine."""
    evidence = tmp_path_factory.mktemp("evidence")
    (evidence / "tallinn.txt").write_text(_PAGE)
    model = {
        "AUTOINTEL_MODEL__BASE_URL": server.base_url,
        "AUTOINTEL_MODEL__NAME": "simulated",
        "AUTOINTEL_MODEL__MAX_CONCURRENT_CALLS": str(_AT_ONCE),
        "AUTOINTEL_EVIDENCE__SOURCES": "folder",
        "AUTOINTEL_EVIDENCE__FOLDER": str(evidence),
    }
    found = {}
    for engine, environment in {"local": {}, "llm": model}.items():
        machine = Machine(tmp_path_factory.mktemp(engine), environment)
        machine.finish("run", "-v", str(SAMPLE), "--engine", engine, "--parallel")
        found[engine] = Undisturbed(environment, len(machine.told), machine.kept())
    return found


@pytest.mark.parametrize("kill", range(_KILLS))
@pytest.mark.parametrize("engine", ["local", "llm"])
def test_killed_and_resumed_a_run_keeps_what_an_undisturbed_one_keeps(
    engine: str, kill: int, tmp_path: Path, server: SimulatedModel, undisturbed: dict[str, Undisturbed]
) -> None:
    expected = undisturbed[engine]
    machine = Machine(tmp_path, expected.environment)
    asked = len(server.calls.all)
    command = ("run", "-v", str(SAMPLE), "--engine", engine, "--parallel")

    machine.kill(moments(3, expected.lines, _KILLS)[kill], *command)
    run, finished, at_kill = machine.begun(), machine.finished_steps(), len(server.calls.all)
    machine.finish(*(("resume", run, "-v") if run else command))

    assert machine.kept() == expected.kept
    assert machine.done_again(finished) == []
    calls = server.calls.all[asked:]
    assert [call.step for call in calls[at_kill - asked :] if call.step in finished] == []
    # What was answered is kept; only what was under way when it died may be asked once more.
    twice = {prompt: count for prompt, count in Counter(call.prompt for call in calls).items() if count > 1}
    assert len(twice) <= _AT_ONCE
    assert set(twice.values()) <= {2}


@pytest.fixture(scope="module")
def replaced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Undisturbed]:
    """A talk that was edited, a home that holds it as it was, and what an undisturbed run makes of both."""
    folder = tmp_path_factory.mktemp("replaced")
    talk, home = folder / "talk.vtt", folder / "home"
    cues = SAMPLE.read_text().split("\n\n")[:80]
    talk.write_text("\n\n".join(cues) + "\n")
    Machine(home).finish("run", str(talk))
    talk.write_text("\n\n".join([*cues[:40], *cues[44:]]) + "\n")
    machine = Machine(folder / "undisturbed")
    shutil.copytree(home, machine.home)
    machine.finish("run", "-v", str(talk))
    return talk, home, Undisturbed({}, len(machine.told), machine.kept())


@pytest.mark.parametrize("kill", range(_REPLACING_KILLS))
def test_killed_while_it_replaces_an_earlier_version_a_run_leaves_one_version_whole_and_the_next_run_finishes(
    kill: int, tmp_path: Path, replaced: tuple[Path, Path, Undisturbed]
) -> None:
    talk, home, expected = replaced
    machine = Machine(tmp_path / "home")
    shutil.copytree(home, machine.home)
    before = _version(machine)

    machine.kill(moments(4, expected.lines, _REPLACING_KILLS)[kill], "run", "-v", str(talk))
    after_kill = _version(machine)
    machine.finish("run", "-v", str(talk))

    assert after_kill in {before, _version(machine)}
    assert machine.kept() == expected.kept


def _version(machine: Machine) -> tuple[str, ...]:
    """What the catalogue holds: sources, passages and notes."""
    tables = ("sources", "passages", "records", "knowledge")
    return tuple(f"{table} {row[0]}" for table in tables for row in sorted(machine.rows(f"SELECT id FROM {table}")))  # noqa: S608
