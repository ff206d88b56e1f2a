from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType

import anyio
import pytest

from autointel.app.run_context import event_loop


class _Interrupting(asyncio.DefaultEventLoopPolicy):
    """Sends signals to the process while a loop is being made, as a user does who presses Ctrl-C just then."""

    def __init__(self, signals: int) -> None:
        super().__init__()
        self._signals = signals

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        for _ in range(self._signals):
            os.kill(os.getpid(), signal.SIGTERM)
        return super().new_event_loop()


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """SIGTERM interrupts, as in a command, and is noted."""
    noted: list[int] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        noted.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    yield noted
    signal.signal(signal.SIGTERM, before)
    asyncio.set_event_loop_policy(None)


def test_an_interrupt_while_the_loop_starts_ends_the_block_and_the_loop(heard: list[int]) -> None:
    asyncio.set_event_loop_policy(_Interrupting(1))
    entered = False
    with pytest.raises(KeyboardInterrupt), event_loop():
        entered = True
    assert (heard, entered) == ([signal.SIGTERM], False)


def _left_with(error: Exception, still: Callable[[], Awaitable[None]]) -> None:
    with event_loop() as portal:
        portal.start_task_soon(still)
        portal.call(asyncio.sleep, 0)
        raise error


def test_an_interrupt_while_the_loop_stops_is_handled_after_its_stop(heard: list[int]) -> None:
    handled: list[bool] = []

    async def interrupts() -> None:
        try:
            await asyncio.Event().wait()
        finally:  # cancelled: the loop is being stopped
            os.kill(os.getpid(), signal.SIGTERM)
            with anyio.CancelScope(shield=True):
                for _ in range(100):
                    await asyncio.sleep(0)
            handled.append(bool(heard))

    with pytest.raises(KeyboardInterrupt):
        _left_with(RuntimeError("broken"), interrupts)
    assert (heard, handled) == ([signal.SIGTERM], [False])


def test_what_the_block_raises_passes_and_cancels_what_still_runs() -> None:
    cancelled: list[bool] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(RuntimeError, match="broken"):
        _left_with(RuntimeError("broken"), endless)
    assert cancelled == [True]


def test_a_second_interrupt_does_not_wait_for_the_start(heard: list[int]) -> None:
    asyncio.set_event_loop_policy(_Interrupting(2))
    with pytest.raises(KeyboardInterrupt), event_loop():
        raise AssertionError("the block is not entered")
    assert heard


def test_handlers_are_as_before_when_the_loop_has_ended(heard: list[int]) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with event_loop() as portal:
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
        portal.call(asyncio.sleep, 0)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert not heard
