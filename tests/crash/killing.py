"""``autointel run`` as a process that is killed, and everything it keeps, read without the product's own code."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import ladybug

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = ROOT / "src" / "autointel" / "samples" / "free-transit.vtt"
_COMMAND: Final = (sys.executable, "-m", "autointel")
# Everything but times of writing; sources and step values are compared whole.
_KEPT: Final = {
    "sources": "namespace, id, value, title, frame, digest",
    "segments": 'namespace, source_id, position, text, start, "end", speaker, paragraph',
    "passages": 'namespace, id, source_id, position, first, last, text, start, "end", speakers',
    "records": "namespace, id, kind, source_id, passage_id, text",
    "claims": "namespace, id, source_id, value, verdict",
    "step_cache": "key, step, outcome, reason, hint, value",
    "model_cache": "key, value",
    "knowledge": "namespace, source_id, id, passage_id, weight",
    "outbox": "kind, namespace, record_id, payload",
}


@dataclass(frozen=True)
class Moment:
    """When to kill: ``seconds`` after the ``line``-th line of what the run tells of itself."""

    line: int
    seconds: float


def moments(seed: int, lines: int, count: int) -> list[Moment]:
    """Random moments, the same for the same seed. The first falls where everything is made for the first time."""
    chance = random.Random(seed)  # noqa: S311  no secret
    early = Moment(1, chance.uniform(0.0, 0.4))
    return [early, *(Moment(chance.randint(1, lines), chance.uniform(0.0, 0.3)) for _ in range(count - 1))]


@dataclass
class Machine:
    """One home, and the environment that a run there sees. ``told`` is what the last run said on stderr."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def finish(self, *arguments: str, stdin: bytes = b"", code: int = 0) -> None:
        """Carry out a command to its end, which must be with that exit code."""
        done = subprocess.run(  # noqa: S603  our own interpreter and our own words
            [*_COMMAND, *arguments], env=self._environment(), input=stdin, capture_output=True, check=False
        )
        self.told = done.stderr.decode().splitlines()
        assert done.returncode == code, done.stderr.decode()

    def kill(self, moment: Moment, *arguments: str, stdin: bytes = b"") -> bool:
        """Begin a command and kill it at that moment; False where it had ended before."""
        self.told = []
        with subprocess.Popen(  # noqa: S603
            [*_COMMAND, *arguments],
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            with suppress(BrokenPipeError):
                process.stdin.write(stdin)
                process.stdin.close()
            while len(self.told) < moment.line and (line := process.stderr.readline()):
                self.told.append(line.decode().rstrip())
            with suppress(subprocess.TimeoutExpired):
                process.wait(moment.seconds)
            process.kill()
            process.stderr.read()
        return process.returncode < 0

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.settings, "AUTOINTEL_HOME": str(self.home)}

    @property
    def catalogue(self) -> Path:
        """The catalogue's file."""
        return self.home / "catalogue.sqlite3"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the catalogue; none where it has not been made yet."""
        if not self.catalogue.exists():
            return []
        with closing(sqlite3.connect(self.catalogue)) as database, suppress(sqlite3.OperationalError):
            return database.execute(query).fetchall()
        return []

    def begun(self) -> str | None:
        """The id of the run that was begun last."""
        runs = self.rows("SELECT id FROM runs ORDER BY rowid DESC LIMIT 1")
        return runs[0][0] if runs else None

    def finished_steps(self) -> set[str]:
        """The steps of the last run that were noted as done. A declined step has no work that could be lost."""
        query = "SELECT name FROM steps WHERE outcome = 'done' AND run_id = '{}'"
        return {name for (name,) in self.rows(query.format(self.begun()))}

    def done_again(self, finished: set[str]) -> list[str]:
        """What the last run told of steps that were finished before it, and did not take from what is kept."""
        ends = re.compile("([a-z_]+) done( |$)")
        told = {found[1]: line for line in self.told if (found := ends.match(line))}
        # The first step is where the words are; memory and graph say themselves that they lacked nothing.
        marks = {"memory": " 0 new", "graph": " 0 new", "transcribe": "transcribe"}
        if not told and "brief" in finished:
            # The run had ended before it was killed, and is shown as it was saved: nothing is told of any step.
            return []
        return [told[step] for step in sorted(finished) if marks.get(step, "kept") not in told[step]]

    def kept(self) -> dict[str, Any]:
        """Everything that is kept, in a form that two homes can be compared by."""
        catalogue = {table: sorted(self.rows(f"SELECT {columns} FROM {table}")) for table, columns in _KEPT.items()}  # noqa: S608
        with closing(sqlite3.connect(self.catalogue)) as database:
            sound = database.execute("PRAGMA integrity_check").fetchall()
            found = database.execute("SELECT count(*) FROM passage_index WHERE passage_index MATCH 'fare'").fetchall()
        run = self.begun()
        steps = sorted(self.rows(f"SELECT name, outcome FROM steps WHERE run_id = '{run}'"))  # noqa: S608
        states = self.rows("SELECT state FROM runs ORDER BY rowid DESC LIMIT 1")
        return catalogue | {
            "sound": sound,
            "index": found,
            "steps": steps,
            "state": states,
            "vectors": self._vectors(),
            "graph": self._graph(),
            "report": self._report(run or ""),
        }

    def _vectors(self) -> list[Any]:
        """Everything of each point, as often as it is stored."""
        files = list(self.home.glob("memory/*.sqlite3"))
        assert len(files) == 1, files
        with closing(sqlite3.connect(files[0])) as points:
            return sorted(points.execute("SELECT id, kind, source_id, passage_id, hex(vector) FROM points"))

    def _graph(self) -> list[list[Any]]:
        """Nodes and edges with all they carry but the run that stored them."""
        with ladybug.Database(self.home / "graph" / "default.lbug") as database, ladybug.Connection(database) as asked:
            queries = (
                "MATCH (e:Entity) RETURN e.id, e.name, e.kind, e.mentions, e.confidence",
                (
                    "MATCH (a:Entity)-[r:RELATED]->(b:Entity) RETURN a.id, r.id, b.id, r.predicate, r.weight, r.quote,"
                    " r.source_id, r.passage_id, r.start"
                ),
            )
            return [sorted(asked.execute(query)) for query in queries]

    def _report(self, run: str) -> dict[str, Any]:
        """The report without what belongs to one run: its name, its clock and what it had to pay."""
        report: dict[str, Any] = json.loads((self.home / "runs" / run / "report.json").read_bytes())
        for name in ("run_id", "created_at", "timing", "usage", "steps"):
            del report[name]
        for store in ("memory", "graph"):
            # How many writes it took, and how long.
            del report[store]["layers"], report[store]["insertion"]
        return report
