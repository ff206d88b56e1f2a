"""Asking for one of a source's pages, and saying why it could not be had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from autointel.errors import FetchFailed, SourceBlocked, SourceUnreachable
from autointel.ports import Fetched, Fetcher

_SIGN_IN: Final = "Save it from a browser that is signed in, and pass the file."
_SAID: Final = {
    401: ("asks for a name and a password", _SIGN_IN),
    402: ("asks to be paid", _SIGN_IN),
    403: ("refuses programs", _SIGN_IN),
    404: ("has no such page", "Check the address."),
    410: ("says that the page is gone", "Look for it at web.archive.org."),
    429: ("asks to be left alone for a while", "Try again later."),
    451: ("may not show the page, for legal reasons", "Nothing can be done about it here."),
}
_BLOCKED: Final = frozenset({401, 402, 403, 451})
_OK: Final = frozenset({200, 203, 206})
_SERVER_FAULT: Final = 500


async def get(fetcher: Fetcher, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
    """The page, if it was answered with success. Raises SourceBlocked, SourceUnreachable."""
    try:
        page = await fetcher.fetch(url, headers=headers)
    except FetchFailed as error:
        raise SourceUnreachable(error.message, error.hint) from error
    if page.status in _OK:
        return page
    host = page.url.partition("://")[2].partition("/")[0]
    fault = "is out of order" if page.status >= _SERVER_FAULT else "did not give the page"
    said, hint = _SAID.get(page.status, (fault, "Try again later."))
    kind = SourceBlocked if page.status in _BLOCKED else SourceUnreachable
    raise kind(f"{host} {said} (status {page.status}).", hint)
