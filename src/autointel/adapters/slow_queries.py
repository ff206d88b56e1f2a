"""The log of slow queries: every request to a store that takes longer than a tenth of a second."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

SLOW: Final = 0.1
"""Seconds."""
_log: Final = logging.getLogger(__name__)


@contextmanager
def timed(store: str, query: str, *, slow: float = SLOW) -> Iterator[None]:
    """Log ``query`` at level INFO, which ``--debug`` shows, if what is done here takes longer than ``slow`` seconds."""
    began = perf_counter()
    try:
        yield
    finally:
        seconds = perf_counter() - began
        if seconds > slow:
            _log.info("slow query: %s: %s took %.0f ms", store, query, seconds * 1000)
