"""A pydantic model as the JSON schema that a model is asked to fill, in the three ways a server may understand."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any, Final

from pydantic import BaseModel

JsonSchema = dict[str, Any]

# What OpenAI's strict mode refuses (guide to structured outputs, "supported schemas"); our own validation still holds.
_REFUSED: Final = ("default", "title", "minLength", "maxLength", "uniqueItems", "examples", "discriminator")
_NOT_STRICT: Final = ("oneOf", "not", "if", "patternProperties", "prefixItems")


class Level(IntEnum):
    """How far a server can be held to a schema, best first."""

    SCHEMA = 0  # response_format json_schema
    JSON = 1  # response_format json_object, the schema in the prompt
    TEXT = 2  # the schema in the prompt, and JSON looked for in the reply


def schema_of(model: type[BaseModel]) -> JsonSchema:
    """The schema as pydantic writes it, of what the model is to send."""
    return model.model_json_schema(mode="validation")


def response_format(model: type[BaseModel], level: Level) -> JsonSchema | None:
    """What the request says about the reply's form; None where it says nothing."""
    if level is Level.SCHEMA:
        schema = schema_of(model)
        strict = _strict(schema)
        return {
            "type": "json_schema",
            "json_schema": {
                "name": model.__name__.lstrip("_"),
                "schema": strict or schema,
                "strict": strict is not None,
            },
        }
    return {"type": "json_object"} if level is Level.JSON else None


def in_words(model: type[BaseModel]) -> str:
    """What the prompt says where the request can't."""
    shown = json.dumps(schema_of(model), ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{shown}"


def _strict(schema: Any) -> Any:
    """The schema under strict mode's rules: every property required, none additional. None where it can't be."""
    if isinstance(schema, list):
        parts = [_strict(part) for part in schema]
        return None if None in parts else parts
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # no siblings there
    if any(key in schema for key in _NOT_STRICT) or _is_open(schema):
        return None
    return _strict_object(schema)


def _is_open(schema: JsonSchema) -> bool:
    """A mapping with names of its own choosing."""
    return schema.get("type") == "object" and ("properties" not in schema or bool(schema.get("additionalProperties")))


def _strict_object(schema: JsonSchema) -> JsonSchema | None:
    result: JsonSchema = {}
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            inner = {name: _strict(part) for name, part in value.items()}
            if None in inner.values():
                return None
            result[key] = inner
        elif key in {"items", "anyOf", "allOf"}:
            part = _strict(value)
            if part is None:
                return None
            result[key] = part
        elif key not in _REFUSED:
            result[key] = value
    if "properties" in schema:
        result |= {"required": list(schema["properties"]), "additionalProperties": False}
    return result
