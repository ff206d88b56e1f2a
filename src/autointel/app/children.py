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
from threading import Lock
from time import perf_counter
from typing import Final

from autointel.environment import FROM_STDIN

OURSELVES: Final = (str(Path(sys.executable).absolute()), "-P", "-m", "autointel")
"""This program by this interpreter, which never takes a module from the working folder (``-P``)."""
_CHILD: Final = (*OURSELVES, FROM_STDIN)
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
    """Start child processes, and stop them when the parent stops. Thread-safe."""

    def __init__(self, environment: Mapping[str, str], command: Sequence[str] = _CHILD) -> None:
        self._environment = dict(environment)
        self._command = list(command)
        self._lock = Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False
        self._terminated: set[subprocess.Popen[str]] = set()

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
            with child:
                assert child.stderr is not None  # noqa: S101  it is a pipe
                for line in child.stderr:
                    said.append(line.rstrip("\n"))
                    heard(said[-1])
            with self._lock:
                self._running.discard(child)
                code = _code(child.returncode)
                # A signal that meets a child between two imports may come out as an error of the import.
                if child in self._terminated and code == _FAILED:
                    code = TERMINATED
            out.seek(0)
            return Ended(code, out.read(), tuple(said[-_LAST:]), perf_counter() - began)

    def stop(self) -> None:
        """Terminate running children, which save their finished steps, and start no more."""
        with self._lock:
            self._stopped = True
            self._terminated |= self._running
            for child in self._running:
                child.terminate()

    def _start(self, arguments: Sequence[str], out: int) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._stopped:
                return None
            child = subprocess.Popen(  # noqa: S603  our own interpreter; what is typed stands after "--"
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
            self._running.add(child)
            assert child.stdin is not None  # noqa: S101  it is a pipe
            with suppress(BrokenPipeError):
                # Not on the command line, which every user of the machine may read. The pipe stays open: where this
                # process is killed, the operating system closes it, and the child ends.
                child.stdin.write(json.dumps([*arguments]) + "\n")
                child.stdin.flush()
            return child


def _refuse_unusable(arguments: Sequence[str]) -> None:
    """Raise ValueError for a line that names nothing, such as one with a NUL or a whole novel."""
    if any("\0" in each for each in arguments):
        raise ValueError("it holds a NUL character")
    if any(len(each) > _LONGEST for each in arguments):
        raise ValueError(f"it is longer than {_LONGEST:,} characters")


def _code(returned: int) -> int:
    """As a shell would give it: 128 and the signal's number."""
    return 128 - returned if returned < 0 else returned
