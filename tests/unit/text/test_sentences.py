from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.local.making import SOURCE, script

from autointel.domain.citation import Script
from autointel.domain.transcript import Segment, Transcript
from autointel.text.sentences import MAX_CHARS, cut, is_punctuated, is_speech, page_sentences

TEXTS = st.lists(
    st.text(st.sampled_from("ab .,!?-–[]()♪。」、字\n\"'1"), min_size=1, max_size=60).filter(str.strip),
    min_size=1,
    max_size=8,
)


def texts(whole: Script) -> list[str]:
    return [sentence.text for sentence in cut(whole)]


def test_sentences_run_over_cues() -> None:
    found = texts(script("The tram was", "late again. Mr. Smith", "was not amused."))

    assert found == ["The tram was late again.", "Mr. Smith was not amused."]


def test_a_sentence_does_not_cross_a_change_of_speaker() -> None:
    found = texts(script(("ANNA", "I never said"), ("BEN", "you did. Twice.")))

    assert found == ["I never said", "you did.", "Twice."]


def test_a_sentence_does_not_cross_a_long_silence() -> None:
    found = texts(script("So that was", "that", "a new day", gaps=[0.0, 9.0]))

    assert found == ["So that was that", "a new day"]


def test_a_sentence_does_not_cross_a_paragraph() -> None:
    assert texts(script("One thing", "and another.", timed=False)) == ["One thing", "and another."]


def test_sounds_in_brackets_are_no_sentences() -> None:
    found = texts(script("[Applause]", "Thank you all.", "♪ la la la ♪", "(laughter)", "Let us begin."))

    assert found == ["Thank you all.", "Let us begin."]


def test_a_time_in_brackets_is_not_part_of_the_quote() -> None:
    assert texts(script("[01:02:03] We cut the fares. [laughs] Nobody came.")) == ["We cut the fares.", "Nobody came."]


def test_japanese_is_cut_at_its_own_full_stops() -> None:
    found = texts(script("市議会は来週", "決めます。「そうです。」と彼は", "言いました。"))

    assert found == ["市議会は来週 決めます。", "「そうです。」と彼は 言いました。"]


def test_captions_without_punctuation_are_cut_at_pauses() -> None:
    cues = ["we looked at the cost of every bus", "in the whole city", "and what we found was not what we had"] * 3

    found = texts(script(*cues, gaps=[0.0, 1.0, 0.0] * 3))

    assert found[0] == "we looked at the cost of every bus in the whole city"
    assert found[1].startswith("and what we found was not what we had we looked")


def test_captions_without_pauses_are_cut_at_a_length() -> None:
    found = texts(script(*["og saa gik vi videre og videre"] * 40))

    assert all(10 <= len(text.split()) <= 28 for text in found)


def test_a_short_pause_alone_does_not_end_a_caption() -> None:
    found = texts(script(*["saa gik vi"] * 30, gaps=[0.7] * 30))

    assert found[0] == "saa gik vi saa gik vi saa gik vi"


def test_no_quote_is_longer_than_its_bound_and_all_words_are_kept() -> None:
    said = " ".join(f"word{n}," if n % 30 == 0 else f"word{n}" for n in range(1_000))

    found = texts(script(said))

    assert max(map(len, found)) <= MAX_CHARS
    assert " ".join(found) == said
    assert found[0].endswith(",")


def test_a_word_without_end_is_cut_where_it_must_be() -> None:
    found = texts(script("a" * 50_001))

    assert [len(text) for text in found] == [MAX_CHARS] * 125 + [1]


def test_a_long_speech_is_handed_over_in_blocks_that_end_in_sentences() -> None:
    found = texts(script(*["The council of the city votes on", "the fares again in May."] * 1_000))

    assert set(found) == {"The council of the city votes on the fares again in May."}
    assert len(found) == 1_000


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(TEXTS)
def test_every_sentence_stands_in_the_script(given_texts: list[str]) -> None:
    segments = tuple(Segment(text=text, start=float(n), end=float(n)) for n, text in enumerate(given_texts))
    whole = Script.of(SOURCE, Transcript(segments=segments))

    found = cut(whole)

    assert all(whole.text[sentence.start : sentence.end] == sentence.text for sentence in found)
    assert all(sentence.text == sentence.text.strip() != "" for sentence in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


@pytest.mark.parametrize("text", ["[Music]", "♪♪", "♪ oh baby", "(applause)", "... -- !", ">>", "[a] (b)", " " * 500])
def test_sounds_are_not_speech(text: str) -> None:
    assert not is_speech(text)


@pytest.mark.parametrize(
    "text", ["Yes.", "[laughs] no", "42", "字", "(" + "a long aside " * 5 + ")", "[" * 5_000 + "a"]
)
def test_words_are_speech(text: str) -> None:
    assert is_speech(text)


def test_a_single_line_counts_as_punctuated() -> None:
    assert is_punctuated("good morning")
    assert not is_punctuated("good morning " * 100)
    assert is_punctuated("Good morning. " * 100)
    assert not is_punctuated("市議会は来週決めます" * 100)


@pytest.mark.parametrize(
    "sentences",
    [
        ["水车昨晚被卖掉了。", "“没有人知道买主是谁。”", "邻居们很生气！", "今天早上才有人说……", "法院周五开庭。"],
        ["水車は昨夜売られました。", "「誰も知らなかった。」と隣人は言いました。", "本当ですか？", "分かりません。"],
        ["कल रात चक्की बिक गई।", "पड़ोसियों को आज सुबह पता चला।", "क्या कोई जानता था?", "नहीं।"],
        ["بيعت الطاحونة الليلة الماضية.", "هل علم الجيران؟", "لا، سمعوا ذلك صباحًا!"],
        ["چکی کل رات بک گئی۔", "پڑوسیوں کو آج صبح پتا چلا۔"],
        [
            "โรงสีเก่าในหมู่บ้านถูกขายไปเมื่อคืนวันศุกร์ที่ผ่านมา",
            "เพื่อนบ้านทราบข่าวจากประกาศที่หน้าประตูในตอนเช้า",
            "และไม่มีใครรู้ว่าผู้ซื้อเป็นใครจนถึงวันนี้",
        ],
    ],
)
def test_sentences_end_where_they_end_in_their_own_script(sentences: list[str]) -> None:
    spaced = "" if sentences[0][0] == "水" else " "
    text = Script.over((Segment(text=spaced.join(sentences), paragraph=1),), None)

    assert [sentence.text for sentence in cut(text)] == sentences


def split_page(text: str) -> list[str]:
    return [text[start:end] for start, end in page_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("He met Dr. Ames and J. Doe. They spoke.", ["He met Dr. Ames and J. Doe.", "They spoke."]),
        ("It cost 3.5 million. Really.", ["It cost 3.5 million.", "Really."]),
        ("A line\nanother line\n\n", ["A line", "another line"]),
        ('"It fell." She left.', ['"It fell."', "She left."]),
        ("It fell e.g. here. Then rose.", ["It fell e.g. here.", "Then rose."]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, expected: list[str]) -> None:
    assert split_page(text) == expected


def test_a_sentence_without_end_is_cut_at_spaces() -> None:
    pieces = split_page("word " * 300)

    assert max(map(len, pieces)) <= 500
    assert " ".join(pieces) == ("word " * 300).strip()


def test_a_word_without_end_is_cut_anywhere() -> None:
    assert [len(piece) for piece in split_page("x" * 1200)] == [500, 500, 200]
