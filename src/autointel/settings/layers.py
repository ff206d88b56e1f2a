"""What the environment, the config files and the options say, as layers of dotted keys with their origin."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic_settings import EnvSettingsSource

from autointel.domain.run import FlagOrigin
from autointel.errors import SettingsError
from autointel.settings.described import described, groups
from autointel.settings.fields import PREFIX, Settings
from autointel.settings.unknown import unknown_key, unknown_variable


@dataclass(frozen=True)
class Origin:
    """``name`` is the variable, or the file, that holds the value; empty for a default."""

    layer: FlagOrigin
    name: str = ""

    def of(self, key: str) -> str:
        """How a reader finds the value again: the variable, or the key and its file."""
        if self.layer in {FlagOrigin.PROJECT_FILE, FlagOrigin.USER_FILE}:
            return f"{key} in {self.name}"
        return self.name or key

    def __str__(self) -> str:
        return self.name or self.layer.value


DEFAULT = Origin(FlagOrigin.DEFAULT)


_ENVIRONMENT: Final = os.environ  # noqa: TID251  the one place that reads it
PROJECT_FILE: Final = "autointel.toml"
VARIABLES_FILE: Final = ".env"
OPENAI_KEY: Final = "OPENAI_API_KEY"
# Read without our prefix too: the flags by their plain names, the model by the names that everyone has set already.
_PLAIN: Final = {
    "ENABLE_PARALLEL_ANALYSIS": "enable_parallel_analysis",
    "ENABLE_PARALLEL_FACT_CHECKING": "enable_parallel_fact_checking",
    "ENABLE_PARALLEL_MEMORY_OPS": "enable_parallel_memory_ops",
    "PARALLEL_ROLLOUT_PERCENT": "parallel_rollout_percent",
    OPENAI_KEY: "model.api_key",
    "OPENAI_BASE_URL": "model.base_url",
}
# A flag's plain name that is misspelt would be ignored in silence; nobody else's variables begin so.
_PLAIN_PREFIXES: Final = ("ENABLE_PARALLEL_", "PARALLEL_ROLLOUT")


@dataclass(frozen=True)
class Layer:
    """Values by dotted key, and where each comes from. Only keys that exist."""

    values: Mapping[str, Any]
    origins: Mapping[str, Origin]


def environment() -> Layer:
    """Our own variables over the plain ones; an empty variable is unset. Raises SettingsError for an unknown one."""
    return _of_variables(_ENVIRONMENT, lambda name: Origin(FlagOrigin.ENVIRONMENT, name))


def _of_variables(variables: Mapping[str, str], origin: Callable[[str], Origin], where: str = "") -> Layer:
    known = {entry.variable: key for key, entry in described().items()}
    for name in variables:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise unknown_variable(name, where=where)
        if name.upper().startswith(_PLAIN_PREFIXES) and name not in _PLAIN:
            raise unknown_variable(name, _PLAIN, where=where)
    plain = {key: (name, value) for name, key in _PLAIN.items() if (value := variables.get(name))}
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in variables.items() if value}
    ours = dict(_flat(source()))
    return Layer(
        {**{key: value for key, (_, value) in plain.items()}, **ours},
        {
            **{key: origin(name) for key, (name, _) in plain.items()},
            **{key: origin(described()[key].variable) for key in ours},
        },
    )


def handed_down(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that this one starts, with settings changed by dotted key."""
    return {**_ENVIRONMENT, **{described()[key].variable: value for key, value in changes.items()}}


def project_files(folder: Path | None = None) -> Layer:
    """``autointel.toml``, and over it ``.env``, in ``folder``, else in the working folder."""
    place = (folder or Path.cwd()).absolute()
    return _both(place / PROJECT_FILE, place / VARIABLES_FILE, FlagOrigin.PROJECT_FILE)


def user_files() -> Layer:
    """``config.toml``, and over it ``.env``, in ``autointel/`` where the user keeps configuration."""
    return _both(user_config(), _user_folder() / VARIABLES_FILE, FlagOrigin.USER_FILE)


def _both(settings: Path, variables: Path, layer: FlagOrigin) -> Layer:
    lower, upper = _file(settings, layer), _variables_file(variables, layer)
    return Layer({**lower.values, **upper.values}, {**lower.origins, **upper.origins})


def user_config() -> Path:
    """Where the user's own config.toml is, or would be."""
    return _user_folder() / "config.toml"


def trust_record() -> Path:
    """The file that lists the folders the user trusts, a line each."""
    return _user_folder() / "trusted-folders"


def _user_folder() -> Path:
    base = _ENVIRONMENT.get("XDG_CONFIG_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".config") / "autointel"


def _file(path: Path, layer: FlagOrigin) -> Layer:
    try:
        values = dict(_flat(tomllib.loads(path.read_text(encoding="utf-8-sig"))))
    except FileNotFoundError:
        return Layer({}, {})
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}.", "Make the file readable, or move it away."
        ) from error
    except RecursionError as error:
        raise SettingsError(f"{path} is nested too deeply.", "Fix the file, or move it away.") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise SettingsError(f"{path} is not valid TOML: {error}.", "Fix that line, or move the file away.") from error
    for key, value in values.items():
        _check(path, key, value)
    return Layer(values, dict.fromkeys(values, Origin(layer, str(path))))


def _variables_file(path: Path, layer: FlagOrigin) -> Layer:
    """Our own variables of a ``.env`` file; those of other programs are left alone, values are taken as written."""
    if not path.is_file():
        return Layer({}, {})
    from io import StringIO

    from dotenv import dotenv_values

    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}.", "Make the file readable, or move it away."
        ) from error
    found = dotenv_values(stream=StringIO(text), interpolate=False)
    return _of_variables(
        {name: value for name, value in found.items() if value}, lambda _: Origin(layer, str(path)), f" in {path}"
    )


def _check(path: Path, key: str, value: object) -> None:
    if key in groups():
        raise SettingsError(f"{key} in {path} is {value!r}, not a table.", f"Write its settings under [{key}].")
    if key not in described():
        raise unknown_key(path, key)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        elif not isinstance(value, Mapping) or name not in groups():
            yield f"{prefix}{name}", value
