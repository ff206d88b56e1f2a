from __future__ import annotations

import pytest
from tests.unit.adapters.catalogue.conftest import Open, writes

from autointel.adapters.catalogue.caches import ModelReplies, StepResults
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.domain.catalogue import StoredStep
from autointel.domain.run import Outcome, StepName


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def steps(catalogue: Catalogue, clock: Clock) -> StepResults:
    return StepResults(catalogue.connection, now=clock)


@pytest.fixture
def replies(catalogue: Catalogue, clock: Clock) -> ModelReplies:
    return ModelReplies(catalogue.connection, cap=1000, look_every=1, now=clock)


DONE = StoredStep(step=StepName.READ, outcome=Outcome.DONE, value='{"method": "rule"}')


def test_a_finished_step_is_found_again_by_another_process(steps: StepResults, opened: Open) -> None:
    declined = StoredStep(
        step=StepName.INSIGHTS, outcome=Outcome.DECLINED, reason="no model", hint="set a key", value="null"
    )
    steps.save("one", DONE)
    steps.save("other", declined)

    reopened = opened()
    assert reopened.step_cache.load("one") == DONE
    assert reopened.step_cache.load("other") == declined
    assert reopened.step_cache.load("unknown") is None


def test_saving_again_replaces(steps: StepResults) -> None:
    steps.save("one", DONE)
    steps.save("one", DONE.model_copy(update={"value": "{}"}))

    found = steps.load("one")

    assert found is not None
    assert found.value == "{}"


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.DEGRADED, Outcome.SKIPPED])
def test_what_must_be_tried_again_is_never_cached(steps: StepResults, outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="tried again"):
        steps.save("one", DONE.model_copy(update={"outcome": outcome}))

    assert steps.load("one") is None


def test_a_step_expires_when_its_time_is_over_and_not_because_the_clock_went_back(
    steps: StepResults, clock: Clock
) -> None:
    steps.save("one", DONE, ttl=60)
    clock.now -= 100_000
    assert steps.load("one") == DONE

    clock.now += 100_000 + 61
    assert steps.load("one") is None
    steps.save("other", DONE)
    assert steps.clear() == 1


def test_a_reply_is_found_again_until_it_expires(replies: ModelReplies, clock: Clock) -> None:
    replies.put("question", "answer", ttl=60)

    assert replies.get("question") == "answer"
    assert replies.get("another") is None
    clock.now += 61
    assert replies.get("question") is None


def test_the_replies_that_were_not_used_for_longest_leave_first(replies: ModelReplies, clock: Clock) -> None:
    for name in "abc":
        replies.put(name, name * 299, ttl=1e9)
        clock.now += 10_000
    assert replies.get("a") == "a" * 299

    clock.now += 10_000
    replies.put("d", "d" * 299, ttl=1e9)

    assert [name for name in "abcd" if replies.get(name)] == ["a", "c", "d"]
    assert replies.size() == (3, 900)


def test_a_reply_larger_than_the_cache_is_not_kept(replies: ModelReplies) -> None:
    replies.put("a", "short", ttl=60)
    replies.put("b", "x" * 2000, ttl=60)

    assert replies.get("b") is None
    assert replies.get("a") == "short"


def test_replies_that_are_over_make_room(replies: ModelReplies, clock: Clock) -> None:
    replies.put("old", "x" * 500, ttl=10)
    clock.now += 11
    replies.put("new", "x" * 500, ttl=10)

    assert replies.size() == (1, 503)
    assert replies.clear() == 1


def test_reading_a_reply_often_is_not_writing_often(replies: ModelReplies, catalogue: Catalogue) -> None:
    replies.put("a", "b", ttl=60)
    changes = writes(catalogue)
    for _ in range(20):
        replies.get("a")

    assert writes(catalogue) == changes
