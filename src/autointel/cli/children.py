"""Run ``autointel run`` in child processes, so that a crash affects one source only."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Final

OURSELVES: Final = (str(Path(sys.executable).absolute()), "-P", "-m", "autointel")
"""This program by this interpreter, which never takes a module from the working folder (``-P``)."""
TERMINATED: Final = 143
_UNUSABLE: Final = 2
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

    def __init__(self, environment: Mapping[str, str], command: Sequence[str] = OURSELVES) -> None:
        self._environment = dict(environment)
        self._command = list(command)
        self._lock = Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
        """Block until the child has ended. ``heard`` gets each line of its stderr."""
        began = perf_counter()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            try:
                child = self._start(arguments, out.fileno())
            except (OSError, ValueError) as error:
                # A line that cannot be an argument (with a NUL, or too long) is a bad source like any other.
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
            out.seek(0)
            return Ended(_code(child.returncode), out.read(), tuple(said[-_LAST:]), perf_counter() - began)

    def stop(self) -> None:
        """Terminate running children, which save their finished steps, and start no more."""
        with self._lock:
            self._stopped = True
            for child in self._running:
                child.terminate()

    def _start(self, arguments: Sequence[str], out: int) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._stopped:
                return None
            child = subprocess.Popen(  # noqa: S603  our own interpreter; what is typed stands after "--"
                [*self._command, *arguments],
                stdin=subprocess.DEVNULL,
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
            return child


def _code(returned: int) -> int:
    """As a shell would give it: 128 and the signal's number."""
    return 128 - returned if returned < 0 else returned
