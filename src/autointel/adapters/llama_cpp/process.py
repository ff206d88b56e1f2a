"""The child process that serves a model: started at the first question, ended with the client."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import IO, Final

import anyio
import anyio.to_thread
from typing_extensions import override

from autointel.adapters.llama_cpp import serve
from autointel.adapters.llama_cpp.gguf import Gguf, Serving
from autointel.errors import AutointelError, ModelUnavailable, SettingsError
from autointel.extensions import how_to_install
from autointel.model.endpoint import ModelHost

_PROGRAM: Final = (str(Path(sys.executable).absolute()), "-P", str(Path(serve.__file__).absolute()))
_LOOPBACK: Final = "127.0.0.1"
_KEEPS_PORTS: Final = hasattr(socket, "SO_REUSEPORT")
_TELL_SECONDS: Final = 5.0
_GIGABYTE: Final = 1_000_000_000
_PORT_TAKEN: Final = re.compile(r"\bbind|address already in use", re.IGNORECASE)
_LAST: Final = 4_000  # characters of the log


def refuse_uninstalled(found: Callable[[str], object] = find_spec) -> None:
    """Raise SettingsError where llama.cpp is not installed."""
    if found("xllamacpp") is None:
        raise SettingsError(
            "A GGUF file is served by llama.cpp, which is not installed.",
            f"Install the extra: {how_to_install('llm')}",
        )


class LlamaProcess(ModelHost):
    """Serves ``model`` at ``address`` to whoever has ``key``. Use it on one event loop.

    Nothing is started before ``ready``. ``tell`` gets a sentence while the model is loading; ``program`` is what the
    child runs.
    """

    def __init__(
        self,
        model: Gguf,
        fit: Serving,
        tell: Callable[[str], None] = lambda _: None,
        program: Sequence[str] = _PROGRAM,
    ) -> None:
        self.key = secrets.token_urlsafe(24)
        self._model = model
        self._fit = fit
        self._tell = tell
        self._program = program
        self._held = _held_port()
        self._port: int = self._held.getsockname()[1]
        if not _KEEPS_PORTS:
            self._held.close()
        self._starting = anyio.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._log: IO[str] | None = None
        self._closed = False

    @property
    def address(self) -> str:
        """The base address of its OpenAI-compatible interface."""
        return f"http://{_LOOPBACK}:{self._port}/v1"

    @property
    def pid(self) -> int | None:
        """The child's process id; None before it is started."""
        return self._child.pid if self._child else None

    @override
    async def ready(self) -> None:
        async with self._starting:
            if self._closed:
                raise ModelUnavailable(f"{self._model.name} is no longer served.", "Run it again.")
            if self._child is None:
                self._child = self._started()
                await self._loaded(self._child)
        if self._child.poll() is not None:
            raise ModelUnavailable(
                f"The process that served {self._model.name} has ended ({_how(self._child.returncode)}).",
                "Resume the run. If it ends again, memory may be short: give a smaller model.",
            )

    @override
    async def aclose(self) -> None:
        self._closed = True
        self._held.close()
        if self._child is not None:
            self._child.kill()  # it has nothing to save
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._child.wait)
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe:
                    pipe.close()
        if self._log:
            self._log.close()

    def _started(self) -> subprocess.Popen[str]:
        """Started by the loop's own thread: the system ends the child when the thread that started it ends."""
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  closed by aclose
        child = subprocess.Popen(  # noqa: S603  our own interpreter and our own file
            self._program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the run alone, which then ends the child
        )
        orders = {
            "parent": os.getpid(),
            "file": str(self._model.path),
            "name": self._model.name,
            "port": self._port,
            "key": self.key,
            "threads": self._fit.threads,
            "slots": self._fit.slots,
            "context": self._fit.context,
        }
        assert child.stdin is not None  # noqa: S101  it is a pipe
        try:
            child.stdin.write(f"{json.dumps(orders)}\n")
            child.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: told by whoever waits for it
        return child

    async def _loaded(self, child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None  # noqa: S101  it is a pipe
        async with anyio.create_task_group() as group:
            group.start_soon(self._telling)
            said = await anyio.to_thread.run_sync(child.stdout.readline, abandon_on_cancel=True)
            group.cancel_scope.cancel()
        if said.strip() != serve.READY:
            raise self._failure(await anyio.to_thread.run_sync(child.wait))

    async def _telling(self) -> None:
        fit, began = self._fit, monotonic()
        what = f"Loading {self._model.name} ({self._model.size / _GIGABYTE:.1f} GB)"
        self._tell(f"{what}: {fit.threads} threads, {fit.slots} calls at once, {fit.context:,} tokens each.")
        while True:
            await anyio.sleep(_TELL_SECONDS)
            self._tell(f"{what}, for {monotonic() - began:.0f} s.")

    def _failure(self, code: int) -> AutointelError:
        if code < 0:
            return ModelUnavailable(
                f"The process that loads {self._model.name} was ended ({_how(code)}).",
                "Memory may be short: close other programs, or give a smaller model.",
            )
        reason = self._reason()
        if _PORT_TAKEN.search(reason):
            return ModelUnavailable(
                f"llama.cpp cannot listen at port {self._port}: {reason}.", "Run it again: it takes another port."
            )
        return SettingsError(
            f"llama.cpp cannot serve {self._model.path}: {reason}.",
            "Download the file again, or give another GGUF file of a chat model.",
        )

    def _reason(self) -> str:
        """The first error in the log: those after it follow from it."""
        assert self._log is not None  # noqa: S101  it was started
        self._log.seek(0)
        lines = self._log.read(_LAST).splitlines()
        errors = [line.split(" E ", 1)[1] for line in lines if " E " in line]
        said = (errors or lines[-1:] or [""])[0].rpartition("model: ")[2].strip()
        return said.rstrip(".") or "it gives no reason"


def _held_port() -> socket.socket:
    """A free port, held without listening, so that no other user's process takes it before the child does."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if _KEEPS_PORTS:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((_LOOPBACK, 0))
    return held


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
