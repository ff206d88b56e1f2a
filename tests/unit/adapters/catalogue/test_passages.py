from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.material import talk
from tests.unit.adapters.catalogue.conftest import Open, writes

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.catalogue.words import any_of, terms
from autointel.domain.passage import ANYWHERE
from autointel.domain.transcript import Segment, Transcript

FARES = ["Fares pay for the buses.", "The council met on Monday.", "Nobody thinks fares cover the cost.", "Trees line."]


def integrity(catalogue: Catalogue) -> None:
    """Raises if the index and the passages no longer agree."""
    if isinstance(catalogue, SqliteCatalogue):
        catalogue.connection.write("INSERT INTO passage_index (passage_index, rank) VALUES ('integrity-check', 1)")


def test_a_source_comes_back_as_it_was_stored(catalogue: Catalogue) -> None:
    source, transcript, passages = talk(FARES)

    catalogue.passages.store(source, transcript, passages)

    assert catalogue.passages.source(source.id) == (source, transcript)
    assert catalogue.passages.of_source(source.id) == passages
    assert catalogue.passages.sources() == [source]
    assert list(catalogue.passages.everything()) == passages
    assert catalogue.passages.count() == 4


def test_a_moment_of_a_podcast_opens_its_recording_and_not_its_page(catalogue: Catalogue) -> None:
    for name, sound in (("episode", "https://cdn.example/7.mp3"), ("page", None)):
        source, transcript, passages = talk(FARES, name)
        where = {"path": None, "url": f"https://example.org/{name}", "media_url": sound}
        catalogue.passages.store(source.model_copy(update=where), transcript, passages)

    ways = (
        catalogue.passages.keyword("fares", 10, around=0.0),
        catalogue.passages.within(ANYWHERE, 10),
        catalogue.passages.hits({passage.id: 1.0 for passage in catalogue.passages.everything()}),
    )

    for hits in ways:
        assert {hit.source_url for hit in hits} == {"https://cdn.example/7.mp3", "https://example.org/page"}


def test_an_untimed_source_comes_back_by_paragraph(catalogue: Catalogue) -> None:
    source, _, passages = talk(FARES[:1])
    transcript = Transcript(segments=(Segment(text=FARES[0], paragraph=1),), language="en", warnings=("mended",))
    untimed = [passage.model_copy(update={"start": None, "end": None, "paragraph": 1}) for passage in passages]

    catalogue.passages.store(source, transcript, untimed)

    assert catalogue.passages.source(source.id) == (source, transcript)
    assert catalogue.passages.of_source(source.id) == untimed


def test_only_seconds_that_the_source_states_are_stated(catalogue: Catalogue) -> None:
    source, transcript, passages = talk(FARES)
    first, *others = transcript.segments
    later = [each.model_copy(update={"estimated": True}) for each in others]

    catalogue.passages.store(source, transcript.model_copy(update={"segments": (first, *later)}), passages)

    assert catalogue.passages.stated_starts(source.id) == {first.start}
    assert catalogue.passages.stated_starts("nothing") == frozenset()


def test_a_source_that_is_not_kept_is_none(catalogue: Catalogue) -> None:
    assert catalogue.passages.source("nothing") is None
    assert catalogue.passages.of_source("nothing") == []


def test_storing_the_same_again_writes_nothing(catalogue: Catalogue) -> None:
    catalogue.passages.store(*talk(FARES))
    changes = writes(catalogue)

    assert catalogue.passages.store(*talk(FARES)) == frozenset()
    assert writes(catalogue) == changes


def test_a_source_read_again_replaces_what_was_kept_and_tells_what_is_gone(catalogue: Catalogue) -> None:
    _, _, before = talk(FARES)
    catalogue.passages.store(*talk(FARES))
    source, transcript, passages = talk([FARES[0], "Something else was said."])

    gone = catalogue.passages.store(source, transcript, passages)

    assert gone == {passage.id for passage in before[1:]}
    assert catalogue.passages.of_source(source.id) == passages
    assert catalogue.passages.keyword("council monday", 5) == []
    assert catalogue.passages.keyword("something", 5)[0].passage.text == "Something else was said."
    integrity(catalogue)


def test_the_passage_that_says_it_comes_before_its_neighbours(catalogue: Catalogue) -> None:
    catalogue.passages.store(*talk(FARES))

    found = catalogue.passages.keyword("When did the council meet?", 3)

    assert found[0].passage.text == "The council met on Monday."
    assert {hit.passage.text for hit in found[1:]} == {FARES[0], FARES[2]}
    assert found[0].score > found[1].score > 0
    assert found[0].source_title == "The talk"
    assert found[0].namespace == "default"


def test_neighbours_count_as_much_as_they_are_told_to(catalogue: Catalogue) -> None:
    catalogue.passages.store(*talk(FARES))

    [only, *rest] = catalogue.passages.keyword("council", 5, around=0.0)

    assert only.score > 0
    assert [hit.score for hit in rest] == [pytest.approx(0.0, abs=1e-5)] * 2


def test_words_are_found_in_any_form_case_and_accent(catalogue: Catalogue) -> None:
    catalogue.passages.store(*talk(["The cafés were running late."]))

    assert len(catalogue.passages.keyword("CAFE", 5)) == 1
    assert len(catalogue.passages.keyword("runs", 5)) == 1


def test_other_forms_of_a_word_are_found_in_the_library_s_languages(catalogue: Catalogue) -> None:
    source, transcript, passages = talk(["Die Preise der Häuser stiegen.", "Bäume am Weg."], "german")
    catalogue.passages.store(source, transcript.model_copy(update={"language": "de"}), passages)

    assert [hit.passage for hit in catalogue.passages.keyword("Haus", 5, around=0.0)][:1] == [passages[0]]
    catalogue.passages.forget(source.id)
    assert catalogue.passages.keyword("Haus", 5) == []
    assert catalogue.connection.read("SELECT 1 FROM passage_terms WHERE term LIKE 'haus%'") == []


def test_single_letters_and_very_long_words_are_words_too(catalogue: Catalogue) -> None:
    catalogue.passages.store(*talk([f"It's a {'very' * 40} long s word.", "Nothing of it."]))

    assert [hit.passage.index for hit in catalogue.passages.keyword("very" * 40, 5, around=0.0)][:1] == [0]
    assert catalogue.passages.saying(["long s", "it s"], not_sources=[]) == {"long s", "it s"}


def test_a_source_can_be_kept_out(catalogue: Catalogue) -> None:
    source, transcript, passages = talk(FARES, "one")
    catalogue.passages.store(source, transcript, passages)
    catalogue.passages.store(*talk(FARES, "other"))

    found = catalogue.passages.keyword("fares", 50, not_source=source.id)

    assert {hit.source_title for hit in found} == {"The other"}


def test_namespaces_see_nothing_of_each_other(opened: Open) -> None:
    mine, yours = opened("mine"), opened("yours")
    source, transcript, passages = talk(FARES)
    mine.passages.store(source, transcript, passages)

    assert yours.passages.keyword("fares", 5) == []
    assert yours.passages.hits({passages[0].id: 1.0}) == []
    assert yours.passages.source(source.id) is None
    assert yours.passages.of_source(source.id) == []
    assert yours.passages.sources() == []
    assert yours.passages.count() == 0
    yours.passages.store(source, transcript, passages)
    assert yours.passages.forget(source.id) == {passage.id for passage in passages}
    assert mine.passages.count() == 4
    integrity(mine)


def test_forgetting_a_source_leaves_no_word_of_it(catalogue: Catalogue) -> None:
    source, transcript, passages = talk(FARES)
    catalogue.passages.store(source, transcript, passages)

    assert catalogue.passages.forget(source.id) == {passage.id for passage in passages}

    assert catalogue.passages.keyword("fares council trees", 5) == []
    assert catalogue.connection.read("SELECT 1 FROM segments") == []
    assert catalogue.passages.forget(source.id) == frozenset()
    integrity(catalogue)


def test_ids_found_elsewhere_become_hits_best_first_and_unknown_ones_are_left_out(catalogue: Catalogue) -> None:
    source, transcript, passages = talk(FARES)
    catalogue.passages.store(source, transcript, passages)

    found = catalogue.passages.hits({passages[0].id: 0.2, passages[2].id: 0.9, "unknown": 1.0})

    assert [(hit.passage, hit.score) for hit in found] == [(passages[2], 0.9), (passages[0], 0.2)]
    assert catalogue.passages.hits({}) == []


def test_looking_up_takes_the_same_statements_however_much_is_found(catalogue: Catalogue) -> None:
    spent = []
    for length in (3, 300):
        source, transcript, passages = talk([f"sentence {number}" for number in range(length)], f"talk {length}")
        catalogue.passages.store(source, transcript, passages)
        before = catalogue.connection.statements
        catalogue.passages.hits({passage.id: 1.0 for passage in passages})
        catalogue.passages.keyword("sentence", 50)
        spent.append(catalogue.connection.statements - before)

    assert spent[0] == spent[1] <= 4


def test_storing_takes_the_same_statements_however_long_the_source_is(catalogue: Catalogue) -> None:
    spent = []
    for length in (3, 300):
        before = catalogue.connection.statements
        catalogue.passages.store(*talk([f"sentence {number}" for number in range(length)], f"talk {length}"))
        spent.append(catalogue.connection.statements - before)

    assert spent[0] == spent[1]


def test_the_names_of_all_speakers_come_out_of_an_index(sqlite: SqliteCatalogue) -> None:
    asked: list[str] = []
    sqlite.connection._sqlite.set_trace_callback(asked.append)

    sqlite.passages.speakers()
    sqlite.connection._sqlite.set_trace_callback(None)

    (sql,) = asked
    details = [row["detail"] for row in sqlite.connection.read(f"EXPLAIN QUERY PLAN {sql}")]
    looked_up = [detail for detail in details if "passages" in detail]
    assert looked_up
    assert all("USING COVERING INDEX passages_by_speakers" in detail for detail in looked_up)


def test_no_query_walks_through_all_passages(sqlite: SqliteCatalogue) -> None:
    source, transcript, passages = talk(FARES)
    asked: list[str] = []
    sqlite.connection._sqlite.set_trace_callback(asked.append)

    sqlite.passages.store(source, transcript, passages)
    sqlite.passages.store(source, transcript, passages[:2])
    sqlite.passages.keyword("fares", 5)
    sqlite.passages.hits({passages[0].id: 1.0})
    sqlite.passages.of_source(source.id)
    sqlite.passages.source(source.id)
    sqlite.passages.forget(source.id)
    sqlite.connection._sqlite.set_trace_callback(None)

    statements = [sql for sql in asked if sql.lstrip().startswith(("SELECT", "INSERT", "DELETE", "UPDATE"))]
    details = [row["detail"] for sql in statements for row in sqlite.connection.read(f"EXPLAIN QUERY PLAN {sql}")]
    # Walking the answer of the full-text index, or a list of keys that was given, is what they are for. The index reads
    # its own table of a few settings after a table was altered.
    walked = [
        detail
        for detail in details
        if (
            (detail.startswith("SCAN") and "VIRTUAL TABLE INDEX" not in detail and "json_each" not in detail)
            and not detail.endswith("passage_index_config")
        )
        or detail.endswith("(namespace=?)")
    ]
    assert len(statements) > 10
    assert walked == []


@given(st.text())
def test_no_question_is_taken_for_the_index_s_own_syntax(question: str) -> None:
    query = any_of(terms(question))

    if query:
        assert query.count('"') == 2 * (query.count(" OR ") + 1)


@pytest.mark.parametrize(
    "question", ['"', "NEAR(a b)", "a AND", "text:x", "^x*", "x - y", "' OR 1=1 --", "ᾳ\x00ß", "日本"]
)
def test_a_question_with_marks_finds_or_not_but_never_fails(catalogue: Catalogue, question: str) -> None:
    catalogue.passages.store(*talk(FARES))

    assert isinstance(catalogue.passages.keyword(question, 5), list)


def test_words_that_tell_nothing_are_left_out_unless_there_are_no_others() -> None:
    assert any_of(terms("What did the mayor say about fares?")) == '"mayor" OR "fares"'
    assert any_of(terms("to be or not to be")) == '"to" OR "be" OR "or" OR "not"'
    assert any_of(terms(" ?! ")) == ""
    assert any_of(terms(" ".join(f"w{number}" for number in range(500)))).count("OR") == 47


@pytest.fixture(scope="module")
def of_rare_and_common_words() -> Iterator[SqliteCatalogue]:
    """Passages of words of which the first stand in most of them and the last in one or two; "on" is in each."""
    draw = Random(3)  # noqa: S311  always the same words
    pools = [[f"word{int(draw.paretovariate(0.6)) % 1000}" for _ in range(3)] for _ in range(1200)]
    said = [" ".join(["on", *draw.choices(pool, k=draw.randint(3, 9))]) for pool in pools]
    with TemporaryDirectory() as folder, closing(SqliteCatalogue(Path(folder, "catalogue.sqlite3"))) as kept:
        kept.passages.store(*talk(said))
        kept.passages.store(*talk(["The mill stands on a hill."], "small"))
        yield kept


@pytest.mark.uncounted
@given(
    numbers=st.lists(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 9, 12, 15, 20, 30, 40, 5000]), min_size=2, max_size=4),
    limit=st.integers(3, 40),
    around=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_leaving_out_passages_of_common_words_alone_changes_nothing(
    of_rare_and_common_words: SqliteCatalogue, numbers: list[int], limit: int, around: float
) -> None:
    passages, question = of_rare_and_common_words.passages, " ".join(f"word{number}" for number in numbers)

    best = passages.keyword(question, limit, around=around)

    every = passages.keyword(question, 2000, around=around)
    assert [(hit.passage.id, round(hit.score, 9)) for hit in best] == [
        (hit.passage.id, round(hit.score, 9)) for hit in every[:limit]
    ]


def test_a_word_that_stands_everywhere_brings_nothing_beside_one_that_does_not(
    of_rare_and_common_words: SqliteCatalogue,
) -> None:
    # The index has "one" as "on".
    found = of_rare_and_common_words.passages.keyword("one word40", 1000)

    assert 0 < len(found) < 100
    assert len(of_rare_and_common_words.passages.keyword("one", 1000)) == 1000


def test_a_word_that_stands_everywhere_is_looked_for_where_the_others_stand_nowhere(
    of_rare_and_common_words: SqliteCatalogue,
) -> None:
    passages = of_rare_and_common_words.passages
    (large,) = (source.id for source in passages.sources() if source.title != "The small")

    found = passages.keyword("one word40", 5, not_source=large)

    assert [hit.passage.text for hit in found] == ["The mill stands on a hill."]


def test_a_question_without_words_finds_nothing(catalogue: Catalogue) -> None:
    assert catalogue.passages.keyword("?!", 5) == []


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("委员会昨晚卖掉了水车，没有人知道买主是谁。", "水车"),
        ("委员会昨晚卖掉了水车，没有人知道买主是谁。", "谁买了水车？"),
        ("水車は昨夜、AI社に売られました。", "AI"),
        ("水車は昨夜、AI社に売られました。", "水車"),
        ("โรงสีเก่าในหมู่บ้านถูกขายไปเมื่อคืนวันศุกร์", "หมู่บ้าน"),
        ("समिति ने पुरानी चक्की बेच दी।", "चक्की"),
        ("باعَ مَجْلِسُ المَدِينَةِ الطاحونة", "مجلس"),
        ("The har\u00adbour and the fish\u00ader\u00admen", "fishermen"),
        ("The harbour and the fishermen", "fish\u00ader\u00admen"),
        ("Die Mu\u0308hle brennt.", "Mühle"),
    ],
)
def test_words_are_found_in_every_script_and_behind_unseen_marks(catalogue: Catalogue, said: str, asked: str) -> None:
    source, transcript, passages = talk([said, "Trees line the road."])
    catalogue.passages.store(source, transcript, passages)

    assert catalogue.passages.keyword(asked, 1, around=0.0)[0].passage.text == said
    integrity(catalogue)


@pytest.mark.parametrize(("said", "asked"), [("水は車の中にある。", "水車"), ("समिति ने बेच दी।", "सम")])
def test_a_piece_of_a_word_is_not_the_word(catalogue: Catalogue, said: str, asked: str) -> None:
    catalogue.passages.store(*talk([said]))

    assert catalogue.passages.keyword(asked, 5) == []


def test_another_form_of_a_name_is_not_the_name(catalogue: Catalogue) -> None:
    evidence = ["The evidence is old."] * 30
    one, two = talk([*evidence, "Cafés stay open, and Evides'  pipes leak."], "one"), talk(evidence, "two")
    catalogue.passages.store(*one)
    catalogue.passages.store(*two)
    asked = ["Evides", "Cafes", "Pipe"]

    assert catalogue.passages.saying(asked, not_sources=[one[0].id]) == set()
    assert catalogue.passages.saying(asked, not_sources=[two[0].id]) == {"Evides", "Cafes"}


def test_a_phrase_of_a_script_without_spaces_is_said_by_another_source(catalogue: Catalogue) -> None:
    source, transcript, passages = talk(["委员会昨晚卖掉了水车。"], "one")
    catalogue.passages.store(source, transcript, passages)

    assert catalogue.passages.saying(["水车", "车水"], not_sources=["other"]) == {"水车"}


@pytest.fixture(scope="module")
def with_a_rare_word_in_long_passages() -> Iterator[SqliteCatalogue]:
    """Short passages of four common words, and long ones in which a rarer word weighs less than those together."""
    draw = Random(5)  # noqa: S311  always the same words
    short = [[word for word in ("apple", "berry", "cherry", "date") if draw.random() < 0.17] for _ in range(1200)]
    long = [["quince", *(f"filler{draw.randint(1, 400)}" for _ in range(600))] for _ in range(40)]
    said = [" ".join(words or ["fig"]) for words in (*short, *long)]
    draw.shuffle(said)
    with TemporaryDirectory() as folder, closing(SqliteCatalogue(Path(folder, "catalogue.sqlite3"))) as kept:
        kept.passages.store(*talk(said))
        yield kept


@pytest.mark.parametrize("limit", [3, 10, 20, 35])
@pytest.mark.parametrize("common", ["apple", "apple berry", "apple berry cherry", "apple berry cherry date"])
def test_passages_of_common_words_alone_are_found_where_they_outbid_those_with_a_rare_one(
    with_a_rare_word_in_long_passages: SqliteCatalogue, common: str, limit: int
) -> None:
    passages = with_a_rare_word_in_long_passages.passages

    best, every = (passages.keyword(f"quince {common}", most) for most in (limit, 2000))

    assert [(hit.passage.id, round(hit.score, 9)) for hit in best] == [
        (hit.passage.id, round(hit.score, 9)) for hit in every[:limit]
    ]
