from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field

from autointel_bench.simulated.material import material_of
from autointel_bench.simulated.schema import fill
from autointel_bench.simulated.voices import Honest

TEXT = "Anna Lee: The buses are free since 2013. Fares covered a fifth. Nobody asked who pays. See https://a.example/b"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Leaf(BaseModel):
    text: str = Field(max_length=10)
    quote: str | None
    speaker: str | None = None
    said_on: date | None = None
    on: date
    colour: Colour = Colour.RED
    level: Literal["low", "high"]
    score: float = Field(ge=0.5, le=0.75)
    count: int = Field(ge=3)
    below: float = Field(lt=-1)
    sure: bool
    url: str | None


class Branch(BaseModel):
    leaves: list[Leaf] = Field(min_length=2, max_length=2)
    pair: tuple[int, str]
    words: set[str]
    either: Leaf | int
    nothing: None
    always: Literal["this"]
    children: list[Branch] = []


class Chain(BaseModel):
    next: Chain | None
    name: str


def honest(text: str = TEXT) -> Honest:
    return Honest(material_of(text), items=3)


@pytest.mark.parametrize("model", [Leaf, Branch, Chain])
def test_what_is_filled_in_fits_the_schema(model: type[BaseModel]) -> None:
    schema = model.model_json_schema()

    value = fill(schema, honest())

    jsonschema.validate(value, schema)
    model.model_validate(value)


def test_lists_keep_their_bounds() -> None:
    def items(low: int, high: int) -> list[Any]:
        schema = {"type": "array", "items": {"type": "string"}, "minItems": low, "maxItems": high}
        value = fill({"type": "object", "properties": {"points": schema}}, honest())
        return list(value["points"])

    assert [len(items(0, 1)), len(items(0, 9)), len(items(7, 9))] == [1, 3, 7]


def test_a_list_of_types_and_a_schema_without_a_type_are_understood() -> None:
    properties = {"a": {"type": ["string", "null"]}, "b": {}, "c": {"allOf": [{"type": "boolean"}]}}

    value = fill({"properties": properties}, honest())

    assert isinstance(value["a"], str)
    assert isinstance(value["b"], str)
    assert isinstance(value["c"], bool)


def test_the_same_prompt_gets_the_same_reply() -> None:
    schema = Branch.model_json_schema()

    assert fill(schema, honest()) == fill(schema, honest())
    assert fill(schema, honest()) != fill(schema, honest("Another text. With other things in it."))
