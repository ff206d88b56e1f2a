from __future__ import annotations

from tests.fakes.material import talk
from tests.unit.adapters.catalogue.conftest import Open

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.domain.passage import cut
from autointel.domain.transcript import Segment

LINES = [f"Line {number} says one thing." for number in range(40)]


def test_passages_come_with_the_segments_they_were_made_of(catalogue: Catalogue) -> None:
    source, transcript, _ = talk(LINES)
    passages = cut(source, transcript, target_words=20)
    catalogue.passages.store(source, transcript, passages)
    before = catalogue.connection.statements

    found = catalogue.words.within(passages[::-1])

    assert len(passages) > 3
    assert found == {each.id: transcript.segments[each.first : each.last + 1] for each in passages}
    assert catalogue.connection.statements - before == 1


def test_segments_come_back_with_the_page_they_stand_on(catalogue: Catalogue) -> None:
    source, transcript, _ = talk(LINES[:1])
    page = Segment(text=LINES[0], paragraph=1, place="p. 12")
    transcript = transcript.model_copy(update={"segments": (page,)})
    passages = cut(source, transcript)
    catalogue.passages.store(source, transcript, passages)

    assert catalogue.words.within(passages) == {passages[0].id: (page,)}


def test_segments_come_back_with_whether_their_start_is_estimated(catalogue: Catalogue) -> None:
    source, transcript, _ = talk(LINES[:2])
    late = transcript.segments[1].model_copy(update={"estimated": True})
    transcript = transcript.model_copy(update={"segments": (transcript.segments[0], late)})
    passages = cut(source, transcript)
    catalogue.passages.store(source, transcript, passages)

    assert catalogue.words.within(passages) == {passages[0].id: transcript.segments}
    assert catalogue.passages.source(source.id) == (source, transcript)


def test_what_is_not_kept_or_is_another_namespace_s_is_left_out(catalogue: Catalogue, opened: Open) -> None:
    source, transcript, passages = talk(LINES[:2])
    catalogue.passages.store(source, transcript, passages[:1])

    assert opened("other").words.within(passages) == {}
    assert catalogue.words.within([]) == {}


def test_segments_are_found_by_their_key(sqlite: SqliteCatalogue) -> None:
    source, transcript, passages = talk(LINES)
    sqlite.passages.store(source, transcript, passages)
    asked: list[str] = []
    sqlite.connection._sqlite.set_trace_callback(asked.append)
    sqlite.words.within(passages[:3])
    sqlite.connection._sqlite.set_trace_callback(None)

    plan = [row["detail"] for row in sqlite.connection.read(f"EXPLAIN QUERY PLAN {asked[0]}")]

    assert any(line.startswith("SEARCH s USING PRIMARY KEY") and "position>? AND position<?" in line for line in plan)
