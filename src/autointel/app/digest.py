"""Deliver the digest of a watch: to files, to a command, to a webhook."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import anyio
from pydantic import ValidationError

from autointel.adapters.home import REPORT, write_whole
from autointel.app.job_queue import Worker
from autointel.app.run_context import NetworkAccess, is_loopback
from autointel.domain.catalogue import Job
from autointel.domain.report import Report
from autointel.errors import AutointelError, FetchFailed, SourceBlocked, UsageError
from autointel.ports import Artifacts
from autointel.render.digest import FORMATS, DigestEntry, to_json_feed
from autointel.settings import Settings

_IN_A_FILE: Final = 100
"""Briefings in a digest that is a file, the latest first."""
_AT_ONCE: Final = 50
"""Briefings in one call of a command or webhook."""
_COMMAND_SECONDS: Final = 60.0
_OK: Final = range(200, 300)


@dataclass(frozen=True)
class Delivery:
    """Where digests go. A command gets the JSON Feed on its standard input, a webhook as the body of a POST."""

    files: tuple[Path, ...] = ()
    command: str | None = None
    webhook: str | None = None

    @property
    def calls(self) -> bool:
        """Whether anybody is called with what is new; a file is written as a whole each time."""
        return self.command is not None or self.webhook is not None


def refuse_undeliverable(settings: Settings, delivery: Delivery) -> None:
    """Raise UsageError for what could never be delivered."""
    for path in delivery.files:
        if path.suffix.lower() not in FORMATS:
            raise UsageError(f"{path} has no ending of a digest.", f"End it with {', '.join(FORMATS)}.")
    if delivery.command is not None and not _words(delivery.command):
        raise UsageError("The command is empty.", "Name a program, with its arguments.")
    if delivery.webhook is not None and not _may_be_called(settings, delivery.webhook):
        raise UsageError(
            f"The webhook {delivery.webhook} is neither on this machine nor allow-listed.",
            "Name its host in AUTOINTEL_FETCH__ALLOW_HOSTS as host:port.",
        )


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(f"The command cannot be parsed: {error}.", "Close its quotes.") from error


def _may_be_called(settings: Settings, url: str) -> bool:
    return urlsplit(url).scheme in {"http", "https"} and NetworkAccess(settings, offline=True).may_ask(url)


def deliver(settings: Settings, worker: Worker, delivery: Delivery) -> list[AutointelError]:
    """Bring files up to date and announce what nobody has announced; what failed, which the next call repeats. Blocks.

    A call that is interrupted by kill -9 between its delivery and its note is repeated: an item is known by its id.
    Raises HomeUnusable where the catalogue cannot be used.
    """
    failures = [] if not delivery.files else list(_write(worker, delivery.files))
    while delivery.calls and (jobs := worker.queue.announce(worker.name, _AT_ONCE)):
        delivered = False
        try:
            _call(settings, delivery, list(entries(worker.artifacts, jobs)))
            delivered = True
        except AutointelError as error:
            failures.append(error)
            return failures
        finally:
            worker.queue.announced(worker.name, delivered=delivered)
    return failures


def entries(artifacts: Artifacts, jobs: Sequence[Job]) -> Iterator[DigestEntry]:
    """The entries of these jobs; one whose report is gone or from another version is left out."""
    return (DigestEntry.of(report) for _, report in reports_of(artifacts, jobs))


def reports_of(artifacts: Artifacts, jobs: Sequence[Job]) -> Iterator[tuple[Job, Report]]:
    """Each job with its report; one whose report is gone or from another version is left out."""
    for job in jobs:
        kept = artifacts.read(job.run_id, REPORT) if job.run_id else None
        if kept is None:
            continue
        try:
            yield job, Report.model_validate_json(kept)
        except ValidationError:
            continue


def _write(worker: Worker, files: Sequence[Path]) -> Iterator[AutointelError]:
    latest = list(entries(worker.artifacts, worker.queue.briefed(_IN_A_FILE)))
    for path in files:
        try:
            write_whole(path.absolute(), FORMATS[path.suffix.lower()](latest).encode())
        except AutointelError as error:
            yield error


def _call(settings: Settings, delivery: Delivery, new: Sequence[DigestEntry]) -> None:
    if not new:
        return
    feed = to_json_feed(new).encode()
    if delivery.command is not None:
        _run(delivery.command, feed)
    if delivery.webhook is not None:
        anyio.run(_post, settings, delivery.webhook, feed)


def _run(command: str, feed: bytes) -> None:
    """Without a shell. Its output goes where ours does not: both of our streams belong to the watch."""
    try:
        ended = subprocess.run(  # noqa: S603  the user's own command
            _words(command), input=feed, capture_output=True, timeout=_COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AutointelError(f"The command {command} could not be run: {error}.", "Check it by hand.") from error
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        why = f": {said[-1]}" if said else ""
        raise AutointelError(f"The command {command} ended with {ended.returncode}{why}.", "Check it by hand.")


async def _post(settings: Settings, url: str, feed: bytes) -> None:
    from autointel.adapters.fetch.addresses import AddressRule
    from autointel.adapters.fetch.fetcher import SafeFetcher

    own = [*settings.fetch.allow_hosts, *([url] if is_loopback(urlsplit(url).hostname or "") else [])]
    fetcher = SafeFetcher(AddressRule.of(own, offline=True))
    try:
        answer = await fetcher.fetch(url, headers={"content-type": "application/feed+json"}, body=feed)
    except (FetchFailed, SourceBlocked) as error:
        raise AutointelError(f"The webhook could not be called: {error.message}", error.hint) from error
    finally:
        await fetcher.close()
    if answer.status not in _OK:
        raise AutointelError(f"The webhook answered {answer.status}.", "Check its address.")
