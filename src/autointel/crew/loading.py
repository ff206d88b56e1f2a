"""Loading much at once. crewai and langchain make a million objects and drop none of them, so looking through them for
garbage, time and again while they come, is time lost: 0.9 s of a start-up of 4.4 s, measured. Later, a look through all
of them stops every step for 0.03 to 0.25 s; so what is loaded is set aside, and the rest is looked through less often.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# New objects (net of those freed) before the youngest are looked through; a hundred times as many before all are. The
# interpreter's own 700 is for programs that stay small.
_YOUNGEST: Final = 10_000


@contextmanager
def without_collecting() -> Iterator[None]:
    """No garbage is looked for meanwhile; what is loaded is never looked through, and the rest less often."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_YOUNGEST, *gc.get_threshold()[1:])
        if was_on:
            gc.enable()
