"""Fetch axe-core, which checks pages for accessibility, into build/axe: by npm, one version, by its digest."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tarfile
from pathlib import Path

_VERSION = "4.14.1"
_DIGEST = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
AXE = Path(__file__).resolve().parent.parent / "build" / "axe" / f"axe-{_VERSION}.min.js"


def fetch() -> Path:
    """The script's path; it is fetched once."""
    if AXE.exists():
        return AXE
    AXE.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(  # noqa: S603  a fixed command
        ["npm", "pack", f"axe-core@{_VERSION}", "--silent"],  # noqa: S607  wherever node is installed
        cwd=AXE.parent,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    archive = AXE.parent / f"axe-core-{_VERSION}.tgz"
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != _DIGEST:
        raise SystemExit(f"{archive} is not the axe-core that was checked: its digest is {digest}.")
    with tarfile.open(archive) as packed:
        member = packed.extractfile("package/axe.min.js")
        if member is None:
            raise SystemExit(f"{archive} holds no axe.min.js.")
        AXE.write_bytes(member.read())
    archive.unlink()
    return AXE


if __name__ == "__main__":
    print(fetch())
