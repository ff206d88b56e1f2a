"""What workers on several machines share, the extra ``scale``: calls by RabbitMQ, and limits kept in Redis.

A call is a task of Celery that carries the name of a queue, nothing else: which source is next, who has it and how it
ended stand in the catalogue. So a task that is delivered twice, or lost with its broker, does no harm. Tasks are
acknowledged late and prefetched one by one, so the call of a worker that dies is heard by another at once.

A place at the model's server is a lease in Redis that its run renews; one of a run that was killed is free again after
``_LEASE`` seconds. Starts of the last minute are counted in a sorted set. One script decides, by Redis's own clock, so
clocks need not agree.
"""

from __future__ import annotations

import asyncio
import signal
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.util import find_spec
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from typing_extensions import override

from autointel.errors import AutointelError, QueueUnavailable, UsageError
from autointel.extensions import how_to_install
from autointel.ports import Broker, CallPlaces, HostTurns

if TYPE_CHECKING:
    from celery import Celery
    from kombu.entity import Queue
    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

_TASK: Final = "autointel.answer"
_LINE: Final = "autointel"  # the queue's name in RabbitMQ
_BROKER_TIMEOUT: Final = 5.0  # seconds
_PAUSE: Final = 5.0  # seconds before a call that could not be answered is put back
_LEASE: Final = 30.0  # seconds
_RENEW: Final = 10.0  # seconds
_REDIS_TIMEOUT: Final = 3.0  # seconds
_ANY_NUMBER: Final = 1_000_000  # of requests at once
_SHORTEST: Final = 0.05  # seconds between two looks
# What both clients raise where a server sends bytes that are not of its protocol.
_GARBLED: Final = (ValueError, LookupError, TypeError, RecursionError, struct.error)
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


class CeleryBroker(Broker):
    """Implements Broker. Raises UsageError where the extra is not installed or the address is no broker's."""

    def __init__(self, url: str) -> None:
        if find_spec("celery") is None:
            raise UsageError("The queue's clients are not installed.", f"Install the extra: {how_to_install('scale')}")
        place = place_of(url, {"amqp": 5672, "amqps": 5671})
        if place is None:
            raise UsageError("queue.broker_url is no address of RabbitMQ.", "It begins with amqp:// or amqps://.")
        self._place = place
        self._app = _app(url)

    @override
    def call(self, queue: str, *, times: int = 1, delay: float = 0.0) -> None:
        # The broker's clock counts: Celery's own countdown is a time of day, and the clocks of workers may disagree.
        later: dict[str, Any] = {"queue": _waiting_line(), "expiration": delay} if delay else {}
        with self._in_words("does not take calls"):
            for _ in range(times):
                self._app.send_task(_TASK, (queue,), **later)

    @override
    def listen(self, answer: Callable[[str], None], *, parallel: int, stopping: Callable[[], None]) -> None:
        from celery.exceptions import Reject
        from celery.worker import WorkController, state

        self.check()  # an address that was wrong from the start would be tried for ever
        stopped = Event()

        @self._app.task(name=_TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]
        def task(queue: str) -> None:
            try:
                answer(queue)
            except AutointelError as error:
                stopped.wait(_PAUSE)
                raise Reject(error.message, requeue=True) from error

        def end(number: int) -> None:
            if not stopped.is_set():
                stopped.set()
                stopping()
                state.should_stop = 0
            else:  # a second signal: without waiting
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)

        state.should_stop = None
        worker = WorkController(
            app=self._app, pool_cls="threads", concurrency=parallel, queues=[_LINE], without_gossip=True,
            without_mingle=True, loglevel="ERROR",
        )  # fmt: skip
        with _at_signals(end):
            worker.start()

    @override
    def check(self) -> str:
        with self._in_words("does not answer"), self._app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.2, timeout=_BROKER_TIMEOUT)
        return self._place

    @contextmanager
    def _in_words(self, what: str) -> Iterator[None]:
        from amqp.exceptions import AMQPError
        from kombu.exceptions import OperationalError

        try:
            yield
        except (OperationalError, AMQPError, OSError, *_GARBLED) as error:
            refused = "refused" in str(error).lower() and "ACCESS" in str(error)
            raise QueueUnavailable(
                f"RabbitMQ at {self._place} {'refuses the password' if refused else what} ({_first(error)}).",
                "Check AUTOINTEL_QUEUE__BROKER_URL, and that the server runs.",
            ) from error


def _app(url: str) -> Celery:
    from celery import Celery

    app = Celery("autointel", broker=url, set_as_current=False)
    app.conf.update(
        task_default_queue=_LINE,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=_BROKER_TIMEOUT,
        broker_transport_options={"confirm_publish": True},
        task_publish_retry_policy={"max_retries": 2, "interval_start": 0.2, "interval_max": 1.0},
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
    )
    return app


def _waiting_line() -> Queue:
    """Nobody listens there: a call that expires goes to the workers. The broker looks at the first in line only."""
    from kombu.entity import Queue

    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": _LINE}
    name = f"{_LINE}.later"
    return Queue(name, routing_key=name, queue_arguments=arguments)  # type: ignore[no-untyped-call]


def _first(error: BaseException) -> str:
    """The first line of what was said, without an address that may hold a password."""
    said = str(error).splitlines() or [type(error).__name__]
    return said[0][:200]


@contextmanager
def _at_signals(end: Callable[[int], None]) -> Iterator[None]:
    def handle(number: int, _: FrameType | None) -> None:
        end(number)

    before: dict[int, Any] = {each: signal.signal(each, handle) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=_REDIS_TIMEOUT, socket_timeout=_REDIS_TIMEOUT)
        self._take: AsyncScript = self._redis.register_script(_TAKE)

    async def _taken(self, keys: list[str], words: list[str | int | float]) -> bool:
        """Wait for a place; False where Redis does not answer."""
        while isinstance(wait := await self._ask(lambda: self._take(keys=keys, args=words)), int):
            if wait == 0:
                return True
            await asyncio.sleep(max(_SHORTEST, wait / 1000))
        return False

    async def _ask(self, question: Callable[[], Awaitable[Any]]) -> Any:
        """The answer; None, said once, where there is none."""
        from redis.exceptions import RedisError

        try:
            return await question()
        except (RedisError, OSError, *_GARBLED):
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
        """Host and port of Redis. Raises QueueUnavailable where it does not answer."""
        from redis.exceptions import RedisError

        try:
            await self._redis.ping()
        except (RedisError, OSError, *_GARBLED) as error:
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
    """The keys of a name, whose braces put them into one slot of a cluster."""
    return [f"autointel:{{{name}}}:{each}" for each in ("calls", "starts", "closed")]
