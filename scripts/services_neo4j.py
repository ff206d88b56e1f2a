"""Neo4j for the tests, from Maven Central.

Neo4j Community is under the GPL: the tests run against it, and nothing that ships contains it. Needs Java 17 and Maven.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from scripts.server_process import Server, free_port, replies

_CACHE: Final = Path(__file__).resolve().parent.parent / ".services"
_VERSION: Final = "5.26.0"
_POM: Final = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>services</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{_VERSION}</version></dependency>
    <dependency>
      <groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""
_OPENED: Final = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch", "java.base/java.util.concurrent")
# The four bytes that open every Bolt connection, and four versions of which we offer one.
_BOLT: Final = bytes.fromhex("6060B017" + "00000405" + "00000000" * 3)


def install() -> Path:
    """The folder with its jars, filled from Maven Central (or the mirror in Maven's own settings) the first time."""
    libraries = _CACHE / f"neo4j-{_VERSION}"
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
            print(f"installing Neo4j {_VERSION} into {libraries} (once, 130 MB)", file=sys.stderr)
            # With the group in the name, no artifact can replace another of the same name.
            copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-Dmdep.prependGroupId=true"]
            maven = ["mvn", "-q", "-B", "-ntp", "-f", str(pom), *copy, f"-DoutputDirectory={filled}"]
            subprocess.run(maven, check=True)  # noqa: S603 - our own words
            filled.rename(libraries)
    return libraries


def neo4j(password: str = "") -> Server:
    """A running, empty Neo4j; without ``password`` it asks for none."""
    libraries, port = install(), free_port()
    home = Path(tempfile.mkdtemp(prefix="neo4j-", dir=_CACHE))
    settings = {
        "dbms.security.auth_enabled": str(bool(password)).lower(),
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
    if password:
        _set_password(libraries, home, password)
    command = [
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
    return Server(
        command,
        home,
        f"bolt://127.0.0.1:{port}",
        lambda: replies(port, _BOLT, lambda answer: answer[:4] not in {b"", b"\0\0\0\0"}),
    ).start()


def _set_password(libraries: Path, home: Path, password: str) -> None:
    """Before the first start: the server reads it from its own files."""
    tool = ["java", "-cp", f"{libraries}/*", "org.neo4j.cli.AdminTool"]
    environment = os.environ | {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    subprocess.run(  # noqa: S603 - our own words
        [*tool, "dbms", "set-initial-password", password], env=environment, check=True, capture_output=True
    )
