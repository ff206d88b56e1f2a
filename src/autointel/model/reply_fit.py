"""A JSON value fitted to a schema: unwrapped, folded to the nearest allowed name, cut to its limits, bad items dropped.

Models that are not held to a schema by their server get it nearly right. One bad item of a list is dropped and
counted; the others are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from autointel.model.reply_scalars import Unfit, fit_scalar, plain

JsonSchema = Mapping[str, Any]
_NONE: Final = {"", "null", "none", "n/a"}
_DEEPEST: Final = 20


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
        return fit_scalar(value, schema, at)

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


def _unwrapped(value: Any, properties: JsonSchema) -> Any:
    """The object inside of another, or inside of an echoed schema."""
    for _ in range(3):
        if not isinstance(value, dict) or _by_name(value, properties):
            return value
        if isinstance(value.get("properties"), dict):
            value = value["properties"]
        elif len(value) == 1 and isinstance(inner := next(iter(value.values())), dict | list) and inner:
            value = inner
        else:
            return value
    return value


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
