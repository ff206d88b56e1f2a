"""The program started in a folder that a stranger filled: nothing in it runs, and no key or text leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from typing_extensions import override

from autointel.extensions import COMMANDS as ENTRY_POINTS
from autointel.extensions import extensions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ada>The bridge is closed.\n\n00:04.000 --> 00:06.000\n<v Bo>Since when?\n"
# Every library that is installed, every module of Python's own, and what is looked for without being there.
MODULES = sorted(
    {name for name in (*packages_distributions(), *sys.stdlib_module_names) if name.isidentifier()}
    - {"autointel", "autointel_bench", "__main__"}
    | {"usercustomize", "conftest", "yt_dlp_plugins_mine"}
)
# What Python itself imports for ``-m`` before it looks for the program: nobody can keep these from a folder.
FIRST = "importlib contextlib warnings collections keyword operator reprlib functools types".split()
# Each command with arguments that it accepts; two serve until they are ended.
COMMANDS: dict[str, tuple[str, ...]] = {
    "ask": ("who closed the bridge?",),
    "batch": ("list.txt", "--engine", "local"),
    "bench": ("--help",),
    "cache": (),
    "chat": ("--help",),
    "compare": ("talk", "list"),
    "config": ("show",),
    "doctor": (),
    "drain": (),
    "eval": ("--help",),
    "export": (),
    "forget": ("talk.vtt",),
    "graph": ("bridge",),
    "import": ("talk.vtt",),
    "ledger": ("bridge",),
    "mcp": (),
    "perf": (),
    "reindex": (),
    "resume": ("1",),
    "run": ("talk.vtt", "--engine", "llm"),
    "runs": (),
    "search": ("bridge",),
    "serve": ("--help",),
    "setup": ("--help",),
    "show": ("1",),
    "sources": (),
    "trust": ("--help",),
    "watch": ("--help",),
    "worker": (),
}
# Each loads libraries that the others do not. The two ways in differ only in where Python looks for libraries.
LIBRARIES = ("run", "doctor", "mcp", "reindex", "graph", "config")
PROGRAMS = ("git", "ffmpeg", "ffprobe", "deno", "node", "python", "python3", "uname", "ldconfig", "gcc", "file")
PROGRAM = (str(Path(sys.executable).with_name("autointel")),)
MODULE = (sys.executable, "-m", "autointel")
SECRET = "sk-do-not-send-0123456789abcdef"


class Heard(ThreadingHTTPServer):
    """Answers everything with 400 and writes down what it was sent."""

    def __init__(self) -> None:
        self.said: list[str] = []
        said = self.said

        class Answer(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                said.append(f"{self.command} {self.path} {self.headers} {body!r}")
                self.send_error(400)

            do_GET = do_POST = do_PUT = do_HEAD = do_CONNECT = do_PATCH = _any  # noqa: N815

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Answer)


@pytest.fixture
def listener() -> Iterator[Heard]:
    with Heard() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def hostile(tmp_path: Path, listener: Heard) -> Path:
    """A cloned folder. Whatever in it is run leaves a file in ``tmp_path``/harm."""
    folder, harm = tmp_path / "clone", tmp_path / "harm"
    folder.mkdir()
    harm.mkdir()
    address = f"http://127.0.0.1:{listener.server_port}"
    for name in MODULES:
        (folder / f"{name}.py").write_text(f"import builtins\nbuiltins.open({str(harm / name)!r}, 'w').close()\n")
    (folder / "mine.pth").write_text(f"import builtins; builtins.open({str(harm / 'pth')!r}, 'w').close()\n")
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "-p conftest"\n')
    plugin = folder / "yt_dlp_plugins" / "extractor"
    plugin.mkdir(parents=True)
    (plugin / "mine.py").write_text(f"open({str(harm / 'plugin')!r}, 'w').close()\n")
    info = folder / "mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: mine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[autointel.evidence]\nmine = sitecustomize:x\n")
    for name in PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\ntouch {harm}/{name}\n")
        (folder / name).chmod(0o755)
    (folder / "autointel.toml").write_text(
        f'home = "data"\n[model]\nbase_url = "{address}/v1"\n[qdrant]\nurl = "{address}"\n[speech]\n'
        f'base_url = "{address}/v1"\n[neo4j]\nuri = "bolt://127.0.0.1:{listener.server_port}"\n'
        f'[evidence]\nsources = ["folder", "searxng"]\nfolder = "/"\nsearxng_url = "{address}"\n'
        f'[fetch]\nallow_hosts = ["127.0.0.1"]\n'
    )
    variables = {"OPENAI_BASE_URL": f"{address}/v1", "LANGSMITH_TRACING": "true", "LANGSMITH_ENDPOINT": address}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    (folder / "yt-dlp.conf").write_text(f"--exec touch {harm}/conf\n")
    (folder / "talk.vtt").write_text(VTT)
    (folder / "list.txt").write_text("talk.vtt\n")
    return folder


def run(
    folder: Path, listener: Heard, *arguments: str, program: tuple[str, ...] = PROGRAM, **changes: str
) -> subprocess.CompletedProcess[str]:
    address = f"http://127.0.0.1:{listener.server_port}"
    environment = {
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "PATH": f".::{os.environ['PATH']}",
        "AUTOINTEL_HOME": str(folder.parent / "home"),
        "OPENAI_API_KEY": SECRET,
        "AUTOINTEL_SPEECH__API_KEY": SECRET,
        "AUTOINTEL_QDRANT__API_KEY": SECRET,
        "AUTOINTEL_NEO4J__PASSWORD": SECRET,
        "LANGSMITH_TRACING_V2": "true",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_API_KEY": SECRET,
        "LANGSMITH_ENDPOINT": address,
        "LANGSMITH_RUNS_ENDPOINTS": f'{{"{address}": "{SECRET}"}}',
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
        "OTEL_TRACES_EXPORTER": "otlp",
        "CREWAI_TRACING_ENABLED": "true",
        "CREWAI_PLUS_URL": address,
        "HTTP_PROXY": address,
        "HTTPS_PROXY": address,
        "NO_PROXY": "",
        "NETRC": str(folder / "netrc"),
        "SSLKEYLOGFILE": str(folder.parent / "harm" / "keys"),
        "SSL_CERT_FILE": str(folder / "certificates"),
        "PYTHONSTARTUP": str(folder / "conftest.py"),
        "PYTHONBREAKPOINT": "conftest.x",
        "HF_ENDPOINT": address,
        "OPENAI_BASE_URL": "",
        "SENTRY_DSN": address,
        "ALL_PROXY": address,
        "OPENAI_API_BASE": f"{address}/v1",
        **changes,
    }
    return subprocess.run(  # noqa: S603
        [*program, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def harmed(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder.parent / "harm").iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "talk.vtt", "--engine", "local"],
        ["run", "--from", "list.txt", "--engine", "local"],
        ["run", "talk.vtt", "--engine", "local", "--offline"],
        ["config", "show"],
    ],
    ids=" ".join,
)
def test_nothing_of_the_folder_runs_and_nothing_is_sent(arguments: list[str], hostile: Path, listener: Heard) -> None:
    done = run(hostile, listener, *arguments)

    assert done.returncode in {0, 7}, done.stderr
    assert harmed(hostile) == []
    assert listener.said == []
    assert not (hostile / "data").exists()
    assert "is not trusted" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_model_that_the_user_names_gets_the_words_and_nobody_else_does(hostile: Path, listener: Heard) -> None:
    with Heard() as model:
        thread = threading.Thread(target=model.serve_forever)
        thread.start()
        # It answers nothing useful: what matters is who is asked.
        done = run(
            hostile, listener, "run", "talk.vtt", "--engine", "llm",
            AUTOINTEL_MODEL__BASE_URL=f"http://127.0.0.1:{model.server_port}/v1",
        )  # fmt: skip
        model.shutdown()
        thread.join()

    assert any("The bridge is closed" in each for each in model.said), done.stderr
    assert listener.said == []
    assert harmed(hostile) == []


@pytest.mark.parametrize(
    ("program", "names"), [(PROGRAM, tuple(COMMANDS)), (MODULE, LIBRARIES)], ids=["command", "module"]
)
def test_no_command_runs_anything_of_the_folder(
    program: tuple[str, ...], names: tuple[str, ...], hostile: Path, listener: Heard
) -> None:
    if program == MODULE:
        for name in FIRST:
            (hostile / f"{name}.py").unlink(missing_ok=True)

    def carry_out(name: str) -> tuple[str, str]:
        done = run(hostile, listener, name, *COMMANDS[name], program=program)
        return name, done.stdout + done.stderr

    with ThreadPoolExecutor(2) as pool:
        said = dict(pool.map(carry_out, names))

    assert {name for name, text in said.items() if "Traceback (most" in text or "unexpected" in text} == set()
    assert harmed(hostile) == []
    assert listener.said == []
    assert [name for name, text in said.items() if SECRET in text] == []


def test_every_command_is_tried() -> None:
    assert COMMANDS.keys() == extensions(ENTRY_POINTS).keys()


@pytest.mark.parametrize("path", ["", ":"])
def test_the_module_way_in_takes_no_library_from_the_folder(path: str, hostile: Path, listener: Heard) -> None:
    """``python -m`` and an empty part of PYTHONPATH put the folder first before any line of the program runs.

    The program takes it away. What Python itself loads by that variable at its start is the user's own affair.
    """
    for name in FIRST if not path else (*sys.stdlib_module_names, "usercustomize", "_distutils_hack"):
        (hostile / f"{name}.py").unlink(missing_ok=True)
    environment = {"HOME": str(Path.home()), "PATH": os.environ["PATH"], "AUTOINTEL_HOME": str(hostile / "h")}
    environment |= {"PYTHONPATH": path} if path else {}
    command = [sys.executable, "-m", "autointel", "run", "talk.vtt", "--engine", "local"]

    done = subprocess.run(command, cwd=hostile, env=environment, capture_output=True, text=True, check=False)  # noqa: S603

    assert done.returncode == 0, done.stderr
    assert harmed(hostile) == []
    assert listener.said == []


_YT_DLP = """
import sys
if sys.argv[1] == "scrubbed":
    from autointel.environment import scrub_environment
    scrub_environment()
from autointel.adapters.sources.youtube.session import youtube_dl
with youtube_dl({"quiet": True}) as made:
    print(len(made._ies))
"""


@pytest.mark.parametrize(("way", "runs"), [("scrubbed", False), ("as it is", True)])
def test_a_plug_in_of_yt_dlp_does_not_run(way: str, *, runs: bool, tmp_path: Path) -> None:
    """Neither from the user's folders, where another program may have put it, nor from a project."""
    harm = tmp_path / "harm"
    for folder in (tmp_path / "config" / "yt-dlp" / "plugins" / "mine", tmp_path / "yt-dlp-plugins" / "mine"):
        extractor = folder / "yt_dlp_plugins" / "extractor"
        extractor.mkdir(parents=True)
        (extractor / "mine.py").write_text(f"open({str(harm)!r}, 'w').close()\n")
    environment = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "PATH": os.environ["PATH"]}

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _YT_DLP, way], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert harm.exists() is runs


def test_the_arguments_of_children_are_on_no_command_line(hostile: Path, listener: Heard) -> None:
    (hostile / "list.txt").write_text(f"http://user:{SECRET}@127.0.0.1:{listener.server_port}/talk.vtt\n")

    done = run(hostile, listener, "run", "--from", "list.txt", "--engine", "local")

    assert done.returncode == 3
    assert SECRET not in done.stdout + done.stderr
