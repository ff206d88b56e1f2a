"""Runs: what each was asked, how far it came, how long its steps took; and how long calls, stores and queries took."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from autointel.adapters.catalogue.connection import Connection, Row, parsed, upsert
from autointel.domain.catalogue import RunRecord, RunStatus, printable
from autointel.domain.performance import Measure
from autointel.domain.run import Engine, Options, RunId, StepName, StepReport, Timing, Usage
from autointel.domain.transcript import Source

_DAY: Final = 86_400.0


class Runs:
    """Every run, in all namespaces. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, run: RunId, options: Options) -> None:
        """Note a run before its first step; a run that is resumed keeps its options and is running again."""
        source = printable(options.source)
        self._connection.write(
            "INSERT INTO runs (id, namespace, created_at, options, source, engine, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET state = excluded.state",
            (
                run.id,
                options.namespace,
                run.created_at.isoformat(),
                options.model_copy(update={"source": source}).model_dump_json(),
                source,
                options.engine,
                RunStatus.RUNNING,
            ),
        )

    def name(self, run_id: str, source: Source) -> None:
        """Note what a run reads, as soon as that is known."""
        self._connection.write(
            "UPDATE runs SET source_id = ?, title = ? WHERE id = ?", (source.id, source.title, run_id)
        )

    def step(self, run_id: str, report: StepReport) -> None:
        """Note how a step ended; a step done again replaces what was noted."""
        self._connection.write(
            upsert("steps", "run_id name outcome seconds value", key=2),
            (run_id, report.name, report.outcome, report.seconds, report.model_dump_json()),
        )

    def end(self, run_id: str, state: RunStatus, *, timing: Timing | None = None, usage: Usage | None = None) -> None:
        """Note how a run ended."""
        self._connection.write(
            "UPDATE runs SET state = ?, timing = ?, usage = ? WHERE id = ?",
            (state, timing and timing.model_dump_json(), usage and usage.model_dump_json(), run_id),
        )

    def end_abandoned(self, alive_among: Callable[[Collection[str]], set[str]]) -> int:
        """Note as interrupted every run that is recorded as running and that has no process any more; how many.

        Such a run was killed, or could not note its end because the catalogue was away.
        """
        running = self._connection.read("SELECT id FROM runs WHERE state = 'running'")
        alive = alive_among([row["id"] for row in running])
        gone = [row["id"] for row in running if row["id"] not in alive]
        if not gone:
            return 0
        # A run that came to its end meanwhile keeps that end.
        return self._connection.write_in(
            "UPDATE runs SET state = ? WHERE state = 'running' AND id IN {keys}", gone, (RunStatus.INTERRUPTED,)
        )

    def find(self, run_id: str) -> RunRecord | None:
        """The run with this id or, where that is unambiguous, one whose id begins so."""
        # A range instead of LIKE, which would walk the whole table; "~" sorts after every letter of an id.
        rows = self._connection.read(
            "SELECT * FROM runs WHERE id >= ? AND id < ? ORDER BY id LIMIT 2", (run_id, run_id + "~")
        )
        exact = [row for row in rows if row["id"] == run_id]
        chosen = exact or rows
        return _record(chosen[0]) if len(chosen) == 1 else None

    def has_read(self, address: str, namespace: str) -> bool:
        """Whether an earlier run found words at this address, as it was typed."""
        rows = self._connection.read(
            "SELECT 1 FROM runs WHERE namespace = ? AND source_id IS NOT NULL AND source = ? LIMIT 1",
            (namespace, printable(address)),
        )
        return bool(rows)

    def of_source(self, source_id: str, namespace: str, names: Sequence[str] = ()) -> list[str]:
        """The ids of the runs that read it, and of those that were asked for one of ``names`` and never got so far."""
        rows = self._connection.read_in(
            "SELECT id FROM runs WHERE namespace = ? AND (source_id = ?"
            " OR (source_id IS NULL AND source IN {keys})) ORDER BY rowid",
            names,
            (namespace, source_id),
        )
        return [row["id"] for row in rows]

    def ended_early(self, source_id: str, like: str) -> list[str]:
        """The ids of runs that did not come to their end and read this source, or were asked for what ``like`` was."""
        rows = self._connection.read(
            "SELECT runs.id FROM runs JOIN runs AS own ON own.id = ? AND own.namespace = runs.namespace"
            " WHERE runs.state IN (?, ?) AND (runs.source_id = ? OR runs.source = own.source)",
            (like, RunStatus.INTERRUPTED, RunStatus.FAILED, source_id),
        )
        return [row["id"] for row in rows]

    def of_namespace(self, namespace: str) -> list[str]:
        """The ids of its runs, the oldest first."""
        rows = self._connection.read("SELECT id FROM runs WHERE namespace = ? ORDER BY rowid", (namespace,))
        return [row["id"] for row in rows]

    def typed_as(self, names: Sequence[str], namespace: str) -> list[str]:
        """The ids of the runs whose source was typed as one of ``names``, the oldest first."""
        rows = self._connection.read_in(
            "SELECT id FROM runs WHERE namespace = ? AND source IN {keys} ORDER BY rowid",
            names,
            (namespace,),
        )
        return [row["id"] for row in rows]

    def finished(self, namespace: str) -> dict[str, RunRecord]:
        """The latest run of each source that came to its end, by the source's id."""
        rows = self._connection.read(
            "SELECT * FROM runs WHERE namespace = ? AND source_id IS NOT NULL AND state IN (?, ?) ORDER BY rowid",
            (namespace, RunStatus.DONE, RunStatus.PARTIAL),
        )
        latest = {row["source_id"]: row for row in rows}
        return {source_id: _record(row) for source_id, row in latest.items()}

    def latest(self, limit: int = 20) -> list[RunRecord]:
        """The newest runs first, by the order they began in, not by the clock."""
        return [
            _record(row) for row in self._connection.read("SELECT * FROM runs ORDER BY rowid DESC LIMIT ?", (limit,))
        ]

    def since(self, moment: datetime) -> list[RunRecord]:
        """The runs of all namespaces that began at ``moment`` (UTC) or later, the oldest first."""
        rows = self._connection.read(
            "SELECT * FROM runs WHERE created_at >= ? ORDER BY created_at, rowid", (moment.isoformat(),)
        )
        return [_record(row) for row in rows]

    def steps(self, run_ids: Sequence[str]) -> dict[str, tuple[StepReport, ...]]:
        """The steps of each of these runs, in the crew's order."""
        order = {name: position for position, name in enumerate(StepName)}
        found: dict[str, list[StepReport]] = {run_id: [] for run_id in run_ids}
        for row in self._connection.read_in("SELECT run_id, value FROM steps WHERE run_id IN {keys}", run_ids):
            found[row["run_id"]].append(parsed(StepReport, row["value"]))
        return {run_id: tuple(sorted(steps, key=lambda step: order[step.name])) for run_id, steps in found.items()}

    def seconds_of(self, step: StepName, limit: int = 1000) -> list[tuple[str, float]]:
        """Run id and seconds of this step's latest times, newest run first, whatever its outcome."""
        rows = self._connection.read(
            "SELECT runs.id, steps.seconds FROM runs JOIN steps ON steps.run_id = runs.id AND steps.name = ?"
            " ORDER BY runs.rowid DESC LIMIT ?",
            (step, limit),
        )
        return [(row["id"], row["seconds"]) for row in rows]


def _record(row: Row) -> RunRecord:
    return RunRecord(
        id=row["id"],
        namespace=row["namespace"],
        created_at=datetime.fromisoformat(row["created_at"]),
        options=parsed(Options, row["options"]),
        engine=Engine(row["engine"]),
        state=RunStatus(row["state"]),
        source_id=row["source_id"],
        title=row["title"],
        timing=row["timing"] and parsed(Timing, row["timing"]),
        usage=row["usage"] and parsed(Usage, row["usage"]),
    )


class Measures:
    """Times of all namespaces. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, *, now: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._now = now

    def note(self, measures: Sequence[Measure], *, keep_days: float, waits: bool = True) -> None:
        """Keep these as of now, and remove what is older than ``keep_days``: measures, not runs.

        Without ``waits`` they are left out while another writer is at work.
        """
        within = self._connection.atomically if waits else self._connection.if_free
        within(partial(self._note, measures, keep_days))

    def _note(self, measures: Sequence[Measure], keep_days: float) -> None:
        now = self._now()
        self._connection.write_many(
            "INSERT INTO measures (at, kind, name, seconds, failed, cached) VALUES (?, ?, ?, ?, ?, ?)",
            [(now, each.kind, each.name, each.seconds, int(each.failed), int(each.cached)) for each in measures],
        )
        self._connection.write(
            f"DELETE FROM measures WHERE id IN (SELECT id FROM measures WHERE at < ? {self._connection.skip_locked})",  # noqa: S608
            (now - keep_days * _DAY,),
        )

    def since(self, at: float) -> list[Measure]:
        """All since ``at`` (Unix seconds), the oldest first."""
        rows = self._connection.read(
            "SELECT at, kind, name, seconds, failed, cached FROM measures WHERE at >= ? ORDER BY at, id", (at,)
        )
        return [Measure(**dict(row)) for row in rows]
