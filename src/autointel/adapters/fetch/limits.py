"""How much may be fetched, for how long, and what is said when it is more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpcore
import httpx

from autointel.adapters.fetch.inflate import Damaged, TooLarge
from autointel.adapters.fetch.web_address import shown
from autointel.errors import FetchFailed

_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Ceilings for one fetch: bytes (as sent and inflated, each), seconds in all, seconds of silence, redirects."""

    max_bytes: int = 20 * _MEGABYTE
    deadline_seconds: float = 30.0
    idle_seconds: float = 15.0
    max_redirects: int = 5


MEDIA: Final = Limits(max_bytes=2_000 * _MEGABYTE, deadline_seconds=3600.0)
"""For downloads: three hours of video sound, at the speed of a slow line."""


@contextmanager
def told(url: httpx.URL, limits: Limits) -> Iterator[None]:
    """Turns whatever goes wrong on the way into FetchFailed; SourceBlocked passes."""
    where = shown(url)
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise FetchFailed(
            f"{where} did not answer in full within {limits.deadline_seconds:g} seconds.",
            "Try again later, or raise AUTOINTEL_FETCH__DEADLINE_SECONDS.",
        ) from error
    except TooLarge as error:
        raise FetchFailed(
            f"{where} is larger than {limits.max_bytes / _MEGABYTE:g} MB.",
            "Raise AUTOINTEL_FETCH__MAX_BYTES if it is meant to be.",
        ) from error
    except Damaged as error:
        raise FetchFailed(f"{where} came {error}.", "Try again; if it stays so, the site is at fault.") from error
    except httpcore.ConnectError as error:
        raise FetchFailed(f"{where} could not be reached.", "Check the address and the connection.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise FetchFailed(f"{where} broke off in the middle of its answer.", "Try again later.") from error
