"""What a source leaves in PostgreSQL and Neo4j, and what it asks of them, on real servers with the simulated model.

python -m scripts.measure_stores [TALK.vtt …]

Without talks a worker briefs twelve short ones, as in measure_workers. Prints statements and the seconds they took,
sessions at most, rows and bytes (with indexes), model calls, tokens (four characters each), vectors, nodes and
relations. Looks of the measurement itself are among statements. The sums are to be divided by the hours of the talks.
"""

from __future__ import annotations

import re
import resource
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from neo4j import GraphDatabase
from psycopg import sql
from scripts.services_debian import postgres, rabbitmq
from scripts.services_neo4j import neo4j
from tests.scale.fleet import Fleet, talks

from autointel_bench.simulated import SimulatedModel
from autointel_bench.simulated.profile import Profile

_SHORT: Final = 12
_LOGGED: Final = re.compile(
    r"^(?P<at>\S+ \S+) UTC \[(?P<session>\d+)\] LOG:  duration: (?P<took>[\d.]+) ms"
    r"  (?P<kind>statement|parse|bind|execute)(?: [^:]*)?: (?P<sql>.*)"
)


def main(sources: list[str]) -> int:
    """0 once everything has been counted."""
    with ExitStack() as stack:
        database, other = postgres(), neo4j() if sources else rabbitmq()
        for server in (database, other):
            stack.callback(server.stop)
        model = stack.enter_context(SimulatedModel(Profile(latency=0.1, items=8 if sources else 3)))
        looking = stack.enter_context(closing(psycopg.connect(database.address, autocommit=True)))
        looking.execute("ALTER DATABASE autointel SET log_min_duration_statement = 0")
        looking.execute("ALTER DATABASE autointel SET log_parameter_max_length = 0")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = {
            "AUTOINTEL_CATALOGUE__URL": database.address,
            "AUTOINTEL_MODEL__BASE_URL": model.base_url,
            "AUTOINTEL_MODEL__NAME": "simulated",
            "AUTOINTEL_NEO4J__URI" if sources else "AUTOINTEL_QUEUE__BROKER_URL": other.address,
        }
        fleet = Fleet(folder / "home", settings)
        stack.callback(fleet.abandon)
        fleet.command("sources")  # makes the tables
        before, log = _size(looking), database.folder / "log.txt"
        with _most_sessions(database.address) as most:
            start, used = _brief(fleet, sources, folder, log)
        print(f"sources {len(sources) or _SHORT}, CPU seconds of their runs {used:.1f}, sessions at most {most[0]}")
        print(_asked(log, start))
        print(f"bytes {_size(looking) - before:,}")
        for name, size in looking.execute(_TABLES):
            count = looking.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
            print(f"  {name}: {count and count[0]:,} rows, {size:,} bytes")
        calls = list(model.calls.all)
        print(f"calls {len(calls)}, tokens in {sum(c.prompt_tokens for c in calls):,}", end=", ")
        print(f"tokens out {sum(c.completion_tokens for c in calls):,}")
        for memory in folder.rglob("memory/*.sqlite3"):
            with closing(sqlite3.connect(memory)) as vectors:
                print(
                    "vectors, bytes of one",
                    vectors.execute("SELECT count(*), max(length(vector)) FROM points").fetchone(),
                )
        if sources:
            with GraphDatabase.driver(other.address) as driver:
                found = driver.execute_query("MATCH (n) RETURN count(n), sum(COUNT { (n)-->() })")
                print("nodes and relations of the graph", found.records[0].values())
    return 0


def _brief(fleet: Fleet, sources: list[str], folder: Path, log: Path) -> tuple[int, float]:
    """Where the log stood before the first run, and the CPU seconds of the runs."""
    batch = "" if sources else fleet.start_batch(str(talks(folder / "talks", _SHORT)), engine="llm", offline=True)
    start, before = log.stat().st_size, resource.getrusage(resource.RUSAGE_CHILDREN)
    if not sources:
        fleet.hire()
        fleet.wait(batch, 600, poll=5)
        fleet.dismiss()
    for source in sources:
        fleet.command("run", source, "--engine", "llm", "--offline", code=None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _asked(log: Path, start: int) -> str:
    with log.open(encoding="utf-8", errors="replace") as lines:
        lines.seek(start)
        logged = [match for match in map(_LOGGED.search, lines) if match]
    seconds = sum(float(line["took"]) for line in logged) / 1000
    statements = sum(line["kind"] in {"statement", "execute"} for line in logged)
    began: dict[str, float] = {}  # by session: when its store took the lock of the namespace
    locked = []
    for line in logged:
        at = datetime.fromisoformat(line["at"]).timestamp()
        if line["sql"].startswith("INSERT INTO sources"):
            began.setdefault(line["session"], at)
        elif line["sql"].startswith("COMMIT") and line["session"] in began:
            locked.append(f"{at - began.pop(line['session']):.2f}")
    return f"statements {statements}, {seconds:.2f} s in all; the namespace was locked for {', '.join(locked)} s"


_TABLES: Final = """SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables
    ORDER BY pg_total_relation_size(relid) DESC LIMIT 14"""


def _size(connection: psycopg.Connection[Any]) -> int:
    row: Any = connection.execute("SELECT pg_database_size('autointel')").fetchone()
    return int(row[0])


@contextmanager
def _most_sessions(address: str) -> Iterator[list[int]]:
    """The most sessions of others that were open at once, looked at five times a second."""
    most, over = [0], threading.Event()

    def look() -> None:
        with closing(
            psycopg.connect(address, autocommit=True, options="-c log_min_duration_statement=-1")
        ) as connection:
            while not over.wait(0.2):
                row: Any = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = 'autointel'"
                ).fetchone()
                most[0] = max(most[0], row[0] - 2)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
