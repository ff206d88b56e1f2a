"""The machine and versions of a figure, without which no figure can be compared with another."""

from __future__ import annotations

import hashlib
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import autointel
from autointel.domain.value import Value

_NAMED: Final = ("autointel", "crewai", "langchain-openai", "openai", "pydantic", "httpx", "anyio")
_CPUINFO: Final = Path("/proc/cpuinfo")
_MEMINFO: Final = Path("/proc/meminfo")


class Machine(Value):
    """The machine, the interpreter, the libraries that matter, and how busy it was (load of the last minute)."""

    processor: str
    cores: int
    memory_gigabytes: float | None
    system: str
    python: str
    versions: dict[str, str]
    load: float | None

    @property
    def same_kind(self) -> tuple[object, ...]:
        """The facts that must agree before two results may be compared."""
        return self.processor, self.cores, self.system


def machine() -> Machine:
    """This one, now."""
    return Machine(
        processor=_field(_CPUINFO, "model name") or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gigabytes=_gigabytes(_field(_MEMINFO, "MemTotal")),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        versions={name: found for name in _NAMED if (found := _version(name))},
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    )


def now() -> str:
    """When a result was made."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def program_digest() -> str:
    """The digest of the program's files: a run of another version must not stand beside one of this."""
    digest = hashlib.sha256()
    root = Path(autointel.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".yaml", ".toml"} and "benchmark" not in path.relative_to(root).parts:
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _field(path: Path, name: str) -> str:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _gigabytes(kilobytes: str) -> float | None:
    digits = kilobytes.partition(" ")[0]
    return round(int(digits) / 1_048_576, 1) if digits.isdigit() else None
