from __future__ import annotations

from autointel.local.chapters import chapter_titles
from autointel.local.terms import noun_phrases_of, rank_terms


def titles(texts: list[str], starts: list[int], asked: set[int] | None = None) -> list[str]:
    ranked = noun_phrases_of(rank_terms(texts, "en", least=2), "en")
    return chapter_titles(ranked, starts, texts, asked=[row in (asked or set()) for row in range(len(texts))])


def test_what_the_host_announces_titles_the_chapter() -> None:
    texts = ["The tram fare fell.", "So let's talk about teacher recruitment, because it matters.", "Schools wait."]

    assert titles(texts, [0, 1])[1] == "Teacher recruitment"


def test_only_whoever_leads_announces() -> None:
    texts = [
        "Why is that so?",
        "Then let's talk about teacher recruitment.",
        "The night bus pays. The night bus stops.",
    ]

    assert titles(texts, [0], asked={0}) != ["Teacher recruitment"]


def test_a_short_question_of_the_host_titles_the_chapter() -> None:
    texts = ["And why did the harbour ferry company fail?", "Nobody paid.", "The fares were low."]

    assert titles(texts, [0], asked={0}) == ["“Why did the harbour ferry company fail?”"]


def test_a_question_that_leans_on_what_was_said_is_no_title() -> None:
    texts = ["Why did they do that to him again?", "The ferry terminal pays.", "The ferry terminal stops."]

    assert titles(texts, [0], asked={0}) == ["Ferry terminal"]


def test_a_name_alone_or_an_office_is_no_title() -> None:
    texts = [
        "We asked Steve. Steve was there.",
        "Steve and the Prime Minister met.",
        "The Prime Minister left early today.",
    ]

    assert not any(word in titles(texts, [0])[0].split(",")[0] for word in ("Steve", "Prime Minister")) or titles(
        texts, [0]
    )[0].startswith('"')


def test_sounds_are_no_terms() -> None:
    texts = ["Mm-hmm, uh-huh.", "Mm-hmm, the ferry.", "Uh-huh, the ferry, mmm."]

    assert [term.text for term in noun_phrases_of(rank_terms(texts, "en", least=2), "en")] == ["ferry"]


def test_a_stray_word_gives_way_to_the_chapters_first_words() -> None:
    texts = ["The council pays for every bus in the valley.", "The bus stops.", "A bus waits.", "Bus after bus."]

    assert titles(texts, [0]) == ['"The council pays for every bus in the valley."']


def test_whom_the_host_turns_to_is_no_part_of_the_question() -> None:
    texts = ["Council member, why did the harbour ferry fail?", "Nobody paid."]

    assert titles(texts, [0], asked={0}) == ["“Why did the harbour ferry fail?”"]


def test_months_and_numbers_are_no_terms() -> None:
    texts = ["Seventy-five ferries left in January.", "In January seventy-five ferries came back."]

    found = [term.text for term in noun_phrases_of(rank_terms(texts, "en", least=2), "en")]

    assert not any("January" in term or "eventy" in term for term in found)


def test_a_question_of_procedure_or_within_a_remark_is_no_title() -> None:
    later = ["The ferry terminal pays.", "The ferry terminal stops."]

    for text in (
        "Can I thank the harbour ferry witnesses for coming?",
        "I think we asked the harbour ferry company why?",
    ):
        assert titles([text, *later], [0], asked={0}) == ["Ferry terminal"]


def test_a_long_word_of_another_language_is_a_title_of_its_own() -> None:
    said = [
        "Das Fernwärmenetz wächst.",
        "Ein Fernwärmenetz kostet viel.",
        "Der Bus kommt.",
        "Ein Bus fährt.",
        "Den Bus zahlt er.",
    ]
    ranked = rank_terms(said, "de", least=2)

    titles = chapter_titles(ranked, [0, 2], said, asked=[False] * len(said), english=False)

    assert titles[0] == "Fernwärmenetz"


def test_a_long_chapter_is_titled_by_each_of_its_stretches() -> None:
    filling = "They came and went and said so again and again to all of us there."
    bus = ["The bus fare fell for this and that.", filling, "A bus fare rises.", filling] * 30
    ferry = ["The ferry terminal opens.", filling, "They built a ferry terminal last year.", filling] * 30

    assert titles([*bus, *ferry], [0]) == ["Bus fare, ferry terminal"]
    assert titles([*bus[:4], *ferry[:2]], [0]) == ["Bus fare"]


def test_what_a_stretch_says_twice_is_no_title_beside_what_it_says_more_often() -> None:
    pilot = ["A harbour pilot left.", "The harbour pilot came."]
    fares = ["The bus fare fell.", "A bus fare rises.", "Our bus fare is low."]
    texts = [*pilot, *fares, "The bus fare stays.", *fares, "Ships wait."]

    assert titles(texts, [0, 6])[0] == "Bus fare"
