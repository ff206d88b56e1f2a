from __future__ import annotations

from datetime import date

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import SourceKind


def read(text: str, name: str | None = None) -> Parsed:
    return parse(text.encode(), name)


def timed(text: str) -> list[tuple[float | None, float | None, str | None, str]]:
    return [(segment.start, segment.end, segment.speaker, segment.text) for segment in read(text).segments]


def untimed(text: str) -> list[tuple[int | None, str | None, str]]:
    return [(segment.paragraph, segment.speaker, segment.text) for segment in read(text).segments]


def test_wrapped_lines_are_one_paragraph() -> None:
    assert untimed("The council met on\nMonday and talked.\n\nNothing was\ndecided.") == [
        (1, None, "The council met on Monday and talked."),
        (2, None, "Nothing was decided."),
    ]


def test_lines_that_are_sentences_are_paragraphs_where_no_empty_line_divides_them() -> None:
    assert untimed("We met.\nWe talked!\nWas it useful?\nNo.") == [
        (1, None, "We met."),
        (2, None, "We talked!"),
        (3, None, "Was it useful?"),
        (4, None, "No."),
    ]


def test_names_are_speakers_and_go_on_until_the_next() -> None:
    text = "Ann: Hello.\n\nMore from me.\n\nBen Okri: Thanks.\n\nNote: of this.\n\nAnn: Bye.\n\nBen Okri: Bye."

    assert untimed(text) == [
        (1, "Ann", "Hello."),
        (2, "Ann", "More from me."),
        (3, "Ben Okri", "Thanks."),
        (4, "Ben Okri", "Note: of this."),
        (5, "Ann", "Bye."),
        (6, "Ben Okri", "Bye."),
    ]


def test_a_colon_in_prose_names_nobody() -> None:
    text = "Tallinn: it is free.\n\nThe rest is prose.\n\nAnd more prose.\n\nAnd more."

    assert untimed(text)[0] == (1, None, "Tallinn: it is free.")


def test_a_markdown_transcript_is_read_as_its_reader_sees_it() -> None:
    text = (
        "# The cost of *free* transit\n\n<!-- draft -->\n**Ann Lee:** \\[laugh\\] I said "
        "[so](https://example.org/a_b), `really` &amp; **truly**.\n\n> quoted _words_\n\n---\n\n"
        "**Ben**: Yes <br> no.\n\n```\n- snake_case stays\n```\n"
    )

    parsed = read(text)

    assert (parsed.kind, parsed.title) == (SourceKind.MARKDOWN, "The cost of free transit")
    assert untimed(text) == [
        (1, "Ann Lee", "[laugh] I said so, really & truly."),
        (2, "Ann Lee", "quoted words"),
        (3, "Ben", "Yes no."),
        (4, "Ben", "snake_case stays"),
    ]


def test_front_matter_gives_title_author_date_and_language() -> None:
    text = (
        "---\ntitle: Miniscript\ndate: 2021-11-11T10:00:00\nlang: EN_us\nauthors:\n  - Ann\n  - Ben\ntags: [a, b]\n"
        "nested:\n  title: no\n---\n# Heading\n\nWords."
    )

    parsed = read(text)

    assert (parsed.title, parsed.author, parsed.language) == ("Miniscript", "Ann, Ben", "en-us")
    assert parsed.published_at == date(2021, 11, 11)
    assert [segment.text for segment in parsed.segments] == ["Words."]


@pytest.mark.parametrize(
    "text",
    [
        "---\nWords.\n---\nMore words.",
        "---\na: [\n---\nMore words.",
        "---\nno end\n\nMore words.",
        "---\n- a\n---\nMore words.",
    ],
)
def test_a_rule_that_begins_a_text_loses_no_words(text: str) -> None:
    assert read(text, "x.md").segments[-1].text == "More words."


def test_yaml_that_would_explode_is_only_looked_at() -> None:
    layers = "\n".join(f"x{i}: &x{i}\n  <<: [{', '.join([f'*x{i - 1}'] * 9)}]" for i in range(1, 30))

    assert read(f"---\ntitle: Bomb\nx0: &x0\n  a: b\n{layers}\n---\nWords.").title == "Bomb"


@pytest.mark.uncounted
def test_yaml_nested_too_deeply_is_no_front_matter() -> None:
    words = "Words of a long talk. " * 300

    assert read("---\ntitle: " + "[" * 2_000 + f"\n---\n{words}", "x.md").segments[-1].text.endswith("talk.")


def test_a_bad_date_is_no_date() -> None:
    assert read("---\ndate: last week\ntitle: T\n---\nWords.").published_at is None


def test_headings_after_the_first_words_are_chapters() -> None:
    parsed = read("# Title\n\nOne.\n\n## Middle\n\nTwo.\n\n## End\n\nThree.\n\n## Empty\n", "x.md")

    assert parsed.title == "Title"
    assert [(chapter.title, chapter.paragraph, chapter.start) for chapter in parsed.chapters] == [
        ("Middle", 2, None),
        ("End", 3, None),
    ]


def test_headers_with_name_and_time_begin_a_timed_paragraph() -> None:
    text = (
        "Speaker 0: 00:00:15\n\nWelcome back.\n\nSpeaker 1: 00:00:17\n\nHey, this\nis Murch.\n\n"
        "Speaker 0: 00:01:02\n\nYes we can."
    )

    assert timed(text) == [
        (15.0, 17.0, "Speaker 0", "Welcome back."),
        (17.0, 62.0, "Speaker 1", "Hey, this is Murch."),
        (62.0, 63.2, "Speaker 0", "Yes we can."),
    ]
    assert read(text).warnings == ("The end of the last segment is estimated from its number of words (150 a minute).",)


def test_chapters_of_a_timed_text_have_times() -> None:
    text = "Ann: 00:10\n\nOne.\n\n## Middle\n\nBen: 00:20\n\nTwo.\n\n## End\n\nAnn: 00:30\n\nThree."

    assert [(chapter.title, chapter.start, chapter.end) for chapter in read(text).chapters] == [
        ("Middle", 20.0, 30.0),
        ("End", 30.0, 31.0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "00:00:05 Hello.\n00:00:10 Bye.",
        "[00:00:05] Hello.\n\n[00:00:10] Bye.",
        "(0:05) Hello.\n(0:10) Bye.",
        "0:05\nHello.\n\n0:10\nBye.",
        "[5.0 --> 10.0] Hello.\n[10.0 --> 11.0] Bye.",
        "[5.00s -> 10.00s] Hello.\n[10.00s -> 11.00s] Bye.",
        "[00:00:05.000 --> 00:00:10.000]  Hello.\n[00:00:10.000 --> 00:00:11.000]  Bye.",
        "00:05 – 00:10 Hello.\n00:10 – 00:11 Bye.",
        "00:05 - Hello.\n00:10 - Bye.",
        "\\[0:05\\] Hello.\n\n\\[0:10\\] Bye.",
    ],
)
def test_times_before_text(text: str) -> None:
    assert timed(text) == [(5.0, 10.0, None, "Hello."), (10.0, 11.0, None, "Bye.")]


@pytest.mark.parametrize(
    "text",
    [
        "[0:05] Ann: Hello.\n[0:10] Ben: Bye.",
        "Ann: [0:05] Hello.\nBen: [0:10] Bye.",
        "Ann (0:05): Hello.\nBen (0:10): Bye.",
        "Ann [0:05] Hello.\n\nBen [0:10] Bye.",
        "Ann 0:05\nHello.\n\nBen 0:10\nBye.",
        "Ann (0:05):\nHello.\n\nBen (0:10):\nBye.",
        "**Ann [0:05]:** Hello.\n\n**Ben [0:10]:** Bye.",
        "[0:05] [Ann]: Hello.\n[0:10] [Ben]: Bye.",
        "Ann  0:05\nHello.\nBen  0:10\nBye.",
        "**Ann:** [0:05] Hello.\n\n**Ben:** [0:10] Bye.",
        "**Ann** (0:05): Hello.\n\n**Ben** (0:10): Bye.",
        "0:05 Ann: Hello.\n0:10 Ben: Bye.",
        "**Ann:** [00:00:05] Hello.\n\n**Ben:** [00:00:10] Bye.",
        "**Ann**: (00:05) Hello.\n\n**Ben**: (00:10) Bye.",
        "__Ann:__ *[00:00:05]* Hello.\n\n__Ben:__ *[00:00:10]* Bye.\n\n# End",
        "**Ann** [(0:05)](https://example.org/t?t=5)\n\nHello.\n\n**Ben** [(0:10)](https://example.org/t?t=10)\n\nBye.",
        "**Ann:** [00:05](https://example.org/t?t=5) Hello.\n\n**Ben:** [00:10](https://example.org/t?t=10) Bye.",
        "**Ann** — [0:05]\nHello.\n\n**Ben** — [0:10]\nBye.",
        "- **[00:05] Ann:** Hello.\n- **[00:10] Ben:** Bye.",
        "> **[00:05] Ann:** Hello.\n\n> **[00:10] Ben:** Bye.",
        "**[00:05]** **Ann:** Hello.\n\n**[00:10]** **Ben:** Bye.",
        "`[00:05]` **Ann:** Hello.\n\n`[00:10]` **Ben:** Bye.\n\n# End",
        "> [!quote] Ann [00:05]\n> Hello.\n\n> [!quote] Ben [00:10]\n> Bye.",
        "# Talk\n\n| Time | Speaker | Text |\n|---|:-:|---|\n| 0:05 | Ann | Hello. |\n| 0:10 | **Ben** | Bye. |\n",
    ],
)
def test_times_and_names_in_any_order(text: str) -> None:
    assert timed(text) == [(5.0, 10.0, "Ann", "Hello."), (10.0, 11.0, "Ben", "Bye.")]


def test_who_is_quoted_says_what_the_block_holds_and_no_more() -> None:
    text = (
        "# Harbour\n\nWe asked two people.\n\n> [!quote] Ann Lee\n> The quay closes in March.\n> Nobody was asked.\n\n"
        "That is her view.\n\n> [!quote]- Ben Holt\n> It is the law.\n\n> [!note] What the law says\n> See the annex.\n"
    )

    assert untimed(text) == [
        (1, None, "We asked two people."),
        (2, "Ann Lee", "The quay closes in March. Nobody was asked."),
        (3, None, "That is her view."),
        (4, "Ben Holt", "It is the law."),
        (5, None, "What the law says See the annex."),
    ]


def test_a_table_of_speech_stands_among_paragraphs() -> None:
    rows = "| 0:05 | Ann | The *old* quay \\| the new one. |\n| 0:10 | Ben | Bye. |\n"
    text = f"# Talk\n\nRecorded in May.\n\n| Time | Speaker | Text |\n|---|---|---|\n{rows}\nThat was all.\n"

    assert [(segment.speaker, segment.text) for segment in read(text, "x.md").segments] == [
        (None, "Recorded in May."),
        ("Ann", "The old quay | the new one."),
        ("Ben", "Bye."),
        (None, "That was all."),
    ]


def test_words_below_a_table_at_the_head_are_nobody_s() -> None:
    rows = "| Speaker | Text |\n|---|---|\n| Ann | Hello. |\n| Ben | Bye. |\n| Ann | Well. |\n"

    assert [(segment.speaker, segment.text) for segment in read(f"{rows}\nThat was all.\n", "x.md").segments] == [
        ("Ann", "Hello."),
        ("Ben", "Bye."),
        ("Ann", "Well."),
        (None, "That was all."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```\n| Time | Speaker | Text |\n|---|---|---|\n| 0:05 | Ann | Hello. |\n| 0:10 | Ben | Bye. |\n```\n",
        (
            "| Time | Speaker | Content |\n|---|---|---|\n| 9:00 | Ann | The tea is served in the hall. |\n"
            "| 9:30 | Ben | The talk about the quay begins. |\n| 11:00 | Ann | We go to the harbour together. |\n"
        ),
    ],
    ids=["code", "agenda"],
)
def test_a_table_of_no_talk_names_nobody(text: str) -> None:
    assert {speaker for _, speaker, _ in untimed(f"# Notes\n\n{text}\nThis is how the day went.")} == {None}


def test_a_table_of_other_things_stays_as_words() -> None:
    text = "# Quays\n\n| Quay | Cost |\n|---|---|\n| North | Ten million |\n\nThat is much."

    assert untimed(text)[0][2].endswith("| North | Ten million |")


def test_a_name_with_a_time_is_believed_at_once() -> None:
    text = "John Smith 00:00:05\nHello.\nMore.\nAnd more.\n\nMary 00:00:10\nBye.\nNow."

    assert timed(text) == [(5.0, 10.0, "John Smith", "Hello. More. And more."), (10.0, 11.0, "Mary", "Bye. Now.")]


def test_a_name_with_an_hour_of_the_day_is_text() -> None:
    text = "Lunch 12:30\n\nWe eat.\n\nWe talk.\n\nWe go."

    assert untimed(text)[0] == (1, None, "Lunch 12:30")


def test_what_the_brackets_say_is_the_end() -> None:
    assert timed("[12.34 --> 15.6] Hello.\n[20 --> 21.5] Bye.") == [
        (12.34, 15.6, None, "Hello."),
        (20.0, 21.5, None, "Bye."),
    ]


def test_one_line_with_a_bracketed_time_is_timed() -> None:
    assert timed("[0:05] Hello there.") == [(5.0, 6.0, None, "Hello there.")]


@pytest.mark.parametrize(
    "text",
    [
        "10:30 was when we met.\n\nIt went well.\n\nVery well.",
        "12:30 lunch\n\n11:00 talk\n\n10:00 tea\n\n09:00 start",
        "[0:01] " + "word " * 5000 + "\n\n[0:02] word",
    ],
)
def test_hours_of_the_day_are_not_times_of_a_recording(text: str) -> None:
    parsed = read(text)

    assert all(segment.start is None for segment in parsed.segments)
    assert parsed.segments[0].text.startswith(text[:5])


def test_paragraphs_between_two_times_share_the_time_by_their_words() -> None:
    text = "Ann: one two\n\n[0:10] three four\n\nfive six\n\n[0:30] seven eight\n\nnine ten"

    parsed = read(text)

    assert [(segment.start, segment.end) for segment in parsed.segments] == [
        (0.0, 10.0),
        (10.0, 20.0),
        (20.0, 30.0),
        (30.0, 31.0),
        (31.0, 32.0),
    ]
    assert parsed.warnings[0] == "Paragraphs that do not state their time, and whose time is estimated: 3 of 5."


def test_a_time_inside_a_paragraph_helps_to_place_the_others() -> None:
    text = "[0:10] a b\n\n[inaudible 00:14] c d\n\n[inaudible 00:05] e f\n\n[0:30] g h"

    assert [segment.start for segment in read(text).segments] == [10.0, 14.0, 22.0, 30.0]


def test_times_that_run_backwards_between_estimates_are_ignored() -> None:
    lines = [f"[0:{second}] word\n\nword" for second in (10, 20, 30, 40, 13, 50, 59)]

    parsed = read("\n\n".join(lines))

    assert "Times ignored because they do not run on: 1." in parsed.warnings
    assert [segment.start for segment in parsed.segments if segment.start == 13.0] == []


def test_a_rejected_time_stays_in_the_text() -> None:
    assert untimed("Ann: [0:05] hello\n\nBen: I see.\n\nAnn: [0:01] so\n\nBen: Yes.")[0] == (1, "Ann", "[0:05] hello")


def test_a_line_of_many_words_is_cut_at_the_ends_of_sentences() -> None:
    parsed = read("This is a sentence of some words. " * 2000)

    assert max(len(segment.text) for segment in parsed.segments) <= 1200
    assert all(segment.text.endswith("words.") for segment in parsed.segments)
    assert sum(len(segment.text.split()) for segment in parsed.segments) == 2000 * 7


def test_a_wall_of_short_lines_is_cut_too() -> None:
    parsed = read("word\n" * 4000)

    assert len(parsed.segments) > 1
    assert sum(len(segment.text.split()) for segment in parsed.segments) == 4000


def test_a_speaker_keeps_a_paragraph_that_had_to_be_cut() -> None:
    text = "Ann: hello\n" + "some words\n" * 1000 + "\nBen: bye\n\nAnn: bye"

    assert {segment.speaker for segment in read(text).segments[:-2]} == {"Ann"}


def test_a_long_run_of_white_space_is_nothing() -> None:
    assert untimed(" " * 9000 + "word" + "\t" * 9000) == [(1, None, "word")]


def test_a_time_that_cannot_be_is_text() -> None:
    assert untimed("[1:75:00] Hello.\n\n[0:10] Bye.")[0] == (1, None, "[1:75:00] Hello.")


def test_control_characters_and_what_reorders_text_go() -> None:
    assert untimed("a\x1b[2Jb\u202ec\x08 d\x9b31me" + " word" * 20) == [(1, None, "abc de" + " word" * 20)]


def test_paragraphs_whose_times_are_worked_out_are_named() -> None:
    parsed = parse(b"[00:00:10] We pay for it.\n\nAnd so do you.\n\n[00:00:40] Do we?\n\nWe do.\n", "talk.txt")

    assert [segment.start for segment in parsed.segments][::2] == [10.0, 40.0]
    assert [at for at, segment in enumerate(parsed.segments) if segment.estimated] == [1, 3]


@pytest.mark.parametrize("time", ["", "[0:03] "])
def test_a_list_of_chapters_above_the_text_is_its_chapters_and_no_words(time: str) -> None:
    parsed = read(
        "Chapters:\n0:00 Intro\n0:30 The vote\n1:05 The quay\n\n"
        f"{time}The board voted last night, and nobody said a word.\n\n"
        f"{time.replace('3', '9')}The fishermen heard of it only this morning, on the quay."
    )

    assert [(chapter.title, chapter.start, chapter.end) for chapter in parsed.chapters] == [
        ("Intro", 0, 30),
        ("The vote", 30, 65),
        ("The quay", 65, None),
    ]
    assert [segment.text[:9] for segment in parsed.segments] == ["The board", "The fishe"]
    assert [segment.start for segment in parsed.segments] == ([3, 9] if time else [None, None])
