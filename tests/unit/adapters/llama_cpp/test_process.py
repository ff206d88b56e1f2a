"""The child process, with a stand-in for llama.cpp: how it starts, how it fails, and that it ends with the run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import pytest
from tests.fakes.gguf import gguf_file

from autointel.adapters.llama_cpp.gguf import Serving, read_gguf
from autointel.adapters.llama_cpp.process import LlamaProcess, refuse_uninstalled
from autointel.errors import ModelUnavailable, SettingsError

FIT = Serving(threads=1, slots=1, context=2048)
SERVES = "import sys; sys.stdin.readline(); print('ready', flush=True); sys.stdin.read()"


def program(code: str) -> Sequence[str]:
    return (sys.executable, "-S", "-P", "-c", code)


def made(folder: Path, code: str, said: list[str] | None = None) -> LlamaProcess:
    model = read_gguf(gguf_file(folder / "model.gguf"))
    return LlamaProcess(model, FIT, (said if said is not None else []).append, program(code))


def test_nothing_is_started_before_the_first_question(tmp_path: Path) -> None:
    async def run() -> None:
        process = made(tmp_path, SERVES)
        assert process.pid is None
        await process.aclose()

    anyio.run(run)


def test_it_is_ready_once_the_child_says_so_and_ends_with_the_client(tmp_path: Path) -> None:
    said: list[str] = []

    async def run() -> int:
        process = made(tmp_path, SERVES, said)
        await process.ready()
        await process.ready()
        pid = process.pid
        assert pid is not None
        await process.aclose()
        await process.aclose()
        return pid

    pid = anyio.run(run)

    assert said == ["Loading model (0.0 GB): 1 threads, 1 calls at once, 2,048 tokens each."]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_model_that_llama_cpp_refuses_is_a_wrong_setting_with_its_reason(tmp_path: Path) -> None:
    log = "0.00.1 I srv load: loading\\n0.00.2 E llama_model_load: error loading model: it is cut short\\n"
    code = f"import sys; sys.stdin.readline(); sys.stderr.write('{log}'); sys.exit(1)"

    async def run() -> None:
        process = made(tmp_path, code)
        try:
            await process.ready()
        finally:
            await process.aclose()

    with pytest.raises(SettingsError, match=r"llama\.cpp cannot serve .*model\.gguf: it is cut short\."):
        anyio.run(run)


def test_a_port_that_was_taken_is_no_fault_of_the_file(tmp_path: Path) -> None:
    log = "0.00.1 E srv start: couldn't bind HTTP server socket, hostname: 127.0.0.1\\n"
    code = f'import sys; sys.stdin.readline(); sys.stderr.write("{log}"); sys.exit(1)'

    async def run() -> None:
        process = made(tmp_path, code)
        try:
            await process.ready()
        finally:
            await process.aclose()

    with pytest.raises(ModelUnavailable, match=r"cannot listen at port \d+: .*bind") as raised:
        anyio.run(run)

    assert "Run it again" in raised.value.hint


def test_nobody_else_takes_the_port_before_the_child_does(tmp_path: Path) -> None:
    async def run() -> None:
        process = made(tmp_path, SERVES)
        port = urlsplit(process.address).port
        assert port is not None
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        await process.aclose()

    anyio.run(run)


def test_a_child_killed_while_it_loads_may_have_been_out_of_memory(tmp_path: Path) -> None:
    code = "import os, sys; sys.stdin.readline(); os.kill(os.getpid(), 9)"

    async def run() -> None:
        process = made(tmp_path, code)
        try:
            await process.ready()
        finally:
            await process.aclose()

    with pytest.raises(ModelUnavailable, match=r"was ended \(SIGKILL\)"):
        anyio.run(run)


def test_a_child_killed_while_it_serves_is_named_at_the_next_question(tmp_path: Path) -> None:
    async def run() -> None:
        process = made(tmp_path, SERVES)
        try:
            await process.ready()
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            await anyio.to_thread.run_sync(os.waitid, os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            await process.ready()
        finally:
            await process.aclose()

    with pytest.raises(ModelUnavailable, match=r"The process that served model has ended \(SIGKILL\)"):
        anyio.run(run)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the child ends by its pipe alone")
@pytest.mark.parametrize("ending", ["os.kill(os.getpid(), 9)", "os._exit(0)"])
def test_the_child_ends_with_a_parent_that_is_killed(tmp_path: Path, ending: str) -> None:
    """By the real program, which asks the system for it before it imports llama.cpp."""
    waits = tmp_path / "site" / "xllamacpp.py"
    waits.parent.mkdir()
    # As a model that takes long to load: the interpreter is held and no pipe is read.
    waits.write_text("import os, signal\nprint(os.getpid(), flush=True)\nsignal.pause()\n", encoding="utf-8")
    parent = (
        "import json, os, subprocess, sys\n"
        "from autointel.adapters.llama_cpp import serve\n"
        "child = subprocess.Popen([sys.executable, '-P', serve.__file__], stdin=subprocess.PIPE)\n"
        "child.stdin.write(json.dumps({'parent': os.getpid()}).encode() + b'\\n'); child.stdin.flush()\n"
        "sys.stdin.readline()\n"
        f"{ending}\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(waits.parent), *sys.path])}

    with subprocess.Popen(  # noqa: S603  our own words
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        assert running.stdout is not None
        assert running.stdin is not None
        assert running.stdout.readline().strip().isdigit()
        running.stdin.write("\n")
        running.stdin.flush()
        # The pipe is the child's too: it ends when both have ended.
        assert running.stdout.read() == ""


def test_without_llama_cpp_the_extra_is_named() -> None:
    with pytest.raises(SettingsError, match="not installed") as raised:
        refuse_uninstalled(lambda _: None)

    assert "EXTRAS=llm" in raised.value.hint
