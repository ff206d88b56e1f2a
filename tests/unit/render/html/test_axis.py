from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import examples

from autointel.domain.transcript import Chapter, Segment, Transcript
from autointel.render.html.strip import Axis, axis_of, place_of


@pytest.mark.parametrize(
    ("seconds", "ticks"),
    [
        (0, ["0:00"]),
        (4, ["0:00", "0:01", "0:02", "0:03", "0:04"]),
        (100, ["0:00", "0:30", "1:00", "1:30"]),
        (4320, ["0:00", "15:00", "30:00", "45:00", "1:00:00"]),
        (18_000, ["0:00", "1:00:00", "2:00:00", "3:00:00", "4:00:00", "5:00:00"]),
        (500_000, ["0:00", "30:00:00", "60:00:00", "90:00:00", "120:00:00"]),
    ],
)
def test_times_on_the_axis_are_round_on_a_clock(seconds: float, ticks: list[str]) -> None:
    assert [tick.text for tick in Axis(0, seconds, timed=True).ticks()] == ticks


def test_paragraphs_begin_at_one() -> None:
    assert [tick.text for tick in Axis(1, 48, timed=False).ticks()] == ["¶1", "¶10", "¶20", "¶30", "¶40"]


@given(st.integers(0, 10**7), st.booleans())
def test_an_axis_never_has_more_than_seven_ticks_and_all_of_them_lie_on_it(length: int, timed: bool) -> None:  # noqa: FBT001  hypothesis draws it
    ticks = Axis(0 if timed else 1, length + (not timed), timed=timed).ticks()

    assert 1 <= len(ticks) <= 7
    assert [tick.x for tick in ticks] == sorted(tick.x for tick in ticks)
    assert all(2 <= tick.x <= 98 for tick in ticks)


def test_what_lies_outside_is_moved_to_the_nearer_end() -> None:
    axis = Axis(0, 100, timed=True)

    assert (axis.x(-5), axis.x(0), axis.x(50), axis.x(200)) == (2, 2, 50, 98)


def test_a_recording_without_length_puts_everything_at_its_beginning() -> None:
    assert Axis(0, 0, timed=True).x(0) == 2


def test_the_axis_ends_with_the_last_word_where_the_source_is_said_to_be_shorter() -> None:
    results = examples.finished(examples.local_results())
    short = results.model_copy(update={"source": results.source.model_copy(update={"duration_seconds": 60})})

    assert axis_of(short).last == 3067


def test_an_axis_of_paragraphs_ends_with_the_last() -> None:
    segments = (Segment(text="one", paragraph=1), Segment(text="nine", paragraph=9))
    results = examples.finished(examples.local_results()).model_copy(
        update={"transcript": Transcript(segments=segments)}
    )

    assert axis_of(results) == Axis(1, 9, timed=False)


def test_a_place_of_the_other_kind_is_not_on_the_axis() -> None:
    assert place_of(Chapter(title="fares", paragraph=3), Axis(0, 100, timed=True)) is None
    assert place_of(Chapter(title="fares", start=3), Axis(1, 100, timed=False)) is None
