"""A value for any JSON schema that pydantic writes, filled by a voice.

Knows $ref, anyOf, allOf, enum, const, arrays with bounds and prefixItems, nested objects, and null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from autointel_bench.simulated.material import Unit

Schema = Mapping[str, Any]
# A schema that refers to itself has to end somewhere.
_DEEPEST: Final = 8


@dataclass(frozen=True)
class Place:
    """The place of a value: the field's name, its path in the reply, its schema, and the unit its item rests on."""

    name: str
    path: str
    schema: Schema
    unit: Unit | None = None
    optional: bool = False
    depth: int = 0

    def at(self, name: str, schema: Schema, step: str) -> Place:
        """The place of a value within this one."""
        return replace(self, name=name, path=f"{self.path}{step}", schema=schema, optional=False, depth=self.depth + 1)


class Voice(Protocol):
    """Fills the leaves."""

    def text(self, place: Place) -> str | None:
        """A string; None where the place is optional and there is nothing to say."""
        ...

    def choice(self, place: Place, options: list[Any]) -> Any:
        """One of the options."""
        ...

    def number(self, place: Place, low: float, high: float) -> float:
        """A number within bounds."""
        ...

    def units(self, place: Place, low: int, high: int | None) -> list[Unit]:
        """One unit for each item of a list."""
        ...


def fill(schema: Schema, voice: Voice, unit: Unit | None = None) -> Any:
    """A value that fits ``schema``, all of it resting on ``unit`` where one is given."""
    return _fill(Place("", "", schema, unit), schema.get("$defs", schema.get("definitions", {})), voice)


def _fill(place: Place, defs: Schema, voice: Voice) -> Any:
    schema = _resolved(place.schema, defs)
    place = replace(place, schema=schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return voice.choice(place, list(schema["enum"]))
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _fill_any(place, list(schema[key]), defs, voice)
    return _fill_type(place, defs, voice)


def _resolved(schema: Schema, defs: Schema) -> Schema:
    while "$ref" in schema or len(schema.get("allOf", ())) == 1:
        inner = defs[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema["allOf"][0]
        schema = {**{k: v for k, v in schema.items() if k not in {"$ref", "allOf"}}, **inner}
    return schema


def _fill_any(place: Place, options: list[Schema], defs: Schema, voice: Voice) -> Any:
    real = [option for option in options if option.get("type") != "null"]
    nullable = len(real) < len(options)
    if nullable and (not real or place.depth > _DEEPEST):
        return None
    return _fill(replace(place, schema=real[0], optional=nullable), defs, voice)


def _fill_type(place: Place, defs: Schema, voice: Voice) -> Any:
    kind = place.schema.get("type", "object" if "properties" in place.schema else "string")
    if isinstance(kind, list):
        place, kind = replace(place, optional="null" in kind), next(k for k in kind if k != "null")
    match kind:
        case "object":
            inner = place.schema.get("properties", {}).items()
            return {name: _fill(place.at(name, value, f".{name}"), defs, voice) for name, value in inner}
        case "array":
            return _fill_list(place, defs, voice)
        case _:
            return _leaf(place, kind, voice)


def _leaf(place: Place, kind: str, voice: Voice) -> Any:
    match kind:
        case "integer":
            return round(voice.number(place, *_bounds(place.schema, 5, 1)))
        case "number":
            return voice.number(place, *_bounds(place.schema, 1, 0.001))
        case "boolean":
            return voice.choice(place, [True, False])
        case "null":
            return None
        case _:
            return voice.text(place)


def _bounds(schema: Schema, span: float, step: float) -> tuple[float, float]:
    """The least and the greatest value; ``step`` inside of exclusive ones."""
    low = schema.get("minimum", schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else None)
    high = schema.get("maximum", schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else None)
    if low is None:
        low = 0 if high is None or high > 0 else high - span
    return low, low + span if high is None else high


def _fill_list(place: Place, defs: Schema, voice: Voice) -> list[Any]:
    if "prefixItems" in place.schema:
        parts = enumerate(place.schema["prefixItems"])
        return [_fill(place.at(place.name, part, f"[{i}]"), defs, voice) for i, part in parts]
    low, high = place.schema.get("minItems", 0), place.schema.get("maxItems")
    if place.depth > _DEEPEST:
        high = low
    inner = place.schema.get("items", {"type": "string"})
    values: list[Any] = []
    for i, unit in enumerate(voice.units(place, low, high)):
        value = _fill(replace(place.at(place.name, inner, f"[{i}]"), unit=unit), defs, voice)
        if not place.schema.get("uniqueItems") or value not in values:
            values.append(value)
    return values
