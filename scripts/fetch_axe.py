"""Fetch axe-core, which checks pages for accessibility, into build/axe: one version, by its digest, without npm.

The registry is the one that ``npm_config_registry`` names, or else the one that npm is set to where it is installed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import httpx

_VERSION = "4.14.1"
_DIGEST = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
_SECONDS = 60.0
AXE = Path(__file__).resolve().parent.parent / "build" / "axe" / f"axe-{_VERSION}.min.js"


def _registry() -> str:
    """The address of npm's registry. Raises SystemExit where nothing names one."""
    named = os.environ.get("npm_config_registry")  # noqa: SIM112 - npm's own spelling
    if named:
        return named
    if npm := shutil.which("npm"):
        asked = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=True)  # noqa: S603
        return asked.stdout.strip()
    raise SystemExit("Nothing names npm's registry, where axe-core is: install npm, or set npm_config_registry.")


def fetch() -> Path:
    """The script's path; it is fetched once. Raises SystemExit where it cannot be had or is not the one checked."""
    if AXE.exists():
        return AXE
    address = f"{_registry().rstrip('/')}/axe-core/-/axe-core-{_VERSION}.tgz"
    try:
        archive = httpx.get(address, follow_redirects=True, timeout=_SECONDS).raise_for_status().content
    except httpx.HTTPError as error:
        raise SystemExit(f"{address} could not be fetched: {error}") from error
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if digest != _DIGEST:
        raise SystemExit(f"{address} is not the axe-core that was checked: its digest is {digest}.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        member = packed.extractfile("package/axe.min.js")
        if member is None:
            raise SystemExit(f"{address} holds no axe.min.js.")
        script = member.read()
    AXE.parent.mkdir(parents=True, exist_ok=True)
    AXE.write_bytes(script)
    return AXE


if __name__ == "__main__":
    print(fetch())
