"""Model prices in US dollars, what each step has spent, and what the run may still spend."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field

from autointel.domain.run import StepName, Usage
from autointel.domain.value import Value
from autointel.errors import BudgetSpent
from autointel.model.endpoint import Clock, Limits

# "gpt-4o-mini-2024-07-18" costs what "gpt-4o-mini" does.
_DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_MILLION: Final = 1_000_000
# What a reply is taken to cost before the first one has come; later, as much as the longest so far.
_FIRST_REPLY_TOKENS: Final = 1_000


class Price(Value):
    """US dollars for a million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """US dollars for one call."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / _MILLION


class Prices(Value):
    """A price list: whose (``host``, or anybody's where that is None), and when it was looked up."""

    as_of: date
    models: Mapping[str, Price]
    host: str | None = None

    def of(self, model: str, base_url: str | None = None) -> Price | None:
        """The price of a model at an address, or None where it is unknown. No address means OpenAI's own."""
        at = urlsplit(base_url).hostname if base_url else self.host
        if self.host is not None and at != self.host:
            return None
        return self.models.get(model) or self.models.get(_DATED.sub("", model))


@cache
def openai_prices() -> Prices:
    """The packaged list of OpenAI's own prices."""
    text = files("autointel.model").joinpath("prices.toml").read_text(encoding="utf-8")
    return Prices.model_validate(tomllib.loads(text) | {"host": "api.openai.com"})


class StepUsage(Value):
    """What one step asked and paid.

    ``calls`` are requests made, retries among them; ``cached`` are replies that took none. ``queue_seconds`` were spent
    waiting for a place, a limit or a retry, summed over calls side by side. ``usd`` is None where a price is unknown.
    ``estimated`` marks tokens that a server did not report; ``dropped_items`` were left out of replies that held them
    in a form that could not be read.
    """

    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    queue_seconds: float = Field(default=0.0, ge=0)
    estimated: bool = False
    dropped_items: int = 0


@dataclass
class Account:
    """One step's running totals."""

    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    queue_seconds: float = 0.0
    estimated: bool = False
    dropped_items: int = 0

    def pay(self, prompt_tokens: int, completion_tokens: int, price: Price | None, *, estimated: bool) -> None:
        """Book one reply."""
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.estimated = self.estimated or estimated
        # Once something of unknown price is in it, the sum is unknown.
        known = self.usd is not None and price is not None
        self.usd = (self.usd or 0.0) + price.of(prompt_tokens, completion_tokens) if known and price else None

    def so_far(self) -> StepUsage:
        """The totals as a value."""
        return StepUsage(
            calls=self.calls,
            cached=self.cached,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            usd=self.usd,
            queue_seconds=self.queue_seconds,
            estimated=self.estimated,
            dropped_items=self.dropped_items,
        )


class Accounts:
    """All steps' accounts, and the budget over them."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._began = clock.now()
        self._reserved = 0.0
        self._spent = 0.0
        self._longest_reply = _FIRST_REPLY_TOKENS
        self.steps: dict[StepName, Account] = defaultdict(Account)

    @property
    def usage(self) -> Usage:
        """The whole run's."""
        total = Usage()
        for account in list(self.steps.values()):
            total += Usage(
                model_calls=account.calls,
                cached_calls=account.cached,
                prompt_tokens=account.prompt_tokens,
                completion_tokens=account.completion_tokens,
                usd=account.usd,
            )
        return total

    def seconds_left(self) -> float:
        """Until ``max_seconds``; infinite without one."""
        if self._limits.max_seconds is None:
            return float("inf")
        return self._began + self._limits.max_seconds - self._clock.now()

    def check_time(self, wanted: float = 0.0) -> None:
        """Raises BudgetSpent where ``wanted`` more seconds would end after the limit."""
        if self.seconds_left() <= wanted:
            raise BudgetSpent(
                f"The {self._limits.max_seconds:g} seconds allowed for this run are used up.",
                "Raise --max-seconds, or resume the run.",
            )

    @contextmanager
    def reserved(self, prompt_tokens: int, price: Price | None, model: str) -> Iterator[None]:
        """Set aside what a call may cost while it is under way, so that calls side by side can't overdraw together.

        Raises BudgetSpent, before anything is sent, where it might not be covered.
        """
        limit = self._limits.max_usd
        if limit is None:
            yield
            return
        if price is None:
            raise BudgetSpent(
                f"The price of {model} is unknown, so a limit in dollars cannot be kept.",
                "Leave --max-usd out, or set --max-seconds.",
            )
        cost = price.of(prompt_tokens, self._longest_reply)
        if self._spent + self._reserved + cost > limit:
            raise BudgetSpent(
                f"The next call could exceed the ${limit:g} allowed for this run; ${self._spent:.4f} are spent.",
                "Raise --max-usd, or resume the run.",
            )
        self._reserved += cost
        try:
            yield
        finally:
            self._reserved -= cost

    def pay(self, step: StepName, tokens: tuple[int, int], price: Price | None, *, estimated: bool) -> None:
        """Book a reply's (prompt, completion) tokens."""
        self.steps[step].pay(*tokens, price, estimated=estimated)
        self._spent += price.of(*tokens) if price else 0.0
        self._longest_reply = max(self._longest_reply, tokens[1])
