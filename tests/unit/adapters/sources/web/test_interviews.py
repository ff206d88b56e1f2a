from __future__ import annotations

from collections.abc import Callable

import pytest

from autointel.adapters.sources.parse import parse

TALK = [
    ("Courier", "You closed the bridge in March. Why did you ask nobody who lives beside it?"),
    ("Ada Lind", "It was about to fall into the river, and we had two days. I would do it again tomorrow."),
    ("Courier", "Who told you that the middle pier was moving?"),
    ("Ada Lind", "Our engineer did. She measured it twice: eleven centimetres, and I have her report here."),
    ("Courier", "And who will pay for the new bridge?"),
    ("Ada Lind", "The county pays two million a year, which is not enough. We need twelve million at least."),
]
NEW_LINE = "\n"
INTRODUCTION = "Ada Lind has run the county's roads for nine years. We met her beside the bridge that she closed."
PROSE = [
    "The council voted on Tuesday to close the bridge for two years, and nobody was surprised by it at all.",
    "Engineers put the price at nine million. The mayor, who had promised four, said that steel had become dear.",
    "A second vote is planned for the autumn, in which the money has to be found by somebody, somewhere.",
]


def _rows(*columns: str) -> str:
    return "<tr>" + "".join(f"<td>{column}</td>" for column in columns) + "</tr>"


def _time(number: int) -> str:
    return f"00:{number:02d}:05"


def _body(write: Callable[[int, str, str], str]) -> str:
    return "".join(write(number, name, words) for number, (name, words) in enumerate(TALK))


def _page(body: str) -> bytes:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>The bridge</title></head><body><article>"
        f"<h1>The bridge</h1><p>{INTRODUCTION}</p>{body}</article></body></html>"
    ).encode()


UNTIMED = {
    "plain labels": _body(lambda _, name, words: f"<p>{name}: {words}</p>"),
    "small capitals": _body(
        lambda _, name, words: f'<p><span style="font-variant:small-caps">{name}</span>: {words}</p>'
    ),
    "a table": "<table>" + _body(lambda _, name, words: _rows(f"{name}:", words)) + "</table>",
    "headings": _body(lambda _, name, words: f"<h4>{name}</h4><p>{words}</p>"),
    "a dash behind names in bold": _body(lambda _, name, words: f"<p><strong>{name}</strong> – {words}</p>"),
    "a class that says nothing": _body(
        lambda _, name, words: (
            f'<div data-start="1"><span class="x1">{name}</span><span class="x2">{words}</span></div>'
        )
    ),
    "line breaks": f"<div>{_body(lambda _, name, words: f'{name}: {words}<br><br>')}</div>",
    "text as it was typed": f"<pre>{_body(lambda _, name, words: f'{name}: {words}{NEW_LINE}')}</pre>",
}
TIMED = {
    "a table": "<table>" + _body(lambda number, name, words: _rows(_time(number), name, words)) + "</table>",
    "a table with headings": "<table><tr><th>Time</th><th>Speaker</th><th>Text</th></tr>"
    + _body(lambda number, name, words: _rows(_time(number), name, words))
    + "</table>",
    "a class for the name, the time behind it": _body(
        lambda number, name, words: (
            f'<div><span class="ts-name">{name}</span> <span class="ts-timestamp"><a href="/#t">({_time(number)})</a>'
            "</span>"
            f' <span class="ts-text">{words}</span></div>'
        )
    ),
    "a class for the name, the time before it": _body(
        lambda number, name, words: (
            f'<div><time>{_time(number)}</time> <span class="speaker">{name}</span><p>{words}</p></div>'
        )
    ),
    "a linked time behind the name": _body(
        lambda number, name, words: f'<p>{name} (<u><a href="/?ts=1">{_time(number)}</a></u>):<br>{words}</p>'
    ),
}


@pytest.mark.parametrize("body", UNTIMED.values(), ids=UNTIMED)
def test_an_interview_names_who_asks_and_who_answers(body: str) -> None:
    segments = parse(_page(body), "page.html").segments

    assert [(segment.speaker, segment.text) for segment in segments if segment.speaker] == TALK
    assert any(segment.text == INTRODUCTION and segment.speaker is None for segment in segments)


@pytest.mark.parametrize("body", TIMED.values(), ids=TIMED)
def test_a_transcript_on_a_page_tells_who_speaks_and_when(body: str) -> None:
    segments = [segment for segment in parse(_page(body), "page.html").segments if segment.speaker]

    assert [(segment.speaker, segment.text) for segment in segments] == TALK
    assert [segment.start for segment in segments] == [5 + 60 * number for number in range(len(TALK))]


@pytest.mark.parametrize(
    "rows",
    [
        [("Port", "Year", "Note"), ("Ostend", "2014", "the wall fell down"), ("Ostend", "2019", "it was built again")],
        [("Name", "Office", "Vote"), ("Ada Lind", "Chair", "voted to close it"), ("Bo Ek", "Chair", "was not there")],
    ],
)
def test_a_table_of_data_names_nobody(rows: list[tuple[str, str, str]]) -> None:
    body = "".join(f"<p>{text}</p>" for text in PROSE) + f"<table>{''.join(_rows(*row) for row in rows)}</table>"

    assert {segment.speaker for segment in parse(_page(body), "page.html").segments} == {None}


def test_headings_that_are_names_and_do_not_take_turns_are_headings() -> None:
    body = "".join(
        f"<h3>{name}</h3><p>{text}</p>" for name, text in zip(["Ada Lind", "Bo Ek", "Ida Dahl"], PROSE, strict=True)
    )

    assert {segment.speaker for segment in parse(_page(body), "page.html").segments} == {None}


def test_captions_of_pictures_and_links_to_other_articles_name_nobody() -> None:
    body = "".join(
        f"<p>{text}</p><p>Photo: Ada Lind</p><p>Read also: The ferry runs at night as well</p>" for text in PROSE
    )

    assert {segment.speaker for segment in parse(_page(body), "page.html").segments} == {None}


def test_questions_and_answers_with_their_letters_are_known() -> None:
    body = _body(lambda number, _, words: f"<p><b>Q. {words}</b></p>" if number % 2 == 0 else f"<p>A. {words}</p>")

    said = [(segment.speaker, segment.text) for segment in parse(_page(body), "page.html").segments if segment.speaker]

    assert said == [("QA"[number % 2], words) for number, (_, words) in enumerate(TALK)]


def test_a_question_in_bold_is_parted_from_the_answer_on_the_next_line() -> None:
    lines = [words for name, words in TALK if name == "Courier"]
    body = "".join(
        f"<p><strong>{line}</strong><br>{words}</p>" for line, (_, words) in zip(lines, TALK[1::2], strict=True)
    )

    segments = parse(_page(body), "page.html").segments

    assert [segment.text for segment in segments][-6:] == [words for _, words in TALK]
    assert {segment.speaker for segment in segments} == {None}


def test_questions_that_a_class_marks_are_words_of_the_page() -> None:
    asked = "Who told you that the middle pier was moving?"
    body = "".join(
        f'<div class="question">{question}</div><div class="answer"><p>{answer}</p></div>'
        for question, answer in [(asked, TALK[3][1]), (TALK[4][1], TALK[5][1])]
    )

    assert asked in [segment.text for segment in parse(_page(body), "page.html").segments]
