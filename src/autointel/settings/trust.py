"""Which folders may say where keys, data and addresses go: those that the user has trusted once.

A project's files (``autointel.toml``, ``.env``) come with a clone or an archive, so a stranger may have written them.
Until their folder is trusted, they set only what cannot send text or keys anywhere, cost money, or name a place on the
disk.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from autointel.errors import SettingsError

HARMLESS: Final = frozenset(
    {
        "depth",
        "language",
        "enable_parallel_analysis",
        "enable_parallel_fact_checking",
        "enable_parallel_memory_ops",
        "parallel_rollout_percent",
        "model.timeout",
        "model.max_concurrent_calls",
        "model.requests_per_minute",
        "memory.max_concurrent_memory_insertions",
        "memory.batch_size",
        "memory.flush_seconds",
    }
)
"""What a project's file may set without trust, by dotted key. A setting that is not listed needs trust."""
_FIXED_ADDRESS: Final = frozenset(
    {"evidence.tavily_api_key", "evidence.brave_api_key", "evidence.google_fact_check_api_key"}
)
_ADDRESS_ENDINGS: Final = ("url", "uri")


def needs_trust(key: str) -> bool:
    """Whether a project's file may set ``key`` only in a trusted folder."""
    return key not in HARMLESS


def keys_sent_to(address: str, secrets: frozenset[str]) -> frozenset[str]:
    """Those of ``secrets`` that are sent to the address set by ``address``; none where it sets no address.

    An address that holds a password of its own is a secret that goes nowhere else.
    """
    group, _, name = address.rpartition(".")
    if not name.endswith(_ADDRESS_ENDINGS):
        return frozenset()
    own = {key for key in secrets if key.endswith(_ADDRESS_ENDINGS)}
    return frozenset(key for key in secrets - _FIXED_ADDRESS - own if key.rpartition(".")[0] == group)


def is_trusted(folder: Path, record: Path) -> bool:
    """Whether ``record`` lists the folder. Links are resolved. Raises SettingsError."""
    return str(folder.resolve()) in _listed(record)


def trust(folder: Path, record: Path, *, trusted: bool = True) -> None:
    """Add the folder to ``record``, or take it out; either may be done twice. Raises SettingsError."""
    name = str(folder.resolve())
    if not name.isprintable():
        raise SettingsError(
            f"{name!r} cannot be trusted: its name has control characters.", "Rename the folder, or pass options."
        )
    listed = _listed(record) - {name} | ({name} if trusted else set())
    text = "".join(f"{each}\n" for each in sorted(listed))
    unfinished = record.with_name(f".{record.name}.{os.getpid()}")
    try:
        record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        unfinished.replace(record)
    except OSError as error:
        raise SettingsError(f"{record} cannot be written: {error.strerror}.", "Make its folder writable.") from error


def refuse_of_others(path: Path, status: os.stat_result) -> None:
    """Raises SettingsError where a file that is to be the user's own was written, or may be written, by another."""
    if status.st_uid not in {0, os.geteuid()}:
        raise SettingsError(
            f"{path} belongs to another user, who could name servers in it.", "Take it over (chown), or move it away."
        )
    if status.st_mode & stat.S_IWOTH:
        raise SettingsError(f"{path} may be written by every user of this machine.", f"Run: chmod o-w {path}")


def _listed(record: Path) -> set[str]:
    try:
        with record.open(encoding="utf-8", errors="surrogateescape") as file:
            refuse_of_others(record, os.fstat(file.fileno()))
            return set(file.read().splitlines())
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise SettingsError(f"{record} cannot be read: {error.strerror}.", "Make it readable, or remove it.") from error
