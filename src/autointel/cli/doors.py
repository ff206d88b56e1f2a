"""What ``autointel serve`` and ``mcp`` start: the library of one namespace, and runs in child processes."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from autointel.app.children import Children
from autointel.cli.engine import choose
from autointel.cli.output import aside, to_stdout
from autointel.cli.progress import Silent
from autointel.cli.request import Request, typed
from autointel.domain.run import Engine
from autointel.errors import UsageError
from autointel.settings import Settings, handed_down, load
from autointel.web.jobs import Jobs, Wanted
from autointel.web.library import Library


def library_of(settings: Settings, namespace: str, engine: str, *, offline: bool) -> Library:
    """The library of one namespace. ``engine`` stands where a question asks for auto."""

    def chosen(wanted: str) -> Engine:
        return choose(settings, engine if wanted == "auto" else wanted, offline=offline).engine

    return Library(settings, namespace, chosen, Silent())


def jobs_of(namespace: str, engine: str, *, offline: bool) -> Jobs:
    """Runs in processes of their own, under this namespace. ``engine`` stands where a run asks for auto."""

    def arguments(wanted: Wanted) -> Sequence[str]:
        return typed(
            Request(
                source=wanted.source,
                engine=engine if wanted.engine == "auto" else wanted.engine,
                depth=wanted.depth,
                namespace=namespace,
                offline=offline,
                events=True,
            )
        )

    return Jobs(Children(handed_down({})), arguments)


def serve_assistants(*, files: bool, engine: str, namespace: str, offline: bool) -> int:
    """Answer on standard output until standard input ends; 0. Raises SettingsError."""
    from autointel.web.mcp_server import mcp_server

    settings = load(offline=offline).settings
    jobs = jobs_of(namespace, engine, offline=offline)
    server = mcp_server(library_of(settings, namespace, engine, offline=offline), jobs, files=files)
    try:
        with _streams_to_close():
            server.run()
    finally:
        jobs.stop()
    return 0


def serve_pages(
    host: str,
    port: int,
    *,
    open_page: bool,
    engine: str,
    namespace: str,
    offline: bool,
    browse: Callable[[str], bool] = webbrowser.open,
) -> int:
    """Serve until Ctrl-C or SIGTERM; 0. Raises UsageError, SettingsError."""
    from autointel.web.application import application, listening, serve

    settings = load(offline=offline).settings
    token = secrets.token_urlsafe(24)
    jobs = jobs_of(namespace, engine, offline=offline)
    app = application(library_of(settings, namespace, engine, offline=offline), jobs, token)
    with closing(listening(host, port)) as listener:
        address, taken = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        url = f"http://{shown}:{taken}/{token}/"
        to_stdout(f"{url}\n")
        aside(["This page is for this machine only. Ctrl-C stops it."])
        with suppress(KeyboardInterrupt), _opening(url, browse if open_page else None):
            serve(app, listener)
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
def _streams_to_close() -> Iterator[None]:
    """Standard input and output as copies: the SDK closes what it is given, and the command flushes its own later."""
    before = sys.stdin, sys.stdout
    if None in before:
        raise UsageError("Standard input or output is closed.", "An assistant starts autointel mcp with both.")
    sys.stdin = os.fdopen(os.dup(before[0].fileno()), encoding="utf-8")
    sys.stdout = os.fdopen(os.dup(before[1].fileno()), "w", encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin, sys.stdout = before
