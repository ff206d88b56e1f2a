from __future__ import annotations

from datetime import date

import pytest

from autointel.adapters.evidence.paged import NOTHING_CHECKED, Checked, shingles
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript

TALK = " ".join(f"word{number}" for number in range(300))
OTHER = " ".join(f"other{number}" for number in range(300))


def checked(url: str | None = "https://www.talks.test/one", published_at: date | None = None) -> Checked:
    source = Source(
        id="s",
        kind=SourceKind.ARTICLE,
        url=url,
        path=None if url else "talk.vtt",
        title="A talk",
        published_at=published_at,
    )
    return Checked.of(source, Transcript(segments=(Segment(text=TALK, paragraph=1),)))


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://talks.test/two", True),
        ("http://WWW.TALKS.TEST/", True),
        ("https://blog.talks.test/", True),
        ("https://nottalks.test/", False),
        ("https://talks.test.other.test/", False),
        ("not a url", False),
        ("http://[broken", False),
    ],
)
def test_the_sources_own_site_is_known(url: str, *, own: bool) -> None:
    assert checked().is_own_site(url) is own


def test_a_file_has_no_site() -> None:
    assert not checked(url=None).is_own_site("https://talks.test/")


def test_a_page_that_repeats_the_source_is_a_copy_whatever_stands_around_it() -> None:
    assert checked().is_copied_by(TALK.upper().replace(" ", ", "))
    assert checked().is_copied_by(f"{OTHER} {OTHER} {OTHER} {OTHER} {TALK}")


def test_a_page_that_is_mostly_taken_from_the_source_is_a_copy() -> None:
    assert checked().is_copied_by(" ".join(TALK.split()[100:160]))


def test_a_third_is_where_quoting_ends_and_copying_begins() -> None:
    half, tenth = " ".join(TALK.split()[:150]), " ".join(TALK.split()[:30])

    assert checked().is_copied_by(f"{half} {OTHER}")
    assert not checked().is_copied_by(f"{tenth} {OTHER}")


def test_an_article_that_quotes_the_source_is_none() -> None:
    assert not checked().is_copied_by(f"{OTHER} {' '.join(TALK.split()[:40])}")
    assert not checked().is_copied_by(OTHER)


def test_nothing_is_a_copy_of_nothing() -> None:
    assert not NOTHING_CHECKED.is_copied_by(TALK)
    assert not checked().is_copied_by("")


def test_a_short_text_is_one_shingle() -> None:
    assert len(shingles("Only four words here")) == 1
    assert shingles("only FOUR words, here") == shingles("Only four words here")


@pytest.mark.parametrize(
    ("claim", "evidence", "newer"),
    [
        (date(2024, 5, 1), date(2024, 5, 2), True),
        (date(2024, 5, 1), date(2024, 5, 1), False),
        (None, date(2024, 5, 2), None),
        (date(2024, 5, 1), None, None),
    ],
)
def test_evidence_newer_than_the_claim_is_marked(
    claim: date | None, evidence: date | None, *, newer: bool | None
) -> None:
    assert checked(published_at=claim).is_older_than(evidence) is newer
