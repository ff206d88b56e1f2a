"""A broker in memory: calls are answered one after another, in the thread that listens."""

from __future__ import annotations

from collections.abc import Callable

from typing_extensions import override

from autointel.errors import AutointelError, QueueUnavailable
from autointel.ports import Broker


class FakeBroker(Broker):
    """Implements Broker. ``delays`` are those of all calls; ``down`` lets every call fail.

    ``listen`` ends when no call is left, or after ``most`` answers, as if SIGTERM had come then.
    """

    def __init__(self, *, down: bool = False, most: int = 100) -> None:
        self.down = down
        self.most = most
        self.waiting: list[str] = []
        self.delays: list[float] = []
        self.failures: list[AutointelError] = []

    @override
    def check(self) -> str:
        return "127.0.0.1:5672"

    @override
    def call(self, queue: str, *, times: int = 1, delay: float = 0.0) -> None:
        if self.down:
            raise QueueUnavailable("The broker does not take calls.", "Start it.")
        self.waiting += [queue] * times
        self.delays += [delay] * times

    @override
    def listen(self, answer: Callable[[str], None], *, parallel: int, stopping: Callable[[], None]) -> None:
        del parallel
        for _ in range(self.most):
            if not self.waiting:
                break
            queue = self.waiting.pop(0)
            try:
                answer(queue)
            except AutointelError as error:
                self.failures.append(error)
                self.waiting.append(queue)
        stopping()
