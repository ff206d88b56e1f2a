"""PostgreSQL, Redis, RabbitMQ, Chromium with its driver, and a voice, for the tests, from Debian's packages."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from scripts.server_process import Server, free_port, replies

_RABBITMQ: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_EPMD: Final = "/usr/bin/epmd"
_AMQP: Final = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME: Final = b"\x01"
# Programs that the browser tests can use.
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")


def install(names: list[str]) -> None:
    """Install the packages that are missing. Raises SystemExit where that takes rights this user does not have."""
    present = {"postgres": _postgres_programs() is not None, "redis": bool(shutil.which("redis-server"))}
    present["rabbitmq"] = _RABBITMQ.exists()
    present["chromium"] = bool(any(map(shutil.which, BROWSERS)) and shutil.which("chromedriver"))
    present["espeak-ng"] = bool(shutil.which("espeak-ng"))
    packages = {
        "postgres": ["postgresql"],
        "redis": ["redis-server"],
        "rabbitmq": ["rabbitmq-server"],
        "chromium": ["chromium", "chromium-driver"],
        "espeak-ng": ["espeak-ng"],
    }
    missing = [package for name in names if not present[name] for package in packages[name]]
    if not missing:
        return
    if os.geteuid() != 0:
        raise SystemExit(f"{', '.join(missing)} missing.\nInstall with: sudo apt-get install {' '.join(missing)}")
    print(f"installing {', '.join(missing)} from Debian's packages (once)", file=sys.stderr)
    # Servers started by the packages themselves would listen where nobody asked for them.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    apt = ["apt-get", "-qq", "-y"]
    subprocess.run([*apt, "update"], check=True, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    subprocess.run(  # noqa: S603
        [*apt, "install", "--no-install-recommends", *missing], check=True, env=environment, stdout=subprocess.DEVNULL
    )


def postgres() -> Server:
    """A running, empty PostgreSQL: user and database ``autointel``, no password."""
    programs, port = _postgres_programs(), free_port()
    if programs is None:
        raise SystemExit("PostgreSQL is missing.")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    data = folder / "data"
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    else:
        as_user = []
    make = [
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        "autointel",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run([*as_user, *make, "--no-sync"], check=True, capture_output=True, cwd=folder)  # noqa: S603
    options = ["-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-c", "max_connections=200"]
    ready = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]  # it answers before it takes questions
    server = Server(
        [*as_user, str(programs / "postgres"), "-D", str(data), *options],
        folder,
        f"postgresql://autointel@127.0.0.1:{port}/autointel",
        lambda: subprocess.run(ready, check=False, capture_output=True).returncode == 0,  # noqa: S603
        stop_signal=signal.SIGINT,  # SIGTERM would wait for every client to leave
    ).start()
    create = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "autointel", "autointel"]
    subprocess.run(create, check=True, capture_output=True)  # noqa: S603
    return server


def redis() -> Server:
    """A running, empty Redis without persistence."""
    folder, port = Path(tempfile.mkdtemp(prefix="redis-")), free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    return Server(
        command,
        folder,
        f"redis://127.0.0.1:{port}/0",
        lambda: replies(port, b"PING\r\n", lambda answer: answer.startswith(b"+PONG")),
    ).start()


def rabbitmq() -> Server:
    """A running, empty RabbitMQ with the user guest."""
    folder, port, epmd_port = Path(tempfile.mkdtemp(prefix="rabbitmq-")), free_port(), free_port()
    # Erlang would start this daemon itself, on a port of all interfaces, and leave it running.
    epmd = subprocess.Popen(  # noqa: S603
        [_EPMD, "-address", "127.0.0.1", "-port", str(epmd_port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    environment = {
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd_port),
        "HOME": str(folder),
        "LOGNAME": getpass.getuser(),
        "RABBITMQ_NODENAME": f"autointel-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "none"),
    }
    return Server(
        [str(_RABBITMQ)],
        folder,
        f"amqp://guest:guest@127.0.0.1:{port}//",
        lambda: replies(port, _AMQP, lambda answer: answer[:1] == _METHOD_FRAME),
        environment,
        [epmd],
    ).start()


def _postgres_programs() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None
