"""Children that are forked from a process with everything loaded: as those that begin by themselves, only sooner."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from autointel.app.children import IS_POSSIBLE, Children, Ended, ForkServer
from autointel.environment import FROM_STDIN

pytestmark = pytest.mark.skipif(not IS_POSSIBLE, reason="children are forked on Linux only")
# Loads nothing; its children do what the single argument says.
_SERVER = """
import os, signal, sys
from autointel.app.children import serve_forks
from autointel.environment import command_line
serve_forks({load})
exec(command_line()[0])
"""


class Forking(Children):
    """Children of a server that loads nothing; ``alone`` is the program of children that no server could fork."""

    def __init__(
        self, environment: Mapping[str, str], *, load: str = "lambda: None", alone: Sequence[str] = ("false",)
    ) -> None:
        super().__init__(environment, alone)
        self._forks = ForkServer(environment, [sys.executable, "-c", _SERVER.format(load=load)])


@pytest.fixture
def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def children(environment: dict[str, str]) -> Iterator[Forking]:
    children = Forking(environment)
    yield children
    children.close()


def done(children: Children, program: str) -> Ended:
    return children.run([program], lambda _: None)


def test_each_child_is_a_process_of_its_own_with_its_own_streams_and_exit_code(children: Forking) -> None:
    program = "print(os.getppid(), os.getsid(0) == os.getpid()); print('one\\ntwo', file=sys.stderr); sys.exit({})"

    first, second = done(children, program.format(0)), done(children, program.format(7))

    assert (first.code, first.said, second.code) == (0, ("one", "two"), 7)
    assert first.out == second.out  # the same parent, and a session of its own
    assert first.out.split()[1] == "True"


@pytest.mark.parametrize("possible", [True, False])
def test_what_a_child_is_asked_stands_in_no_list_of_processes(environment: dict[str, str], *, possible: bool) -> None:
    alone = (
        sys.executable,
        "-c",
        "from autointel.environment import command_line; exec(command_line()[0])",
        FROM_STDIN,
    )
    children = Forking(environment, alone=alone) if possible else Children(environment, alone)
    program = "print(open('/proc/self/cmdline').read()) # --proxy=http://ann:very-secret@proxy.example"

    shown = done(children, program).out
    children.close()

    assert "-c" in shown
    assert "very-secret" not in shown


def test_children_run_side_by_side(children: Forking, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    ended: list[Ended] = []
    waiting = Thread(target=lambda: ended.append(done(children, f"print(open({str(tmp_path / 'pipe')!r}).read())")))
    waiting.start()

    other = done(children, f"open({str(tmp_path / 'pipe')!r}, 'w').write('from the other')")
    waiting.join()

    assert (other.code, ended[0].out) == (0, "from the other\n")


def test_a_child_that_is_killed_costs_no_other(children: Forking) -> None:
    assert done(children, "os.kill(os.getpid(), signal.SIGKILL)").code == 128 + signal.SIGKILL
    assert done(children, "print('fine')").out == "fine\n"


def test_a_server_that_is_killed_is_started_again(children: Forking) -> None:
    done(children, "os.kill(os.getppid(), signal.SIGKILL)")

    assert done(children, "print('fine')").out == "fine\n"


def test_children_that_are_stopped_end_as_by_sigterm(children: Forking) -> None:
    program = "print('here', file=sys.stderr, flush=True); signal.pause()"

    ended = children.run([program], lambda _: children.stop())

    assert ended.code == 128 + signal.SIGTERM


def test_a_server_whose_parent_no_longer_waits_for_a_child_ends_without_a_word(environment: dict[str, str]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Path(os.devnull).open("r+b") as null:
        server = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _SERVER.format(load="lambda: None")],
            stdin=theirs.fileno(),
            stderr=subprocess.PIPE,
            env=environment,
        )
        answers, code = os.pipe()
        os.close(answers)
        socket.send_fds(ours, [b"f"], [null.fileno(), null.fileno(), null.fileno(), code])
        os.close(code)
    said = server.communicate()[1]

    assert (server.returncode, said) == (0, b"")


def test_where_no_server_can_be_had_each_child_begins_by_itself(environment: dict[str, str]) -> None:
    alone = [sys.executable, "-c", "print('by itself')"]

    ended = done(Forking(environment, load="lambda: sys.exit(1)", alone=alone), "pass")

    assert (ended.code, ended.out) == (0, "by itself\n")


def test_the_server_ends_with_the_process_that_started_it(environment: dict[str, str]) -> None:
    program = (
        "import os, sys; from tests.unit.app.test_fork_server import Forking, done\n"
        "children = Forking(dict(os.environ)); print(done(children, 'print(os.getppid())').out, flush=True)\n"
        "os._exit(0)"
    )
    number = int(printed(program, environment))

    while Path(f"/proc/{number}").is_dir() and not is_over(number):
        pass  # it ends when it reads that the line is closed


def test_libraries_that_are_loaded_start_no_thread_and_configure_no_log(
    environment: dict[str, str], tmp_path: Path
) -> None:
    # A fork copies one thread only: a lock that another held would never be free in the child.
    program = (
        "import os; from autointel.app.children import load_libraries\n"
        "load_libraries(); import logging\n"
        "print(len(os.listdir('/proc/self/task')), logging.getLogger().handlers)"
    )
    settings = {"AUTOINTEL_HOME": str(tmp_path / "home"), "OPENBLAS_NUM_THREADS": "1"}

    assert printed(program, {**environment, **settings}) == "1 []\n"


def printed(program: str, environment: Mapping[str, str]) -> str:
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)  # noqa: S603
    return ended.stdout


def is_over(number: int) -> bool:
    """Whether the process has ended and only waits to be counted."""
    with suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True
