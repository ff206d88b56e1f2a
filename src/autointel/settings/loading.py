"""From layers to settings: the strongest layer wins key by key, and every value keeps its origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from autointel.domain.run import FlagOrigin
from autointel.errors import SettingsError
from autointel.settings.described import described
from autointel.settings.fields import Settings
from autointel.settings.layers import OPENAI_KEY, Layer, environment, project_file, user_file
from autointel.settings.origin import DEFAULT, Origin


@dataclass(frozen=True)
class Loaded:
    """The settings, and by dotted key where each value comes from; a key that is missing there is a default."""

    settings: Settings
    origins: Mapping[str, Origin]

    def origin(self, key: str) -> Origin:
        """Where the value of ``key`` comes from."""
        return self.origins.get(key, DEFAULT)


def load(options: Mapping[str, Any] | None = None) -> Loaded:
    """Read everything once. ``options`` are values given on the command line, by dotted key.

    Raises SettingsError for an unknown name, a value out of range, a file that cannot be read.
    """
    given = options or {}
    strongest = Layer(given, dict.fromkeys(given, Origin(FlagOrigin.OPTION)))
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for layer in (user_file(), project_file(), environment(), strongest):
        values |= layer.values
        origins |= layer.origins
    _keep_the_key_at_home(values, origins)
    try:
        return Loaded(Settings(**_nested(values)), origins)
    except ValidationError as error:
        raise _complaint(error.errors()[0], origins) from None  # its text would hold the value, which may be a secret


def _keep_the_key_at_home(values: dict[str, Any], origins: dict[str, Origin]) -> None:
    """A key set for OpenAI does not go to an address that came with somebody's project."""
    key, address = origins.get("model.api_key"), origins.get("model.base_url")
    if key and address and key.name == OPENAI_KEY and address.layer is FlagOrigin.PROJECT_FILE:
        del values["model.api_key"]
        origins["model.api_key"] = Origin(FlagOrigin.DEFAULT, f"{OPENAI_KEY} is not sent to a project's address")


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
        f"{origins.get(key, DEFAULT).of(key)} has a value that it cannot have{value}{f' ({why})' if why else ''}.",
        f"It takes {entry.takes}.{default}",
    )
