"""Limits that the runs of all workers share through Redis, the extra ``scale``: calls to the model, and to any host.

A place is a lease that its run renews; one of a run that was killed is free again after ``_LEASE`` seconds. Starts of
the last minute are counted in a sorted set. One script decides, by Redis's own clock, so clocks need not agree.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from typing_extensions import override

from autointel.errors import QueueUnavailable, UsageError
from autointel.extensions import how_to_install
from autointel.ports import CallPlaces, HostTurns

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

_LEASE: Final = 30.0  # seconds
_RENEW: Final = 10.0
_CONNECT: Final = 3.0
_ANY_NUMBER: Final = 1_000_000  # of requests at once
_SHORTEST: Final = 0.05  # seconds between two looks
# KEYS: leases, starts, closed. ARGV: call, most at once, most a minute (0: any), seconds of a lease.
# Returns the milliseconds to wait before the next look; 0 where the call has a place.
_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local closed = tonumber(redis.call('GET', KEYS[3]) or '0')
if closed > now then return math.ceil((closed - now) * 1000) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 50 end
local most = tonumber(ARGV[3])
if most > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60)
  if redis.call('ZCARD', KEYS[2]) >= most then
    local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
    return math.ceil(math.max(0.05, oldest[2] + 60 - now) * 1000)
  end
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('EXPIRE', KEYS[2], 120)
end
redis.call('ZADD', KEYS[1], now + ARGV[4], ARGV[1])
redis.call('EXPIRE', KEYS[1], 120)
return 0
"""
_RENEWAL: Final = """
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'XX', time[1] + ARGV[2], ARGV[1])
"""
_CLOSE: Final = """
local time = redis.call('TIME')
local until_then = time[1] + time[2] / 1000000 + ARGV[1]
if until_then > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], tostring(until_then), 'PX', math.ceil(ARGV[1] * 1000) + 1000)
end
return 0
"""


def place_of(url: str, ports: Mapping[str, int]) -> str | None:
    """Host and port of an address that begins with one of the schemes, each with its usual port; None for another."""
    try:
        parts = urlsplit(url)
        host, port, usual = parts.hostname, parts.port, ports[parts.scheme]
    except (KeyError, ValueError):
        return None
    return f"{host}:{port or usual}" if host else None


class _Shared:
    """A connection to Redis that says once through ``tell`` where Redis has gone. Use it on one event loop.

    Raises UsageError where the extra is not installed or the address is no Redis's.
    """

    def __init__(self, url: str, tell: Callable[[str], None]) -> None:
        if find_spec("redis") is None:
            raise UsageError("The client of Redis is not installed.", f"Install the extra: {how_to_install('scale')}")
        place = place_of(url, {"redis": 6379, "rediss": 6379})
        if place is None:
            raise UsageError("queue.limits_url is no address of Redis.", "It begins with redis:// or rediss://.")
        from redis.asyncio import Redis

        self._place = place
        self._tell = tell
        self._lost = False
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=_CONNECT, socket_timeout=_CONNECT)
        self._take: AsyncScript = self._redis.register_script(_TAKE)

    async def _taken(self, keys: list[str], words: list[str | int | float]) -> bool:
        """Wait for a place; False where Redis does not answer."""
        while (wait := await self._ask(lambda: self._take(keys=keys, args=words))) is not None:
            if wait == 0:
                return True
            await asyncio.sleep(max(_SHORTEST, wait / 1000))
        return False

    async def _ask(self, question: Callable[[], Awaitable[Any]]) -> Any:
        """The answer; None, said once, where there is none."""
        from redis.exceptions import RedisError

        try:
            return await question()
        except (RedisError, OSError):
            if not self._lost:
                self._lost = True
                self._tell(f"Redis at {self._place} does not answer: this run keeps to its own limits.")
            return None

    async def aclose(self) -> None:
        """Close the connection."""
        await self._redis.aclose()


class RedisPlaces(_Shared, CallPlaces):
    """Implements CallPlaces for one model server, named by ``server``.

    A Redis that goes away is said once through ``tell``; calls then go ahead by the run's own limits.
    """

    def __init__(
        self, url: str, server: str, *, at_once: int, a_minute: int | None, tell: Callable[[str], None]
    ) -> None:
        super().__init__(url, tell)
        self._at_once = at_once
        self._a_minute = a_minute or 0
        self._keys = _keys(server)
        self._renew: AsyncScript = self._redis.register_script(_RENEWAL)
        self._close: AsyncScript = self._redis.register_script(_CLOSE)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """See CallPlaces."""
        call = uuid4().hex
        if not await self._taken(self._keys, [call, self._at_once, self._a_minute, _LEASE]):
            yield
            return
        renewing = asyncio.create_task(self._renewing(call))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await self._ask(lambda: self._redis.zrem(self._keys[0], call))

    async def _renewing(self, call: str) -> None:
        while True:
            await asyncio.sleep(_RENEW)
            await self._ask(lambda: self._renew(keys=self._keys[:1], args=[call, _LEASE]))

    @override
    async def close_for(self, seconds: float) -> None:
        await self._ask(lambda: self._close(keys=self._keys[2:], args=[seconds]))

    async def check(self) -> str:
        """Where Redis is. Raises QueueUnavailable where it does not answer."""
        from redis.exceptions import RedisError

        try:
            await self._redis.ping()
        except (RedisError, OSError) as error:
            raise QueueUnavailable(
                f"Redis at {self._place} does not answer.",
                "Check AUTOINTEL_QUEUE__LIMITS_URL, and that the server runs.",
            ) from error
        return self._place


class RedisTurns(_Shared, HostTurns):
    """Implements HostTurns for all workers together: at most ``a_minute`` requests to one host within a minute.

    A Redis that goes away is said once through ``tell``; requests then go ahead.
    """

    def __init__(self, url: str, a_minute: int, tell: Callable[[str], None]) -> None:
        super().__init__(url, tell)
        self._a_minute = a_minute

    @override
    async def turn(self, host: str) -> None:
        await self._taken(_keys(f"host {host}"), [uuid4().hex, _ANY_NUMBER, self._a_minute, 1])


def _keys(name: str) -> list[str]:
    """In one slot of a cluster, by the braces."""
    return [f"autointel:{{{name}}}:{each}" for each in ("calls", "starts", "closed")]
