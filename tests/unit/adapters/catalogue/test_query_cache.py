from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.fakes.material import talk

from autointel.adapters.catalogue.caches import QueryCache
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.domain.catalogue import ANSWER, RETRIEVAL
from autointel.domain.performance import Measure


def test_an_answer_is_reused_until_it_expires_and_each_look_up_is_counted(catalogue: Catalogue) -> None:
    now = [0.0]
    cache = QueryCache(catalogue.connection, "default", now=lambda: now[0])
    key = cache.key(RETRIEVAL, "fares", 10)

    assert cache.get(RETRIEVAL, key) is None
    cache.put(RETRIEVAL, key, "found", 600)
    assert cache.get(RETRIEVAL, key) == "found"
    now[0] = 600.0
    assert cache.get(RETRIEVAL, key) is None

    assert cache.counts(RETRIEVAL) == (1, 2, 0)
    assert cache.counts(ANSWER) == (0, 0, 0)


def test_a_write_to_the_namespace_removes_its_answers_and_no_other(catalogue: Catalogue) -> None:
    other = QueryCache(catalogue.connection, "other")
    mine, theirs = catalogue.query_cache.key(ANSWER, "fares"), other.key(ANSWER, "fares")
    catalogue.query_cache.put(ANSWER, mine, "words of a source", 600)
    other.put(ANSWER, theirs, "theirs", 600)

    source, transcript, passages = talk(["Fares pay for the buses."])
    catalogue.passages.store(source, transcript, passages)

    assert catalogue.query_cache.key(ANSWER, "fares") != mine
    assert catalogue.query_cache.get(ANSWER, mine) is None
    assert other.key(ANSWER, "fares") == theirs != mine
    assert other.get(ANSWER, theirs) == "theirs"
    assert other.get(ANSWER, mine) is None


def test_what_was_found_before_a_source_was_forgotten_is_not_kept_afterwards(catalogue: Catalogue) -> None:
    source, transcript, passages = talk(["Fares pay for the buses."])
    catalogue.passages.store(source, transcript, passages)
    key = catalogue.query_cache.key(RETRIEVAL, "fares")

    catalogue.forget(source.id)
    catalogue.query_cache.put(RETRIEVAL, key, passages[0].text, 600)

    assert catalogue.query_cache.size(RETRIEVAL) == (0, 0)


def test_the_least_recently_used_leaves_where_there_is_no_room(catalogue: Catalogue) -> None:
    now = [0.0]
    cache = QueryCache(catalogue.connection, "default", cap=10, now=lambda: now[0])
    keys = [cache.key(RETRIEVAL, asked) for asked in "abc"]
    for at, key in enumerate(keys):
        now[0] = float(at)
        cache.put(RETRIEVAL, key, "12345", 600)

    assert [cache.get(RETRIEVAL, key) for key in keys] == [None, "12345", "12345"]
    assert cache.counts(RETRIEVAL).evictions == 1
    assert cache.size(RETRIEVAL) == (2, 10)
    cache.clear()
    assert (cache.size(RETRIEVAL), cache.counts(RETRIEVAL)) == ((0, 0), (0, 0, 0))


def test_whoever_only_looks_something_up_does_not_wait_for_another_writer(sqlite: SqliteCatalogue) -> None:
    cache, path = sqlite.query_cache, sqlite.connection.path
    key, another = cache.key(RETRIEVAL, "fares"), cache.key(RETRIEVAL, "buses")
    cache.put(RETRIEVAL, key, "found", 600)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        found = cache.get(RETRIEVAL, key)
        cache.put(RETRIEVAL, another, "not saved", 600)
        sqlite.measures.note([Measure(kind="query", name="keyword", seconds=0.1)], keep_days=1, waits=False)

    assert found == "found"
    assert cache.counts(RETRIEVAL) == (0, 0, 0)
    assert cache.get(RETRIEVAL, another) is None
    assert sqlite.measures.since(0.0) == []
    assert cache.counts(RETRIEVAL) == (0, 1, 0)
