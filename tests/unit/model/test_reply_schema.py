from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel, Field

from autointel.model.replies import Level, in_words, response_format


class Kind(StrEnum):
    ONE = "one"
    TWO = "two"


class Part(BaseModel):
    text: str = Field(min_length=1, description="What is said.")
    kind: Kind = Kind.ONE
    speaker: str | None = None


class Whole(BaseModel):
    parts: list[Part] = Field(max_length=3)
    best: Part


class Tree(BaseModel):
    children: list[Tree] = []


class Open(BaseModel):
    by_name: dict[str, int]


class Pair(BaseModel):
    both: tuple[int, str]


class Deep(BaseModel):
    inner: list[Open]


class Loose(BaseModel):
    anything: list[dict[str, str] | int]


def strict_objects(schema: Any) -> list[Any]:
    found = [schema] if isinstance(schema, dict) and "properties" in schema else []
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return found + [one for part in inner for one in strict_objects(part)]


def test_a_strict_schema_requires_everything_and_allows_nothing_else() -> None:
    wanted = response_format(Whole, Level.SCHEMA, lengths=False)

    assert wanted is not None
    assert wanted["json_schema"]["strict"] is True
    objects = strict_objects(wanted["json_schema"]["schema"])
    assert len(objects) == 2
    for schema in objects:
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
    text = json.dumps(wanted)
    assert "default" not in text
    assert "minLength" not in text
    assert '"maxItems": 3' in text
    assert "What is said." in text


def test_a_schema_that_refers_to_itself_can_be_strict() -> None:
    wanted = response_format(Tree, Level.SCHEMA)

    assert wanted is not None
    assert wanted["json_schema"]["strict"] is True


@pytest.mark.parametrize("model", [Open, Pair, Deep, Loose])
def test_what_strict_mode_cannot_say_is_sent_without_it(model: type[BaseModel]) -> None:
    wanted = response_format(model, Level.SCHEMA)

    assert wanted is not None
    assert wanted["json_schema"]["strict"] is False
    assert wanted["json_schema"]["schema"] == model.model_json_schema()


def test_other_levels_say_less() -> None:
    assert response_format(Whole, Level.JSON) == {"type": "json_object"}
    assert response_format(Whole, Level.TEXT) is None


def test_in_words_the_schema_is_shown_whole() -> None:
    assert json.loads(in_words(Whole).split("\n", 1)[1]) == Whole.model_json_schema()
