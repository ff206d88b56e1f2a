from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from autointel.model.reply_text import Malformed, parsed


class Reply(BaseModel):
    items: list[str]
    note: str | None = None


class Easy(BaseModel):
    items: list[str] = []


REPLY = Reply(items=["a {", '} "b"'])
JSON = REPLY.model_dump_json()


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"  \n{JSON}\n",
        f"```json\n{JSON}\n```",
        f"Sure, here it is:\n```\n{JSON}\n```\nAnything else?",
        f"Here it is: {JSON} Done.",
        f'First I thought of {{"items": 3}}, but then: {JSON}',
        f"In {{braces}} as asked: {JSON}",
        f'<think>They want {{"items": ["x"]}}.</think>\n{JSON}',
    ],
)
def test_the_json_is_found(text: str) -> None:
    assert parsed(text, Reply) == REPLY


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON object"),
        ("I'd rather not.", "no JSON object"),
        ('{"items": "x"}', "items: Input should be a valid"),
        ('{"item": []}', "items: Field required"),
        ('{"items": ["a", ', "Invalid JSON"),
        ("[1]", "no JSON object"),
    ],
)
def test_what_is_wrong_is_said_without_the_reply(text: str, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        parsed(text, Reply)


def test_a_piece_of_a_reply_that_was_cut_does_not_pass_for_the_reply() -> None:
    class Part(BaseModel):
        text: str

    with pytest.raises(Malformed):
        parsed('{"items": [{"text": "inner"}, {"text": "cut', Part)
    with pytest.raises(Malformed):
        parsed('Here: {"items": [{"text": "inner"}, {"text": "cut', Part)


def test_an_object_with_nothing_of_what_was_asked_is_not_an_empty_reply() -> None:
    with pytest.raises(Malformed, match="none of the fields"):
        parsed('{"something": "else"}', Easy)

    assert parsed('{"items": []}', Easy) == Easy()


@given(st.lists(st.text()), st.text(alphabet=st.characters(exclude_characters="{`<")), st.text())
def test_whatever_stands_in_the_texts_and_around_them_the_reply_survives(
    items: list[str], before: str, after: str
) -> None:
    text = f"{before}{Reply(items=items).model_dump_json()} {after.replace('{', '').replace('`', '')}"

    assert parsed(text, Reply).items == items


@given(st.text())
def test_any_text_is_a_reply_or_malformed(text: str) -> None:
    with suppress(Malformed):
        assert parsed(text, Reply).model_fields_set
