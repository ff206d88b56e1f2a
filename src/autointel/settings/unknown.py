"""Errors for unknown settings: where the name stands, and which setting was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from autointel.errors import SettingsError
from autointel.settings.described import described
from autointel.settings.fields import BROKEN_EVIDENCE

_ALL: Final = "autointel config show lists all settings."


def unknown_variable(name: str, known: Iterable[str] | None = None, where: str = "") -> SettingsError:
    """For the environment, or `` in FILE``. ``known`` are the names that may have been meant, if not our own."""
    ours = (entry.variable for entry in described().values())
    return SettingsError(f"Unknown setting {name}{_near(name.upper(), known or ours)}{where}.", _hint())


def unknown_key(path: Path, key: str) -> SettingsError:
    """For a config file."""
    return SettingsError(f"Unknown setting {key}{_near(key.lower(), described())} in {path}.", _hint())


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f" (did you mean {close[0]}?)" if close else ""


def _hint() -> str:
    broken = ", ".join(f"{source} ({why})" for source, why in BROKEN_EVIDENCE.items())
    return f"{broken} could not be loaded, so its settings are unknown." if broken else _ALL
