"""``autointel mcp``: the options, and the start of its server."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, Literal

import typer

from autointel.cli.exits import Job
from autointel.cli.options import Debug, Namespace, Privacy, PrivacyNames

FAMILY: Final = "Other programs"

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
) -> Job:
    """Offer search, ask, graph, show and run to assistants (MCP).

    It speaks the Model Context Protocol on standard input and output; an assistant starts it:

      {"mcpServers": {"autointel": {"command": "autointel", "args": ["mcp"]}}}
    """
    from autointel.cli.doors import Opened, serve_assistants

    return partial(serve_assistants, Opened(engine, namespace, offline, privacy, privacy_names), files=files)
