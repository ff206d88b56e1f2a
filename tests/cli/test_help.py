"""The help: every command is listed with one line, and none is imported for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from autointel.cli.app import FAMILIES, Commands, app, carry_out_command
from autointel.extensions import COMMANDS, extensions

_LOOK = """
import sys
from autointel.cli.app import carry_out_command
carry_out_command(["--help"])
print(*sorted(name for name in sys.modules if name.startswith(("autointel", "plugged_in"))), file=sys.stderr)
"""
_COMMAND = '''
"""A command of another package."""
FAMILY = "From elsewhere"
raise RuntimeError("imported")

def greet() -> int:
    """Say hello.

    To anybody.
    """
    return 0
'''


def every_command(command: Any, *names: str) -> Iterator[tuple[str, ...]]:
    yield names
    for name, each in getattr(command, "commands", {}).items():
        yield from every_command(each, *names, name)


ALL = list(every_command(typer.main.get_command(app)))


def help_with(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(path)}
    )


def test_the_list_of_commands_imports_none_of_them(tmp_path: Path) -> None:
    modules = set(help_with(tmp_path).stderr.split())

    assert "autointel.cli.app" in modules
    assert modules & {entry.module for entry in extensions(COMMANDS).values()} == set()


def test_a_command_of_another_package_is_listed_in_its_section_without_being_imported(tmp_path: Path) -> None:
    (tmp_path / "plugged_in.py").write_text(_COMMAND)
    metadata = tmp_path / "plugged_in-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged-in\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        "[autointel.commands]\ngreet = plugged_in:greet\nrun = plugged_in:greet\n"
    )

    printed = help_with(tmp_path)

    assert "From elsewhere:\n  greet  Say hello\n" in printed.stdout
    assert "run Brief a source" in " ".join(printed.stdout.split())  # a built-in command is not replaced
    assert "plugged_in" not in printed.stderr.split()


def test_run_stands_first_and_every_section_has_its_commands_in_the_order_that_is_stated() -> None:
    listed = Commands().by_family()

    assert next(iter(Commands())) == "run"
    assert {family: listed[family] for family in FAMILIES} == {
        family: list(names) for family, names in FAMILIES.items()
    }


def test_every_line_of_the_list_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out_command(["--help"]) == 0

    listed = capsys.readouterr().out.partition("Brief a source:")[2].splitlines()
    assert [line for line in listed if line.startswith("    ")] == []  # a line that was wrapped
    assert max(map(len, listed)) <= 80


@pytest.mark.parametrize("names", ALL, ids=" ".join)
def test_every_command_says_in_one_short_line_what_it_does(
    names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out_command([*names, "-h"]) == 0

    usage, line, *_ = (line for line in capsys.readouterr().out.splitlines() if line)
    assert usage.startswith("Usage: autointel")
    assert line.startswith("  ")
    assert len(line) <= 80


def test_the_options_of_run_are_grouped_and_two_examples_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out_command(["run", "--help"]) == 0

    printed = capsys.readouterr().out
    assert printed.count("\n    autointel run ") == 2
    headings = [line for line in printed.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert len(headings) >= 7


def test_the_examples_and_headings_of_a_groups_command_stand_as_those_of_any_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert carry_out_command(["batch", "start", "--help"]) == 0

    printed = capsys.readouterr().out
    assert printed.count("\n    autointel batch start ") == 2
    assert "\nInput:\n" in printed
