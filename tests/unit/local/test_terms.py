from __future__ import annotations

import pytest

from autointel.local.chapters import chapter_titles
from autointel.local.terms import distinct_terms, noun_phrases_of, rank_terms


def best(*texts: str, language: str | None = "en", limit: int = 5) -> list[tuple[str, int]]:
    return [(term.text, term.count) for term in distinct_terms(rank_terms(texts, language), limit)]


def test_phrases_beat_the_words_they_are_made_of() -> None:
    said = ["The fare reform is late.", "A fare reform costs money.", "Nobody likes the fare reform."]

    assert best(*said) == [("fare reform", 3)]


def test_a_part_of_a_phrase_is_not_told_beside_it() -> None:
    said = ["The light rail depot is late."] * 4

    assert best(*said, "A depot.") == [("light rail depot", 4)]


def test_a_word_that_also_stands_alone_is_told_beside_the_phrase() -> None:
    said = ["The light rail is late.", "The light rail is full.", "Tallinn rail, Riga rail, Oslo rail, Tartu rail."]

    assert ("rail", 6) in best(*said)


def test_singular_and_plural_are_counted_together() -> None:
    assert best("Two ferries left.", "A ferry came, and more ferries.") == [("ferries", 3)]
    assert best("One tram. Two trams. No trams.") == [("trams", 3)]
    assert best("The bus. These buses. That bus.") == [("bus", 3)]
    assert best("A boss. A bos. A boss.") == [("boss", 2)]


def test_what_is_said_once_is_no_term() -> None:
    assert best("The ferry left the harbour.") == []


def test_in_a_long_text_twice_is_not_often() -> None:
    filler = ["It is what it is and so on."] * 600

    assert best("A ferry.", "A ferry.", *filler) == []
    assert best("A ferry.", "A ferry.", "A ferry.", *filler) == [("ferry", 3)]


def test_a_phrase_does_not_cross_a_mark_or_a_small_word() -> None:
    assert best("tram, ferry", "tram, ferry", "tram of ferry") == [("tram", 3), ("ferry", 3)]


def test_an_owner_is_named_without_the_s() -> None:
    assert best("Tallinn's trams", "Tallinn’s ferry", "Tallinn") == [("Tallinn", 3)]


def test_acronyms_of_two_letters_are_terms_and_numbers_are_not() -> None:
    assert best("The EU in 2019", "the EU in 2019", "xy and xy") == [("EU", 2)]


def test_a_word_said_twice_over_is_no_phrase() -> None:
    assert best("very tram tram", "tram tram") == [("tram", 4)]


def test_a_string_of_letters_without_end_is_no_word() -> None:
    assert best("a" * 50, "a" * 50) == []


def test_german_small_words_are_no_terms() -> None:
    assert best("Die Straßenbahn ist nicht da", "und die Straßenbahn ist nicht da", language="de-AT") == [
        ("Straßenbahn", 2)
    ]


def test_without_a_list_the_commonest_words_are_left_out() -> None:
    said = [f"ja {word} ja raitiovaunu" for word in ("aamu", "ilta", "talvi", "kevät", "kesä", "syksy")] * 2
    words = [f"sana{chr(97 + n)}{chr(97 + m)}" for n in range(8) for m in range(4)]

    found = dict(best(*said, *said, " ".join(words), language="xx", limit=10))

    assert "raitiovaunu" not in found
    assert found["aamu"] == 4


def test_japanese_runs_of_characters_are_terms_and_phrases_are_not() -> None:
    found = best("市議会は予算を決めます", "市議会と予算とデータの話", "データ予算 は AI Lab と AI Lab", language="ja")

    assert found == [("AI Lab", 2), ("予算", 3), ("市議会", 2), ("データ", 2)]


def test_a_chapter_is_titled_by_what_tells_it_from_the_others() -> None:
    texts = [*["The council and the tram depot."] * 3, *["The council and the housing fund."] * 3, "Nothing at all."]

    titles = chapter_titles(rank_terms(texts, "en"), [0, 3, 6], texts, asked=[False] * len(texts))

    assert titles == ["Tram depot", "Housing fund", '"Nothing at all."']


def test_a_chapter_without_a_phrase_of_its_own_is_titled_by_its_first_words() -> None:
    texts = ["Yes.", "So then the trams came and the trams filled long evening streets.", "They ran."]

    assert chapter_titles(rank_terms(texts, "en"), [0], texts, asked=[False] * len(texts)) == [
        '"The trams came and the trams filled long evening streets."'
    ]


def test_half_a_sentence_is_no_title() -> None:
    texts = ["Tallinn raised the price of parking in the old town.", "Tallinn raised it."]

    assert chapter_titles(rank_terms(texts, "en"), [0], texts, asked=[False] * len(texts)) == [
        '"Tallinn raised the price of parking in the old town."'
    ]


def test_a_word_that_mostly_stands_in_a_phrase_is_no_term_of_its_own() -> None:
    texts = ["The council met in New York about the United States."] * 3

    found = [term.text for term in noun_phrases_of(rank_terms(texts, "en"), "en")]

    assert {"New York", "United States"} <= set(found)
    assert not {"York", "States", "United"} & set(found)


def test_german_terms_are_nouns() -> None:
    texts = ["Der Hafen ermöglicht das.", "Das ermöglicht der Hafen.", "Der Hafen und die Preise: sie ermöglicht er."]

    assert [term.text for term in noun_phrases_of(rank_terms(texts, "de"), "de")] == ["Hafen"]


def test_nothing_said_makes_no_terms() -> None:
    assert rank_terms([], "en") == []


@pytest.mark.parametrize(
    ("language", "text", "terms", "splinters"),
    [
        (
            "hi",
            "समिति ने चक्की बेची। चक्की की समिति चुप रही। मछुआरों ने समिति को नहीं देखा, मछुआरों ने चक्की देखी।",
            {"समिति", "चक्की", "मछुआरों"},
            {"नह", "ने", "की", "नहीं", "मछ"},
        ),
        (
            "ar",
            "باع مَجْلِسُ المدينة الطاحونة. قال مجلس المدينة إن الطاحونة قديمة.",
            {"الطاحونة"},
            {"الم", "إن", "قال"},
        ),
        (
            "zh",
            "委员会卖掉了水车。委员会说水车很旧。没有人问过委员会，水车就卖掉了。",
            {"委员会", "水车"},
            {"了", "说", "委员"},
        ),
    ],
)
def test_terms_are_whole_words_in_any_script(language: str, text: str, terms: set[str], splinters: set[str]) -> None:
    found = {term.text for term in distinct_terms(rank_terms([text], language), 15)}

    assert terms <= found
    assert not splinters & found


def test_a_word_is_one_term_however_its_accents_are_encoded() -> None:
    composed, decomposed = "Müllerei", "Mu\u0308llerei"

    found = rank_terms([f"Die {composed} steht.", f"Die {decomposed} brennt."], "de")

    assert [(term.text, term.count) for term in found if term.text.startswith("M")] == [(composed, 2)]


def test_forms_of_a_word_of_another_language_are_one_term() -> None:
    said = ["Eine Lehrkraft fehlt.", "Zwei Lehrkräfte fehlen.", "Drei Lehrkräfte kommen."]

    assert [(term.text, term.count) for term in rank_terms(said, "de") if "ehrkr" in term.text] == [("Lehrkräfte", 3)]


def test_an_ordinary_noun_that_falls_twice_is_no_term_beside_what_falls_more_often() -> None:
    texts = ["The ferry left on that occasion.", "The ferry came.", "On the occasion the ferry sank.", "A fare rise."]

    assert [term.text for term in noun_phrases_of(rank_terms(texts, "en", least=2), "en")] == ["ferry"]
