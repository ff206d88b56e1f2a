"""Replies of servers as they travel: asked for uncompressed, and refused where they are compressed all the same.

httpx inflates what it received before anybody can count it: 64 kB of zstandard, or of gzip within gzip, become
gigabytes at once.
"""

from __future__ import annotations

from typing import Final

import httpx

PLAINLY: Final = {"accept-encoding": "identity"}
"""The headers of a request whose reply is to travel as it is."""


def refuse_compressed(response: httpx.Response) -> None:
    """Raise DecodingError for a reply that is compressed, before any of its body is read."""
    encoding = response.headers.get("content-encoding", "identity").strip()
    if encoding.lower() not in {"", "identity"}:
        # Not its own words: a header may hold anything.
        raise httpx.DecodingError("it sends compressed what was to come as it is")
