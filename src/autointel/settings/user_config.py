"""Writing to the user's config.toml, which may hold keys and is readable by the user alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autointel.errors import SettingsError
from autointel.settings.layers import user_config

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_PRIVATE: Final = 0o700
# What names a model: set as a whole, so that no key is left for another server.
_MODEL: Final = ("file", "base_url", "api_key", "name", "read_name")


def save_model(values: Mapping[str, str]) -> Path:
    """Replace what config.toml says of the model; everything else in it stays, comments included.

    The file is replaced at once, and only its owner may read the new one. Gives its path. Raises SettingsError for a
    file that is not valid TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import ParseError

    path = user_config()
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig") if path.exists() else "")
    except (OSError, ParseError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", "Fix the file, or move it away.") from error
    table = document.setdefault("model", tomlkit.table())
    if not hasattr(table, "pop"):
        raise SettingsError(f"model in {path} is not a table.", "Write its settings under [model].")
    for name in _MODEL:
        table.pop(name, None)
    table.update(values)
    try:
        _replace(path, document)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.", "Make its folder writable.") from error
    return path


def _replace(path: Path, document: TOMLDocument) -> None:
    path = path.resolve()  # a link to a file of dotfiles stays one
    path.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # for the owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(document.as_string())
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
