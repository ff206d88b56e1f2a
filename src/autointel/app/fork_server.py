"""A process that has loaded the libraries of a run, and forks a child for each source.

A run of a short source takes some 3 s of CPU, two thirds of them to load libraries. A worker, which starts one run
after another, loads them once: its children begin with what their parent has loaded, and share its memory. Each child
is a process of its own all the same: what kills one costs one attempt at one source. Linux only; elsewhere a library
may not survive a fork.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import IO, Final

from autointel.environment import FROM_STDIN

IS_POSSIBLE: Final = sys.platform == "linux"
_FORK: Final = b"f"
_FORKED: Final = b"+"
_PASSED: Final = 4  # descriptors: standard input, output and error, and where the exit code goes
_KILLED: Final = -signal.SIGKILL
# What both engines load during a run, as seen in sys.modules after one; all without threads of their own.
_MODULES: Final = (
    "anyio._backends._asyncio",
    "autointel.adapters.fetch.fetcher",
    "autointel.adapters.graph.ladybug",
    "autointel.adapters.vectors.sqlite",
    "autointel.app.assemble_llm",
    "autointel.app.model_settings",
    "autointel.local.engine",
    "autointel.render.exports",
    "httpcore",
)


class Forked:
    """A child of the fork server, with the few members of ``subprocess.Popen`` that are needed of one.

    Its number belongs to the fork server, so nobody else signals it: a child whose standard input is closed ends as by
    SIGTERM.
    """

    def __init__(self, stdin: int, stderr: int, status: int) -> None:
        self.stdin: IO[str] = os.fdopen(stdin, "w", encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(stderr, encoding="utf-8", errors="replace")
        self._status = os.fdopen(status, "rb")

    def terminate(self) -> None:
        """Let it save its finished steps and end. Twice is fine."""
        with suppress(OSError):
            self.stdin.close()

    def wait(self) -> int:
        """Its exit code, negative for a signal. A fork server that was killed leaves none: as if the child had been."""
        with self._status, self.stderr:
            said = self._status.read()
        self.terminate()
        return int(said) if said else _KILLED


class ForkServer:
    """Starts the server when the first child is asked for, and again where it was killed. Thread-safe."""

    def __init__(self, environment: Mapping[str, str], command: Sequence[str]) -> None:
        # NumPy's linear algebra would start threads, one for each core, in the server and in each child.
        self._environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **environment}
        self._command = list(command)
        self._line: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._failed = False

    def start(self, out: int) -> Forked | None:
        """A new child with ``out`` as its standard output; None where no server can be had. Blocks while one loads."""
        with self._lock:
            if self._failed:
                return None
            child = self._forked(out) or self._forked(out)  # the second time with a new server
            self._failed = child is None
            return child

    def close(self) -> None:
        """End the server; the end of this process does so too. Children go on."""
        if self._line is not None and self._server is not None:
            self._line.close()
            self._server.wait()
        self._line = self._server = None

    def _forked(self, out: int) -> Forked | None:
        (stdin, to_child), (from_child, stderr), (status, code) = os.pipe(), os.pipe(), os.pipe()
        try:
            with suppress(OSError):
                socket.send_fds(self._line or self._begun(), [_FORK], [stdin, out, stderr, code])
        finally:
            for descriptor in (stdin, stderr, code):
                os.close(descriptor)
        if os.read(status, 1) == _FORKED:
            return Forked(to_child, from_child, status)
        for descriptor in (to_child, from_child, status):
            os.close(descriptor)
        self.close()
        return None

    def _begun(self) -> socket.socket:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._server = subprocess.Popen(  # noqa: S603  our own interpreter
                self._command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        return self._line


def serve_forks(load: Callable[[], None]) -> None:
    """``load``, then fork children as the line on standard input asks. Returns in each child.

    In the server itself it raises SystemExit when the line is closed, and whatever ``load`` raises.
    """
    line = socket.socket(fileno=os.dup(0))
    _put(os.open(os.devnull, os.O_RDONLY), 0)
    load()
    heard, woken = os.pipe()
    for end in (heard, woken):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(woken)
    before = signal.signal(signal.SIGCHLD, lambda *_: None)
    codes: dict[int, int] = {}  # where the exit code of each child goes, by the child's number
    passed = _until_forked(line, heard, codes)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, before)
    os.setsid()
    line.close()
    for descriptor in (heard, woken, passed.pop(), *codes.values()):
        os.close(descriptor)
    for place, descriptor in enumerate(passed):
        _put(descriptor, place)
    sys.argv[1:] = [FROM_STDIN]


def _until_forked(line: socket.socket, heard: int, codes: dict[int, int]) -> list[int]:
    """What was passed to a child, in that child. The server never returns."""
    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        selector.register(heard, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            if heard in ready:
                os.read(heard, 4096)
                _report(codes)
            if line in ready:
                asked, passed, _, _ = socket.recv_fds(line, 1, _PASSED)
                if not asked:
                    sys.exit(0)
                number = os.fork()
                if not number:
                    return passed
                codes[number] = passed.pop()
                os.write(codes[number], _FORKED)
                for descriptor in passed:
                    os.close(descriptor)


def _report(codes: dict[int, int]) -> None:
    """Hand on the exit code of every child that has ended."""
    while codes:
        number, status = os.waitpid(-1, os.WNOHANG)
        if not number:
            return
        with os.fdopen(codes.pop(number), "w") as code, suppress(OSError):  # nobody waits for it any more
            code.write(str(os.waitstatus_to_exitcode(status)))


def _put(descriptor: int, place: int) -> None:
    os.dup2(descriptor, place)
    os.close(descriptor)


def load_libraries(modules: Sequence[str] = ()) -> None:
    """Everything that a run of either engine loads, and ``modules``; no thread is started.

    Raises AutointelError for a home or settings that no run could use either.
    """
    from autointel.adapters.embedders import WordLlamaEmbedder
    from autointel.adapters.home import Home
    from autointel.crew import load_crew
    from autointel.model.chat import load_client
    from autointel.settings import load
    from autointel.text.language import detect_language
    from autointel.text.vocabulary import synonyms

    # A library that configures logging when it is imported finds that done, as in a run.
    quiet = logging.NullHandler()
    logging.getLogger().addHandler(quiet)
    home = Home(load().settings.home)
    home.prepare()
    load_crew(home.crew)
    load_client()
    for name in (*_MODULES, *modules):
        importlib.import_module(name)
    # Tables that every run reads: languages, related words, vectors of words. Half of the CPU that was left.
    detect_language("This is a sentence that is long enough for its language to be told.")
    synonyms("", "en")
    WordLlamaEmbedder().embed([])
    logging.getLogger().removeHandler(quiet)
    gc.collect()
    gc.freeze()
