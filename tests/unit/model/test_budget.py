from __future__ import annotations

import pytest
from tests.fakes.clock import FakeClock

from autointel.domain.run import StepName
from autointel.errors import BudgetSpent
from autointel.model.limits import Accounts, Limits, Price

PRICE = Price(input=1, output=1)


def test_what_is_set_aside_comes_back_when_the_call_is_over() -> None:
    accounts = Accounts(Limits(max_usd=0.0021), FakeClock().clock)

    for _ in range(3):
        with (
            accounts.reserved(1_000, PRICE, "m"),
            pytest.raises(BudgetSpent),
            accounts.reserved(1_000, PRICE, "m"),
        ):
            raise AssertionError


def test_a_long_reply_makes_the_next_one_dearer_to_begin() -> None:
    accounts = Accounts(Limits(max_usd=0.02), FakeClock().clock)
    accounts.pay(StepName.READ, (0, 9_000), PRICE, estimated=False)

    with pytest.raises(BudgetSpent, match=r"\$0\.0090 are spent"), accounts.reserved(3_000, PRICE, "m"):
        pass


def test_a_sum_with_something_unknown_in_it_stays_unknown() -> None:
    accounts = Accounts(Limits(), FakeClock().clock)

    accounts.pay(StepName.READ, (1, 1), None, estimated=False)
    accounts.pay(StepName.READ, (1, 1), PRICE, estimated=False)

    assert accounts.steps[StepName.READ].so_far().usd is None
    assert accounts.usage.usd is None


def test_seconds_count_from_the_beginning() -> None:
    time = FakeClock()
    time.time = 100
    accounts = Accounts(Limits(max_seconds=10), time.clock)
    time.time = 104

    assert accounts.seconds_left() == 6
    accounts.check_time(5)
    with pytest.raises(BudgetSpent):
        accounts.check_time(6)
