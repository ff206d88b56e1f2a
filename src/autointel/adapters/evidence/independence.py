"""A source cannot be its own witness: neither its site, nor pages that repeat it, nor, without a word, later ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Self
from urllib.parse import urlsplit

from autointel.domain.source import Source
from autointel.domain.transcript import Transcript

_WORD: Final = re.compile(r"\w+")
# Eight words in a row are seldom said twice by chance (Broder, 1997, on shingles).
_SHINGLE: Final = 8
# An article may quote a talk at length and still be somebody else's; a page that is a third source is a copy.
_COPIED: Final = 1 / 3


@dataclass(frozen=True)
class Checked:
    """The source whose claims are being checked. ``host`` is "" for a file."""

    host: str
    shingles: frozenset[int]
    published_at: date | None = None

    @classmethod
    def of(cls, source: Source, transcript: Transcript) -> Self:
        """Linear in the transcript's length: make it once for a run."""
        text = " ".join(segment.text for segment in transcript.segments)
        return cls(_host(source.url or ""), shingles(text), source.published_at)

    def is_own_site(self, url: str) -> bool:
        """Whether a page stands on the source's own site, or one above or below it."""
        host = _host(url)
        return bool(self.host and host) and (
            host == self.host or host.endswith(f".{self.host}") or self.host.endswith(f".{host}")
        )

    def is_copied_by(self, text: str) -> bool:
        """Whether a third of the page is the source, or a third of the source is in the page."""
        theirs = shingles(text)
        common = len(theirs & self.shingles)
        return any(side and common / len(side) >= _COPIED for side in (theirs, self.shingles))

    def is_older_than(self, published_at: date | None) -> bool | None:
        """Whether a page appeared after the claim was made; None where a date is unknown."""
        if published_at is None or self.published_at is None:
            return None
        return published_at > self.published_at


NOTHING_CHECKED: Final = Checked(host="", shingles=frozenset())


def shingles(text: str) -> frozenset[int]:
    """Hashes of all runs of eight words, whatever their case and marks; of the whole where there are fewer."""
    words = _WORD.findall(text.lower())
    last = max(1, len(words) - _SHINGLE + 1)
    return frozenset(hash(tuple(words[at : at + _SHINGLE])) for at in range(last)) if words else frozenset()


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
