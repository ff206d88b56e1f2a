"""A run at a limit of the shell or the disk ends with what to do, and never with "something unexpected"."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SAMPLE = Path(__file__).resolve().parents[2] / "src" / "autointel" / "samples" / "free-transit.vtt"


def run_within(limit: int, most: int, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [str(Path(sys.executable).with_name("autointel")), "run", str(SAMPLE), "-q", "--engine", "local"],
        env={**os.environ, "AUTOINTEL_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(limit, (most, most)),
    )


@pytest.mark.parametrize(
    ("limit", "most", "code", "message"),
    [
        (resource.RLIMIT_NOFILE, 10, 1, "Too many files are open at once."),
        (resource.RLIMIT_AS, 500_000_000, 1, "This shell allows 0.5 GB of address space"),
        (resource.RLIMIT_AS, 1_300_000_000, 1, "This shell allows 1.3 GB of address space"),
        (resource.RLIMIT_STACK, 128 << 10, 1, "This shell allows 128 KiB of stack"),
        (resource.RLIMIT_FSIZE, 20_000, 6, "ulimit -f allows larger files"),
        # No file of this run is so large.
        (resource.RLIMIT_FSIZE, 1_000_000, 0, ""),
    ],
    ids=["files", "memory", "hardly enough memory", "stack", "small files", "larger files"],
)
def test_a_limit_is_named_with_what_to_do(limit: int, most: int, code: int, message: str, tmp_path: Path) -> None:
    done = run_within(limit, most, tmp_path / "home")

    assert (done.returncode, message in done.stderr, "unexpected" in done.stderr) == (code, True, False), done.stderr


def test_a_file_that_grows_beyond_the_shells_limit_is_named_with_what_to_do(tmp_path: Path) -> None:
    """Whatever writes it: the home's own files have a message of their own."""
    writing = "lambda: lambda: open('large', 'wb').write(bytes(100_000)) and 0"
    program = f"import sys; from autointel.cli.exits import carry_out; sys.exit(carry_out({writing}))"

    done = subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )

    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        ["A file is as large as this shell allows.", "Raise the limit (ulimit -f unlimited), then run it again."],
    )


def test_enough_address_space_for_a_run_is_enough_for_its_graph(tmp_path: Path) -> None:
    done = run_within(resource.RLIMIT_AS, 2_000_000_000, tmp_path / "home")

    assert (done.returncode, done.stderr) == (0, "")
