from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autointel.adapters.locking import alive, is_alive

_HOLDS = """
import sys
from pathlib import Path
from autointel.adapters.locking import alive
with alive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_process_that_is_killed_lets_go_of_its_mark_though_the_file_stays(tmp_path: Path) -> None:
    mark = tmp_path / "run.alive"
    command = [sys.executable, "-c", _HOLDS, str(mark)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603  our own text
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        held = is_alive(mark)
        process.kill()

    assert held
    assert mark.exists()
    assert not is_alive(mark)


def test_when_the_work_is_done_nothing_is_left(tmp_path: Path) -> None:
    mark = tmp_path / "run.alive"

    with alive(mark):
        assert is_alive(mark)

    assert not mark.exists()
    assert not is_alive(mark)


def test_where_no_mark_can_be_made_the_work_is_done_without(tmp_path: Path) -> None:
    with alive(tmp_path / "missing" / "run.alive"):
        done = True

    assert done
