"""``autointel watch`` over forty feeds, with real runs: two watches at once, killed and started again."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.fakes.site import Page, Site
from tests.scale.fleet import Fleet
from tests.unit.cli.test_run_watch import feed

pytestmark = [pytest.mark.timeout(7200), pytest.mark.xdist_group("scale")]
_FEEDS: Final = 40
# A thousand of them: AUTOINTEL_TEST_ENTRIES=1000, half an hour on two quiet cores.
_ENTRIES: Final = int(os.environ.get("AUTOINTEL_TEST_ENTRIES", "80"))
_DAYS: Final = 2 if _ENTRIES < 5 * _FEEDS else 5
_KILLS_A_DAY: Final = 5
_TOWNS: Final = "Aarhus Bergen Cork Delft Essen Faro Ghent Halle Innsbruck Jena Krakow Lille Malmo Nantes Oulu".split()
_WORKS: Final = "bridge school harbour library market stadium theatre tunnel museum hospital station reservoir".split()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


@pytest.fixture
def fleet(site: Site, tmp_path: Path) -> Iterator[Fleet]:
    settings = {
        "AUTOINTEL_FETCH__ALLOW_HOSTS": site.host,
        "AUTOINTEL_QUEUE__ATTEMPTS": "20",  # attempts that end by a kill count
        "AUTOINTEL_QUEUE__RETRY_SECONDS": "1",
    }
    fleet = Fleet(tmp_path / "home", settings)
    yield fleet
    fleet.abandon()


def test_each_entry_of_forty_feeds_is_briefed_once_by_two_watches_that_are_killed_and_started_again(
    fleet: Fleet, site: Site, tmp_path: Path
) -> None:
    listed: dict[int, list[str]] = {number: [] for number in range(_FEEDS)}
    addresses = tmp_path / "feeds.txt"
    addresses.write_text("".join(f"{site.url(f'/{number}.xml')}\n" for number in listed))
    site.pages["/hook"] = Page(status=204)
    words = ["watch", "--from", str(addresses), "--once", "--backlog", "1000", "--limit", "1000"]
    words += ["--engine", "local", "--quiet", "--webhook", site.url("/hook")]

    chance = random.Random(16)  # noqa: S311  no secret
    for day in range(_DAYS):
        for number, guids in listed.items():
            guids[:0] = [f"{number}-{day}-{at}" for at in range(_ENTRIES // _FEEDS // _DAYS)]
            site.pages |= {f"/{guid}.vtt": Page(talk(guid).encode(), "text/vtt") for guid in guids}
            site.pages[f"/{number}.xml"] = feed(*guids)
        for _ in range(2):
            fleet.start(*words)
        # Each kill falls into a briefing: soon after its transcript was asked for.
        for number in sorted(chance.sample(range(1, _ENTRIES // _DAYS), _KILLS_A_DAY)):
            while len(asked_for(site)) < day * _ENTRIES // _DAYS + number:
                time.sleep(0.1)
            fleet.kill(chance.choice(fleet.workers))
            fleet.start(*words)
        assert fleet.ended(_ENTRIES * 30) == [0, 0]

    entries = sorted(guid for guids in listed.values() for guid in guids)
    posts = [json.loads(asked.body)["items"] for asked in site.requests if asked.method == "POST"]
    # A post that is repeated because its watch was killed before it could note it has the ids of the first.
    announced = {item["id"]: item["title"] for items in posts for item in items}
    assert len(entries) == _ENTRIES
    assert sorted(announced.values()) == entries
    assert fleet.read("title") == entries


def asked_for(site: Site) -> set[str]:
    """The transcripts that were asked for."""
    return {path for path in site.paths if path.endswith(".vtt")}


def talk(name: str) -> str:
    """Four sentences that no other talk has: alike talks would be versions of one source."""
    chance = random.Random(name)  # noqa: S311  no secret
    cues = [
        f"{at:02}:00.000 --> {at:02}:30.000\nIn {chance.randint(1500, 2020)} the people of {chance.choice(_TOWNS)} paid"
        f" {chance.randint(2, 900)} million for a {chance.choice(_WORKS)}, and {chance.randint(3, 90)} engineers from"
        f" {chance.choice(_TOWNS)} finished it after {chance.randint(2, 60)} months."
        for at in range(4)
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"
