"""Whatever only looks something up refuses a home that is not the user's own, and closes one that is open to others."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.kept import keep_graph, keep_runs, keep_talk

from autointel.cli.app import carry_out_command

LOOK_UPS = (
    ("search", "fares"),
    ("ask", "do fares cover the cost?"),
    ("graph", "Tallinn"),
    ("ledger", "fares"),
    ("compare", "one", "other"),
    ("runs",),
    ("show", "1"),
    ("sources",),
    ("export",),
    ("perf",),
    ("chat", "--list"),
)
_SOMEBODY = 65_533


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    kept = keep_talk(tmp_path / "home")
    keep_graph(kept)
    keep_runs(kept)
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def foreign(home: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(home, _SOMEBODY, _SOMEBODY)
    yield home
    os.chown(home, 0, 0)


@pytest.mark.parametrize("command", LOOK_UPS, ids=lambda command: command[0])
def test_a_home_that_is_open_to_others_is_closed(command: tuple[str, ...], home: Path) -> None:
    opened = (home, home / "graph", home / "catalogue.sqlite3")
    for path in opened:
        path.chmod(0o755)

    carry_out_command(list(command))

    assert [stat.S_IMODE(path.stat().st_mode) for path in opened] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize("command", LOOK_UPS, ids=lambda command: command[0])
@pytest.mark.parametrize("name", ["catalogue.sqlite3", "graph", "memory"])
def test_nothing_is_looked_up_through_a_link(
    command: tuple[str, ...], name: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / name).rename(tmp_path / "elsewhere")
    (home / name).symlink_to(tmp_path / "elsewhere")

    assert carry_out_command(list(command)) == 6
    assert f"{name} is a link" in capsys.readouterr().err


@pytest.mark.parametrize("command", LOOK_UPS, ids=lambda command: command[0])
def test_a_home_of_another_user_is_refused(
    command: tuple[str, ...], foreign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out_command(list(command)) == 6
    assert f"{foreign} belongs to another user" in capsys.readouterr().err


def test_a_password_in_a_sources_address_is_shown_by_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    address = "http://me:s3cr3t-password@127.0.0.1:9/talk.html"
    (tmp_path / "list").write_text(address)
    monkeypatch.setenv("COLUMNS", "200")  # no address is folded
    for name, value in {"HOME": str(tmp_path / "home"), "QUEUE__ATTEMPTS": "1"}.items():
        monkeypatch.setenv(f"AUTOINTEL_{name}", value)
    local = ("--engine", "local")

    for command in (
        ("run", address, "--verbose", *local),
        ("run", "--from", str(tmp_path / "list"), *local),
        ("watch", address, "--once", *local),
        ("batch", "start", address, *local),
        ("batch", "start", address, "--json", *local),
        ("runs",),
        ("runs", "--json"),
        ("perf",),
    ):
        carry_out_command(list(command))

        said = "".join(capfd.readouterr())
        assert "s3cr3t-password" not in said, command
        assert command[0] == "perf" or "127.0.0.1" in said, command


def test_whatever_the_shell_allows_others_the_program_writes_for_its_user_alone(tmp_path: Path) -> None:
    program, home, out = Path(sys.executable).with_name("autointel"), tmp_path / "home", tmp_path / "out"
    subprocess.run(  # noqa: S603  our own program and our own words
        [str(program), "run", "--sample", "--engine", "local", "-q", "--out", str(out)],
        env={**os.environ, "AUTOINTEL_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        umask=0,
        check=True,
    )

    written = [home, out, *home.rglob("*"), *out.rglob("*")]
    assert [path for path in written if path.stat().st_mode & 0o077] == []
