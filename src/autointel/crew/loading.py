"""Loading much at once. crewai and langchain make a million objects and drop none of them, so looking through them for
garbage, time and again while they come, is time lost: 0.9 s of a start-up of 4.4 s, measured, and 0.25 s more whenever
it happens later, in the middle of a step.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """No garbage is looked for meanwhile, and what is loaded is not looked through afterwards."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
