"""``autointel serve`` and ``mcp``: the options, and the start of their servers."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, Literal

import typer

from autointel.cli.exits import Action
from autointel.cli.options import Debug, Namespace, Privacy, PrivacyNames

FAMILY: Final = "Other programs"


def serve(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="An address of this machine only.")] = "127.0.0.1",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    engine: Annotated[
        Literal["auto", "llm", "local"], typer.Option(help="For ask and run. auto: a model if one is configured.")
    ] = "auto",
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Connect only to this machine and to allow-listed hosts.")
    ] = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Serve a web page over everything read, and JSON under /api.

    It listens on this machine only and prints its address, which holds a random token; Ctrl-C stops it.
    """
    from autointel.cli.run_server import Opened, serve_pages

    opened = Opened(engine, namespace, offline, privacy, privacy_names)
    return partial(serve_pages, host, port, opened, open_page=open_page)


Engine = Annotated[
    Literal["auto", "llm", "local"], typer.Option(help="For ask and run. auto: a model if one is configured.")
]


def mcp(
    *,
    files: Annotated[bool, typer.Option("--files", help="Let assistants run files of this machine too.")] = False,
    engine: Engine = "auto",
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Connect only to this machine and to allow-listed hosts.")
    ] = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Offer search, ask, graph, show and run to assistants (MCP).

    It speaks the Model Context Protocol on standard input and output; an assistant starts it:

      {"mcpServers": {"autointel": {"command": "autointel", "args": ["mcp"]}}}
    """
    from autointel.cli.run_server import Opened, serve_assistants

    return partial(serve_assistants, Opened(engine, namespace, offline, privacy, privacy_names), files=files)
