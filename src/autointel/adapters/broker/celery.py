"""Calls between batches and workers by Celery over RabbitMQ, the extra ``scale``.

A task carries the name of a queue, nothing else: which source is next, who has it and how it ended stand in the
catalogue. So a task that is delivered twice, or lost with its broker, does no harm. Tasks are acknowledged late and
prefetched one by one, so the call of a worker that dies is heard by another at once.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from autointel.adapters.broker.leases import place_of
from autointel.errors import AutointelError, QueueUnavailable, UsageError
from autointel.extensions import how_to_install
from autointel.ports import Broker

if TYPE_CHECKING:
    from celery import Celery
    from kombu.entity import Queue

_TASK: Final = "autointel.answer"
_LINE: Final = "autointel"  # the queue's name in RabbitMQ
_CONNECT: Final = 5.0  # seconds
_PAUSE: Final = 5.0  # seconds before a call that could not be answered is put back


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
            connection.ensure_connection(max_retries=1, timeout=_CONNECT)
        return self._place

    @contextmanager
    def _in_words(self, what: str) -> Iterator[None]:
        from amqp.exceptions import AMQPError
        from kombu.exceptions import OperationalError

        try:
            yield
        except (OperationalError, AMQPError, OSError) as error:
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
        broker_connection_timeout=_CONNECT,
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
