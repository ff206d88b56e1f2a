"""Settings from the environment, the config files and the options: layers of dotted keys, merged by strength.

Per key the strongest layer wins, and the origin of each value is recorded.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from autointel.domain.run import Flag, FlagOrigin, Flags
from autointel.errors import SettingsError, hide_secrets
from autointel.settings.described import described, groups, unknown_key, unknown_variable
from autointel.settings.fields import PREFIX, Settings
from autointel.settings.trust import is_trusted, keys_sent_to, needs_trust, refuse_of_others

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
# Bytes of a file, which may be a stranger's: the reader of TOML takes 2 s for the worst of it, and minutes for more.
_MOST_SETTINGS: Final = 32_768
_MOST_VARIABLES: Final = 262_144
# A flag's plain name that is misspelt would be ignored in silence; nobody else's variables begin so.
_PLAIN_PREFIXES: Final = ("ENABLE_PARALLEL_", "PARALLEL_ROLLOUT")


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
    home, base = _ENVIRONMENT.get("HOME"), _ENVIRONMENT.get("XDG_CONFIG_HOME")
    if home and not Path(home).is_absolute():
        # The working folder's files would be taken for the user's own.
        raise SettingsError(f"HOME is {home!r}, which is no absolute path.", "Set HOME to your own folder.")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".config") / "autointel"


def _file(path: Path, layer: FlagOrigin) -> Layer:
    try:
        values = dict(_flat(tomllib.loads(_bytes_of(path, _MOST_SETTINGS, layer).decode("utf-8-sig"))))
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


def _bytes_of(path: Path, most: int, layer: FlagOrigin) -> bytes:
    """The whole file. Raises OSError, and SettingsError where it is longer than ``most`` bytes or has no end.

    Of the user's own files also where another user owns or may write it.
    """
    # A named pipe would be waited for, and a link to a device may lead to bytes without end.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise SettingsError(f"{path} is not an ordinary file.", "Move it away.")
        if layer is FlagOrigin.USER_FILE:
            refuse_of_others(path, status)
        data = file.read(most + 1)
    if len(data) > most:
        raise SettingsError(
            f"{path} has more than {most // 1024} kB, which no such file needs.", "Shorten it, or move it away."
        )
    return data


def _variables_file(path: Path, layer: FlagOrigin) -> Layer:
    """Our own variables of a ``.env`` file; those of other programs are left alone, values are taken as written."""
    if not path.is_file():
        return Layer({}, {})
    from io import StringIO

    from dotenv import dotenv_values

    try:
        text = _bytes_of(path, _MOST_VARIABLES, layer).decode("utf-8-sig", errors="replace")
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
    hide_secrets(_clear(values[key]) for key, entry in described().items() if entry.secret and key in values)
    _withhold_keys(values, origins)
    try:
        return Loaded(Settings(**_nested(values)), origins, ignored)
    except ValidationError as error:
        raise _complaint(error.errors()[0], origins) from None  # its text would hold the value, which may be a secret


def _clear(secret: Any) -> str:
    return str(secret.get_secret_value() if isinstance(secret, SecretStr) else secret)


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


def resolve_flags(
    settings: Settings, origins: Mapping[str, Origin], source: str, *, parallel: bool | None = None
) -> Flags:
    """``parallel`` (--parallel, --sequential) sets all three; else each as set; else by the rollout; else off."""
    if parallel is not None:
        flag = Flag(value=parallel, origin=FlagOrigin.OPTION)
        return Flags(parallel_analysis=flag, parallel_fact_checking=flag, parallel_memory_ops=flag)
    unset = _rolled_out(source, settings.parallel_rollout_percent)

    def flag_of(name: str, value: bool | None) -> Flag:  # noqa: FBT001  the setting as it is
        return unset if value is None else Flag(value=value, origin=origins.get(name, DEFAULT).layer)

    return Flags(
        parallel_analysis=flag_of("enable_parallel_analysis", settings.enable_parallel_analysis),
        parallel_fact_checking=flag_of("enable_parallel_fact_checking", settings.enable_parallel_fact_checking),
        parallel_memory_ops=flag_of("enable_parallel_memory_ops", settings.enable_parallel_memory_ops),
    )


def _rolled_out(source: str, percent: int) -> Flag:
    if percent == 0:
        return Flag()
    return Flag(value=bucket(source) < percent, origin=FlagOrigin.ROLLOUT)


def bucket(source: str) -> int:
    """0 to 99, the same for a source on every machine and in every process (Python's own hash is salted)."""
    return int.from_bytes(hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()[:8], "big") % 100
