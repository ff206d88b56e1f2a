"""What ``autointel worker`` does: answer the broker's calls, each with one source in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event, Lock

from autointel.app.children import Children
from autointel.app.job_queue import LOOK_AGAIN, RetryPolicy, answer, at_queue, named_broker
from autointel.app.run_context import NetworkAccess
from autointel.cli.queue_work import ChildBriefer, ending, say
from autointel.cli.request import Request
from autointel.cli.run_batch import batch_and_request, write_index
from autointel.cli.run_list import shares
from autointel.domain.catalogue import Job, Settled
from autointel.errors import AutointelError, OtherVersion, UsageError
from autointel.ports import Broker
from autointel.render.plain_text import plain
from autointel.render.terminal import console, standard_error
from autointel.settings import Settings, handed_down, load


def run_worker(
    *,
    jobs: int,
    quiet: bool = False,
    color: bool = True,
    broker: Broker | None = None,
    children: Children | None = None,
) -> int:
    """Work until SIGTERM or SIGINT; 0. Raises UsageError without a broker, QueueUnavailable where none answers."""
    settings = load().settings
    broker = broker or named_broker(settings)
    children = children or Children(handed_down(limits_of(settings, jobs)), many=True)
    work = _Work(settings, broker, children, quiet=quiet, color=color)
    work.say(f"waiting for calls, {jobs} at once")
    broker.listen(work.answer, parallel=jobs, stopping=work.stop)
    children.close()
    work.say("stopped; what was under way has been handed back")
    return 0


def limits_of(settings: Settings, jobs: int) -> Mapping[str, str]:
    """What each job is given of the limits: nothing of its own where a Redis that may be asked holds those of all."""
    shared = settings.queue.limits_url
    if shared is not None and NetworkAccess(settings).may_ask(shared.get_secret_value()):
        return {}
    return shares(settings, jobs)


class _Work:
    """The calls of one worker. Thread-safe."""

    def __init__(self, settings: Settings, broker: Broker, children: Children, *, quiet: bool, color: bool) -> None:
        self._settings = settings
        self._broker = broker
        self._children = children
        self._quiet = quiet
        self._screen = console(standard_error(), color=color)
        self._stopping = Event()
        self._lock = Lock()
        self._retries = RetryPolicy(settings.queue.attempts, settings.queue.retry_seconds)

    def say(self, line: str) -> None:
        """One line on standard error."""
        with self._lock:
            say(self._screen, line, quiet=self._quiet)

    def stop(self) -> None:
        """End what is under way; its finished steps are saved."""
        self._stopping.set()
        self._children.stop()

    def answer(self, queue: str) -> None:
        """Brief one source of the batch. Raises AutointelError where the call is to be answered again later."""
        try:
            _, request = batch_and_request(self._settings, queue)
            self._brief(queue, request)
        except AutointelError as error:
            self.say(f"{queue}  {plain(error.message)} {error.hint}")
            if isinstance(error, OtherVersion):
                # A worker of that version may hear the next call; meanwhile this one is free for other batches.
                self._broker.call(queue, delay=LOOK_AGAIN)
            elif not isinstance(error, UsageError):  # nobody could ever answer that
                raise

    def _brief(self, queue: str, request: Request) -> None:
        def on_end(job: Job, settled: Settled) -> None:
            self.say(f"{queue}  {ending(job, settled)}")

        finished = answer(
            self._settings,
            self._broker,
            queue,
            ChildBriefer(request, self._children),
            self._retries,
            stopping=self._stopping,
            on_end=on_end,
            say=lambda error: self.say(f"{queue}  {plain(error.message)} Its sources wait for the catalogue."),
        )
        if finished:
            with at_queue(self._settings, queue) as worker:
                write_index(worker, request, worker.queue.jobs())
