"""The one way a page or a large file comes in.

A file goes straight to disk: never whole in memory, resumed after a break, never left half written.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio
import httpcore
import httpx
from typing_extensions import override

import autointel
from autointel.adapters.fetch.addresses import AddressRule
from autointel.adapters.fetch.exchange import (
    Answer,
    CheckedBackend,
    Damaged,
    Exchange,
    Resolve,
    TooLarge,
    decoder,
    parse_address,
    resolve,
    shown,
)
from autointel.errors import FetchFailed, HomeUnusable
from autointel.ports import Downloader, Fetched, Fetcher, HostTurns

_OK: Final = 200
_PARTIAL: Final = 206
_BROKEN: Final = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ReadTimeout)
_ASKED: Final = {"accept": "*/*", "accept-encoding": "gzip"}
_RECORDINGS: Final = ("audio/", "video/")
USER_AGENT: Final = f"autointel/{autointel.__version__}"
_MINUTE: Final = 60.0  # seconds
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Ceilings for one fetch: bytes (as sent and inflated, each), seconds in all, seconds of silence, redirects."""

    max_bytes: int = 20 * _MEGABYTE
    deadline_seconds: float = 30.0
    idle_seconds: float = 15.0
    max_redirects: int = 5


MEDIA: Final = Limits(max_bytes=2_000 * _MEGABYTE, deadline_seconds=3600.0)
"""For downloads: three hours of video sound, at the speed of a slow line."""


class Download:
    """One file, by way of ``NAME.part``. Beside it ``NAME.tag`` keeps the validator that lets a later run go on.

    A failure removes both; only an interruption (Ctrl-C, kill) leaves them, for the next time.
    """

    def __init__(self, exchange: Exchange, limits: Limits, path: Path, named_by: str | None = None) -> None:
        self._exchange = exchange
        self._named_by = named_by
        self._limits = limits
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._tag = path.with_name(f"{path.name}.tag")

    async def run(self, url: httpx.URL, headers: Mapping[str, str]) -> Answer:
        """The last answer, once the file stands at its path. Raises FetchFailed, SourceBlocked, HomeUnusable."""
        try:
            with translate_errors(url, self._limits), anyio.fail_after(self._limits.deadline_seconds):
                answer = await self._until_whole(url, headers)
        except OSError as error:
            self._discard()
            raise HomeUnusable(
                f"{self._path.parent} cannot take a download: {error.strerror}.", "Make room there, or move the home."
            ) from error
        except Exception:
            self._discard()
            raise
        self._part.replace(self._path)
        self._tag.unlink(missing_ok=True)
        return answer

    async def _until_whole(self, url: httpx.URL, headers: Mapping[str, str]) -> Answer:
        while True:
            before = self._offset()
            try:
                return await self._attempt(url, headers, before)
            except _BROKEN:
                # Only a break that brought something is worth another try; so a dead server is left at once.
                if self._offset() <= before:
                    raise

    async def _attempt(self, url: httpx.URL, headers: Mapping[str, str], offset: int) -> Answer:
        asked = dict(headers)
        if offset:
            asked |= {"range": f"bytes={offset}-", "if-range": self._tag.read_text()}
        async with self._exchange.ask(url, asked, None, self._named_by) as answer:
            position = self._position(answer, offset)
            _check_promised(answer, position, self._limits.max_bytes)
            await self._write(answer, position)
            return answer

    def _position(self, answer: Answer, offset: int) -> int:
        """Where the answer's first byte belongs."""
        if answer.status == _PARTIAL and answer.headers.get("content-range", "").startswith(f"bytes {offset}-"):
            return offset
        if answer.status != _OK:
            raise FetchFailed(f"{shown(answer.url)} answered {answer.status}.", "Check the address.")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise Damaged("compressed, though it was asked for as it is")
        return 0

    async def _write(self, answer: Answer, position: int) -> None:
        self._remember(answer, position)
        async with await anyio.open_file(self._part, "ab" if position else "wb") as file:
            async for chunk in answer.chunks:
                position += len(chunk)
                if position > self._limits.max_bytes:
                    raise TooLarge
                await file.write(chunk)

    def _remember(self, answer: Answer, position: int) -> None:
        # A weak validator ("W/") promises a like page, not the same bytes.
        tag = answer.headers.get("etag") or answer.headers.get("last-modified", "")
        if position == 0:
            self._tag.write_text("" if tag.startswith("W/") else tag)

    def _offset(self) -> int:
        known = self._tag.is_file() and self._tag.read_text() and self._part.is_file()
        return self._part.stat().st_size if known else 0

    def _discard(self) -> None:
        for path in (self._part, self._tag):
            with suppress(OSError):  # what could not be made cannot be removed, either
                path.unlink(missing_ok=True)


class SafeFetcher(Fetcher, Downloader):
    """Fetches from public addresses and the user's own hosts, within limits. Proxies and netrc are not consulted.

    One per run: it keeps connections for its event loop. A request waits for all of ``turns`` at its host; a redirect
    does not.
    """

    def __init__(
        self,
        rule: AddressRule | None = None,
        limits: Limits | None = None,
        *,
        media_limits: Limits = MEDIA,
        resolve: Resolve = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
        turns: Sequence[HostTurns] = (),
    ) -> None:
        self._turns = turns
        self._limits = limits or Limits()
        self._media_limits = media_limits
        self._headers = {**_ASKED, "user-agent": USER_AGENT}
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
        address = parse_address(url)
        await self._turn(address)
        with translate_errors(address, self._limits), anyio.fail_after(self._limits.deadline_seconds):
            async with self._exchange.ask(address, self._sent(headers), body, named_by) as answer:
                return fetched(answer, await _body(answer, self._limits.max_bytes))

    async def download(
        self, url: str, path: Path, *, headers: Mapping[str, str] | None = None, named_by: str | None = None
    ) -> Fetched:
        """A file, straight to disk; the body of what is returned is empty. A break is mended from where it broke.

        Raises as ``fetch`` does, and FetchFailed for any status but 200; then nothing is left at ``path``.
        """
        address = parse_address(url)
        await self._turn(address)
        download = Download(self._exchange, self._media_limits, path, named_by)
        return fetched(await download.run(address, {**self._sent(headers), "accept-encoding": "identity"}), b"")

    async def close(self) -> None:
        """Let the connections go; closing twice is fine."""
        await self._exchange.close()
        for each in self._turns:
            await each.aclose()

    async def _turn(self, address: httpx.URL) -> None:
        """Outside of any deadline: to wait is no fault of the host."""
        for each in self._turns:
            await each.turn(address.host)

    def _sent(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        return {**self._headers, **{name.lower(): value for name, value in (headers or {}).items()}}


def _check_promised(answer: Answer, position: int, most: int) -> None:
    """Raise TooLarge where the answer promises to go on beyond ``most`` bytes."""
    promised = answer.headers.get("content-length", "")
    if promised.isascii() and promised.isdecimal() and position + int(promised) > most:
        raise TooLarge


async def _body(answer: Answer, max_bytes: int) -> bytes:
    if answer.headers.get("content-type", "").lower().startswith(_RECORDINGS):
        return b""
    _check_promised(answer, 0, max_bytes)
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


class CountedTurns(HostTurns):
    """At most ``a_minute`` requests to one host within any minute, counted in this process."""

    def __init__(
        self,
        a_minute: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._a_minute = a_minute
        self._now = now
        self._sleep = sleep
        self._begun: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=a_minute))

    @override
    async def turn(self, host: str) -> None:
        begun = self._begun[host]
        # The turn is taken before it is waited for: those who come meanwhile line up behind it.
        moment = max(self._now(), begun[0] + _MINUTE) if len(begun) == self._a_minute else self._now()
        begun.append(moment)
        if moment > self._now():
            await self._sleep(moment - self._now())

    @override
    async def aclose(self) -> None:
        """Nothing is open."""


@contextmanager
def translate_errors(url: httpx.URL, limits: Limits) -> Iterator[None]:
    """Turns whatever goes wrong on the way into FetchFailed; SourceBlocked passes."""
    where = shown(url)
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise FetchFailed(
            f"{where} did not answer in full within {limits.deadline_seconds:g} seconds.",
            "Try again later, or raise AUTOINTEL_FETCH__DEADLINE_SECONDS.",
        ) from error
    except TooLarge as error:
        raise FetchFailed(
            f"{where} is larger than {limits.max_bytes / _MEGABYTE:g} MB.",
            "Raise AUTOINTEL_FETCH__MAX_BYTES if it is meant to be.",
        ) from error
    except Damaged as error:
        raise FetchFailed(f"{where} came {error}.", "Try again; if it stays so, the site is at fault.") from error
    except httpcore.ConnectError as error:
        raise FetchFailed(f"{where} could not be reached.", "Check the address and the connection.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise FetchFailed(f"{where} broke off in the middle of its answer.", "Try again later.") from error
