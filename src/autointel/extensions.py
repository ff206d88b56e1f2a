"""Parts that are found by entry point: commands, sources of evidence, and readers of sources.

The built-in ones stand in ``pyproject.toml`` under the same three groups that other packages use:
``autointel.commands``, ``autointel.evidence`` and ``autointel.sources``. See docs/contributing.md.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, Literal

COMMANDS: Final = "autointel.commands"
EVIDENCE: Final = "autointel.evidence"
SOURCES: Final = "autointel.sources"
# Not an extension: the run itself hands over what was read before.
MEMORY_EVIDENCE: Final = "memory"

_SOURCE_FOLDER: Final = Path(__file__).resolve().parent.parent


@cache
def extensions(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by name; nothing is loaded. A built-in part cannot be replaced from outside."""
    installed = entry_points(group=group)
    own = [entry for entry in installed if entry.module.partition(".")[0] == "autointel"]
    found = {entry.name: entry for entry in _of_checkout(group) or own}
    for entry in installed:
        if entry not in own:
            found.setdefault(entry.name, entry)
    return found


def _of_checkout(group: str) -> list[EntryPoint]:
    """In a checkout the file itself is read: a new entry then needs no new installation. Costs 4 ms."""
    if _SOURCE_FOLDER.name != "src":
        return []
    try:
        declared = tomllib.loads((_SOURCE_FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        return []
    return [EntryPoint(name, value, group) for name, value in declared.get("entry-points", {}).get(group, {}).items()]


@dataclass(frozen=True)
class Setting:
    """One setting that a source of evidence names: ``evidence.NAME`` in a file, ``AUTOINTEL_EVIDENCE__NAME``.

    ``meaning`` is its line in ``autointel config show`` and in errors. The source gets a ``folder`` as an absolute
    Path, everything else as text; ``config show`` masks a ``key``.
    """

    meaning: str = ""
    takes: Literal["text", "address", "key", "folder"] = "text"
    needed: bool = True

    @staticmethod
    def variable(name: str) -> str:
        """The name in the environment."""
        return f"AUTOINTEL_EVIDENCE__{name.upper()}"
