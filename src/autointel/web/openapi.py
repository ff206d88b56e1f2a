"""The OpenAPI document, made of the table of endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from autointel import __version__
from autointel.web.endpoints import Endpoint, Problem

_REFERENCE: Final = "#/components/schemas/{model}"


def openapi_of(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """OpenAPI 3.1. Pure."""
    answers = {each.answers for each in endpoints if each.answers} | {Problem}
    bodies = {each.asks for each in endpoints if each.method == "POST"}
    wanted = [(model, "serialization") for model in _sorted(answers)] + [
        (model, "validation") for model in _sorted(bodies)
    ]
    names, schemas = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]  # the modes are literals
    paths: dict[str, dict[str, Any]] = {}
    for each in endpoints:
        answer = names[each.answers, "serialization"] if each.answers else None
        body = names[each.asks, "validation"] if each.method == "POST" else None
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, answer, body)
    return {
        "openapi": "3.1.0",
        "info": {"title": "autointel", "version": __version__},
        "servers": [{"url": ".."}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _sorted(models: set[type[BaseModel]]) -> list[type[BaseModel]]:
    return sorted(models, key=lambda model: model.__name__)


def _operation(endpoint: Endpoint, answer: dict[str, Any] | None, body: dict[str, Any] | None) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}} if answer else {"text/event-stream": {}}
    refused = {"application/json": {"schema": {"$ref": _REFERENCE.format(model="Problem")}}}
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "parameters": [*_in_path(endpoint), *([] if body else _in_query(endpoint))],
        "responses": {
            "200": {"description": "The answer", "content": content},
            "default": {"description": "An error: what happened, and what to do", "content": refused},
        },
    }
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _in_path(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for part in endpoint.path.split("/"):
        if part.startswith("{"):
            yield {"name": part.strip("{}"), "in": "path", "required": True, "schema": {"type": "string"}}


def _in_query(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    schema = endpoint.asks.model_json_schema()
    for name, taken in schema.get("properties", {}).items():
        yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": taken}
