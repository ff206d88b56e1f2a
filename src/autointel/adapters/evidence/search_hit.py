"""What a search engine points to, before anyone has read it."""

from __future__ import annotations

import re
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Final, Protocol

from autointel.domain.value import Value

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Hit(Value):
    """A page that may bear on a query. ``text`` is set where the engine hands over the page itself, word for word."""

    url: str
    title: str
    published_at: date | None = None
    text: str | None = None


class Finder(Protocol):
    """Asks one engine where to look."""

    name: str

    async def find(self, query: str, limit: int) -> list[Hit]:
        """Best first, at most ``limit``. Nothing found is an empty list; raises EvidenceUnavailable."""
        ...


def day(text: str | None) -> date | None:
    """The day of an ISO or an e-mail date; None where there is none to be read."""
    if not text:
        return None
    iso = _ISO.match(text)
    try:
        return date.fromisoformat(iso.group()) if iso else parsedate_to_datetime(text).date()
    except ValueError:
        return None
