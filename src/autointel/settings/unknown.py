"""A name that no setting has: the error says where it stands and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from autointel.errors import SettingsError
from autointel.settings.described import described

_ALL: Final = "autointel config show lists every setting."


def unknown_variable(name: str, known: Iterable[str] | None = None) -> SettingsError:
    """Of the environment. ``known`` are the names that may have been meant, where they are not our own."""
    ours = (entry.variable for entry in described().values())
    return SettingsError(f"No setting is called {name}.", _meant(name.upper(), known or ours))


def unknown_key(path: Path, key: str) -> SettingsError:
    """Of a config file."""
    return SettingsError(f"{path} sets {key}, which is no setting.", _meant(key.lower(), described()))


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"Did you mean {close[0]}? {_ALL}" if close else _ALL
