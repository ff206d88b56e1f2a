"""The ideal is a lower bound: nothing that was asked could have been done in less."""

from __future__ import annotations

import pytest
from tests.fakes.bench_runs import CLAIMS, flags_run

from autointel_bench.flags.cases import ALL, ALL_OFF, ALL_ON, Combination
from autointel_bench.flags.ideal import Limits, ideal_of
from autointel_bench.flags.record import ModelCall, RunRecord

FREE = Limits()
MEMORY = 0.125
GRAPH = 0.05
ONE_CLAIM = 0.3 + 0.15 + 1.0


def asked_again(record: RunRecord, subject: str) -> RunRecord:
    again = next(call for call in record.calls if call.subject == subject)
    return record.model_copy(update={"calls": (*record.calls, again)})


def test_all_on_is_reading_the_longest_branch_and_writing() -> None:
    ideal = ideal_of(flags_run(ALL_ON), ALL_ON, FREE)

    assert ideal.seconds == pytest.approx(1.0 + 1.0 + ONE_CLAIM + 1.0)
    assert [name for name, _ in ideal.chain] == [
        "read",
        "insights | fallacies | perspectives | fact_check | memory | graph",
        "brief",
    ]


def test_all_off_is_everything_in_a_row_but_passages() -> None:
    ideal = ideal_of(flags_run(ALL_OFF), ALL_OFF, FREE)

    assert ideal.seconds == pytest.approx(1 + 3 + (1 + CLAIMS * ONE_CLAIM) + MEMORY + GRAPH + 1)


@pytest.mark.parametrize("combination", ALL, ids=lambda each: each.name)
def test_no_faultless_run_is_faster_than_its_ideal(combination: Combination) -> None:
    record = flags_run(combination)

    assert 0.9 < ideal_of(record, combination, FREE).seconds / record.crew_seconds < 1


def test_what_may_not_all_be_in_flight_takes_rounds() -> None:
    one_at_a_time = ideal_of(flags_run(ALL_ON), ALL_ON, Limits(calls_at_once=1))
    two = ideal_of(flags_run(ALL_ON), ALL_ON, Limits(calls_at_once=2))

    calls = len(flags_run(ALL_ON).calls)
    assert one_at_a_time.seconds == pytest.approx(calls)
    # Three passages in two rounds; nine calls of analysts and fact-checker for two places; writing.
    assert two.seconds == pytest.approx(2 + 9 / 2 + 1)


def test_a_question_asked_again_makes_the_chain_longer() -> None:
    record = flags_run(ALL_ON)

    longer = ideal_of(asked_again(record, "claim 3"), ALL_ON, FREE)

    assert longer.seconds == pytest.approx(ideal_of(record, ALL_ON, FREE).seconds + 1)


def test_a_window_of_calls_holds_back_what_else_could_be_faster() -> None:
    limited = Limits(window_calls=6, window_seconds=6.0)

    ideal = ideal_of(flags_run(ALL_ON), ALL_ON, limited)

    # Thirteen calls are three windows: the last call can't begin before the third.
    assert len(flags_run(ALL_ON).calls) == 13
    assert ideal.seconds == pytest.approx(2 * 6 + 1)


def test_calls_that_were_turned_away_do_not_count_for_the_window() -> None:
    record = flags_run(ALL_ON)
    away: list[ModelCall] = [call.model_copy(update={"status": 429, "stated_seconds": 0.0}) for call in record.calls]
    limited = Limits(window_calls=6, window_seconds=6.0)

    busy = ideal_of(record.model_copy(update={"calls": (*record.calls, *away)}), ALL_ON, limited)

    assert busy.seconds == pytest.approx(13)


def test_a_run_without_calls_or_stores_could_have_taken_no_time() -> None:
    empty = flags_run(ALL_ON).model_copy(update={"calls": (), "requests": (), "inside": None})

    assert ideal_of(empty, ALL_ON, Limits(window_calls=1)).seconds == 0
