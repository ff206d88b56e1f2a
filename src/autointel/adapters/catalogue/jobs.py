"""What waits: sources on a queue, each taken by one worker at a time; batches; results for a store that is down."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from autointel.adapters.catalogue.connection import Connection, Row, atomic, upsert
from autointel.domain.catalogue import Job, JobState, NewJob, Settled, Undelivered

_FIELDS: Final = tuple(Job.model_fields)
_NEVER: Final = 1_000_000  # attempts: whoever only looks gives nothing up
_ABANDONED: Final = "Its worker was killed each time (# attempts)."


AliveAmong = Callable[[Collection[str]], set[str]]
"""Whether the worker of this name still lives."""


class JobQueue:
    """Sources of one queue: each of them once, each with one worker at a time, also among processes.

    Every change is one transaction. Blocks: call it off the event loop. Raises HomeUnusable.
    """

    def __init__(
        self, connection: Connection, queue: str, alive_among: AliveAmong, *, now: Callable[[], float] | None = None
    ) -> None:
        self._connection = connection
        self._queue = queue
        self._alive_among = alive_among
        self._now = now or connection.now

    def now(self) -> float:
        """Unix seconds by the queue's own clock, which its workers share; ``due`` is meant by this clock."""
        return self._now()

    @atomic
    def begin(self, request: str, jobs: Sequence[NewJob]) -> int:
        """Note a batch with the options of its runs, and put its sources on the queue; how many. All or nothing."""
        Batches(self._connection).begin(self._queue, request)
        return self._add_all(jobs, JobState.WAITING)

    def add(self, jobs: Iterable[NewJob], state: JobState = JobState.WAITING) -> int:
        """Put sources on the queue, all or none of them; how many were new."""
        return self._add_all(list(jobs), state)

    @atomic
    def _add_all(self, jobs: Sequence[NewJob], state: JobState) -> int:
        self._connection.lock(f"queue {self._queue}")
        return sum(self._add(job, state) for job in jobs)

    def _add(self, job: NewJob, state: JobState) -> int:
        known = self._connection.read_in(
            "SELECT job FROM job_keys WHERE queue = ? AND key IN {keys}", job.keys, (self._queue,)
        )
        number = known[0]["job"] if known else self._insert(job, state)
        self._connection.write_many(
            "INSERT INTO job_keys (queue, key, job) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(self._queue, key, number) for key in job.keys],
        )
        return 0 if known else 1

    def _insert(self, job: NewJob, state: JobState) -> int:
        rows = self._connection.read(
            "INSERT INTO jobs (queue, source, episode, title, refresh, state, due) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " RETURNING id",
            (self._queue, job.source, job.episode, job.title, int(job.refresh), state, self._now()),
        )
        return int(rows[0]["id"])

    def known(self, keys: Sequence[str]) -> set[str]:
        """Those of ``keys`` that some job of the queue has."""
        rows = self._connection.read_in(
            "SELECT key FROM job_keys WHERE queue = ? AND key IN {keys}", keys, (self._queue,)
        )
        return {row["key"] for row in rows}

    def claim(self, owner: str, most_attempts: int) -> Job | None:
        """The next job that is due, now in the hands of ``owner``; None where none is.

        Jobs of a worker that is gone are put back first; one that was begun ``most_attempts`` times is given up.
        """
        self._take_back(most_attempts)
        rows = self._connection.read(
            "WITH due AS MATERIALIZED (SELECT id FROM jobs WHERE queue = ? AND state = 'waiting' AND due <= ?"  # noqa: S608
            f" ORDER BY due, id LIMIT 1 {self._connection.skip_locked})"
            " UPDATE jobs SET state = 'running', owner = ?, attempts = attempts + 1 WHERE id IN (SELECT id FROM due)"
            " RETURNING *",
            (self._queue, self._now(), owner),
        )
        return _job(rows[0]) if rows else None

    def _take_back(self, most_attempts: int) -> None:
        """Put jobs back whose worker is gone. Whoever looks second finds nothing left to put back."""
        rows = self._connection.read(
            "SELECT DISTINCT owner FROM jobs WHERE queue = ? AND state = 'running'", (self._queue,)
        )
        gone = self._gone([row["owner"] for row in rows])
        if gone:
            self._connection.write_in(
                "UPDATE jobs SET owner = NULL, reason = CASE WHEN attempts >= ?"
                " THEN replace(?, '#', CAST(attempts AS TEXT)) ELSE reason END,"
                " state = CASE WHEN attempts >= ? THEN 'dead' ELSE 'waiting' END"
                " WHERE queue = ? AND state = 'running' AND owner IN {keys}",
                gone,
                (most_attempts, _ABANDONED, most_attempts, self._queue),
            )

    def _gone(self, workers: Sequence[str]) -> list[str]:
        alive = self._alive_among(workers)
        return [worker for worker in workers if worker not in alive]

    def settle(self, job: Job, settled: Settled) -> bool:
        """Note how the attempt ended; False, and nothing changes, where the job is no longer its worker's."""
        changed = self._connection.write(
            "UPDATE jobs SET state = ?, owner = NULL, code = ?, reason = ?, run_id = ?, seconds = ?, due = ?,"
            " ended = ?, title = CASE WHEN ? = '' THEN title ELSE ? END, attempts = attempts - ?"
            " WHERE id = ? AND state = 'running' AND owner = ?",
            (
                settled.state,
                settled.code,
                settled.reason,
                settled.run_id,
                settled.seconds,
                settled.due or job.due,
                self._now(),
                settled.title,
                settled.title,
                0 if settled.counts else 1,
                job.id,
                job.owner,
            ),
        )
        return changed > 0

    def next_due(self) -> float | None:
        """Seconds until a waiting job is due (0 where one is); None where none waits."""
        rows = self._connection.read(
            "SELECT min(due) AS due FROM jobs WHERE queue = ? AND state = 'waiting'", (self._queue,)
        )
        return None if rows[0]["due"] is None else max(0.0, float(rows[0]["due"]) - self._now())

    def cancel(self) -> int:
        """Take all waiting jobs off, and those of a worker that is gone; how many."""
        self._take_back(_NEVER)
        return self._connection.write(
            "UPDATE jobs SET state = 'cancelled' WHERE queue = ? AND state = 'waiting'", (self._queue,)
        )

    def revive(self, states: Sequence[JobState]) -> int:
        """Let jobs in these states wait again, with their attempts uncounted; how many."""
        return self._connection.write_in(
            "UPDATE jobs SET state = 'waiting', attempts = 0, due = ? WHERE queue = ? AND state IN {keys}",
            states,
            (self._now(), self._queue),
        )

    def jobs(self) -> list[Job]:
        """All jobs, the first one first; those of a worker that is gone wait again."""
        self._take_back(_NEVER)
        rows = self._connection.read("SELECT * FROM jobs WHERE queue = ? ORDER BY id", (self._queue,))
        return [_job(row) for row in rows]

    def briefed(self, limit: int) -> list[Job]:
        """The latest jobs with a briefing, the latest first."""
        rows = self._connection.read(
            "SELECT * FROM jobs WHERE queue = ? AND state IN ('done', 'partial') AND run_id IS NOT NULL"
            " ORDER BY ended DESC, id DESC LIMIT ?",
            (self._queue, limit),
        )
        return [_job(row) for row in rows]

    def counts(self) -> dict[JobState, int]:
        """Jobs by state; states without any are left out."""
        rows = self._connection.read(
            "SELECT state, count(*) AS number FROM jobs WHERE queue = ? GROUP BY state", (self._queue,)
        )
        return {JobState(row["state"]): row["number"] for row in rows}

    def announce(self, owner: str, limit: int) -> list[Job]:
        """Briefed jobs whose digest nobody has delivered, for ``owner`` to deliver; oldest first."""
        rows = self._connection.read(
            "SELECT DISTINCT announcer FROM jobs WHERE queue = ? AND announcer IS NOT NULL AND announced = 0",
            (self._queue,),
        )
        gone = self._gone([row["announcer"] for row in rows])
        if gone:
            self._connection.write_in(
                "UPDATE jobs SET announcer = NULL WHERE queue = ? AND announced = 0 AND announcer IN {keys}",
                gone,
                (self._queue,),
            )
        taken = self._connection.read(
            "WITH briefed AS MATERIALIZED (SELECT id FROM jobs WHERE queue = ? AND announcer IS NULL"  # noqa: S608
            " AND announced = 0 AND state IN ('done', 'partial') AND run_id IS NOT NULL ORDER BY id LIMIT ?"
            f" {self._connection.skip_locked}) UPDATE jobs SET announcer = ? WHERE id IN (SELECT id FROM briefed)"
            " RETURNING *",
            (self._queue, limit, owner),
        )
        return sorted((_job(row) for row in taken), key=lambda job: job.id)

    def announced(self, owner: str, *, delivered: bool) -> None:
        """Note that what ``owner`` took was delivered; else it is there for the next one."""
        self._connection.write(
            "UPDATE jobs SET announced = ?, announcer = NULL WHERE queue = ? AND announced = 0 AND announcer = ?",
            (int(delivered), self._queue, owner),
        )


def _job(row: Row) -> Job:
    return Job(**{name: row[name] for name in _FIELDS})


class Batches:
    """Every batch, in all namespaces. Blocks. Raises HomeUnusable."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, queue: str, request: str) -> None:
        """Note a batch; one that exists keeps its request."""
        self._connection.write(
            "INSERT INTO batches (queue, created_at, request) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (queue, self._connection.now(), request),
        )

    def request(self, queue: str) -> str | None:
        """The options of the batch as JSON, or None where there is no such batch."""
        rows = self._connection.read("SELECT request FROM batches WHERE queue = ?", (queue,))
        return rows[0]["request"] if rows else None

    def find(self, prefix: str) -> str | None:
        """The batch with this id or, where that is unambiguous, the one whose id begins so."""
        # A range, as for runs: "~" sorts after every letter of an id.
        rows = self._connection.read(
            "SELECT queue FROM batches WHERE queue >= ? AND queue < ? ORDER BY queue LIMIT 2", (prefix, prefix + "~")
        )
        found = [row["queue"] for row in rows]
        return found[0] if found[:1] == [prefix] or len(found) == 1 else None

    def counts(self) -> dict[str, dict[JobState, int]]:
        """The sources of every batch by state, the newest batch first; states without any are left out."""
        rows = self._connection.read(
            "SELECT batches.queue, state, count(*) AS number FROM batches LEFT JOIN jobs ON jobs.queue = batches.queue"
            " GROUP BY batches.queue, created_at, state ORDER BY created_at DESC, batches.queue DESC, state"
        )
        found: dict[str, dict[JobState, int]] = {}
        for row in rows:
            counts = found.setdefault(row["queue"], {})
            if row["state"] is not None:
                counts[JobState(row["state"])] = row["number"]
        return found


class Followed:
    """The addresses that one queue follows, with what their servers gave to ask again with. As Batches."""

    def __init__(self, connection: Connection, queue: str) -> None:
        self._connection = connection
        self._queue = queue

    def tag(self, address: str) -> dict[str, str] | None:
        """The validators of the last answer; None for an address that was never read."""
        rows = self._connection.read("SELECT tag FROM followed WHERE queue = ? AND address = ?", (self._queue, address))
        return json.loads(rows[0]["tag"]) if rows else None

    def note(self, address: str, tag: Mapping[str, str]) -> None:
        """The address was read, and its entries are on the queue."""
        self._connection.write(
            upsert("followed", "queue address tag", key=2), (self._queue, address, json.dumps(dict(tag)))
        )


class Outbox:
    """Things that wait, by kind ("memory", "graph"). Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, *, now: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._now = now

    @atomic
    def add(self, kind: str, namespace: str, payloads: Mapping[str, str]) -> None:
        """Keep payloads by record id; one that waits already is not doubled, and its newest words count."""
        now = self._now()
        self._connection.write_many(
            "INSERT INTO outbox (kind, namespace, record_id, payload, created_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, namespace, record_id) DO UPDATE SET payload = excluded.payload",
            [(kind, namespace, record_id, payload, now) for record_id, payload in payloads.items()],
        )

    def pending(self, kind: str, limit: int, *, after: int = 0) -> list[Undelivered]:
        """The oldest first, in all namespaces; ``after`` is the last id seen, for going on."""
        rows = self._connection.read(
            "SELECT id, namespace, kind, record_id, payload, attempts FROM outbox"
            " WHERE id > ? AND kind = ? ORDER BY id LIMIT ?",
            (after, kind, limit),
        )
        return [Undelivered(**dict(row)) for row in rows]

    def waiting(self, kind: str, namespace: str) -> list[str]:
        """Record ids of that kind, the oldest first."""
        rows = self._connection.read(
            "SELECT record_id FROM outbox WHERE kind = ? AND namespace = ? ORDER BY id", (kind, namespace)
        )
        return [row["record_id"] for row in rows]

    def strike(self, kind: str, namespace: str, record_ids: Collection[str]) -> None:
        """Strike out by record id what has arrived on another way; an id that does not wait is fine."""
        if record_ids and self._connection.read("SELECT 1 FROM outbox WHERE kind = ? LIMIT 1", (kind,)):
            self._connection.write_in(
                "DELETE FROM outbox WHERE kind = ? AND namespace = ? AND record_id IN {keys}",
                list(record_ids),
                (kind, namespace),
            )

    @atomic
    def delivered(self, ids: Sequence[int]) -> None:
        """Strike out what has arrived."""
        self._connection.write_many("DELETE FROM outbox WHERE id = ?", [(id_,) for id_ in sorted(ids)])

    @atomic
    def failed(self, ids: Sequence[int]) -> None:
        """Note one more attempt that did not arrive."""
        self._connection.write_many(
            "UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", [(id_,) for id_ in sorted(ids)]
        )

    def age(self, now: float) -> tuple[int, float, int]:
        """How many wait, for how many seconds the oldest has, and after how many attempts at most."""
        row = self._connection.read(
            "SELECT count(*) AS number, min(created_at) AS oldest, coalesce(max(attempts), 0) AS attempts FROM outbox"
        )[0]
        return int(row["number"]), max(0.0, now - row["oldest"]) if row["number"] else 0.0, int(row["attempts"])

    def counts(self) -> dict[str, int]:
        """How many wait, by kind."""
        rows = self._connection.read("SELECT kind, count(*) AS number FROM outbox GROUP BY kind ORDER BY kind")
        return {row["kind"]: row["number"] for row in rows}
