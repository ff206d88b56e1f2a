"""Real servers for the integration tests: installed once into .services/, run on loopback, stopped whatever happens.

scripts/services run -- CMD…     start them, run CMD with their addresses in its environment, stop them
scripts/services install         install only

Neo4j Community is under the GPL: it is used to test against, and no part of what is shipped. Needs Java 17 and Maven.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

_CACHE: Final = Path(__file__).resolve().parent.parent / ".services"
_NEO4J: Final = "5.26.0"
_POM: Final = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>services</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{_NEO4J}</version></dependency>
    <dependency>
      <groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{_NEO4J}</version>
    </dependency>
  </dependencies>
</project>
"""
_OPENED: Final = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch", "java.base/java.util.concurrent")
_PATIENCE: Final = 120.0
# The four bytes that open every Bolt connection, and four versions of which we offer one.
_BOLT: Final = bytes.fromhex("6060B017" + "00000405" + "00000000" * 3)


def main(arguments: list[str]) -> int:
    """The exit code of CMD, or of what went wrong before it."""
    if arguments == ["install"]:
        print(_installed_neo4j())
        return 0
    if arguments[:2] != ["run", "--"] or len(arguments) < 3:  # noqa: PLR2004 - run, --, CMD
        print(__doc__, file=sys.stderr)
        return 2
    # Without this a SIGTERM would end us and leave the servers running.
    signal.signal(signal.SIGTERM, _leave)
    with neo4j() as uri:
        surroundings = os.environ | {"AUTOINTEL_NEO4J__URI": uri, "AUTOINTEL_TEST_NEO4J_URI": uri}
        return subprocess.run(arguments[2:], env=surroundings, check=False).returncode  # noqa: S603 - typed by a developer


@contextlib.contextmanager
def neo4j() -> Iterator[str]:
    """A Neo4j on a free port, empty and without a password; its URI."""
    libraries = _installed_neo4j()
    home = Path(tempfile.mkdtemp(prefix="neo4j-", dir=_CACHE))
    try:
        port = _free_port()
        with _running(_neo4j_command(libraries, home, port), home / "log.txt", port):
            yield f"bolt://127.0.0.1:{port}"
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _installed_neo4j() -> Path:
    """The folder with its jars, filled from Maven Central (or the mirror in Maven's own settings) the first time."""
    libraries = _CACHE / f"neo4j-{_NEO4J}"
    if not libraries.exists():
        for tool in ("mvn", "java"):
            if shutil.which(tool) is None:
                raise SystemExit(
                    f"{tool} is missing.\nInstall Java 17 and Maven (Debian: openjdk-17-jre-headless maven)."
                )
        _CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHE) as unfinished:
            pom, filled = Path(unfinished) / "pom.xml", Path(unfinished) / "lib"
            pom.write_text(_POM)
            print(f"installing Neo4j {_NEO4J} into {libraries} (once, 130 MB)", file=sys.stderr)
            # With the group in the name, no artifact can replace another of the same name.
            copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-Dmdep.prependGroupId=true"]
            maven = ["mvn", "-q", "-B", "-ntp", "-f", str(pom), *copy, f"-DoutputDirectory={filled}"]
            subprocess.run(maven, check=True)  # noqa: S603 - our own words
            filled.rename(libraries)
    return libraries


def _neo4j_command(libraries: Path, home: Path, port: int) -> list[str]:
    settings = {
        "dbms.security.auth_enabled": "false",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": "64m",
        "dbms.usage_report.enabled": "false",
    }
    configuration = home / "conf"
    configuration.mkdir()
    (configuration / "neo4j.conf").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return [
        "java",
        "-Xmx768m",
        *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED),
        "-cp",
        f"{libraries}/*",
        "org.neo4j.server.CommunityEntryPoint",
        f"--home-dir={home}",
        f"--config-dir={configuration}",
        "--console-mode",
    ]


@contextlib.contextmanager
def _running(command: list[str], log: Path, port: int) -> Iterator[None]:
    with log.open("wb") as output:
        # Its own session: Ctrl-C goes to CMD and to us, and we stop the server afterwards.
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)  # noqa: S603 - same
    try:
        _wait_until_it_answers(server, log, port)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_it_answers(server: subprocess.Popen[bytes], log: Path, port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _speaks_bolt(port):
        if server.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").splitlines()[-20:]
            raise SystemExit("\n".join(["Neo4j did not start. The end of its log:", *lines]))
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.2)


def _speaks_bolt(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(_BOLT)
            return connection.recv(4) not in {b"", b"\0\0\0\0"}
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
