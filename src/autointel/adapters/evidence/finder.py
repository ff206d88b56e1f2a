"""A source of evidence: it finds pages for a query. docs/contributing.md shows how to add one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final, Protocol

from autointel.domain.value import Value
from autointel.extensions import Setting
from autointel.ports import Fetcher

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Hit(Value):
    """A page that may bear on a query. ``text`` is set where the engine hands over the page itself, word for word."""

    url: str
    title: str
    published_at: date | None = None
    text: str | None = None


@dataclass(frozen=True)
class Probe:
    """What ``doctor`` shows of a source. It asks ``address``, if there is one, for at most 2 s.

    ``fault`` says in a word or two what does not work, and ``hint`` what to do.
    """

    detail: str
    address: str | None = None
    fault: str = ""
    hint: str = ""


class Finder(Protocol):
    """Asks one engine where to look. The class says what it needs; ``from_settings`` makes it.

    A class is registered under its name in the entry point group ``autointel.evidence``.
    """

    name: str
    offline: ClassVar[bool] = False
    """Whether it may be asked with --offline. What it fetches is held to the run's network rule all the same."""
    settings: ClassVar[Mapping[str, Setting]] = {}
    """The settings it gets, by name; a needed one is set whenever the class is made or probed."""

    @classmethod
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:  # noqa: ARG003  for those that need them
        """Make it. ``values`` holds those of its settings that are set; ``fetcher`` is the only way to the web.

        By default it is made without either.
        """
        return cls()

    @classmethod
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        """What doctor shows; must cost nothing. By default only that the settings are there."""
        return Probe("settings are there" if values else "nothing to set")

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
