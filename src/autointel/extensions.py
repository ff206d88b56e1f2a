"""Parts that may be installed beside autointel: those found by entry point, and its extras.

Entry points name commands, sources of evidence and readers of sources. The built-in ones stand in ``pyproject.toml``
under the same three groups that other packages use:
``autointel.commands``, ``autointel.evidence`` and ``autointel.sources``. See docs/contributing.md.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

COMMANDS: Final = "autointel.commands"
EVIDENCE: Final = "autointel.evidence"
SOURCES: Final = "autointel.sources"
# Not an extension: the run itself hands over what was read before.
MEMORY_EVIDENCE: Final = "memory"

# What a setting of a source of evidence can take.
Kind: TypeAlias = Literal["text", "address", "key", "file", "folder"]

_SOURCE_FOLDER: Final = Path(__file__).resolve().parent.parent


@cache
def extensions(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by name, in the order of the alphabet; nothing is loaded.

    A built-in part cannot be replaced from outside. A wheel lists its entry points in another order than
    ``pyproject.toml``, so no order but this one is the same in a checkout and where autointel is installed.
    """
    installed = _installed().select(group=group)
    own = [entry for entry in installed if entry.module.partition(".")[0] == "autointel"]
    found = {entry.name: entry for entry in _of_checkout(group) or own}
    for entry in installed:
        if entry not in own:
            found.setdefault(entry.name, entry)
    return dict(sorted(found.items()))


@cache
def _installed() -> Any:
    """The entry points of every distribution: EntryPoints, or what Python 3.11 has for them. Looking takes 8 ms."""
    return entry_points()


def _of_checkout(group: str) -> list[EntryPoint]:
    """In a checkout the file itself is read: a new entry then needs no new installation. Costs 4 ms."""
    if _SOURCE_FOLDER.name != "src":
        return []
    try:
        declared = tomllib.loads((_SOURCE_FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        return []
    return [EntryPoint(name, value, group) for name, value in declared.get("entry-points", {}).get(group, {}).items()]


def how_to_install(extra: str, prefix: Path = Path(sys.prefix)) -> str:
    """The command that adds an extra, such as ``asr``, to the environment at ``prefix``."""
    if prefix == _SOURCE_FOLDER.parent / ".venv":
        return f"make setup EXTRAS={extra}"
    return f"{_installer(prefix)} 'autointel[{extra}]'"


def how_to_upgrade(package: str, prefix: Path = Path(sys.prefix)) -> str:
    """The command that upgrades a library of the environment at ``prefix``."""
    return f"{_installer(prefix)} --upgrade {package}"


def _installer(prefix: Path) -> str:
    if (prefix / "pipx_metadata.json").exists():
        return "pipx runpip autointel install"
    if (prefix / "uv-receipt.toml").exists() or find_spec("pip") is None:
        return f"uv pip install --python {prefix}"
    return f"{prefix / 'bin' / 'python'} -m pip install"


@dataclass(frozen=True)
class Setting:
    """One setting that a source of evidence names: ``evidence.NAME`` in a file, ``AUTOINTEL_EVIDENCE__NAME``.

    ``meaning`` is its line in ``autointel config show`` and in errors. The source gets a ``file`` or a ``folder``
    as an absolute Path, everything else as text; ``config show`` masks a ``key``.
    """

    meaning: str = ""
    takes: Kind = "text"
    needed: bool = True

    def __post_init__(self) -> None:
        """Say what a setting can take: other packages are seldom checked for types."""
        if self.takes not in get_args(Kind):
            raise ValueError(f"no setting takes {self.takes!r}, only {', '.join(get_args(Kind))}")

    @staticmethod
    def variable(name: str) -> str:
        """The name in the environment."""
        return f"AUTOINTEL_EVIDENCE__{name.upper()}"
