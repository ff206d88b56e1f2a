"""Fits a reply to the schema item by item: names are folded, lists cut, broken items dropped and counted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from autointel.model.reply_text import clean

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
# Where an object holds its text, if a text was asked for.
_WORDS: Final = ("text", "value", "name", "id", "sentence", "content")
_PERCENT: Final = 100
_NEAR: Final = 0.75  # likeness (difflib) of a name that is misspelt
JsonSchema = Mapping[str, Any]
_NONE: Final = {"", "null", "none", "n/a"}
_DEEPEST: Final = 20  # lists and objects inside of one another


class Unfit(Exception):
    """A value that cannot be what the schema asks for; says why, in words for the model."""


@dataclass
class Fitting:
    """Fits values to one schema; ``dropped`` has a reason for each item that was left out, ``kept`` counts the rest."""

    schema: JsonSchema
    whole: bool = True
    """False for a reply that was cut: what is inside of it must not pass for all of it."""
    dropped: list[str] = field(default_factory=list)
    kept: int = 0

    def fit(self, value: Any) -> Any:
        """The value as the schema wants it. Raises Unfit."""
        return self._fit(value, self.schema, "reply", 0)

    def _fit(self, value: Any, schema: JsonSchema, at: str, depth: int) -> Any:
        if depth > _DEEPEST:
            raise Unfit(f"{at}: nested too deeply")
        schema = self._resolved(schema)
        if "anyOf" in schema or "oneOf" in schema:
            return self._any(value, schema.get("anyOf") or schema["oneOf"], at, depth)
        if "const" in schema:
            return schema["const"]
        kind = schema.get("type", "object" if "properties" in schema else None)
        if kind == "object" and "properties" in schema:
            return self._object(value, schema, at, depth)
        if kind == "array":
            return self._list(value, schema, at, depth)
        return _fit_scalar(value, schema, at)

    def _resolved(self, schema: JsonSchema) -> JsonSchema:
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            name = schema["$ref"].rsplit("/", 1)[-1] if "$ref" in schema else ""
            schema = self.schema.get("$defs", {})[name] if name else schema["allOf"][0]
        return schema

    def _any(self, value: Any, options: Sequence[JsonSchema], at: str, depth: int) -> Any:
        real = [option for option in options if option.get("type") != "null"]
        if len(real) < len(options) and (value is None or (isinstance(value, str) and value.strip().lower() in _NONE)):
            return None
        problem = Unfit(f"{at}: null is not allowed")
        for option in real:
            try:
                return self._fit(value, option, at, depth + 1)
            except Unfit as error:
                problem = error
        if len(real) < len(options):
            return None
        raise problem

    def _object(self, value: Any, schema: JsonSchema, at: str, depth: int) -> Any:
        properties: JsonSchema = schema["properties"]
        given = _unwrapped(value, properties) if self.whole or depth else value
        if isinstance(given, list) and (self.whole or depth):
            given = self._listed(given, properties, at)
        if not isinstance(given, dict):
            raise Unfit(f"{at}: an object is wanted")
        named = _by_name(given, properties)
        if not named:
            raise Unfit(f"{at}: it has none of the fields asked for ({', '.join(properties)})")
        return dict(self._fields(named, schema, at, depth))

    def _fields(self, named: Mapping[str, Any], schema: JsonSchema, at: str, depth: int) -> Iterator[tuple[str, Any]]:
        for name, part in schema["properties"].items():
            is_list = self._resolved(part).get("type") == "array"
            if name not in named:
                if is_list:
                    yield name, []  # a list left out is a list with nothing in it
                elif name in schema.get("required", ()):
                    raise Unfit(f"{_at(at, name)}: Field required")
                continue
            try:
                yield name, self._fit(named[name], part, _at(at, name), depth + 1)
            except Unfit as problem:
                if is_list:
                    self.dropped.append(str(problem))
                    yield name, []
                elif name in schema.get("required", ()):
                    raise

    def _listed(self, items: list[Any], properties: JsonSchema, at: str) -> Any:
        """A list where an object is wanted: the object in it, or the list that the object should hold."""
        if len(items) == 1 and isinstance(items[0], dict) and _by_name(items[0], properties):
            return items[0]
        lists = {n: s for n, p in properties.items() if (s := self._resolved(p)).get("type") == "array"}
        if not lists:
            raise Unfit(f"{at}: an object is wanted, not a list")
        if not items:
            return dict.fromkeys(lists, ())
        keys = set(items[0]) if isinstance(items[0], dict) else set()

        def likeness(name: str) -> tuple[int, int]:
            wanted = set(self._resolved(lists[name].get("items", {})).get("properties", ()))
            return len(keys & wanted), -len(wanted - keys)

        return {max(lists, key=likeness): items}

    def _list(self, value: Any, schema: JsonSchema, at: str, depth: int) -> list[Any]:
        inner = self._resolved(schema.get("items", {}))
        items = _items(value, inner)
        if items is None:
            raise Unfit(f"{at}: a list is wanted")
        most, result = schema.get("maxItems"), list[Any]()
        for number, item in enumerate(items):
            if most is not None and len(result) >= most:
                break
            kept_before, dropped_before = self.kept, len(self.dropped)
            try:
                fitted = self._fit(item, inner, f"{at}.{number}", depth + 1)
            except Unfit as problem:
                self.kept = kept_before
                del self.dropped[dropped_before:]
                self.dropped.append(str(problem))
            else:
                if fitted not in result:  # the same item again is a loop's doing
                    result.append(fitted)
                    self.kept += 1
        return result


def _at(path: str, name: str) -> str:
    return name if path == "reply" else f"{path}.{name}"


def _by_name(given: Mapping[str, Any], properties: JsonSchema) -> dict[str, Any]:
    """The fields of ``given`` under the names asked for, whatever their case and hyphens."""
    wanted = {plain(name): name for name in properties}
    found = {wanted[key]: value for name, value in given.items() if (key := plain(name)) in wanted}
    return found | {name: given[name] for name in properties if name in given}


def plain(name: Any) -> str:
    """A name without case, spaces and marks, to compare it by."""
    return re.sub(r"[\W_]+", "", str(name)).casefold()


def _unwrapped(value: Any, properties: JsonSchema) -> Any:
    """The object inside of another, of an echoed schema, of a list of one call, or of a text."""
    for _ in range(3):
        if isinstance(value, str) and value.lstrip()[:1] == "{":
            value = _parsed(value)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            value = _handed_over(value[0]) or value
        if not isinstance(value, dict) or _by_name(value, properties):
            return value
        if isinstance(value.get("properties"), dict):
            value = value["properties"]
        elif (given := _handed_over(value)) is not None:
            value = given
        elif (inner := _inside(value, properties)) is not None:
            value = inner
        else:
            return value
    return value


def _inside(value: Mapping[str, Any], properties: JsonSchema) -> Any:
    """The one thing in an object, or what in it has the fields asked for; as it is, or as a JSON text."""
    parts = [_parsed(part) if isinstance(part, str) else part for part in value.values()]
    fitting = [part for part in parts if isinstance(part, dict) and _by_name(part, properties)]
    only = parts if len(parts) == 1 and isinstance(parts[0], dict | list) and parts[0] else []
    return next(iter([*fitting, *only]), None)


def _handed_over(value: Mapping[str, Any]) -> Any:
    """The arguments of a tool call that a model wrote in place of a reply, as an object or as JSON; else None."""
    given = next((value[name] for name in ("arguments", "parameters", "input") if name in value), None)
    given = _parsed(given) if isinstance(given, str) else given
    return given if isinstance(given, dict) else None


def _parsed(text: str) -> Any:
    """The value of a JSON text inside of a reply; the text itself where it is none."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text


def _items(value: Any, inner: JsonSchema) -> Sequence[Any] | None:
    """What stands for a list: a list, one item, a mapping of items; None where nothing does."""
    properties = inner.get("properties", {})
    if value is None or (isinstance(value, str) and value.strip().lower() in _NONE):
        return ()
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, dict):
        return _items_of_object(value, properties)
    if properties:
        return None
    return re.split(r"\s*[,;]\s*", value.strip(" []")) if isinstance(value, str) else [value]


def _items_of_object(value: Mapping[str, Any], properties: JsonSchema) -> Sequence[Any] | None:
    if "type" in value and set(value) <= {"type", "items", "title", "description", "maxItems", "minItems"}:
        return None  # the schema of the list, echoed
    if properties and _by_name(value, properties):
        return [value]
    lists = [part for part in value.values() if isinstance(part, list)]
    return lists[0] if len(lists) == 1 else list(value.values())


def _fit_scalar(value: Any, schema: Mapping[str, Any], at: str) -> Any:
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
