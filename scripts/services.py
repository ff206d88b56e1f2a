"""Real servers for the tests, on loopback and free ports, started for one command and stopped afterwards.

scripts/services install [--only NAMES]        install them (once); chromium and espeak-ng only where named
scripts/services run [--only NAMES] -- CMD…    start them, run CMD with their addresses in its environment, stop them

NAMES is a comma-separated choice of neo4j, postgres, redis, rabbitmq and seaweedfs; without it, all of them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Final

from scripts.server_process import Server
from scripts.services_debian import install as install_debian
from scripts.services_debian import postgres, rabbitmq, redis
from scripts.services_neo4j import install as install_neo4j
from scripts.services_neo4j import neo4j
from scripts.services_seaweedfs import install as install_seaweedfs
from scripts.services_seaweedfs import seaweedfs

# Each starts a server and says where it is; the tests read these variables, the product never does.
_SERVICES: Final = {
    "neo4j": ("AUTOINTEL_TEST_NEO4J_URI", neo4j),
    "postgres": ("AUTOINTEL_TEST_POSTGRES_URL", postgres),
    "redis": ("AUTOINTEL_TEST_REDIS_URL", redis),
    "rabbitmq": ("AUTOINTEL_TEST_RABBITMQ_URL", rabbitmq),
    # An S3-like server, with its key before the host and its bucket as the path.
    "seaweedfs": ("AUTOINTEL_TEST_S3_URL", seaweedfs),
}
# No servers: they can only be installed.
_PROGRAMS: Final = ("chromium", "espeak-ng")
_USAGE: Final = 2


def main(arguments: list[str]) -> int:
    """The exit code of CMD, or of what went wrong before it."""
    action, _, command = _parts(arguments)
    names = _names(arguments[: len(arguments) - len(command)])
    if names is None or action not in {"install", "run"} or (action == "run") != bool(command):
        print(__doc__, file=sys.stderr)
        return _USAGE
    if action == "install":
        _install(names)
        return 0
    if programs := set(names).intersection(_PROGRAMS):
        print(f"{', '.join(programs)} can only be installed: no server.", file=sys.stderr)
        return _USAGE
    # Without this a SIGTERM would end this process and leave the servers running.
    signal.signal(signal.SIGTERM, _leave)
    return _run(names, command)


def _run(names: list[str], command: list[str]) -> int:
    _install(names)
    with contextlib.ExitStack() as stack:
        # Neo4j takes half a minute, so the servers start side by side.
        with ThreadPoolExecutor(len(names)) as pool:
            starting = {name: pool.submit(_SERVICES[name][1]) for name in names}
        failures = []
        addresses = {}
        for name, started in starting.items():
            try:
                server: Server = started.result()
            except SystemExit as error:
                failures.append(f"{name}: {error}")
                continue
            stack.callback(server.stop)
            addresses[_SERVICES[name][0]] = server.address
        if failures:
            raise SystemExit("\n".join(failures))
        return subprocess.run(command, env=os.environ | addresses, check=False).returncode  # noqa: S603 - typed by a developer


def _install(names: list[str]) -> None:
    if "neo4j" in names:
        install_neo4j()
    if "seaweedfs" in names:
        install_seaweedfs()
    install_debian([name for name in names if name not in {"neo4j", "seaweedfs"}])


def _parts(arguments: list[str]) -> tuple[str, list[str], list[str]]:
    split = arguments.index("--") if "--" in arguments else len(arguments)
    return (arguments[0] if arguments else ""), arguments[1:split], arguments[split + 1 :]


def _names(arguments: list[str]) -> list[str] | None:
    """The services asked for, or None where one of them does not exist."""
    if "--only" not in arguments:
        return list(_SERVICES)
    chosen = arguments[arguments.index("--only") + 1].split(",")
    return chosen if set(chosen) <= {*_SERVICES, *_PROGRAMS} else None


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
