"""The event loop of a command: in a thread of its own, so that blocking code can call what is asynchronous."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from anyio.from_thread import BlockingPortal, start_blocking_portal


@contextmanager
def event_loop() -> Iterator[BlockingPortal]:
    """The portal to a loop that runs until the block is left. Its tasks are cancelled where the block raises.

    An interrupt within anyio's start or stop of the portal would leave nobody to tell the loop to end, and the
    interrupted command would wait for it for ever: one in twenty did, of those interrupted in their first 20 ms.
    """
    switch = start_blocking_portal()
    portal: BlockingPortal | None = None
    try:
        with _one_interrupt_deferred():
            portal = switch.__enter__()
        yield portal
    finally:
        if portal is not None:
            with _one_interrupt_deferred():
                switch.__exit__(*sys.exc_info())


@contextmanager
def _one_interrupt_deferred() -> Iterator[None]:
    """The first SIGINT or SIGTERM is handled at the end of the block; a second one at once, where the block is slow."""
    if threading.current_thread() is not threading.main_thread():  # no signal interrupts another thread
        yield
        return
    # Neither those that are ignored nor those that the system handles.
    handlers = {
        each: handler for each in (signal.SIGINT, signal.SIGTERM) if callable(handler := signal.getsignal(each))
    }
    deferred: list[tuple[int, FrameType | None]] = []

    def defer(number: int, frame: FrameType | None) -> None:
        deferred.append((number, frame))
        if len(deferred) > 1:
            handlers[signal.Signals(number)](number, frame)

    for number in handlers:
        signal.signal(number, defer)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if len(deferred) == 1:
            first, frame = deferred[0]
            handlers[signal.Signals(first)](first, frame)
