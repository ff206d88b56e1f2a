"""Merge the layers into settings: per key the strongest layer wins, and each value's origin is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from autointel.domain.run import FlagOrigin
from autointel.errors import SettingsError
from autointel.settings.described import described
from autointel.settings.fields import Settings
from autointel.settings.layers import DEFAULT, Layer, Origin, environment, project_files, trust_record, user_files
from autointel.settings.trust import is_trusted, keys_sent_to, needs_trust


@dataclass(frozen=True)
class Loaded:
    """The settings, and by dotted key where each value comes from; a key that is missing there is a default."""

    settings: Settings
    origins: Mapping[str, Origin]
    ignored: tuple[str, ...] = ()
    """Keys that the project's files set and that do not count, because its folder is not trusted."""

    def origin(self, key: str) -> Origin:
        """Where the value of ``key`` comes from."""
        return self.origins.get(key, DEFAULT)


def load(options: Mapping[str, Any] | None = None, *, offline: bool = False) -> Loaded:
    """Read everything once. ``options`` are values given on the command line, by dotted key; ``offline`` is one.

    Raises SettingsError for an unknown name, a value out of range, a file that cannot be read.
    """
    given = {**(options or {}), **({"fetch.offline": True} if offline else {})}
    strongest = Layer(given, dict.fromkeys(given, Origin(FlagOrigin.OPTION)))
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    project, ignored = trusted_part(project_files())
    for layer in (user_files(), project, environment(), strongest):
        values |= layer.values
        origins |= layer.origins
    _withhold_keys(values, origins)
    try:
        return Loaded(Settings(**_nested(values)), origins, ignored)
    except ValidationError as error:
        raise _complaint(error.errors()[0], origins) from None  # its text would hold the value, which may be a secret


def trusted_part(project: Layer) -> tuple[Layer, tuple[str, ...]]:
    """What counts of a project's files, and the keys that do not. Raises SettingsError."""
    dubious = tuple(key for key in project.values if needs_trust(key))
    if not dubious or is_trusted(Path.cwd(), trust_record()):
        return project, ()
    counts = {key: value for key, value in project.values.items() if not needs_trust(key)}
    return Layer(counts, {key: project.origins[key] for key in counts}), dubious


def _withhold_keys(values: dict[str, Any], origins: dict[str, Origin]) -> None:
    """No key goes to an address that came with somebody's project, unless the key came with it too."""
    secrets = frozenset(key for key, entry in described().items() if entry.secret)
    addresses = [key for key, origin in origins.items() if origin.layer is FlagOrigin.PROJECT_FILE]
    for key in frozenset().union(*(keys_sent_to(address, secrets) for address in addresses)):
        origin = origins.get(key, DEFAULT)
        if origin.layer not in {FlagOrigin.PROJECT_FILE, FlagOrigin.DEFAULT}:
            del values[key]
            origins[key] = Origin(FlagOrigin.DEFAULT, f"{origin.of(key)} is not sent to a project's address")


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in values.items():
        group, _, name = key.rpartition(".")
        (nested.setdefault(group, {}) if group else nested)[name] = value
    return nested


def _complaint(error: ErrorDetails, origins: Mapping[str, Origin]) -> SettingsError:
    path = [str(part) for part in error["loc"]]
    key = next(key for key in (".".join(path[:2]), path[0]) if key in described())
    entry = described()[key]
    value = "" if entry.secret else f": {error['input']!r}"
    why = error.get("ctx", {}).get("error") if error["type"] == "value_error" else None
    default = "" if entry.default == "unset" else f" The default is {entry.default}."
    return SettingsError(
        f"{origins.get(key, DEFAULT).of(key)} has an invalid value{value}{f' ({why})' if why else ''}.",
        f"It takes {entry.takes}.{default}",
    )
