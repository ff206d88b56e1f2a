"""How many sources one, two and four workers brief a minute, on real servers, against the simulated model.

python -m scripts.measure_workers [--sources 200] [--workers 1,2,4] [--latency 0.25]

Starts RabbitMQ, PostgreSQL and Redis on loopback. Each number of workers gets an empty catalogue, each worker a home
of its own. Efficiency is the rate over the number of workers times the rate of one. Prints a table in Markdown, with
the load of the machine: processes that want a core, those of the measurement among them.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from scripts.services_debian import install, postgres, rabbitmq, redis
from tests.scale.fleet import Fleet, talks

from autointel_bench.simulated import SimulatedModel
from autointel_bench.simulated.profile import PROFILES, Profile

_POLL: Final = 10.0  # seconds; each look is a process of its own


def main(arguments: list[str]) -> int:
    """0 where every source was briefed once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--profile", default="typical", choices=sorted(PROFILES))
    parser.add_argument("--latency", type=float, help="seconds a call takes, instead of a profile's")
    asked = parser.parse_args(arguments)
    named = asked.profile if asked.latency is None else f"{asked.latency:g} s a call"
    profile = PROFILES[asked.profile] if asked.latency is None else Profile(latency=asked.latency)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and the servers are stopped
    install(["postgres", "rabbitmq", "redis"])
    print(f"{asked.sources} sources, simulated model ({named}), {os.cpu_count()} cores\n")
    print("| workers | seconds | sources a minute | efficiency | CPU s a source | load | briefed |")
    print("|---|---|---|---|---|---|---|")
    single, whole = 0.0, True
    broker, limits = rabbitmq(), redis()
    try:
        with SimulatedModel(profile) as model:
            for number in map(int, asked.workers.split(",")):
                settings = {
                    "AUTOINTEL_QUEUE__BROKER_URL": broker.address,
                    "AUTOINTEL_QUEUE__LIMITS_URL": limits.address,
                    "AUTOINTEL_MODEL__BASE_URL": model.base_url,
                    "AUTOINTEL_MODEL__NAME": "simulated",
                }
                seconds, cpu, briefed = _measured(settings, number, asked.sources)
                rate = asked.sources / seconds * 60
                single = single or rate / number
                whole = whole and briefed == asked.sources
                row = (
                    number,
                    f"{seconds:.0f}",
                    f"{rate:.1f}",
                    f"{rate / number / single:.0%}",
                    f"{cpu / asked.sources:.1f}",
                    f"{os.getloadavg()[2]:.1f}",
                )
                print(f"| {' | '.join(map(str, row))} | {briefed} of {asked.sources} |", flush=True)
    finally:
        broker.stop()
        limits.stop()
    return 0 if whole else 1


def _measured(settings: dict[str, str], workers: int, sources: int) -> tuple[float, float, int]:
    """Seconds from the first call to the last briefing, CPU seconds of all workers and runs, and sources briefed."""
    database = postgres()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fleet = Fleet(folder / "home", {**settings, "AUTOINTEL_CATALOGUE__URL": database.address}, apart=True)
        try:
            batch = fleet.start_batch(str(talks(folder / "talks", sources)), engine="llm", offline=True)
            began = time.monotonic()
            for _ in range(workers):
                fleet.hire()
            jobs = fleet.wait(batch, 36_000, poll=_POLL)
            seconds = time.monotonic() - began
            before = resource.getrusage(resource.RUSAGE_CHILDREN)  # without the commands that looked
            fleet.dismiss()
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            return seconds, cpu, sum(job["state"] in {"done", "partial"} for job in jobs)
        finally:
            fleet.abandon()
            database.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
