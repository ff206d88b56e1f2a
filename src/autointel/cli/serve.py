"""``autointel serve`` and ``mcp``: what was read under one namespace, for a browser and for assistants.

Runs that they are asked for happen in processes of their own.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import typer

from autointel.cli.exits import Action
from autointel.cli.options import Debug, Namespace, Offline, Privacy, PrivacyNames
from autointel.errors import UsageError

if TYPE_CHECKING:
    from autointel.domain import run
    from autointel.settings import Settings
    from autointel.web.jobs import Jobs, Wanted
    from autointel.web.queries import Queries

FAMILY: Final = "Other programs"
_CHUNK: Final = 65_536  # bytes
Engine: TypeAlias = Annotated[
    Literal["auto", "llm", "local"], typer.Option(help="For ask and run. auto: a model if one is configured.")
]


def serve(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="An address of this machine only.")] = "127.0.0.1",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    engine: Engine = "auto",
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    offline: Offline = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Serve a web page over everything read, and JSON under /api.

    It listens on this machine only and prints its address, which holds a random token; Ctrl-C stops it.
    """
    opened = Opened(engine, namespace, offline, privacy, privacy_names)
    return partial(serve_pages, host, port, opened, open_page=open_page)


def mcp(
    *,
    files: Annotated[bool, typer.Option("--files", help="Let assistants run files of this machine too.")] = False,
    engine: Engine = "auto",
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    offline: Offline = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Offer search, ask, graph, show and run to assistants (MCP).

    It speaks the Model Context Protocol on standard input and output; an assistant starts it:

      {"mcpServers": {"autointel": {"command": "autointel", "args": ["mcp"]}}}
    """
    return partial(serve_assistants, Opened(engine, namespace, offline, privacy, privacy_names), files=files)


@dataclass(frozen=True)
class Opened:
    """What other programs may use: one namespace, by this engine where a question or a run asks for auto."""

    engine: str = "auto"
    namespace: str = "default"
    offline: bool = False
    privacy: str | None = None
    privacy_names: bool = False

    def settings(self) -> Settings:
        """The settings with these options. Raises SettingsError."""
        from autointel.app.privacy import with_privacy
        from autointel.settings import load

        return with_privacy(load(offline=self.offline).settings, self.privacy, names=self.privacy_names)

    def queries(self, settings: Settings) -> Queries:
        """Queries of what was read under the namespace."""
        from autointel.cli.progress import Silent
        from autointel.cli.request import choose
        from autointel.web.queries import Queries

        def chosen(wanted: str) -> run.Engine:
            return choose(settings, self.engine if wanted == "auto" else wanted, offline=self.offline).engine

        return Queries(settings, self.namespace, chosen, Silent())

    def jobs(self) -> Jobs:
        """Runs in processes of their own, under the namespace."""
        from autointel.app.children import Children
        from autointel.cli.request import Request, typed
        from autointel.settings import handed_down
        from autointel.web.jobs import Jobs

        def arguments(wanted: Wanted) -> Sequence[str]:
            return typed(
                Request(
                    source=wanted.source,
                    engine=self.engine if wanted.engine == "auto" else wanted.engine,
                    depth=wanted.depth,
                    namespace=self.namespace,
                    offline=self.offline,
                    privacy=self.privacy,
                    privacy_names=self.privacy_names,
                    events=True,
                )
            )

        return Jobs(Children(handed_down({})), arguments)


def serve_assistants(opened: Opened, *, files: bool) -> int:
    """Answer on standard output until standard input ends, or Ctrl-C or SIGTERM comes; 0. Raises SettingsError."""
    from autointel.web.mcp_server import mcp_server

    jobs = opened.jobs()
    server = mcp_server(opened.queries(opened.settings()), jobs, files=files)
    try:
        with _streams_to_close() as end_input, _on_signal(end_input, jobs.stop):
            server.run()
    finally:
        jobs.stop()
    return 0


def serve_pages(host: str, port: int, opened: Opened, *, open_page: bool) -> int:
    """Serve until Ctrl-C or SIGTERM; 0. Raises UsageError, SettingsError."""
    from autointel.cli.output import aside, to_stdout
    from autointel.web import application

    settings = opened.settings()
    token = secrets.token_urlsafe(24)
    jobs = opened.jobs()
    app = application.application(opened.queries(settings), jobs, token)
    with closing(application.listening(host, port)) as listener:
        address, taken = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        url = f"http://{shown}:{taken}/{token}/"
        to_stdout(f"{url}\n")
        aside(["This page is for this machine only. Ctrl-C stops it."])
        with suppress(KeyboardInterrupt), _opening(url, webbrowser.open if open_page else None):
            application.serve(app, listener)
    jobs.stop()
    return 0


@contextmanager
def _opening(url: str, browse: Callable[[str], bool] | None) -> Iterator[None]:
    """Open a private file that leads to the address: the command line of a browser shows it to every user."""
    if browse is None:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="autointel-") as folder:
        page = Path(folder) / "open.html"
        page.write_text(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={url}">', encoding="utf-8")
        with suppress(webbrowser.Error):
            browse(page.as_uri())
        yield


@contextmanager
def _streams_to_close() -> Iterator[Callable[[], None]]:
    """Standard input and output as copies: the SDK closes what it is given, and the command flushes its own later.

    Yields what ends the copy of the input. The SDK waits for a line in a thread that no signal interrupts, so a thread
    of our own hands the input over.
    """
    before = sys.stdin, sys.stdout
    if None in before:
        raise UsageError("Standard input or output is closed.", "An assistant starts autointel mcp with both.")
    ours, theirs = socket.socketpair()

    def hand_over() -> None:
        with suppress(OSError):  # the other end is gone
            while data := os.read(before[0].fileno(), _CHUNK):
                ours.sendall(data)
        end()

    def end() -> None:
        with suppress(OSError):
            ours.shutdown(socket.SHUT_WR)

    sys.stdin = os.fdopen(theirs.detach(), encoding="utf-8")
    sys.stdout = os.fdopen(os.dup(before[1].fileno()), "w", encoding="utf-8")
    Thread(target=hand_over, daemon=True).start()
    try:
        yield end
    finally:
        sys.stdin, sys.stdout = before


@contextmanager
def _on_signal(*ends: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM calls these, each in a thread; a second one does what it did before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def first(_: int, __: FrameType | None) -> None:
        restore()
        for end in ends:
            Thread(target=end, daemon=True).start()

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # a process in the background ignores Ctrl-C
            signal.signal(number, first)
    try:
        yield
    finally:
        restore()
