"""Addresses that open the cited place: a second of a recording, a page of a PDF, the words of an article."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from autointel.render.plain_text import plain

_WHOLE: Final = 80  # characters of a quote that are named in full; of a longer one, its first and last words are
_WORDS: Final = 5
_DIRECTIVE: Final = ":~:text="


def opened_at(url: str | None, quoted: str, *, start: float | None = None) -> str | None:
    """The address, with the quoted words as a text fragment where no second or page is named in it.

    Browsers scroll to such words and highlight them (WICG, URL Fragment Text Directives); others ignore the fragment.
    """
    if not url or start is not None or "#page=" in url or _DIRECTIVE in url:
        return url
    words = plain(quoted)
    if not words:
        return url
    ends = [words]
    if len(words) > _WHOLE and len(parts := words.split()) > 2 * _WORDS:
        ends = [" ".join(parts[:_WORDS]), " ".join(parts[-_WORDS:])]
    return f"{url}{'' if '#' in url else '#'}{_DIRECTIVE}{','.join(map(_encoded, ends))}"


def _encoded(words: str) -> str:
    # A dash, a comma and an ampersand mean something inside the directive.
    return quote(words, safe="").replace("-", "%2D")
