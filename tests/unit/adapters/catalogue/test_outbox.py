from __future__ import annotations

from autointel.adapters.catalogue.catalogue import Catalogue


def test_what_waits_comes_back_oldest_first_and_by_kind(catalogue: Catalogue) -> None:
    catalogue.outbox.add("memory", "default", {"a": "1", "b": "2"})
    catalogue.outbox.add("graph", "default", {"a": "3"})

    waiting = catalogue.outbox.pending("memory", 10)

    assert [(each.record_id, each.payload, each.namespace) for each in waiting] == [
        ("a", "1", "default"),
        ("b", "2", "default"),
    ]
    assert catalogue.outbox.counts() == {"graph": 1, "memory": 2}
    assert [each.record_id for each in catalogue.outbox.pending("memory", 10, after=waiting[0].id)] == ["b"]


def test_nothing_waits_twice_and_its_newest_words_count(catalogue: Catalogue) -> None:
    catalogue.outbox.add("memory", "default", {"a": "old"})
    catalogue.outbox.add("memory", "default", {"a": "new"})
    catalogue.outbox.add("memory", "other", {"a": "theirs"})

    assert [each.payload for each in catalogue.outbox.pending("memory", 10)] == ["new", "theirs"]


def test_what_was_delivered_is_struck_out_and_what_failed_is_counted(catalogue: Catalogue) -> None:
    catalogue.outbox.add("memory", "default", {"a": "1", "b": "2"})
    first, second = catalogue.outbox.pending("memory", 10)

    catalogue.outbox.delivered([first.id])
    catalogue.outbox.failed([second.id])

    [left] = catalogue.outbox.pending("memory", 10)
    assert (left.record_id, left.attempts) == ("b", 1)


def test_an_empty_outbox_has_nothing_to_count(catalogue: Catalogue) -> None:
    assert catalogue.outbox.counts() == {}
    assert catalogue.outbox.pending("memory", 10) == []
