"""Who is named for which words, in the shapes that meeting tools, recognisers and broadcasters write."""

from __future__ import annotations

import json

import pytest

from autointel.adapters.sources.parse import parse

Said = list[tuple[str | None, str]]


def srt(*cues: str) -> bytes:
    rows = (f"{n}\n00:00:{n * 3:02},000 --> 00:00:{n * 3 + 2:02},500\n{cue}\n\n" for n, cue in enumerate(cues, 1))
    return "".join(rows).encode()


def vtt(*cues: str) -> bytes:
    rows = (f"00:00:{n * 3:02}.000 --> 00:00:{n * 3 + 2:02}.500\n{cue}\n\n" for n, cue in enumerate(cues, 1))
    return ("WEBVTT\n\n" + "".join(rows)).encode()


def said(data: bytes, name: str) -> Said:
    """Turns: neighbours by one speaker as one."""
    turns: Said = []
    for segment in parse(data, name).segments:
        if turns and turns[-1][0] == segment.speaker:
            turns[-1] = (segment.speaker, f"{turns[-1][1]} {segment.text}")
        else:
            turns.append((segment.speaker, segment.text))
    return turns


def test_a_name_that_stands_only_where_the_speaker_changes_opens_a_turn() -> None:
    data = srt("Ada: Welcome to the show,", "which is about boats.", "Ben Okri: Thank you.", "I have one.", "It leaks.")

    assert said(data, "a.srt") == [
        ("Ada", "Welcome to the show, which is about boats."),
        ("Ben Okri", "Thank you. I have one. It leaks."),
    ]


def test_a_voice_tag_goes_on_until_the_next() -> None:
    data = vtt("<v Ada>The rules change,", "and they change soon.", "<v Ben>Not for me.", "<v Ada>For you too.")

    assert said(data, "a.vtt") == [
        ("Ada", "The rules change, and they change soon."),
        ("Ben", "Not for me."),
        ("Ada", "For you too."),
    ]


def test_where_every_cue_is_named_a_cue_without_a_name_is_nobodys() -> None:
    data = srt("Ada: One.", "Ada: Two.", "Ada: Three.", "Ben: Four.", "Ben: Five.", "Six.", "Ben: Seven.")

    assert (None, "Six.") in said(data, "a.srt")


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("Okri, Ada: Yes.", "Lee, Ben: No.", ("Okri, Ada", "Lee, Ben")),
        ("主持人：Yes.", "林美华：No.", ("主持人", "林美华")),
        ("\u200fדוד: Yes.", "\u200fרות: No.", ("דוד", "רות")),
        ("(ADA) Yes.", "[BEN] No.", ("ADA", "BEN")),
        ("[ADA]: Yes.", "(Ben): No.", ("ADA", "Ben")),
        ("(speaker 0) Yes.", "(speaker 1) No.", ("speaker 0", "speaker 1")),
        ("[SPEAKER_00] Yes.", "[SPEAKER_01] No.", ("SPEAKER_00", "SPEAKER_01")),
        ("Moderator*in: Yes.", "Teilnehmer*in 1: No.", ("Moderator*in", "Teilnehmer*in 1")),
        ("अदिति: Yes.", "राहुल: No.", ("अदिति", "राहुल")),
        ("ADA LEE, HOST: Yes.", "BEN OKRI, BYLINE: No.", ("ADA LEE", "BEN OKRI")),
        ("ADA (on camera): Yes.", "BEN (voice-over): No.", ("ADA", "BEN")),
        ("Q: Yes.", "A: No.", ("Q", "A")),
        (">> ADA LEE: Yes.", ">> BEN OKRI: No.", ("ADA LEE", "BEN OKRI")),
    ],
)
def test_shapes_of_labels(first: str, second: str, names: tuple[str, str]) -> None:
    data = srt(first, second, first, second)

    assert said(data, "a.srt") == [(names[0], "Yes."), (names[1], "No.")] * 2


def test_a_label_of_somebody_unknown_names_nobody_and_is_no_word() -> None:
    data = srt("(speaker 0) One.", "(speaker ?) Two.", "(speaker 1) Three.")

    assert said(data, "a.srt") == [("speaker 0", "One."), (None, "Two."), ("speaker 1", "Three.")]


@pytest.mark.parametrize(
    "nobody",
    [
        *("UNKNOWN", "Unknown Speaker", "speaker_unknown", "N/A", "null", "None", "UNK", "undefined", "?", "-"),
        *("Unidentified", "Unidentified Speaker", "(Unknown)", "Speaker ?", "Unbekannter Sprecher", "Inconnu"),
        *("Locuteur non identifié", "Desconocido", "Orador desconocido", "未知", "알 수 없는 참석자"),
    ],
)
def test_a_speaker_who_is_called_unknown_is_nobody_in_every_format(nobody: str) -> None:
    expected = [("Ann", "The quay is closed."), (None, "Who says so?"), ("Ann", "The board does.")]
    rows = [("Ann", "The quay is closed."), (nobody, "Who says so?"), ("Ann", "The board does.")]
    segments = [
        {"start": at * 4, "end": at * 4 + 2, "text": text, "speaker": who} for at, (who, text) in enumerate(rows)
    ]
    table = "\n".join(["start\tspeaker\ttext", *(f"00:00:0{at}\t{who}\t{text}" for at, (who, text) in enumerate(rows))])

    assert said(json.dumps({"segments": segments}).encode(), "a.json") == expected
    assert said(table.encode(), "a.tsv") == expected
    assert said(vtt(*(f"<v {who}>{text}</v>" for who, text in rows)), "a.vtt") == expected


@pytest.mark.parametrize("nobody", ["UNKNOWN", "Unknown Speaker", "N/A", "None", "Unbekannt", "Inconnu", "Desconocido"])
@pytest.mark.parametrize("label", ["{}: {}", "[{}]: {}"])
def test_a_label_of_somebody_unknown_is_nobody_where_others_are_named(nobody: str, label: str) -> None:
    rows = [("Ann Lee", "Closed."), (nobody, "Who says so?"), ("Ben Okri", "The board."), ("Ann Lee", "It does.")]
    cues = [label.format(*row) for row in rows]
    expected = [(None if who == nobody else who, text) for who, text in rows]

    assert said(srt(*cues), "a.srt") == expected
    assert said("\n\n".join(cues).encode(), "a.txt") == expected


def test_what_may_be_a_label_of_nobody_stays_in_the_words_where_nobody_is_named() -> None:
    data = srt("We asked for three things.", "None: that is what we got.", "Not one of them.")

    assert "None: that is what we got." in said(data, "a.srt")[0][1]
    assert said(b"Unknown: whether it closes.\n\nUnknown: who pays for it.", "a.txt") == [
        (None, "Unknown: whether it closes. Unknown: who pays for it.")
    ]
    assert said(srt("Unknown: Is it closed?", "Unknown: It is."), "a.srt") == [(None, "Is it closed? It is.")]


@pytest.mark.parametrize("nobody", ["Unknown", "N/A", "None", "Unbekannt", "Speaker ?", "?"])
def test_nobody_stands_above_a_paragraph_beside_its_time(nobody: str) -> None:
    data = f"{nobody}  0:00\nWelcome.\n\nRosa Feld  0:12\nThank you.\n\n{nobody}  0:20\nWhat is it?\n"

    assert said(data.encode(), "a.txt") == [(None, "Welcome."), ("Rosa Feld", "Thank you."), (None, "What is it?")]


def test_a_name_that_holds_such_a_word_is_a_name() -> None:
    data = vtt(
        "<v Jan Null>Yes.</v>", "<v Speaker 1>No.</v>", "<v Unknown Mortal Orchestra>Yes.</v>", "<v Identified>No.</v>"
    )

    assert [who for who, _ in said(data, "a.vtt")] == [
        "Jan Null",
        "Speaker 1",
        "Unknown Mortal Orchestra",
        "Identified",
    ]


def test_signs_of_code_among_the_words_are_words() -> None:
    cues = ["In it x >> 2 shifts the number.", "And cout >> x does not exist, it is cin >> number.", "So a >> b."]

    assert said(vtt(*cues), "a.vtt") == [(None, " ".join(cues))]
    assert said(vtt("So we write x", ">> 2 and", "are done."), "a.vtt") == [(None, "So we write x >> 2 and are done.")]


def test_two_arrows_open_a_turn_after_a_sentence_and_where_the_text_marks_turns_so() -> None:
    parsed = parse(vtt("Is it closed? >> Yes.", "It is."), "a.vtt")
    habit = parse(vtt(">> so it is closed >> yeah it is", ">> and x >> 2 is four"), "a.vtt")

    assert [segment.text for segment in parsed.segments] == ["Is it closed?", "Yes.", "It is."]
    assert [segment.text for segment in habit.segments] == ["so it is closed", "yeah it is", "and x >> 2 is four"]


def test_an_id_that_names_the_speaker_is_one() -> None:
    data = "".join(f"{name}\n00:0{n}.000 --> 00:0{n}.900\nWord {n}.\n\n" for n, name in enumerate(["Ada", "Ben"] * 3))

    assert [name for name, _ in said(f"WEBVTT\n\n{data}".encode(), "a.vtt")] == ["Ada", "Ben"] * 3


def test_an_id_may_hold_a_number_and_the_name_in_quotes() -> None:
    names = enumerate(["Ada Lee", "Ben"] * 2)
    cues = (f'{n} "{name}" (77{n})\n00:0{n}.000 --> 00:0{n}.900\nWord {n}.\n\n' for n, name in names)

    assert [name for name, _ in said(("WEBVTT\n\n" + "".join(cues)).encode(), "a.vtt")] == ["Ada Lee", "Ben"] * 2


def test_chevrons_inside_a_line_part_the_speakers() -> None:
    parsed = parse(vtt("&gt;&gt; Did they vote? &gt;&gt; They did.", "Seven to two. &gt;&gt; And now?"), "a.vtt")

    assert [segment.text for segment in parsed.segments] == ["Did they vote?", "They did.", "Seven to two.", "And now?"]
    assert parsed.turns == (0, 1, 3)


def test_a_label_inside_a_line_is_cut_where_the_name_is_known() -> None:
    data = srt("ADA: And the quay? BEN: Closed.", "BEN: For good.", "ADA: For good?")

    assert said(data, "a.srt") == [("ADA", "And the quay?"), ("BEN", "Closed. For good."), ("ADA", "For good?")]


def test_spellings_of_one_name_are_one_person() -> None:
    text = (
        "ADA LEE, HOST: Good evening.\n\nBEN OKRI, UNION: Nobody asked us.\n\nLEE (on camera): And now?\n\n"
        "OKRI (voice-over): We wait.\n\n(COMMERCIAL BREAK)\n\nLEE: Back again.\n\nCopyright 2024 Radio.\n"
    )

    assert said(text.encode(), "a.txt") == [
        ("ADA LEE", "Good evening."),
        ("BEN OKRI", "Nobody asked us."),
        ("ADA LEE", "And now?"),
        ("BEN OKRI", "We wait."),
        (None, "(COMMERCIAL BREAK)"),
        ("ADA LEE", "Back again."),
        (None, "Copyright 2024 Radio."),
    ]


def test_two_people_of_one_surname_are_not_folded() -> None:
    text = "ADA LEE: One.\n\nBEN LEE: Two.\n\nLEE: Three.\n\nADA LEE: Four.\n\nBEN LEE: Five.\n\nLEE: Six.\n"

    assert said(text.encode(), "a.txt")[2] == ("LEE", "Three.")


@pytest.mark.parametrize(
    "text",
    [
        "Three things matter.\n\nMoney: It costs 4 million.\n\nLabour: Nobody is hired.\n\nTrust: Nobody was told.",
        "The mayor spoke.\n\nLONDON: The board met on Monday.\n\nNobody came.\n\nThe end.",
        "Serves: Four people.\n\nPrep: Ten minutes.\n\nServes: Eight people.\n\nPrep: An hour.",
        "Breakfast: Eggs.\n\nLunch: Soup.\n\nDinner: Bread.",
    ],
)
def test_a_colon_in_an_essay_names_nobody_and_loses_no_word(text: str) -> None:
    assert said(text.encode(), "a.txt") == [(None, " ".join(text.split()))]


def test_captions_in_capitals_have_no_names_by_their_capitals() -> None:
    data = srt(">> AND HERE IS THE THING: WE LOST", "THE VOTE.", "THE BOARD SAID: CLOSE IT.", ">> SO IT IS: CLOSED.")

    assert {name for name, _ in said(data, "a.srt")} == {None}
    assert "THE BOARD SAID: CLOSE IT." in " ".join(text for _, text in said(data, "a.srt"))


def test_an_unknown_label_does_not_give_its_words_to_the_speaker_before() -> None:
    text = "Ada: I said one.\n\nBen: Two.\n\nTallinn: A city.\n\nMore of it.\n\nAda: Three.\n\nBen: Four."

    assert said(text.encode(), "a.txt")[1:3] == [("Ben", "Two."), (None, "Tallinn: A city. More of it.")]


@pytest.mark.parametrize(
    "header",
    [
        "{name}\n0 minutes {second} seconds",
        "00:00:{second} {name}",
        "{name} - 00:{second}",
        "[{name}] 00:00:{second}",
        "{name} | 0:{second}",
        "00:00:{second}:00 - 00:00:{second}:20\n{name}",
        "[00:{second} - 00:{second}] [{name}]",
        "{name} (0:{second})",
    ],
)
def test_names_and_times_on_lines_of_their_own(header: str) -> None:
    turns = [
        ("Ada Lee", 10, "It closed."),
        ("Ben Okri", 20, "It did."),
        ("Ada Lee", 30, "Last night."),
        ("Ben Okri", 40, "Yes."),
    ]
    text = "\n\n".join(header.format(name=name, second=second) + f"\n{words}" for name, second, words in turns)

    parsed = parse(text.encode(), "a.txt")

    assert [(segment.speaker, segment.start, segment.text) for segment in parsed.segments] == turns


@pytest.mark.parametrize("form", ["[{0}]\n{1}\n", "<{0}>{1}</{0}>\n"])
def test_names_in_brackets_and_tags_without_times(form: str) -> None:
    text = "\n".join(form.format(f"Person{1 + n % 2}", f"Word {n}.") for n in range(4))

    assert said(text.encode(), "a.txt") == [(f"Person{1 + n % 2}", f"Word {n}.") for n in range(4)]


def test_titles_between_times_are_chapters_and_not_speech() -> None:
    text = (
        "Transcript\n\nIntro\n0:00\nwelcome back\n0:03\nwe talk about boats\n"
        "The vote\n0:07\nit closed\n0:11\nseven to two\n"
    )

    parsed = parse(text.encode(), "a.txt")

    assert [(chapter.title, chapter.start) for chapter in parsed.chapters] == [("Intro", 0.0), ("The vote", 7.0)]
    assert "vote The" not in " ".join(segment.text for segment in parsed.segments)
    assert [segment.text for segment in parsed.segments][:2] == ["welcome back", "we talk about boats"]


def test_a_list_of_chapters_gives_an_untimed_text_no_times() -> None:
    text = (
        "Chapters:\n0:00 Intro\n1:30 The vote\n4:10 The money\n\n"
        "Transcript:\nWe talk about the vote tonight.\n\nIt was close, and it costs four million.\n"
    )

    parsed = parse(text.encode(), "a.txt")

    assert [(segment.paragraph, segment.start) for segment in parsed.segments] == [(1, None), (2, None)]
    assert "3 chapters" in parsed.warnings[0]


_EXCHANGE = [
    ("Question", "Mr. Novak, President Novak, will the ferry run in March?"),
    ("Novak", "Look, the ferry is old. I want it mended first."),
    ("Question", "And what about the harbour?"),
    ("Novak", "The harbour pays for it."),
    ("Question", "Can you say when the board decides?"),
    ("Novak", "Very soon."),
    ("Question", "Thank you, sir."),
    ("Novak", "Thank you all."),
]


@pytest.mark.parametrize(
    ("asker", "answerer"),
    [
        ("Question", "Novak"),
        ("QUESTION", "PRESIDENT NOVAK"),
        ("Q", "Novak"),
        ("Reporter", "Novak"),
        ("Frage", "Antwort"),
        ("Question", "Answer"),
        ("Question", "Response"),
        ("Interviewer", "Answer"),
        ("Question", "Rain"),
    ],
)
@pytest.mark.parametrize("divider", ["\n\n", "\n"])
def test_who_asks_the_press_s_questions_and_who_answers_them_is_named(asker: str, answerer: str, divider: str) -> None:
    turns = [(asker if who == "Question" else answerer, words) for who, words in _EXCHANGE]

    assert said(divider.join(f"{who}: {words}" for who, words in turns).encode(), "a.txt") == turns


def test_the_press_s_questions_are_named_in_captions_and_in_bold() -> None:
    cues = srt(*(f"{who}: {words}" for who, words in _EXCHANGE))
    bold = "\n\n".join(f"**{who}:** {words}" for who, words in _EXCHANGE).encode()

    assert said(cues, "a.srt") == _EXCHANGE
    assert said(bold, "a.md") == _EXCHANGE


def test_whoever_answers_at_length_is_named_for_all_paragraphs() -> None:
    text = "\n\n".join(
        f"{who}: {words}\n\nNobody doubts it." if who == "Novak" else f"{who}: {words}" for who, words in _EXCHANGE
    )

    assert {who for who, words in said(text.encode(), "a.txt") if "Nobody doubts it." in words} == {"Novak"}


@pytest.mark.parametrize(
    "text",
    [
        # Headings of an essay, each seldom.
        "It is so.\n\nQuestion: who pays?\n\nThe port.\n\nAnswer: nobody.\n\nA vote.\n\nQuestion: when?\n\nIn May.",
        # Nothing is asked under the word.
        "Question: a point on the order of the day.\n\nAnswer: it is closed.\n\n" * 3,
        # Nobody answers.
        "Question: who pays?\n\nQuestion: who votes?\n\nQuestion: who rows?\n\nQuestion: who sleeps?",
    ],
)
def test_a_question_that_heads_a_paragraph_names_nobody(text: str) -> None:
    assert {segment.speaker for segment in parse(text.encode(), "a.txt").segments} == {None}
