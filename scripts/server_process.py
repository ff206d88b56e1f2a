"""A server as a child process: started in a folder of its own, waited for until it answers, and stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_PATIENCE: Final = 180.0  # seconds; a busy machine takes a minute to start Neo4j
_POLITE: Final = 20.0  # seconds between SIGTERM and SIGKILL


@dataclass
class Server:
    """A running server. ``address`` is a URL on loopback; ``folder`` is removed when the server is stopped for good."""

    command: Sequence[str]
    folder: Path
    address: str
    answers: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    helpers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stop_signal: int = signal.SIGTERM
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        """Start it and wait until it answers. Raises SystemExit with the end of its log where it does not."""
        log = self.folder / "log.txt"
        with log.open("ab") as output:
            # A session of its own: Ctrl-C reaches the tests and us, and we stop the server afterwards.
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self.command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=os.environ | self.environment,
                cwd=self.folder,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                lines = log.read_text(errors="replace").splitlines()[-20:]
                self.stop()
                raise SystemExit("\n".join([f"{self.command[0]} did not start. The end of its log:", *lines]))
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=0.2)
        return self

    def pause(self, number: int | None = None) -> None:
        """End the process and keep its folder, so that ``start`` finds its data again."""
        if self._process is None:
            return
        end(self._process, number or self.stop_signal)
        self._process = None

    def stop(self) -> None:
        """End the process and remove its folder."""
        self.pause()
        for helper in self.helpers:
            end(helper)
        shutil.rmtree(self.folder, ignore_errors=True)


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    """Send the signal to the process's group, then SIGKILL to what is left of it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    try:
        process.wait(timeout=_POLITE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def replies(port: int, question: bytes, expected: Callable[[bytes], bool]) -> bool:
    """Whether the server on ``port`` answers ``question`` as its protocol asks."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(question)
            return expected(connection.recv(8))
    except OSError:
        return False
