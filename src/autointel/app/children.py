"""Run ``autointel run`` in child processes, so that a crash affects one source only."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from time import perf_counter
from typing import Final

from autointel.app.fork_server import IS_POSSIBLE, Forked, ForkServer
from autointel.environment import FORK_SERVER, FROM_STDIN

OURSELVES: Final = (str(Path(sys.executable).absolute()), "-P", "-m", "autointel")
"""This program by this interpreter, which never takes a module from the working folder (``-P``)."""
_CHILD: Final = (*OURSELVES, FROM_STDIN)
_FORK_SERVER: Final = (*OURSELVES, FORK_SERVER)
TERMINATED: Final = 143
_LONGEST: Final = 100_000  # characters of one argument
_UNUSABLE: Final = 2
_FAILED: Final = 1
_LAST: Final = 2  # an error is two lines


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, what it wrote to stdout, the last lines of its stderr, and how long it took."""

    code: int
    out: str
    said: tuple[str, ...]
    seconds: float


class Children:
    """Start child processes, and stop them when the parent stops. Thread-safe.

    With ``many``, the libraries are loaded once for all children, where the system allows that.
    """

    def __init__(self, environment: Mapping[str, str], command: Sequence[str] = _CHILD, *, many: bool = False) -> None:
        self._environment = dict(environment)
        self._command = list(command)
        self._forks = ForkServer(environment, _FORK_SERVER) if many and IS_POSSIBLE else None
        self._lock = Lock()
        self._running: set[subprocess.Popen[str] | Forked] = set()
        self._stopped = Event()
        self._terminated: set[subprocess.Popen[str] | Forked] = set()

    def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
        """Block until the child has ended. ``heard`` gets each line of its stderr."""
        began = perf_counter()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            try:
                _refuse_unusable(arguments)
                child = self._start(arguments, out.fileno())
            except (OSError, ValueError) as error:
                heard(f"This line cannot be a source: {error}.")
                return Ended(_UNUSABLE, "", (f"This line cannot be a source: {error}.",), 0.0)
            if child is None:
                return Ended(TERMINATED, "", (), 0.0)
            said = []
            assert child.stderr is not None  # noqa: S101  it is a pipe
            for line in child.stderr:
                said.append(line.rstrip("\n"))
                heard(said[-1])
            returned = _waited(child)
            with self._lock:
                self._running.discard(child)
                code = _code(returned)
                # A signal that meets a child between two imports may come out as an error of the import.
                if child in self._terminated and code == _FAILED:
                    code = TERMINATED
            out.seek(0)
            return Ended(code, out.read(), tuple(said[-_LAST:]), perf_counter() - began)

    def stop(self) -> None:
        """Terminate running children, which save their finished steps, and start no more."""
        with self._lock:
            self._stopped.set()
            self._terminated |= self._running
            for child in self._running:
                child.terminate()

    def close(self) -> None:
        """Release what children are started from; the end of this process does so too."""
        if self._forks:
            self._forks.close()

    def _start(self, arguments: Sequence[str], out: int) -> subprocess.Popen[str] | Forked | None:
        if self._stopped.is_set():
            return None
        child = (self._forks and self._forks.start(out)) or subprocess.Popen(  # noqa: S603  our own interpreter
            self._command,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=self._environment,
            # Ctrl-C reaches the parent alone, which ends its children one by one.
            start_new_session=True,
        )
        assert child.stdin is not None  # noqa: S101  it is a pipe
        with suppress(BrokenPipeError):
            # Not on the command line, which every user of the machine may read. The pipe stays open: where this
            # process is killed, the operating system closes it, and the child ends.
            child.stdin.write(json.dumps([*arguments]) + "\n")
            child.stdin.flush()
        with self._lock:
            self._running.add(child)
            if self._stopped.is_set():  # while it was started
                self._terminated.add(child)
                child.terminate()
        return child


def _waited(child: subprocess.Popen[str] | Forked) -> int:
    """The exit code of a child that has closed its standard error, and what it held is closed."""
    if isinstance(child, Forked):
        return child.wait()
    with child:
        return child.wait()


def _refuse_unusable(arguments: Sequence[str]) -> None:
    """Raise ValueError for a line that names nothing, such as one with a NUL or a whole novel."""
    if any("\0" in each for each in arguments):
        raise ValueError("it holds a NUL character")
    if any(len(each) > _LONGEST for each in arguments):
        raise ValueError(f"it is longer than {_LONGEST:,} characters")


def _code(returned: int) -> int:
    """As a shell would give it: 128 and the signal's number."""
    return 128 - returned if returned < 0 else returned
