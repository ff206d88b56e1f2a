"""From one machine to a thousand: workers at a queue, simulated, and first compared with what was measured.

python -m scripts.scale_arithmetic [--latency 10] [--jobs 8]

A job takes a source, computes, asks the catalogue and the model in turns, stores, and takes the next. Cores, the
database's cores, the model's server and a namespace's lock serve whoever comes first. After the first lines every
figure is simulated or computed.
"""

from __future__ import annotations

import argparse
import heapq
import random
import sys
from collections import deque
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class Source:
    """What briefing one source takes: seconds of a core, model calls one after another, and the catalogue's part."""

    cpu: float
    calls: int
    latency: float  # seconds a call
    database: float  # seconds of one of its cores
    looks: float = 0.0  # the same for each job at work: who takes a source asks whether the others' owners live
    storing: float = 0.0  # seconds in which nobody else writes to the namespace
    beside: float = 0.0  # seconds in which none of these is in work: processes start, workers look


@dataclass(frozen=True)
class Site:
    """``machines`` with so many cores and jobs each; the model's limits are those of all together."""

    machines: int
    jobs: int
    cores: int = 2
    database_cores: int = 16  # none: it works on the first machine's
    calls_at_once: int = 0  # 0: no limit
    requests_a_minute: int = 0


@dataclass(frozen=True)
class Outcome:
    """Sources a second; shares of the time in which cores, the database and the lock of the namespace are busy."""

    rate: float
    busy: tuple[float, float, float]


class _Station:
    """So many places, first come first served; requests come in the order of time."""

    def __init__(self, places: int) -> None:
        self._free, self.served = [0.0] * places, 0.0

    def end(self, now: float, seconds: float) -> float:
        """When a request of ``now`` that takes so long is done."""
        self.served += seconds
        heapq.heapreplace(self._free, end := max(now, self._free[0]) + seconds)
        return end


def simulate(site: Site, source: Source, sources: int) -> Outcome:
    """Brief so many sources. Bursts and calls vary by a fifth, alike in every simulation."""
    chance = random.Random(7)  # noqa: S311  no secret
    machines = [_Station(site.cores) for _ in range(site.machines)]
    cores = site.database_cores or site.cores
    database = _Station(cores) if site.database_cores else machines[0]
    model, namespace = _Station(site.calls_at_once or 1), _Station(1)  # one writer at a time
    asked: deque[float] = deque([-60.0] * site.requests_a_minute, maxlen=site.requests_a_minute)
    jobs, turns = min(sources, site.machines * site.jobs), source.calls + 1
    # An event: when, which job, and which third of which turn of its source is next.
    events = [(chance.random() * source.latency, job, 0) for job in range(jobs)]
    heapq.heapify(events)
    waiting, last = sources - jobs, 0.0
    while events:
        now, job, step = heapq.heappop(events)
        turn, part = divmod(step, 3)
        vary = chance.uniform(0.8, 1.2)
        if turn == turns:
            waiting, last, step, end = waiting - 1, now, -1, now
            if waiting < 0:
                continue
        elif part == 0:
            end = machines[job % site.machines].end(now, vary * source.cpu / turns)
        elif part == 1:
            end = database.end(now, vary * (source.database + source.looks * jobs) / turns)
        elif turn == source.calls:
            end = namespace.end(now, vary * source.storing) + source.beside
        else:
            begin = max(now, asked[0] + 60.0) if asked else now
            asked.append(begin)
            end = begin + vary * source.latency
            end = model.end(begin, end - begin) if site.calls_at_once else end
        heapq.heappush(events, (end, job, step + 1))
    busy = sum(each.served for each in machines) / site.machines / site.cores
    return Outcome(sources / last, (busy / last, database.served / cores / last, namespace.served / last))


# Measured by scripts/measure_workers.py on two busy cores, 0.1 s a call: workers, sources a minute, CPU s a source.
MEASURED: Final = ((1, 23.8, 0.7), (2, 43.6, 0.8), (4, 68.5, 0.9))
# Measured by scripts/measure_stores.py: a short talk, and an hour of the three debates.
SHORT: Final = Source(cpu=0.7, calls=12, latency=0.1, database=0.2)
HOUR: Final = Source(cpu=1.5, calls=17, latency=10, database=0.23, looks=0.00009, storing=0.2)
KEPT: Final = {"catalogue rows": 1_700, "catalogue GB": 0.0018, "vectors": 102, "graph": 71}
TOKENS_IN, TOKENS_OUT, SESSIONS = 41_000, 6_100, 5
_LOOKING: Final = 0.00115  # seconds a source waits for its looks, for each job at work
_VECTOR: Final = 256 * 4 * 1.5  # bytes of memory, with the index: Qdrant's own rule


def compared() -> list[tuple[int, float, float]]:
    """Workers, sources a minute as measured and as simulated; ``beside`` is fitted to the first row."""
    bare = 1 / simulate(Site(1, 1, database_cores=0), SHORT, 200).rate
    source = replace(SHORT, beside=max(0.0, 60 / MEASURED[0][1] - bare))
    return [
        (workers, rate, 60 * simulate(Site(1, workers, database_cores=0), replace(source, cpu=cpu), 200).rate)
        for workers, rate, cpu in MEASURED
    ]


def main(arguments: list[str]) -> int:
    """Print the tables; 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=HOUR.latency, help="seconds a call")
    parser.add_argument("--jobs", type=int, default=8, help="at once on a machine of two cores")
    given = parser.parse_args(arguments)
    for workers, rate, simulated in compared():
        print(f"{workers} workers, sources a minute: {rate:.1f}, simulated {simulated:.1f} ({simulated / rate:.2f} x)")
    for machines in (1, 10, 100, 1000):
        site, sources = Site(machines, given.jobs), 4 * machines * given.jobs
        hour = replace(HOUR, latency=given.latency, beside=_LOOKING * machines * given.jobs)
        free = simulate(site, replace(hour, looks=0.0, storing=0.0, beside=0.0), sources)
        found = simulate(site, hour, sources)
        kept = {name: each * found.rate * 86_400 for name, each in KEPT.items()}
        print(f"\n{machines} machines, {sources // 4} jobs, {sources // 4 * SESSIONS} sessions of PostgreSQL")
        print(f"hours of talk an hour {found.rate * 3600:,.0f}, without lock and looks {free.rate * 3600:,.0f}")
        print("busy: cores {:.0%}, database {:.0%}, namespace {:.0%}".format(*found.busy), end=", ")
        print(f"messages a second {3 * found.rate:.2f}, calls a minute {60 * hour.calls * found.rate:,.0f}")
        print("in a day:", ", ".join(f"{name} {each:,.1f}" for name, each in kept.items()), end=", ")
        print(f"GB of memory for vectors {kept['vectors'] * _VECTOR / 1e9:,.2f}")
    print(f"\na million hours: {TOKENS_IN:,} million tokens in, {TOKENS_OUT:,} million out: computed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
