"""A circuit breaker: a store that fails again and again is not asked for a while, and then by one request only."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from autointel.errors import StoreUnavailable

_FAILURES: Final = 5
_COOLDOWN: Final = 5.0  # seconds


class Circuit(StrEnum):
    """Closed: requests pass. Open: none does. Half-open: a single one passes, and decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Opens after ``failures`` in a row; ``cooldown`` seconds later one probe may pass (Nygard, "Release It!")."""

    def __init__(self, clock: Callable[[], float], *, failures: int = _FAILURES, cooldown: float = _COOLDOWN) -> None:
        self._clock = clock
        self._failures = failures
        self._cooldown = cooldown
        self._in_a_row = 0
        self._opened_at = 0.0
        self._error: StoreUnavailable | None = None
        self.state = Circuit.CLOSED

    def admit(self) -> None:
        """Let a request pass, or raise the StoreUnavailable that opened the circuit."""
        if self.state is Circuit.OPEN and self._clock() - self._opened_at >= self._cooldown:
            self.state = Circuit.HALF_OPEN
        elif self.state is not Circuit.CLOSED and self._error is not None:
            raise StoreUnavailable(self._error.message, self._error.hint, down=True)

    def succeeded(self) -> None:
        """A request that passed was answered."""
        self._in_a_row = 0
        self.state = Circuit.CLOSED

    def failed(self, error: StoreUnavailable) -> None:
        """A request that passed was not answered, or the store is out of order."""
        self._in_a_row += 1
        if self.state is Circuit.HALF_OPEN or self._in_a_row >= self._failures:
            self.state = Circuit.OPEN
            self._opened_at = self._clock()
            self._error = error

    def undecided(self) -> None:
        """A request that passed said nothing about the store: a probe of this kind leaves the circuit open."""
        if self.state is Circuit.HALF_OPEN:
            self.state = Circuit.OPEN
