"""How long a server may be silent: longer before the first word of one that may have to load its model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from autointel.model.chat import Chat
from autointel.model.endpoint import Endpoint

# A server nearby loads its model at the first question, and works through a long prompt before its first word.
_COLD: Final = 10
_AS_BEFORE: Final = 4
# Without a stream, a reply is silent until it is whole.
_WHOLE: Final = 4


class Patience:
    """Silence allowed, in seconds, by what the server has shown so far."""

    def __init__(self, endpoint: Endpoint, chat: Chat) -> None:
        self._endpoint = endpoint
        self._chat = chat
        self._spent = False

    def seconds(self, *, streams: bool) -> tuple[float, float]:
        """Until the first word, and between two."""
        between = self._endpoint.timeout
        first = between if streams else between * _WHOLE
        if self._is_cold:
            first = max(first, between * _COLD)
        elif self._endpoint.is_near and self._chat.slowest_start is not None:
            first = max(first, self._chat.slowest_start * _AS_BEFORE)
        return first, between

    @contextmanager
    def telling(self, tell: Callable[[str], None], model: str) -> Iterator[None]:
        """Say once that a server takes its time with its first word; after it was waited for once, no more."""
        if not self._is_cold:
            yield
            return
        host = self._endpoint.host
        loop = asyncio.get_running_loop()
        notice = loop.call_later(
            self._endpoint.timeout, lambda: tell(f"Waiting for {model} at {host}, which may still be loading.")
        )
        try:
            yield
        except TimeoutError:
            self._spent = True
            raise
        finally:
            notice.cancel()

    @property
    def _is_cold(self) -> bool:
        return self._endpoint.is_near and self._chat.slowest_start is None and not self._spent
