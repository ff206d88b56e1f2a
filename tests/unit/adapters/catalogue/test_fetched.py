from __future__ import annotations

from tests.unit.adapters.catalogue.conftest import Open

from autointel.adapters.catalogue.caches import FetchedWords
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.domain.passage import cut
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript

SOURCE = Source(id="talk", kind=SourceKind.VTT, url="https://x.test/talk", title="A talk")
WORDS = Transcript(segments=(Segment(text="The bridge is closed.", start=0.125, end=2.5),), language="en")


def store(catalogue: Catalogue, words: Transcript = WORDS) -> None:
    catalogue.passages.store(SOURCE, words, cut(SOURCE, words, 50))


def test_words_come_back_with_their_age_and_tag(catalogue: Catalogue) -> None:
    times = iter([1000.0, 1060.0])
    fetched = FetchedWords(catalogue.connection, catalogue.passages, "default", now=lambda: next(times))
    store(catalogue)

    fetched.keep("key", SOURCE, WORDS, {"etag": '"one"'})
    kept = fetched.find("key")

    assert kept is not None
    assert (kept.source, kept.transcript, kept.age, kept.tag) == (SOURCE, WORDS, 60.0, {"etag": '"one"'})


def test_an_address_that_was_never_read_has_none(catalogue: Catalogue) -> None:
    assert catalogue.fetched.find("key") is None


def test_words_that_were_noted_and_never_stored_are_none(catalogue: Catalogue) -> None:
    catalogue.fetched.keep("key", SOURCE, WORDS, {})

    assert catalogue.fetched.find("key") is None


def test_words_of_the_same_source_got_another_way_are_not_taken_for_these(catalogue: Catalogue) -> None:
    catalogue.fetched.keep("captions", SOURCE, WORDS, {})
    store(catalogue, WORDS.model_copy(update={"segments": (Segment(text="the bridges clothed", start=0.0, end=2.0),)}))

    assert catalogue.fetched.find("captions") is None


def test_what_is_forgotten_is_not_found_by_its_address(catalogue: Catalogue) -> None:
    store(catalogue)
    catalogue.fetched.keep("key", SOURCE, WORDS, {})

    catalogue.passages.forget(SOURCE.id)

    assert catalogue.fetched.find("key") is None


def test_a_namespace_does_not_see_anothers(catalogue: Catalogue, opened: Open) -> None:
    store(catalogue)
    catalogue.fetched.keep("key", SOURCE, WORDS, {})
    other = opened("other")

    assert other.fetched.find("key") is None


def test_a_clock_set_back_makes_nothing_older_than_it_is(catalogue: Catalogue) -> None:
    times = iter([1000.0, 10.0])
    fetched = FetchedWords(catalogue.connection, catalogue.passages, "default", now=lambda: next(times))
    store(catalogue)
    fetched.keep("key", SOURCE, WORDS, {})

    kept = fetched.find("key")

    assert kept is not None
    assert kept.age == 0.0
