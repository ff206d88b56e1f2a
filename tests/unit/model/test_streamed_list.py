from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.model.reply_text import StreamedList

LEAVES = st.none() | st.booleans() | st.integers() | st.text()
OBJECTS = st.dictionaries(
    st.text(), st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
)


@pytest.mark.uncounted
@given(st.lists(OBJECTS, max_size=4), OBJECTS, st.integers(1, 7))
def test_every_object_of_the_list_comes_once_and_whole(
    items: list[dict[str, object]], others: dict[str, object], step: int
) -> None:
    before = {key: value for key, value in others.items() if key != "items"}
    text = json.dumps({**before, "items": items, "end": before}, ensure_ascii=step % 2 == 0)
    stream = StreamedList("items")

    found = [raw for at in range(0, len(text), step) for raw in stream.feed(text[at : at + step])]

    assert [json.loads(raw) for raw in found] == items


def test_an_item_comes_with_the_character_that_completes_it() -> None:
    stream = StreamedList("items")

    assert stream.feed('{"items": [{"text": "a } ] b"') == []
    assert stream.feed("}") == ['{"text": "a } ] b"}']
    assert stream.feed(', {"text":') == []


@pytest.mark.parametrize(
    "text", ['{"other": [{"a": 1}]}', '{"x": {"items": [{"a": 1}]}}', '[{"items": 1}]', "}}]]", "items"]
)
def test_what_is_not_the_list_gives_nothing(text: str) -> None:
    assert StreamedList("items").feed(text) == []


def test_a_fence_in_front_is_passed_over() -> None:
    assert StreamedList("items").feed('Sure!\n```json\n{"items": [{"a": 1}]}\n```') == ['{"a": 1}']


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    for raw in StreamedList("items").feed(text):
        assert raw.startswith("{")
