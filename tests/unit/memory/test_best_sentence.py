from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from autointel.domain.citation import Script
from autointel.domain.transcript import Segment
from autointel.memory.moments import best_span, sentences


def script(*lines: tuple[str, str]) -> Script:
    segments = [
        Segment(text=text, start=10.0 * at, end=10.0 * at + 9, speaker=speaker)
        for at, (speaker, text) in enumerate(lines)
    ]
    return Script.over(segments, "https://video.example/watch")


def shown(made: Script, **wanted: float) -> str:
    start, end = best_span(made, wanted)
    return made.text[start:end]


def cut(made: Script) -> Sequence[str]:
    return [made.text[start:end] for start, end in sentences(made)]


def test_the_sentence_with_the_weightiest_words_is_shown() -> None:
    made = script(("Bo", "Buses are late. Fares pay for buses. Trees line the road."))

    assert shown(made, far=2.0, bus=1.0) == "Fares pay for buses."


def test_of_equals_a_statement_comes_before_a_question_and_the_first_before_others() -> None:
    made = script(("Bo", "Do fares pay us all? Fares pay us all. Fares pay us all again."))

    assert shown(made, fare=1.0) == "Fares pay us all."


def test_a_title_or_an_initial_ends_no_sentence() -> None:
    made = script(("Bo", "Dr. Ada Quill spoke. Then J. R. Moss asked Ms. Quill why. So did I. She left."))

    assert cut(made) == ["Dr. Ada Quill spoke.", "Then J. R. Moss asked Ms. Quill why.", "So did I.", "She left."]


def test_a_scrap_gives_way_to_a_whole_sentence_that_matches() -> None:
    made = script(("Bo", "Fares, buses. Fares pay for the road. Trees line the whole road."))

    assert shown(made, fare=1.0, bus=1.0) == "Fares pay for the road."


def test_a_question_is_shown_with_its_answer() -> None:
    made = script(("Bo", "Trees grow. Who pays the fares? The whole town does. Trees grow."))

    assert shown(made, fare=1.0) == "Who pays the fares? The whole town does."


def test_where_somebody_else_answers_the_answer_is_shown_unless_it_is_a_scrap() -> None:
    asked = ("Bo", "Who then pays the fares?")

    assert shown(script(asked, ("Ada", "The whole town does.")), fare=1.0) == "The whole town does."
    assert shown(script(asked, ("Ada", "Nobody.")), fare=1.0) == "Who then pays the fares?"


def test_a_sentence_may_run_over_segments_but_not_over_speakers() -> None:
    made = script(("Bo", "Fares pay for"), ("Bo", "the buses. And"), ("Ada", "they never did."))

    assert cut(made) == ["Fares pay for the buses.", "And", "they never did."]


def test_without_full_stops_it_is_cut_where_the_source_cut_it() -> None:
    made = script(*(("Bo", f"line {at} " + "word " * 20) for at in range(6)))

    assert [piece.split()[1] for piece in cut(made)] == ["0", "2", "4"]


def test_a_script_without_words_to_cut_is_shown_whole() -> None:
    assert shown(script(("Bo", "…"))) == "…"


@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), st.text(min_size=1)), min_size=1, max_size=6))
def test_sentences_are_in_order_and_lose_nothing_but_white_space(lines: list[tuple[str, str]]) -> None:
    made = script(*lines)

    assert "".join("".join(cut(made)).split()) == "".join(made.text.split())


def test_where_nothing_was_said_nothing_is_shown() -> None:
    assert best_span(Script.over((), None), {"far": 1.0}) == (0, 0)


CAPTIONS = (
    "and i am glad that you came here tonight because the mayor said that the bridge is going to be closed in november "
    "and i think that he is right we have to do it because the cables are rusting and nobody wants to see what happens "
    "when they break but the shop owners are against it and they say that nobody will come to buy anything from them"
).split()


def test_raw_captions_are_quoted_up_to_where_a_sentence_probably_ends() -> None:
    made = script(*(("Bo", " ".join(CAPTIONS[at : at + 7])) for at in range(0, len(CAPTIONS), 7)))

    quote = shown(made, cabl=1.0, rust=1.0)

    assert cut(made)[0].endswith("they say that nobody will")
    assert quote.endswith("the shop owners are against it")


def test_a_wanted_word_that_only_stands_over_the_border_of_a_run_is_taken_along() -> None:
    made = script(*(("Bo", " ".join(CAPTIONS[at : at + 7])) for at in range(0, len(CAPTIONS), 7)))

    assert shown(made, cabl=1.0, rust=1.0, buy=0.5).endswith("to buy anything from them")


def article(*paragraphs: str) -> Script:
    segments = [Segment(text=text, paragraph=at) for at, text in enumerate(paragraphs, 1)]
    return Script.over(segments, "https://paper.example/story")


def test_no_sentence_crosses_a_heading_or_an_item_of_a_list() -> None:
    made = article("What the meters say", "The board has 61,000 meters. It reads half.", "new pipes", "a lower bill")

    assert cut(made) == [
        "What the meters say",
        "The board has 61,000 meters.",
        "It reads half.",
        "new pipes",
        "a lower bill",
    ]


def test_a_heading_that_asks_gives_way_to_the_paragraph_under_it() -> None:
    made = article("What do the meters say?", "The board has 61,000 of them in all.", "Trees line the road.")

    assert shown(made, meter=1.0) == "The board has 61,000 of them in all."


def test_a_paragraph_that_goes_on_over_a_page_keeps_its_sentence() -> None:
    pages = [Segment(text="The board has", paragraph=3, place="p. 1"), Segment(text="61,000 meters.", paragraph=3)]

    assert cut(Script.over(pages, None)) == ["The board has 61,000 meters."]


def test_no_sentence_crosses_a_long_silence_or_a_sound() -> None:
    cues = [("The meters", 0.0), ("[Applause]", 2.0), ("The board", 4.0), ("has meters.", 6.0), ("Thank you.", 20.0)]
    made = Script.over([Segment(text=text, start=at, end=at + 2) for text, at in cues], None)

    assert cut(made) == ["The meters", "[Applause]", "The board has meters.", "Thank you."]
