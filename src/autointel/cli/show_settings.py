"""What ``autointel config show`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from pydantic import SecretStr

from autointel.cli.output import to_stdout
from autointel.render.plain_text import plain
from autointel.settings import Loaded, load
from autointel.settings.described import described


def show_settings() -> int:
    """A line for every setting: key, value, origin."""
    to_stdout("".join(f"{line}\n" for line in lines(load())))
    return 0


def lines(loaded: Loaded) -> Iterator[str]:
    """Columns as wide as their widest; a value that is set says by what."""
    rows = [(key, value_of(loaded, key), str(loaded.origin(key))) for key in described()]
    keys, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    for key, value, origin in rows:
        yield f"{key:<{keys}}  {value:<{values}}  {origin}".rstrip()


def value_of(loaded: Loaded, key: str) -> str:
    """The value as a person would write it. A secret is masked, whatever its length."""
    value: object = reduce(getattr, key.split("."), loaded.settings)
    if isinstance(value, SecretStr):
        return "********"
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return plain(",".join(value)) or "none"
    return plain(str(value))
