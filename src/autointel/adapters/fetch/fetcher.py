"""The one way a page comes in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import anyio
import httpcore

import autointel
from autointel.adapters.fetch import web_address
from autointel.adapters.fetch.addresses import AddressRule
from autointel.adapters.fetch.backend import CheckedBackend, Resolve, resolve
from autointel.adapters.fetch.download import Download
from autointel.adapters.fetch.exchange import Answer, Exchange
from autointel.adapters.fetch.inflate import TooLarge, decoder
from autointel.adapters.fetch.limits import MEDIA, Limits, told
from autointel.ports import Downloader, Fetched, Fetcher

_ASKED: Final = {"accept": "*/*", "accept-encoding": "gzip"}
_RECORDINGS: Final = ("audio/", "video/")
USER_AGENT: Final = f"autointel/{autointel.__version__}"


class SafeFetcher(Fetcher, Downloader):
    """Fetches from public addresses and the user's own hosts, within limits. Proxies and netrc are not consulted.

    One per run: it keeps connections for its event loop.
    """

    def __init__(
        self,
        rule: AddressRule | None = None,
        limits: Limits | None = None,
        *,
        media_limits: Limits = MEDIA,
        user_agent: str = USER_AGENT,
        resolve: Resolve = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._media_limits = media_limits
        self._headers = {**_ASKED, "user-agent": user_agent}
        beneath = network or httpcore.AnyIOBackend()
        self._exchange = Exchange(
            rule or AddressRule(),
            lambda rule: CheckedBackend(rule, resolve, beneath),
            self._limits.max_redirects,
            self._limits.idle_seconds,
        )

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        named_by: str | None = None,
    ) -> Fetched:
        """See Fetcher. The deadline is by the clock, so that a slow drip ends, too.

        The body of a recording is left where it is: what it is can be told by its type, and ``download`` fetches it.
        """
        address = web_address.parse(url)
        with told(address, self._limits), anyio.fail_after(self._limits.deadline_seconds):
            async with self._exchange.ask(address, self._sent(headers), body, named_by) as answer:
                return fetched(answer, await _body(answer, self._limits.max_bytes))

    async def download(
        self, url: str, path: Path, *, headers: Mapping[str, str] | None = None, named_by: str | None = None
    ) -> Fetched:
        """A file, straight to disk; the body of what is returned is empty. A break is mended from where it broke.

        Raises as ``fetch`` does, and FetchFailed for any status but 200; then nothing is left at ``path``.
        """
        address = web_address.parse(url)
        download = Download(self._exchange, self._media_limits, path, named_by)
        return fetched(await download.run(address, {**self._sent(headers), "accept-encoding": "identity"}), b"")

    async def close(self) -> None:
        """Let the connections go; closing twice is fine."""
        await self._exchange.close()

    def _sent(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        return {**self._headers, **{name.lower(): value for name, value in (headers or {}).items()}}


async def _body(answer: Answer, max_bytes: int) -> bytes:
    if answer.headers.get("content-type", "").lower().startswith(_RECORDINGS):
        return b""
    promised = answer.headers.get("content-length", "")
    if promised.isascii() and promised.isdecimal() and int(promised) > max_bytes:
        raise TooLarge
    decode, body, received = decoder(answer.headers.get("content-encoding", ""), max_bytes), bytearray(), 0
    async for chunk in answer.chunks:
        received += len(chunk)
        if received > max_bytes:
            raise TooLarge
        body += decode.feed(chunk)
    decode.end()
    return bytes(body)


def fetched(answer: Answer, body: bytes) -> Fetched:
    """What the port hands on of an answer."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(url=str(answer.url), status=answer.status, content_type=kind, headers=answer.headers, body=body)
