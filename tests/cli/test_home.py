"""A home that is damaged, full, or not there: two sentences, the right exit code, and nothing stored before is lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from tests.crash.killing import SAMPLE, Machine

from autointel.cli.app import carry_out_command

pytestmark = [pytest.mark.xdist_group("home"), pytest.mark.slow]
_TALK: Final = 40
_LIMIT: Final = 48 * 1024

_LOOK: Final = """
import sys
from autointel.cli.app import carry_out_command
code = carry_out_command(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""

Damage = Callable[[Path], object]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home in which one talk was read, and the talk."""
    folder = tmp_path_factory.mktemp("read")
    talk = folder / "talk.vtt"
    title, *cues = SAMPLE.read_text().split("\n\n")[:_TALK]
    # Else its language would be guessed, by a library that unpacks its model where no room may be left.
    talk.write_text("\n\n".join([f"{title}\nLanguage: en", *cues]) + "\n")
    Machine(folder / "home").finish("run", str(talk))
    return folder / "home", talk


@pytest.fixture
def home(read: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to be damaged."""
    copy = tmp_path / "home"
    shutil.copytree(read[0], copy)
    monkeypatch.setenv("AUTOINTEL_HOME", str(copy))
    return copy


@pytest.fixture
def talk(read: tuple[Path, Path]) -> str:
    return str(read[1])


def _garbage(pattern: str) -> Damage:
    return lambda home: next(home.glob(pattern)).write_bytes(b"garbage!" * 2000)


def _half_gone(home: Path) -> None:
    catalogue = home / "catalogue.sqlite3"
    catalogue.write_bytes(catalogue.read_bytes()[:9000])


def _newer(home: Path) -> None:
    with closing(sqlite3.connect(home / "catalogue.sqlite3")) as catalogue:
        catalogue.execute("PRAGMA user_version = 99")


def _by_another_embedder(home: Path) -> None:
    collection = next(home.glob("memory/default-*"))
    collection.rename(collection.with_name("default-00000000"))


@pytest.mark.parametrize(
    ("damage", "happened"),
    [
        (_garbage("catalogue.sqlite3"), "is not a catalogue"),
        (_half_gone, "is damaged"),
        (_newer, "was written by a newer autointel"),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_told_and_left_alone(
    damage: Damage, happened: str, home: Path, talk: str, capsys: Capture
) -> None:
    damage(home)
    before = (home / "catalogue.sqlite3").read_bytes()

    for command in (["run", "-q", talk], ["search", "fares"], ["graph", "Desmond"], ["runs"], ["drain"]):
        assert carry_out_command(command) == 6
        out, err = capsys.readouterr()
        assert (out, len(err.splitlines())) == ("", 2)
        assert happened in err.splitlines()[0]
    assert (home / "catalogue.sqlite3").read_bytes() == before


def test_a_catalogue_that_was_lost_is_told_none_is_made_by_looking_and_the_next_run_makes_one(
    home: Path, talk: str, capsys: Capture
) -> None:
    for file in home.glob("catalogue.sqlite3*"):
        file.unlink()

    looking = [["search", "fares"], ["graph", "Desmond"], ["runs"], ["drain"], ["sources"], ["batch", "status", "any"]]
    keeping = [["forget", talk], ["forget", "--namespace", "default"], ["reindex"], ["cache", "clear"]]
    for command in looking + keeping:
        assert carry_out_command(command) == 6
        out, err = capsys.readouterr()
        assert (out, len(err.splitlines())) == ("", 2)
        assert "is gone" in err
    assert not (home / "catalogue.sqlite3").exists()

    assert carry_out_command(["run", "-q", talk]) == 0
    assert carry_out_command(["search", "fares"]) == 0


@pytest.mark.parametrize(
    ("damage", "step", "happened", "what_to_do"),
    [
        (_garbage("memory/*.sqlite3"), "memory", "is damaged", "autointel reindex"),
        (_by_another_embedder, "memory", "by another embedder", "autointel reindex"),
        (_garbage("graph/default.lbug"), "graph", "cannot be used", "autointel reindex --graph"),
    ],
)
def test_a_store_that_cannot_be_read_costs_its_step_and_nothing_else(  # noqa: PLR0917  a case, and where it happens
    damage: Damage, step: str, happened: str, what_to_do: str, home: Path, talk: str, capsys: Capture
) -> None:
    damage(home)

    assert carry_out_command(["run", "-q", "--json", talk]) == 7
    report = json.loads(capsys.readouterr().out)
    broken = [each for each in report["steps"] if each["outcome"] not in {"done", "declined"}]
    assert [each["name"] for each in broken] == [step]
    assert happened in broken[0]["reason"]
    assert what_to_do in broken[0]["hint"]
    assert carry_out_command(["search", "fare"]) == 0
    searched = capsys.readouterr()
    assert "Cost of Free Transit" in searched.out
    assert carry_out_command(["graph", "Desmond"]) == 0
    assert what_to_do in (capsys.readouterr() if step == "graph" else searched).err


@pytest.mark.parametrize("gone", ["memory", "graph", "locks", "backups", "crew"])
def test_a_folder_that_was_deleted_is_made_again_with_all_that_stood_in_it(
    gone: str, home: Path, talk: str, capsys: Capture
) -> None:
    machine = Machine(home)
    before = machine.kept()
    shutil.rmtree(next(home.glob(gone)))

    assert carry_out_command(["run", "-q", talk]) == 0
    assert capsys.readouterr().err == ""
    assert machine.kept() == before


def test_a_disk_that_is_full_from_the_beginning_is_told(tmp_path: Path, talk: str) -> None:
    done = _with_little_room(tmp_path / "new", "run", "-q", talk)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (6, "", 2)
    assert "disk" in done.stderr


def test_a_disk_that_fills_up_keeps_no_briefing_back_and_loses_nothing(home: Path, talk: str) -> None:
    machine = Machine(home)
    before = machine.kept()

    done = _with_little_room(home, "run", "-q", talk)

    assert (done.returncode, len(done.stderr.splitlines())) == (6, 2)
    assert done.stdout.startswith("# The Cost of Free Transit")
    machine.finish("run", talk)
    assert machine.kept() == before


@pytest.mark.parametrize("command", [["run"], ["search", "fare"], ["ask", "Who pays the fare?"], ["runs"]])
def test_what_is_kept_is_shown_without_the_crew_and_without_the_store_s_client(
    command: list[str], home: Path, talk: str
) -> None:
    arguments = [*command, talk] if command == ["run"] else command

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _LOOK, *arguments],
        env={**os.environ, "AUTOINTEL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )

    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0"
    assert {"autointel", "sqlite3"} <= set(modules)
    assert set(modules) & {"crewai", "langchain_core", "langchain_openai", "qdrant_client", "openai"} == set()


def _with_little_room(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run in which no file may grow beyond the limit: what a full disk is to a program, for root too."""
    return subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-m", "autointel", *arguments],
        env={**os.environ, "AUTOINTEL_HOME": str(home)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (_LIMIT, _LIMIT)),
        capture_output=True,
        text=True,
        check=False,
    )
