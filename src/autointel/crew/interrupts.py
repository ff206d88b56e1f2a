"""CrewAI's work in a thread of its own, so that a signal reaches the main thread whatever CrewAI is doing.

An agent's call to the model runs inside an event loop of CrewAI's. In the main thread that loop takes the first Ctrl-C
for itself, and then waits for the very call that was to be ended. An import in the main thread may swallow the
interrupt, or make another error of it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from contextvars import copy_context
from threading import Thread
from typing import Any, Final

_WIND_UP: Final = 1.0  # seconds that what was stopped has to end by itself


def interruptibly(work: Callable[[], Any], stop: Callable[[], None] | None = None) -> None:
    """Do ``work`` in a thread and wait for it. Raises what it raises.

    On KeyboardInterrupt ``stop`` is called, which should make ``work`` end soon; the interrupt is raised either way.
    """
    done: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  raised again in the waiting thread
            done.set_exception(error)
        else:
            done.set_result(None)

    Thread(target=copy_context().run, args=(run,), name="crew", daemon=True).start()
    try:
        done.result()
    except KeyboardInterrupt:
        if stop is not None:
            with suppress(Exception):  # the interrupt is what is told
                stop()
            wait([done], timeout=_WIND_UP)
        raise
