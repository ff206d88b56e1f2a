"""Every setting by its dotted key, with what it takes, and the errors for names that no setting has."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from autointel.errors import SettingsError
from autointel.settings import fields
from autointel.settings.fields import BROKEN_EVIDENCE, DELIMITER, PREFIX, Settings

Schema = Mapping[str, Any]
_NUMBERS: Final = {"integer": "a whole number", "number": "a number"}
_ALL: Final = "Correct it or take it out. autointel config show then lists all settings."


@dataclass(frozen=True)
class Described:
    """One setting. ``takes`` and ``default`` are words for people."""

    key: str
    takes: str
    default: str
    secret: bool = False

    @property
    def meaning(self) -> str:
        """The field's docstring."""
        return meanings()[self.key]

    @property
    def variable(self) -> str:
        """The setting's name in the environment."""
        return PREFIX + self.key.replace(".", DELIMITER).upper()


@cache
def described() -> Mapping[str, Described]:
    """Every setting, in the order of the fields."""
    schema = Settings.model_json_schema()
    return {entry.key: entry for entry in _entries(schema["properties"], schema["$defs"])}


@cache
def meanings() -> Mapping[str, str]:
    """What the docstrings under the fields say, by dotted key.

    Pydantic can read them too, each time that the settings are loaded; that takes a tenth of a search's start-up.
    """
    written = {
        node.name: dict(_documented(node))
        for node in ast.parse(Path(fields.__file__).read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    found = dict(written["Settings"])
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for part, inner in field.annotation.model_fields.items():
                own = [written[kind.__name__] for kind in field.annotation.__mro__ if kind.__name__ in written]
                said = next((texts[part] for texts in own if part in texts), inner.description)
                found[f"{name}.{part}"] = said or part
    return found


def _documented(group: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, after in pairwise(group.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match after:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield field.target.id, " ".join(text.split())


@cache
def groups() -> frozenset[str]:
    """The tables that settings stand in."""
    return frozenset(key.partition(".")[0] for key in described() if "." in key)


def _entries(properties: Schema, definitions: Schema, prefix: str = "") -> Iterator[Described]:
    for name, field in properties.items():
        if "$ref" in field:
            group = definitions[field["$ref"].rpartition("/")[2]]
            yield from _entries(group["properties"], definitions, prefix=f"{name}.")
        else:
            kind = next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), field)
            yield Described(
                key=prefix + name,
                takes=_takes(kind, field.get("examples", ())),
                default=_default(field),
                secret=kind.get("format") == "password",
            )


def _takes(kind: Schema, examples: list[str] | tuple[()]) -> str:
    if kind.get("type") == "array":
        return f"a list of: {_takes(kind['items'], examples)}"
    if choices := kind.get("enum") or ([kind["const"]] if "const" in kind else []):
        return " or ".join(choices)
    if kind.get("type") in _NUMBERS:
        return _NUMBERS[kind["type"]] + _range(kind)
    named = {"boolean": "true or false", "path": "a path", "password": "a secret"}
    return named.get(kind.get("format", kind.get("type", "")), f"text such as {examples[0]}" if examples else "text")


def _range(kind: Schema) -> str:
    least, above, most = kind.get("minimum"), kind.get("exclusiveMinimum"), kind.get("maximum")
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}" if most < 1_000_000 else f" from {least:,} to {most:,}"  # noqa: PLR2004
    lower = f" above {above:g}" if above is not None else f" of at least {least:,}" if least is not None else ""
    return lower + (f", at most {most:g}" if most is not None else "")


def _default(field: Schema) -> str:
    if "default" not in field:
        return "the platform's place for data"
    value = field["default"]
    if value is None:
        return "unset"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def unknown_variable(name: str, known: Iterable[str] | None = None, where: str = "") -> SettingsError:
    """The error for a variable that is no setting; ``where`` is empty for the environment, or `` in FILE``.

    ``known`` are the names that may have been meant, if not our own.
    """
    ours = (entry.variable for entry in described().values())
    return SettingsError(f"Unknown setting {name}{_near(name.upper(), known or ours)}{where}.", _hint())


def unknown_key(path: Path, key: str) -> SettingsError:
    """The error for a key of a config file that is no setting."""
    return SettingsError(f"Unknown setting {key}{_near(key.lower(), described())} in {path}.", _hint())


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f" (did you mean {close[0]}?)" if close else ""


def _hint() -> str:
    broken = ", ".join(f"{source} ({why})" for source, why in BROKEN_EVIDENCE.items())
    return f"{broken} could not be loaded, so its settings are unknown." if broken else _ALL
