"""A URL as the fetcher takes it: http(s), with a host, without surprises, and shown without its secrets."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

import httpx

from autointel.errors import FetchFailed

_SHOWN: Final = 120
_LAST_PORT: Final = 65535
_PORTS: Final = {"http": 80, "https": 443}


def parse(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """The address of a page, without fragment; ``base`` is the page that led here. Raises FetchFailed."""
    try:
        url = httpx.URL(text) if base is None else base.join(text)
        port = port_of(url)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise FetchFailed("That is not a web address.", "Check it for typing errors.") from error
    if url.scheme not in _PORTS:
        raise FetchFailed(
            f"Addresses that begin with {url.scheme[:20] or 'no scheme'!r} are not fetched.",
            "Give an http or https address, or the path of a file.",
        )
    if not url.host or not 0 < port <= _LAST_PORT:
        raise FetchFailed(f"{url.scheme}://{url.netloc.decode()[:60]} names no host and port.", "Check the address.")
    return url.copy_with(fragment=None)


def port_of(url: httpx.URL) -> int:
    """The port that is connected to."""
    return _PORTS.get(url.scheme, 0) if url.port is None else url.port


def without_credentials(url: httpx.URL) -> httpx.URL:
    """The address as it may be kept, sent on and shown."""
    return url.copy_with(userinfo=b"")


def shown(url: httpx.URL) -> str:
    """For a sentence: no user, no password, no query (it may hold a key), not too long."""
    text = str(without_credentials(url).copy_with(query=None, fragment=None))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def basic_authorization(url: httpx.URL) -> dict[str, str]:
    """The header that private feeds written as ``https://user:password@host/`` expect; empty without a user."""
    if not url.userinfo:
        return {}
    pair = f"{url.username}:{url.password}".encode()
    return {"authorization": f"Basic {b64encode(pair).decode()}"}


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether headers meant for one may go to the other."""
    return (one.scheme, one.host, port_of(one)) == (other.scheme, other.host, port_of(other))
