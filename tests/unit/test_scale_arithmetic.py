"""Workers at a queue, simulated: ``scripts/scale_arithmetic.py``."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scripts.scale_arithmetic import MEASURED, Site, Source, compared, simulate

_TALK = Source(cpu=1.0, calls=4, latency=2.0, database=0.1)


def test_a_job_alone_takes_the_sum_of_its_parts() -> None:
    assert 1 / simulate(Site(1, 1), _TALK, 200).rate == pytest.approx(1.0 + 4 * 2.0 + 0.1, rel=0.03)


@pytest.mark.parametrize(
    ("site", "source", "most"),
    [
        (Site(4, 16), replace(_TALK, cpu=10.0), 4 * 2 / 10),
        (Site(100, 8, database_cores=1), _TALK, 1 / 0.1),
        (Site(100, 8, calls_at_once=16), _TALK, 16 / (4 * 2)),
        (Site(100, 8, requests_a_minute=600), _TALK, 600 / 60 / 4),
    ],
    ids=["cores", "database", "calls at once", "requests a minute"],
)
def test_what_is_shared_is_the_ceiling(site: Site, source: Source, most: float) -> None:
    assert simulate(site, source, 1000).rate == pytest.approx(most, rel=0.15)


def test_the_measured_rates_come_out_within_a_quarter() -> None:
    for workers, measured, simulated in compared():
        assert simulated == pytest.approx(measured, rel=0.25), f"{workers} of {len(MEASURED)} rows"
