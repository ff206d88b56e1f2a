"""What standard output does not take becomes two sentences, whoever was writing to it. Light: ``--help`` imports it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autointel.errors import AutointelError


@contextmanager
def written() -> Iterator[None]:
    """Around nothing but writing. Raises BrokenPipeError where nobody reads on, AutointelError for a full disk."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AutointelError(
            f"The output could not be written: {error.strerror}.", "Make room there, or write it elsewhere."
        ) from error
