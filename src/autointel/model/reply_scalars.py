"""Texts, numbers, choices and truths as a schema wants them, from what a model wrote in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from autointel.model.reply_text import clean

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_WORDS: Final = ("text", "value", "name", "id", "sentence", "content")
_PERCENT: Final = 100
_NEAR: Final = 0.75


class Unfit(Exception):
    """A value that cannot be what the schema asks for; says why, in words for the model."""


def fit_scalar(value: Any, schema: Mapping[str, Any], at: str) -> Any:
    """The value as ``schema`` wants it. Raises Unfit; ``at`` is where it stands."""
    if "enum" in schema:
        return _nearest(value, list(schema["enum"]), at)
    match schema.get("type"):
        case "string":
            return _text(value, schema, at)
        case "integer" | "number" as kind:
            return _number(value, at, whole=kind == "integer")
        case "boolean":
            return _truth(value, at)
        case "object" if not isinstance(value, dict):
            raise Unfit(f"{at}: an object is wanted")
    return value


def plain(name: Any) -> str:
    """A name without case, spaces and marks, to compare it by."""
    return re.sub(r"[\W_]+", "", str(name)).casefold()


def _nearest(value: Any, options: list[Any], at: str) -> Any:
    """The option meant: by name whatever its case, as a part of what is written, or as a share of a scale."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("value", *_WORDS) if key in value), None)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value in options:
        return value
    names = {plain(option): option for option in options}
    written = plain(value)
    if written in names:
        return names[written]
    share = _share(value)
    scale = _scale(options)
    if share is not None and scale:
        return scale[min(len(scale) - 1, int(share * len(scale)))]
    near = _like(written, list(names)) if written and share is None else None
    if near is None:
        raise Unfit(f"{at}: must be one of {', '.join(map(str, options))}")
    return names[near]


def _like(written: str, names: list[str]) -> str | None:
    """The name that is part of what is written, or spelt much like it."""
    inside = [name for name in sorted(names, key=len, reverse=True) if name in written]
    near = inside or get_close_matches(written, names, n=1, cutoff=_NEAR)
    if not near and written in {"moderate", "mid", "average"} and "medium" in names:
        return "medium"
    return near[0] if near else None


def _share(value: Any) -> float | None:
    """A number between 0 and 1, or a percentage."""
    if isinstance(value, bool):
        return None
    written = value.strip() if isinstance(value, str) else value
    if isinstance(written, str):
        if not re.fullmatch(r"\d+(?:\.\d+)?\s*%?", written):
            return None
        written = float(written.rstrip("% "))
    if not isinstance(written, int | float) or written < 0 or written > _PERCENT:
        return None
    return written if written <= 1 else written / _PERCENT


def _scale(options: list[Any]) -> list[Any]:
    """Options that are steps of a scale, lowest first; empty where they are not."""
    names = [plain(option) for option in options]
    if set(names) <= {"low", "medium", "high", "verylow", "veryhigh"}:
        order = ("verylow", "low", "medium", "high", "veryhigh")
        return sorted(options, key=lambda option: order.index(plain(option)))
    # Likelihoods are listed from the most likely to the least.
    if {"likely", "unlikely"} <= set(names):
        return list(reversed(options)) if names.index("likely") < names.index("unlikely") else options
    return []


def _text(value: Any, schema: Mapping[str, Any], at: str) -> str:
    if isinstance(value, dict):
        value = next((value[key] for key in _WORDS if isinstance(value.get(key), str)), None)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = " ".join(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unfit(f"{at}: a text is wanted")
    text = clean(str(value))
    if len(text.strip()) < schema.get("minLength", 0):
        raise Unfit(f"{at}: must not be empty")
    most = schema.get("maxLength")
    return text if most is None or len(text) <= most else _cut(text, most)


def _cut(text: str, most: int) -> str:
    """The first words of a text that is too long."""
    words = text[: most - 1].rpartition(" ")[0]
    return f"{words or text[: most - 1]}…"


def _number(value: Any, at: str, *, whole: bool) -> float | int:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        found = _NUMBER.search(value)
        value = float(found[0]) if found else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  NaN
        raise Unfit(f"{at}: a number is wanted")
    if abs(value) == float("inf"):
        raise Unfit(f"{at}: a number is wanted")
    return int(value) if whole else value


def _truth(value: Any, at: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = words.get(str(value).strip().casefold())
    if found is None:
        raise Unfit(f"{at}: true or false is wanted")
    return found
