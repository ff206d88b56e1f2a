"""What models write around and instead of the JSON asked for."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from autointel.domain.analysis import Likelihood
from autointel.domain.value import Confidence
from autointel.model.replies import Malformed, Salvaged, is_empty, salvaged
from autointel.model.reply_text import ids_in, without_citations


class Reply(BaseModel):
    items: list[str]
    note: str | None = None


class Easy(BaseModel):
    items: list[str] = []


class Item(BaseModel):
    text: str = Field(min_length=1)
    confidence: Confidence


class Judged(Item):
    likelihood: Likelihood
    numbers: list[int]


class Notes(BaseModel):
    points: list[Item] = Field(max_length=3)
    judged: list[Judged] = Field(max_length=2)


REPLY = Reply(items=["a {", '} "b"'])
JSON = REPLY.model_dump_json()
POINT = '{"text": "Buses are free.", "confidence": "high"}'


def parsed(text: str) -> Reply:
    return salvaged(text, Reply).value


def noted(text: str) -> Salvaged[Notes]:
    return salvaged(text, Notes)


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"  \n{JSON}\n",
        f"```json\n{JSON}\n```",
        f"```json\n{JSON}\n",
        f"Sure, here it is:\n```\n{JSON}\n```\nAnything else?",
        f"Here it is: {JSON} Done.",
        f'First I thought of {{"items": 3}}, but then: {JSON}',
        f"In {{braces}} as asked: {JSON}",
        f'<think>They want {{"items": ["x"]}}.</think>\n{JSON}',
        f'They want {{"items": [ … </think>\n\n{JSON}',
        f"<thinking>Half a thought {{</thinking>{JSON}",
        f'{{"reply": {JSON}}}',
        f"[{JSON}]",
        JSON[:-1] + ",}",
    ],
)
def test_the_json_is_found(text: str) -> None:
    assert parsed(text) == REPLY


@pytest.mark.parametrize(
    "text",
    [
        '{"items": ["one", "two",]}',
        "{'items': ['one', 'two']}",
        '{items: ["one", "two"]}',
        '{"items": ["one", "two"], // done\n}',
        '{"Items": ["one", "two"]}',
        '["one", "two"]',
        '{"type": "object", "properties": {"items": ["one", "two"]}}',
        '{"items": {"list": ["one", "two"]}}',
    ],
)
def test_small_faults_lose_nothing(text: str) -> None:
    found = salvaged(text, Reply)

    assert found.value.items == ["one", "two"]
    assert not found.dropped
    assert not found.cut


def test_a_raw_line_break_and_half_an_emoji_are_mended_in_their_string() -> None:
    assert parsed('{"items": ["one\ntwo"]}').items == ["one\ntwo"]
    assert parsed('{"items": ["so \\ud83d far", "a\\u0000b"]}').items[1] == "ab"
    assert "far" in parsed('{"items": ["so \\ud83d far"]}').items[0]
    assert parsed('{"items": ["\\ud83d\\ude8c"]}').items == ["🚌"]


def test_fields_in_objects_of_their_own_are_one_reply() -> None:
    found = salvaged(f'{{"points": [{POINT}]}}\n{{"judged": []}}', Notes)

    assert [point.text for point in found.value.points] == ["Buses are free."]
    assert parsed('{"note": "Fine."}\n{"items": ["one"]}') == Reply(items=["one"], note="Fine.")


def test_ids_are_found_in_what_a_model_puts_around_them() -> None:
    written = ["[K1]", "note K2", "K3, K4", "K77", " [K5] "]

    assert ids_in(written, {f"K{n}" for n in range(1, 6)}) == ["K1", "K2", "K3", "K4", "K77", "K5"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Fares fell [2, 3].", "Fares fell."),
        ("Fares fell. [2]", "Fares fell."),
        ("Fares fell [4].", "Fares fell [4]."),
        ("Rule [2] says so.", "Rule [2] says so."),
        ("Fares fell [sic].", "Fares fell [sic]."),
    ],
)
def test_numbers_that_a_text_cites_are_no_part_of_it(text: str, shown: str) -> None:
    assert without_citations(text, [2, 3]) == shown


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON object"),
        ("I'd rather not.", "no JSON object"),
        ('{"item": []}', "none of the fields asked for"),
        ('{"items": ["a", ', "no JSON object"),
        ('{"type": "object", "properties": {"points": {"type": "array"}}}', "none of the fields"),
    ],
)
def test_what_is_wrong_is_said_without_the_reply(text: str, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        parsed(text)


def test_a_piece_of_a_reply_that_was_cut_does_not_pass_for_the_reply() -> None:
    class Part(BaseModel):
        text: str

    with pytest.raises(Malformed):
        salvaged('{"items": [{"text": "inner"}, {"text": "cut', Part)
    with pytest.raises(Malformed):
        salvaged('Here: {"items": [{"text": "inner"}, {"text": "cut', Part)


def test_a_reply_that_was_cut_keeps_its_whole_items() -> None:
    found = noted(f'{{"points": [{POINT}, {POINT.replace("Buses", "Trams")}, {{"text": "The rest, hi')

    assert [point.text for point in found.value.points] == ["Buses are free.", "Trams are free."]
    assert found.cut


def test_an_object_with_nothing_of_what_was_asked_is_not_an_empty_reply() -> None:
    with pytest.raises(Malformed, match="none of the fields"):
        salvaged('{"something": "else"}', Easy)

    assert salvaged('{"items": []}', Easy).value == Easy()


@pytest.mark.parametrize("text", ["[]", '{"points": [], "judged": []}', '{"points": null}', '{"judged": []}'])
def test_nothing_found_is_told_apart_from_nothing_said(text: str) -> None:
    assert is_empty(noted(text).value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"High"', "high"),
        ('"HIGH"', "high"),
        ("0.8", "high"),
        ("0.5", "medium"),
        ("0.1", "low"),
        ('"85%"', "high"),
        ("85", "high"),
        ('"moderate"', "medium"),
        ('"very high"', "high"),
        ('["low"]', "low"),
        ('"hihg"', "high"),
    ],
)
def test_a_confidence_is_read_as_the_nearest_name(written: str, meant: str) -> None:
    found = noted(f'{{"points": [{{"text": "x", "confidence": {written}}}]}}')

    assert found.value.points[0].confidence == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [('"Likely"', "likely"), ('"very_likely"', "very likely"), ("0.97", "almost certain"), ('"Unlikely."', "unlikely")],
)
def test_a_likelihood_is_read_as_the_nearest_name(written: str, meant: str) -> None:
    item = f'{{"text": "x", "confidence": "low", "likelihood": {written}, "numbers": ["S3", "[4]", 5.0]}}'
    found = noted(f'{{"points": [], "judged": [{item}]}}')

    assert found.value.judged[0].likelihood == meant
    assert found.value.judged[0].numbers == [3, 4, 5]


def test_a_list_is_cut_to_its_limit() -> None:
    points = ", ".join(POINT.replace("Buses", f"Line {n}") for n in range(9))

    found = noted(f'{{"points": [{points}]}}')

    assert [point.text[:6] for point in found.value.points] == ["Line 0", "Line 1", "Line 2"]
    assert not found.dropped


def test_one_bad_item_is_dropped_and_counted() -> None:
    found = noted(f'{{"points": [{POINT}, {{"text": ""}}, {POINT.replace("Buses", "Trams")}], "judged": [7]}}')

    assert len(found.value.points) == 2
    assert len(found.dropped) == 2
    assert "points.1" in found.dropped[0]
    assert not found.is_poor


def test_a_reply_of_bad_items_only_is_malformed() -> None:
    with pytest.raises(Malformed, match=r"points\.0"):
        noted('{"points": [{"text": ""}, {"text": null}]}')


def test_an_item_that_the_models_own_rules_refuse_costs_no_other() -> None:
    class Even(BaseModel):
        numbers: list[Any]
        pairs: list[Item]

    class Strict(BaseModel):
        words: list[str] = Field(min_length=1)
        years: list[int]

    assert salvaged('{"numbers": [1], "pairs": {"text": "x", "confidence": "low"}}', Even).value.pairs
    with pytest.raises(Malformed, match="at least 1 item"):
        salvaged('{"words": [], "years": ["1999"]}', Strict)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), unique=True))
def test_whatever_stands_in_the_texts_the_reply_survives(items: list[str]) -> None:
    assert parsed(Reply(items=items).model_dump_json()).items == items


@given(st.text(alphabet=st.characters(exclude_characters="{[`<", exclude_categories=["Cs"])), st.text())
def test_whatever_stands_around_the_reply_it_survives(before: str, after: str) -> None:
    quiet = "".join(character for character in after if character not in "{[`<")

    assert parsed(f"{before}{JSON} {quiet}") == REPLY


@given(st.text())
def test_any_text_is_a_reply_or_malformed(text: str) -> None:
    with suppress(Malformed):
        assert parsed(text).model_fields_set


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["points", "judged", "text", "confidence", "x"]), inner)
        ),
    )
)
def test_any_json_is_notes_or_malformed(value: Any) -> None:

    with suppress(Malformed):
        assert len(noted(json.dumps(value)).value.points) <= 3
