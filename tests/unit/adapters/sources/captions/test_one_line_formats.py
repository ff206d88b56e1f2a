"""Formats of a line, a row or an element a subtitle: each is recognised by its content and keeps its own times."""

from __future__ import annotations

import contextlib

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

Said = list[tuple[float | None, str | None, str]]


def read(text: str, name: str = "talk") -> Parsed:
    return parse(text.encode(), name)


def said(text: str) -> Said:
    return [(segment.start, segment.speaker, segment.text) for segment in read(text).segments]


WORDS: Said = [(0.0, None, "The board voted last night."), (3.2, None, "Seven against two, they say.")]
BY_NAME: Said = [(1.0, "Ana", "The board voted last night."), (41.0, "Ben", "Seven against two, they say.")]


@pytest.mark.parametrize(
    "text",
    [
        "start\tend\ttext\n0\t3200\tThe board voted last night.\n3200\t5000\tSeven against two, they say.\n",
        "0.000000\t3.200000\tThe board voted last night.\n3.200000\t5.000000\tSeven against two, they say.\n",
        'Text;Start;Ende\n"The board voted last night.";0,0;3,2\nSeven against two, they say.;3,2;5,0\n',
        "text|start (ms)|end (ms)\nThe board voted last night.|0|3200\nSeven against two, they say.|3200|5000\n",
    ],
    ids=["Whisper", "label track", "decimal comma", "unit in the heading"],
)
def test_tables_keep_their_times_in_any_unit(text: str) -> None:
    assert (read(text).kind, said(text)) == (SourceKind.TABLE, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        (
            "Speaker Name,Start Time,End Time,Text\nAna,00:00:01:00,00:00:04:00,The board voted last night.\n"
            'Ben,00:00:41:00,00:00:44:00,"Seven against two, they say."\n'
        ),
        (
            "Fin\tInicio\tHablante\tTexto\n0:04\t0:01\tAna\tThe board voted last night.\n"
            "0:44\t0:41\tBen\tSeven against two, they say.\n"
        ),
        "00:00:01\tAna\tThe board voted last night.\n00:00:41\tBen\tSeven against two, they say.\n",
    ],
    ids=["frames", "another order", "no heading"],
)
def test_tables_name_their_speakers(text: str) -> None:
    assert said(text) == BY_NAME


def test_a_table_of_numbered_speeches_has_speakers_and_no_times() -> None:
    rows = ("HOLT\tGood evening from Hempstead.", "HOLT\tThis is the first debate.", "LEE\tThank you for that.")
    text = "".join(f"{number}\t{row}\t0\n" for number, row in enumerate(rows, start=1))

    assert said(text) == [
        (None, "HOLT", "Good evening from Hempstead."),
        (None, "HOLT", "This is the first debate."),
        (None, "LEE", "Thank you for that."),
    ]


def test_rows_without_a_time_are_counted() -> None:
    parsed = read("start,text\n1.5,The board voted last night.\nlater,Seven against two.\n")

    assert [segment.text for segment in parsed.segments] == ["The board voted last night."]
    assert parsed.mends.blocks_left_out == 1


def test_a_cell_of_a_hundred_thousand_letters_is_a_broken_table() -> None:
    with pytest.raises(NoTranscript, match="table cannot be read"):
        read('start,text\n1,"' + "word " * 40_000 + '"')


@pytest.mark.parametrize(
    "text",
    [
        "speaker,start,text\nAna,1,The board voted, last night.\nBen,41,Seven against two they say.\n",
        "start,text,speaker\n1,The board voted, last night.,Ana\n41,Seven against two they say.,Ben\n",
        'speaker,start,text\nAna,1,"The board voted, last night.\nBen,41,Seven against two they say.\n',
    ],
    ids=["comma in the last cell", "comma in the middle", "unclosed quote"],
)
def test_rows_whose_words_nobody_quoted_are_mended_and_counted(text: str) -> None:
    parsed = read(text)

    assert said(text) == [(1, "Ana", "The board voted, last night."), (41, "Ben", "Seven against two they say.")]
    assert parsed.mends.repairs == 1


def test_a_quoted_cell_runs_over_lines() -> None:
    text = 'speaker,start,text\nAna,1,"The board voted\nlast night."\nBen,41,"Seven against two, they say."\n'

    assert said(text) == BY_NAME


@pytest.mark.parametrize(
    "text",
    [
        "0.000000\t2.000000\tHello.\n2.500000\t4.000000\tWho voted?\n5.000000\t8.000000\tNobody.\n",
        "Ana\t0\t2000\tHello.\nBen\t2500\t4000\tWho voted?\nAna\t5000\t8000\tNobody.\n",
    ],
    ids=["label track", "tiers"],
)
def test_short_labels_between_times_that_run_on_are_speech(text: str) -> None:
    assert [(start, words) for start, _, words in said(text)] == [(0, "Hello."), (2.5, "Who voted?"), (5, "Nobody.")]


@pytest.mark.parametrize(
    "text",
    [
        "name,price,from,to\nquay,3,8,9\nboat,17,20,2\nnet,62,66,7\nrope,6,6,7\nhook,2,66,1\n",
        "1\t8\tquay\n2\t20\tboat\n3\t66\tnet\n4\t70\trope\n5\t71\thook\n",
    ],
)
def test_a_table_of_goods_is_no_speech(text: str) -> None:
    with pytest.raises(NoTranscript, match="table of data"):
        read(text)


@pytest.mark.parametrize(
    "head",
    [
        "Locuteur;Début;Texte",
        "Hablante;Hora de inicio;Transcripción del texto",
        "SPEAKER NAME;START TIME;TEXT",
        "sep=;\nspeaker;start;text",
        "話者;開始;テキスト",
        "Спикер;Начало;Текст",
        "Redner;Startzeit;Wortlaut",
        "Nom de l'intervenant;Horodatage;Propos",
        "Hablante;Marca de tiempo;Texto",
        "Falante;Tempo inicial;Conteúdo",
        "Oratore;Ora di inizio;Testo",
        "Naam;Starttijd;Tekst",
        "Talare;Starttid;Text",
        "Speaker;Ώρα;Text",
    ],
)
def test_headings_are_known_in_capitals_and_other_languages(head: str) -> None:
    rows = "Ana;00:00:01;The board voted last night.\nBen;00:00:41;Seven against two, they say.\n"

    assert said(f"{head}\n{rows}") == BY_NAME


@pytest.mark.parametrize("head", ["Timespan", "Zeitspanne", "Time", "Διάστημα"])
@pytest.mark.parametrize("spans", [("0:01.0 - 0:02.5", "0:41.0 - 0:44.0"), ("00:01-00:02.5", "00:41–00:44")])
def test_a_start_and_an_end_may_stand_in_one_cell(head: str, spans: tuple[str, str]) -> None:
    rows = f"{spans[0]}\tThe board voted last night.\tAna\n{spans[1]}\tSeven against two, they say.\tBen\n"
    text = f"{head}\tContent\tSpeaker\n{rows}"

    assert said(text) == BY_NAME
    assert [segment.end for segment in read(text).segments] == [2.5, 44.0]


def test_a_column_that_nobody_named_as_times_and_that_falls_is_none() -> None:
    rows = "Ana\t00:41\tThe board voted last night.\nBen\t00:01\tSeven against two, they say.\n"

    assert [start for start, *_ in said(f"speaker\tscore\ttext\n{rows}")] == [None, None]


@pytest.mark.parametrize(
    ("times", "starts"),
    [
        (("11:59:59 AM", "12:00:39 PM"), (0, 40)),
        (("2024-03-05T23:59:59Z", "2024-03-06T00:00:39Z"), (0, 40)),
        (("00;00;01;00", "00;00;41;00"), (1, 41)),
        (("1.1574074074E-05", "4.7453703704E-04"), (1, 41)),
        (("0m1s", "0m41s"), (1, 41)),
    ],
    ids=["hands", "dates", "dropped frames", "a spreadsheet's days", "units"],
)
def test_a_table_s_times_are_read_in_any_notation(times: tuple[str, str], starts: tuple[float, float]) -> None:
    rows = f"Ana\t{times[0]}\tThe board voted last night.\nBen\t{times[1]}\tSeven against two, they say.\n"

    assert [start for start, *_ in said(f"speaker\tstart\ttext\n{rows}")] == list(starts)


@pytest.mark.parametrize(
    "text",
    [
        (
            '<?xml version="1.0"?><transcript><text start="1.0" dur="2.5">It&amp;#39;s late.</text>'
            '<text start="3.5" dur="9">Go home.</text></transcript>'
        ),
        '<timedtext><text t="1000" d="2500">It\'s late.</text><text t="3500" d="900">Go home.</text></timedtext>',
        (
            '<timedtext format="3"><head/><body><p t="1000" d="9000"><s>It\'s</s><s t="400"> late.</s></p>'
            '<p t="2000" d="10" a="1">\n</p><p t="3500" d="900">Go home.</p></body></timedtext>'
        ),
    ],
    ids=["srv1", "srv2", "srv3"],
)
def test_youtube_s_xml_is_read(text: str) -> None:
    assert said(text) == [(1.0, None, "It's late."), (3.5, None, "Go home.")]


def test_a_line_of_words_with_times_ends_with_its_last_word() -> None:
    text = '<timedtext format="3"><body><p t="1000" d="9000"><s>It</s><s t="400"> was</s></p></body></timedtext>'

    assert read(text).segments[0].end == 1.6


def test_sami_ends_a_text_where_nothing_follows_it() -> None:
    text = (
        "<SAMI><HEAD><TITLE>Harbour</TITLE><STYLE><!-- .ENCC {Name:English; lang:en-US;} --></STYLE></HEAD><BODY>\n"
        "<SYNC Start=1000><P Class=ENCC>The board<br>voted.\n<SYNC Start=4000><P Class=ENCC>&nbsp;\n"
        "<SYNC Start=4500><P Class=ENCC>Seven against two.\n<P Class=FRCC>Sept contre deux.\n</BODY></SAMI>"
    )

    parsed = read(text)

    assert [(each.start, each.end, each.text) for each in parsed.segments[:1]] == [(1.0, 4.0, "The board voted.")]
    assert parsed.segments[1].text == "Seven against two."
    assert (parsed.title, parsed.language) == ("Harbour", "en-US")
    assert parsed.mends.blocks_left_out == 1


def test_lyrics_are_read_with_every_time_and_without_their_tags() -> None:
    tags = "[ti:Harbour]\n[ar:Dry Dock]\n[offset:+500]\n"
    text = f"{tags}[00:01.00]<00:01.00>The <00:01.40>board.\n[00:07.50][00:20.00]Nobody.\n[00:22.50]\n"

    parsed = read(text)

    assert said(text) == [(0.5, None, "The board."), (7.0, None, "Nobody."), (19.5, None, "Nobody.")]
    assert (parsed.title, parsed.author, parsed.segments[-1].end) == ("Harbour", "Dry Dock", 22.0)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("{1}{1}25\n{25}{75}The board voted.\n{100}{150}{y:i}Seven|against two.\n", [1.0, 4.0]),
        ("{24}{75}The board voted.\n{96}{150}Seven|against two.\n", [1.001, 4.004]),
        ("[10][30]The board voted.\n[40][60]/Seven|against two.\n", [1.0, 4.0]),
        ("00:00:01:The board voted.\n00:00:04:Seven|against two.\n", [1.0, 4.0]),
        (
            "$Bold = 0\n00:00:01:00 , 00:00:03:00 , The board voted.\n00:00:04:00 , 00:00:06:00 , Seven|against two.\n",
            [1.0, 4.0],
        ),
    ],
    ids=["stated rate", "usual rate", "tenths", "clock", "Spruce"],
)
def test_old_subtitles_are_read(text: str, starts: list[float]) -> None:
    assert said(text) == [(starts[0], None, "The board voted."), (starts[1], None, "Seven against two.")]


def test_words_behind_one_time_twice_are_said_once() -> None:
    text = "[00:01] [00:01] The wall stands.\n[00:03] [00:03] It will fall.\n"

    assert [segment.text for segment in read(text).segments] == ["The wall stands.", "It will fall."]


def test_a_line_with_a_thousand_times_is_not_read_a_thousand_times() -> None:
    times = "".join(f"[{at // 60:02}:{at % 60:02}.00]" for at in range(1000))

    with pytest.raises(NoTranscript, match="come again"):
        read(f"[00:01.00]The wall stands.\n{times}{'It will fall. ' * 100}\n", "talk.lrc")


def test_subviewer_breaks_its_lines_in_brackets() -> None:
    text = "[INFORMATION]\n[TITLE]x\n00:00:01.00,00:00:03.00\nThe board[br]voted.\n\n00:00:04.00,00:00:06.00\nNobody.\n"

    assert said(text) == [(1, None, "The board voted."), (4, None, "Nobody.")]


def test_blocks_of_an_editing_program_have_a_speaker_and_frames() -> None:
    text = (
        "00:00:01:05 - 00:00:04:10\nSpeaker 1\nThe board voted last night.\n\n"
        "00:00:41:00 - 00:00:44:00\nUnknown\nSeven against two.\nSo they say.\n"
    )

    assert said(text) == [
        (1.2, "Speaker 1", "The board voted last night."),
        (41.0, None, "Seven against two. So they say."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<SAMI><BODY>",
        "<SAMI><SYNC Start=1000>The board voted.<SYNC Start=2000>",
        "<SAMI><BODY>" + "<!--" * 50_000,
        "<SAMI><SYNC Start=1>" + "<P Class=a" * 20_000,
        "[ti:a]\n",
        "{1}{1}" * 30_000 + "x",
        "start\ttext\n" + "1\t" * 60_000,
        "00:00:01:00 - 00:00:02:00\n" * 5_000,
        "<transcript><text start='1'>" + "<s>" * 60_000,
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n" + "--x\n\n" * 30_000,
    ],
)
def test_broken_and_hostile_files_end_in_our_own_errors_in_time(text: str) -> None:
    with contextlib.suppress(NoTranscript):
        assert read(text).segments


def test_a_new_speaker_or_sentence_inside_a_line_of_youtube_has_its_words_own_time() -> None:
    line = '<p t="3000" d="4000"><s>rose again.</s><s t="2000"> When</s><s t="2400"> was it?</s></p>'
    other = '<p t="9000"><s>&gt;&gt; in</s><s t="300"> May</s><s t="1500"> &gt;&gt; so</s><s t="1700"> late</s></p>'
    text = f'<timedtext format="3"><body>{line}{other}</body></timedtext>'

    assert said(text) == [
        (3.0, None, "rose again."), (5.0, None, "When was it?"), (9.0, None, "in May"), (10.5, None, "so late")
    ]  # fmt: skip


def test_frames_without_a_rate_give_estimated_times() -> None:
    text = "".join(f"{{{n * 500}}}{{{n * 500 + 90}}}The rain had stopped, they said.\n" for n in range(4))

    assert [segment.estimated for segment in parse(text.encode(), "film.sub").segments] == [True] * 4


@pytest.mark.parametrize(
    "text",
    [
        (
            "@ This file written with the Avid Caption plugin\n\n<begin subtitles>\n\n00:00:00:00 00:00:03:04\n"
            "The board voted last night.\n\n00:00:03:05 00:00:05:00\nSeven against two,\nthey say.\n\n<end subtitles>\n"
        ),
        (
            "$FontName = Arial\n//Subtitle Commands\n00:00:00:00 , 00:00:03:04 , The board voted last night.\n"
            "00:00:03:05 , 00:00:05:00 , ^ISeven against two,^I|they say.\n"
        ),
        (
            "\\\t0.000000\t8000.000000\n0.000000\t3.200000\tThe board voted last night.\n\\\t0.000000\t8000.000000\n"
            "3.200000\t5.000000\tSeven against two, they say.\n\\\t0.000000\t8000.000000\n"
        ),
        (
            "[0.00s -> 3.20s]  The board voted last night.\n[3.20s -> 5.00s]  Seven against two, they say.\n"
            "Detected language 'en' with probability 0.99\n"
        ),
    ],
    ids=["Avid", "Spruce", "Audacity with frequencies", "faster-whisper printed"],
)
def test_what_programs_write_around_the_words_is_not_said(text: str) -> None:
    assert said(text) == WORDS


@pytest.mark.parametrize(
    "heading",
    ["Начало;Конец;Спикер;Текст", "Početak;Kraj;Govornik;Što kaže", "เริ่ม;สิ้นสุด;ผู้พูด;ข้อความ",
     "Έναρξη;Λήξη;Ομιλητής;Κείμενο",
     "Kezdés;Vége;Beszélő;Szöveg"],
)  # fmt: skip
def test_columns_may_be_named_in_any_of_many_languages(heading: str) -> None:
    rows = "00:00:01,0;00:00:04,0;Ana;The board voted last night.\n"
    rows += "00:00:41,0;00:00:44,0;Ben;Seven against two, they say.\n"

    assert said(f"{heading}\n{rows}") == BY_NAME


@pytest.mark.parametrize(
    "text",
    [
        "Marker Name\tDescription\tIn\tOut\tDuration\nA\tThe logo comes in\t00:00:05:12\t00:00:05:12\t0\tC\n",
        "jo\t01:00:10:05\tV1\tred\tCut here, it is too slow\t1\njo\t01:00:55:00\tV1\tgreen\tNice reaction\t1\n",
    ],
    ids=["Premiere", "Avid"],
)
def test_an_editor_s_markers_are_refused_by_name(text: str) -> None:
    with pytest.raises(NoTranscript, match="list of markers"):
        read(text)


def test_hundredths_behind_a_second_colon_are_no_seconds() -> None:
    text = "[00:05:10]Shall we begin?\n[00:08:74]Not yet, please.\n[01:04:20]When then?\n"

    assert [start for start, _, _ in said(text)] == [5.1, 8.74, 64.2]


def test_youtube_s_windows_may_stand_before_its_lines() -> None:
    lines = '<window t="0" id="1" op="define"/><text t="1280" d="2400" w="1">It is raining.</text>'

    assert said(f'<?xml version="1.0"?><timedtext>{lines}</timedtext>') == [(1.28, None, "It is raining.")]
