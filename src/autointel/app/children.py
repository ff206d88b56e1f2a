"""Run ``autointel run`` in child processes, so that a crash affects one source only.

A run of a short source takes some 3 s of CPU, two thirds of them to load libraries. Where many follow one another, a
fork server loads them once: its children begin with what their parent has loaded, and share its memory. Each child is a
process of its own all the same: what kills one costs one attempt at one source. Linux only; elsewhere a library may not
survive a fork.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from time import perf_counter
from typing import IO, TYPE_CHECKING, Final

from autointel.environment import FORK_SERVER, FROM_STDIN

if TYPE_CHECKING:
    from autointel.domain.report import Report

OURSELVES: Final = (str(Path(sys.executable).absolute()), "-P", "-m", "autointel")
"""This program by this interpreter, which never takes a module from the working folder (``-P``)."""
_CHILD: Final = (*OURSELVES, FROM_STDIN)
_FORK_SERVER: Final = (*OURSELVES, FORK_SERVER)
TERMINATED: Final = 143  # as a shell gives it: 128 and SIGTERM
_LONGEST: Final = 100_000  # characters of one argument
_UNUSABLE: Final = 2  # as for wrong usage
_FAILED: Final = 1  # any other error
_LAST: Final = 2  # an error is two lines
IS_POSSIBLE: Final = sys.platform == "linux"
_FORK: Final = b"f"
_FORKED: Final = b"+"
_PASSED: Final = 4  # descriptors: standard input, output and error, and where the exit code goes
_KILLED: Final = -signal.SIGKILL
# What both engines load during a run, as seen in sys.modules after one; all without threads of their own.
_MODULES: Final = (
    "anyio._backends._asyncio",
    "autointel.adapters.evidence.paged",
    "autointel.adapters.fetch.fetcher",
    "autointel.adapters.graph.ladybug",
    "autointel.adapters.vectors.sqlite",
    "autointel.app.assemble",
    "autointel.app.model_settings",
    "autointel.local.engine",
    "autointel.pipeline.fact_check",
    "autointel.pipeline.fallacies",
    "autointel.pipeline.insights",
    "autointel.pipeline.model_reader",
    "autointel.pipeline.perspectives",
    "autointel.render.exports",
    "httpcore",
)


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, what it wrote to stdout, the last lines of its stderr, and how long it took."""

    code: int
    out: str
    said: tuple[str, ...]
    seconds: float

    @property
    def report(self) -> Report | None:
        """The report that it wrote, or None where it wrote none, or was killed while it wrote."""
        from autointel.domain.report import Report

        try:
            return Report.model_validate_json(self.out) if self.out else None
        except ValueError:
            return None


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
                code = 128 - returned if returned < 0 else returned  # as a shell would give it
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
        """The child's exit code, negative for a signal; that of SIGKILL where the fork server itself was killed."""
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
                with suppress(OSError):  # who asked is gone, and its end of the line closes next
                    os.write(codes[number], _FORKED)
                for descriptor in passed:
                    os.close(descriptor)


def _report(codes: dict[int, int]) -> None:
    """Hand on the exit code of every child that has ended."""
    while codes:
        number, status = os.waitpid(-1, os.WNOHANG)
        if not number:
            return
        with suppress(OSError), os.fdopen(codes.pop(number), "w") as code:  # nobody waits for it any more
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
