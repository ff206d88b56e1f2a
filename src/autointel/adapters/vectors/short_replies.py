"""The connection to a server whose replies are short: a longer one is broken off, since its reader keeps it whole."""

from __future__ import annotations

from typing import Final

import httpx
from typing_extensions import override

from autointel.certificates import trusted_for
from autointel.model.uncompressed import PLAINLY, refuse_compressed

_MOST_BYTES: Final = 16_000_000  # the longest of Qdrant's own, a list of collections, takes .1 KB for each
_AT_ONCE: Final = 50  # connections that stay open, as many as requests may be in flight
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})


class EndlessReply(httpx.RequestError):
    """A reply that is longer than any of the server's own."""


class ShortReplies(httpx.AsyncBaseTransport):
    """Connections to the server at ``url``, kept alive. Raises EndlessReply after 16 MB of one, DecodingError."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=_AT_ONCE)
        self._network = httpx.AsyncHTTPTransport(verify=trusted_for(url), limits=limits)

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers.update(PLAINLY)
        reply = await self._network.handle_async_request(request)
        content = bytearray()
        try:
            refuse_compressed(reply)
            async for piece in reply.aiter_raw():
                content += piece
                if len(content) > _MOST_BYTES:
                    raise EndlessReply("a reply without an end", request=request)
        finally:
            await reply.aclose()
        headers = [(name, value) for name, value in reply.headers.multi_items() if name.lower() not in _FRAMING]
        return httpx.Response(reply.status_code, headers=headers, content=bytes(content), extensions=reply.extensions)

    @override
    async def aclose(self) -> None:
        await self._network.aclose()
