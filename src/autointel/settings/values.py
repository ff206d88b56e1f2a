"""Kinds of values that settings take: lists, folders, addresses, keys. All raise ValueError for what they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


def split_at_commas(value: object) -> object:
    """Commas in the environment, a list in a file; ``none`` is the empty list, since an empty variable is unset."""
    if not isinstance(value, str):
        return value
    return () if value.strip() == "none" else tuple(part.strip() for part in value.split(",") if part.strip())


def absolute(folder: Path) -> Path:
    """A folder that stays the same wherever the run goes; ``~`` is the user's home."""
    try:
        return folder.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("there is no such user") from error


def address(text: str) -> str:
    """One that has a host, and a port that is a number; both raise ValueError if not."""
    if not text.isprintable() or " " in text:  # urlsplit drops some of them, and requests are refused much later
        raise ValueError("an address has neither spaces nor control characters")
    parts = urlsplit(text)
    if not parts.hostname or parts.port == 0:
        raise ValueError("an address needs a host")
    return text


def header(text: str) -> str:
    """What is sent in a header of HTTP, which takes nothing else. Raises ValueError."""
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("only ASCII characters can be sent, without line breaks or spaces around them")
    return text


def _key(secret: SecretStr) -> SecretStr:
    """The key without white space around it, which comes along when one is copied."""
    return SecretStr(header(secret.get_secret_value().strip()))


ApiKey: TypeAlias = Annotated[SecretStr, AfterValidator(_key)]
Address: TypeAlias = Annotated[str, AfterValidator(address)]
