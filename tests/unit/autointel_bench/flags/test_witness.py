"""What the server saw: calls that follow each other have one subject, and each has the time its profile states."""

from __future__ import annotations

import pytest

from autointel.model.prompts import untrusted
from autointel_bench.flags.overlaps import CHOOSING, JUDGING, model_calls, stated_seconds
from autointel_bench.simulated.calls import Call
from autointel_bench.simulated.profile import Profile

PROFILE = Profile(latency=2.0, jitter=0.5, tokens_per_second=100)


def call(prompt: str, *, step: str = "fact_check", status: int = 200, ended: float | None = 3.0) -> Call:
    return Call(
        index=0,
        path="/v1/chat/completions",
        role="Fact-checker",
        step=step,
        prompt=prompt,
        started=1.0,
        ended=ended,
        status=status,
        completion_tokens=50,
    )


def test_a_claim_asked_about_twice_is_one_subject() -> None:
    about = untrusted("claim", "Trips rose.")

    first, again, other = model_calls(
        [call(about), call(f"{about}\nYour last answer was rejected."), call(untrusted("claim", "They fell."))], PROFILE
    )

    assert first.subject == again.subject != other.subject
    assert first.purpose == JUDGING


def test_choosing_claims_is_told_from_judging_one() -> None:
    (choosing,) = model_calls([call(untrusted("claims", "[C1] Trips rose."))], PROFILE)

    assert choosing.purpose == CHOOSING


def test_calls_without_a_block_of_their_own_follow_each_other_within_their_step() -> None:
    one, two, other = model_calls(
        [call("a", step="insights"), call("b", step="insights"), call("a", step="brief")], PROFILE
    )

    assert one.subject == two.subject != other.subject
    assert one.purpose == ""


def test_a_call_that_never_ended_took_no_time_that_could_be_told() -> None:
    (hung,) = model_calls([call("a", ended=None)], PROFILE)

    assert hung.ended == hung.started


def test_the_stated_time_is_latency_with_its_spread_and_the_tokens() -> None:
    plain = stated_seconds(call("a"), Profile(latency=2.0))
    spread = stated_seconds(call("a"), PROFILE)

    assert plain == 2.0
    assert 1.0 + 0.5 <= spread <= 3.0 + 0.5
    assert spread == stated_seconds(call("a"), PROFILE) != stated_seconds(call("b"), PROFILE)


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_call_that_was_turned_away_is_stated_to_take_nothing(status: int) -> None:
    assert stated_seconds(call("a", status=status), PROFILE) == 0
