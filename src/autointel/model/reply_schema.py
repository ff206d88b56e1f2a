"""A pydantic model as the JSON schema that a model is asked to fill, in the three ways a server may understand."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any, Final

from pydantic import BaseModel

JsonSchema = dict[str, Any]

# What OpenAI's strict mode refuses (guide to structured outputs, "supported schemas"); our own validation still holds.
_REFUSED: Final = ("default", "title", "uniqueItems", "examples", "discriminator")
_LENGTHS: Final = ("minLength", "maxLength")
# A text and a list without limits of their own, and a name with its punctuation, for the longest reply.
_TEXT: Final = 500
_ITEMS: Final = 20
_WORD: Final = 8
_DEEPEST: Final = 12
_FEWEST_TOKENS: Final = 400
_MOST_TOKENS: Final = 8_000
_NOT_STRICT: Final = ("oneOf", "not", "if", "patternProperties", "prefixItems")


class Level(IntEnum):
    """How far a server can be held to a schema, best first."""

    SCHEMA = 0  # response_format json_schema
    JSON = 1  # response_format json_object, the schema in the prompt
    TEXT = 2  # the schema in the prompt, and JSON looked for in the reply


def schema_of(model: type[BaseModel]) -> JsonSchema:
    """The schema as pydantic writes it, of what the model is to send."""
    return model.model_json_schema(mode="validation")


def response_format(model: type[BaseModel], level: Level, *, lengths: bool = True) -> JsonSchema | None:
    """What the request says about the reply's form; None where it says nothing.

    ``lengths`` keeps the lengths of texts in the schema: a server that compiles it to a grammar then ends them in time.
    """
    if level is Level.SCHEMA:
        schema = schema_of(model)
        strict = _strict(schema, lengths=lengths)
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


def most_tokens(model: type[BaseModel]) -> int:
    """How many tokens a reply can have that fills every list and text of its schema; at most 8,000."""
    schema = schema_of(model)
    return max(_FEWEST_TOKENS, min(_MOST_TOKENS, _tokens(schema, schema.get("$defs", {}), 0)))


def _tokens(schema: JsonSchema, defs: JsonSchema, depth: int) -> int:
    if "$ref" in schema:
        return _tokens(defs[schema["$ref"].rsplit("/", 1)[-1]], defs, depth + 1) if depth < _DEEPEST else _WORD
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return max(_tokens(part, defs, depth + 1) for part in schema[key])
    if "properties" in schema:
        return sum(_WORD + _tokens(part, defs, depth + 1) for part in schema["properties"].values())
    if schema.get("type") == "array":
        return int(schema.get("maxItems", _ITEMS)) * (2 + _tokens(schema.get("items", {}), defs, depth + 1))
    if schema.get("type") == "string" and "enum" not in schema:
        # Three characters a token is less than most languages have.
        return int(schema.get("maxLength", _TEXT)) // 3 + 2
    return _WORD


def _strict(schema: Any, *, lengths: bool) -> Any:
    """The schema under strict mode's rules: every property required, none additional. None where it can't be."""
    if isinstance(schema, list):
        parts = [_strict(part, lengths=lengths) for part in schema]
        return None if None in parts else parts
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # no siblings there
    if any(key in schema for key in _NOT_STRICT) or _is_open(schema):
        return None
    return _strict_object(schema, lengths=lengths)


def _is_open(schema: JsonSchema) -> bool:
    """A mapping with names of its own choosing."""
    return schema.get("type") == "object" and ("properties" not in schema or bool(schema.get("additionalProperties")))


def _strict_object(schema: JsonSchema, *, lengths: bool) -> JsonSchema | None:
    result: JsonSchema = {}
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            inner = {name: _strict(part, lengths=lengths) for name, part in value.items()}
            if None in inner.values():
                return None
            result[key] = inner
        elif key in {"items", "anyOf", "allOf"}:
            part = _strict(value, lengths=lengths)
            if part is None:
                return None
            result[key] = part
        elif key not in _REFUSED and (lengths or key not in _LENGTHS):
            result[key] = value
    if "properties" in schema:
        result |= {"required": list(schema["properties"]), "additionalProperties": False}
    return result
