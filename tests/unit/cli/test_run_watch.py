"""``autointel watch`` over feeds on loopback. Briefing itself is replaced at the seam of the run's child process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Lock

import pytest
from tests import examples
from tests.fakes.site import Page, Site

from autointel.adapters.home import Home
from autointel.app.children import Children, Ended
from autointel.app.run_context import NetworkAccess
from autointel.app.watch import Delivery, Extent, may_be_named
from autointel.cli.request import Request
from autointel.cli.run_watch import Watching, run_watch
from autointel.domain.report import Report
from autointel.domain.run import Outcome, StepName
from autointel.errors import SourceUnreachable, UsageError
from autointel.render.markdown import page
from autointel.settings import load

Capture = pytest.CaptureFixture[str]
RESULTS = examples.local_results()
REPORT = examples.report(examples.finished(RESULTS, markdown=page(RESULTS, ())))
PLAIN = Request("", engine="local", quiet=True)
ONCE = Watching((), None, None, Extent(backlog=1000), 1, Delivery())


class Killed(BaseException):
    """The watch ends in the middle of a source, as by kill -9: nobody notes anything."""


class Briefings(Children):
    """Runs that brief at once. ``briefed`` counts whole briefings by source and episode; ``killed`` the others."""

    numbers = count()

    def __init__(self, briefed: Counter[str], *, dies_at: int = -1, home: Home | None = None) -> None:
        super().__init__({})
        self.briefed = briefed
        self.asked: list[list[str]] = []
        self._dies_at = dies_at
        self._home = home
        self._lock = Lock()

    def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
        del heard
        episode = next((word for word in arguments if word.startswith("--episode=")), "")
        with self._lock:
            self.asked.append(list(arguments))
            if len(self.asked) == self._dies_at:
                raise Killed
            self.briefed[f"{arguments[-1]} {episode}"] += 1
            number = next(self.numbers)
        source = REPORT.source.model_copy(update={"title": f"Talk {number}"})
        report = REPORT.model_copy(update={"run_id": f"run-{number}", "source": source})
        if self._home is not None:
            self._home.write_artifact(report.run_id, "report.json", report.model_dump_json().encode())
        return Ended(0, report.model_dump_json(), (), 0.1)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with Site() as opened:
        monkeypatch.setenv("AUTOINTEL_FETCH__ALLOW_HOSTS", opened.host)
        monkeypatch.setenv("AUTOINTEL_HOME", str(Path("home").absolute()))
        monkeypatch.setenv("AUTOINTEL_QUEUE__RETRY_SECONDS", "0")
        yield opened


def feed(*guids: str, pages: str = "") -> Page:
    """The newest first, each with a transcript; with ``pages`` each with a page under it instead."""
    of = "<link>{0}/{1}</link>" if pages else '<podcast:transcript url="/{1}.vtt" type="text/vtt"/>'
    items = "".join(f"<item><title>{guid}</title><guid>{guid}</guid>{of.format(pages, guid)}</item>" for guid in guids)
    space = "https://podcastindex.org/namespace/1.0"
    body = f'<rss version="2.0" xmlns:podcast="{space}"><channel><title>T</title>{items}</channel></rss>'
    return Page(body.encode(), "application/rss+xml")


def watching(site: Site, *paths: str, backlog: int = 1000, delivery: Delivery | None = None) -> Watching:
    return Watching(tuple(map(site.url, paths)), None, None, Extent(backlog=backlog), 1, delivery or Delivery())


def guids(children: Briefings) -> list[str]:
    return [word.removeprefix("--episode=") for asked in children.asked for word in asked if "--episode=" in word]


@pytest.mark.uncounted
def test_forty_feeds_and_a_thousand_entries_are_briefed_once_each_by_two_watches_that_are_killed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOINTEL_QUEUE__ATTEMPTS", "20")  # the kills may meet one entry again and again
    feeds = [f"/{number}.xml" for number in range(40)]
    listed: dict[str, list[str]] = {path: [] for path in feeds}
    briefed: Counter[str] = Counter()

    def watch(number: int) -> None:
        with suppress(Killed):
            run_watch(PLAIN, watching(site, *feeds), Briefings(briefed, dies_at=number))

    for day in range(5):
        for path in feeds:
            listed[path][:0] = [f"e{day}-{entry}" for entry in range(5)]
            site.pages[path] = feed(*listed[path])
        for number in (7 + day, 31 + day):
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(watch, (number, number + 5)))
    watch(-1)

    assert len(briefed) == 1000
    assert set(briefed.values()) == {1}


def test_at_the_first_look_only_the_newest_are_wanted_and_later_all_that_are_new_oldest_first(site: Site) -> None:
    site.pages["/f"] = feed("c", "b", "a")
    children = Briefings(Counter())

    run_watch(PLAIN, watching(site, "/f", backlog=1), children)
    site.pages["/f"] = feed("e", "d", "c", "b", "a")
    run_watch(PLAIN, watching(site, "/f", backlog=1), children)

    assert guids(children) == ["c", "d", "e"]


def test_more_new_entries_than_the_limit_wait_for_the_next_look(site: Site) -> None:
    site.pages["/f"] = feed("a")
    children = Briefings(Counter())
    few = Watching((site.url("/f"),), None, None, Extent(backlog=0, most=2), 1, Delivery())

    run_watch(PLAIN, few, children)
    tagged = Page(feed("d", "c", "b", "a").body, "application/rss+xml", headers={"ETag": '"1"'})
    site.pages["/f"] = tagged
    run_watch(PLAIN, few, children)
    assert guids(children) == ["b", "c"]
    run_watch(PLAIN, few, children)

    assert guids(children) == ["b", "c", "d"]


def test_a_feed_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    site.pages["/f"] = Page(feed("a").body, "application/rss+xml", headers={"ETag": '"1"'})

    for _ in range(2):
        run_watch(PLAIN, watching(site, "/f"), Briefings(Counter()))

    assert [asked.headers.get("if-none-match") for asked in site.requests] == [None, '"1"']


def test_articles_of_a_feed_are_briefed_by_their_page_and_once_where_two_feeds_name_it(site: Site) -> None:
    site.pages |= {"/a": feed("x", pages=site.url()[:-1]), "/b": feed("x", "y", pages=site.url()[:-1])}
    briefed: Counter[str] = Counter()

    run_watch(PLAIN, watching(site, "/a", "/b"), Briefings(briefed))

    assert briefed == {f"{site.url('/x')} ": 1, f"{site.url('/y')} ": 1}


def test_a_page_is_briefed_again_when_its_words_change_and_not_when_its_markup_does(site: Site) -> None:
    words = "The bridge over the river was closed in March after an inspection had found cracks in two of its piers. "
    children = Briefings(Counter())
    for body, markup in ((words, "1"), (words, "2"), (words + "It opens again in May, the city says.", "3")):
        html = f'<html><body data-n="{markup}"><article><h1>Bridge</h1><p>{body * 3}</p></article></body></html>'
        site.pages["/p"] = Page(html.encode())
        run_watch(PLAIN, watching(site, "/p"), children)

    assert len(children.asked) == 2
    assert all("--refresh" in asked for asked in children.asked)


def test_a_feed_of_a_stranger_cannot_name_a_host_of_the_user_s_own(site: Site) -> None:
    outside = NetworkAccess(load().settings)

    assert not may_be_named(outside, "https://example.org/feed", site.url("/admin"))
    assert not may_be_named(outside, "https://example.org/feed", "file:///etc/passwd")
    assert may_be_named(outside, site.url("/feed"), site.url("/admin"))


def test_an_address_that_cannot_be_read_stops_no_other_and_is_said(site: Site, capsys: Capture) -> None:
    site.pages["/f"] = feed("a")
    children = Briefings(Counter())

    code = run_watch(PLAIN, watching(site, "/gone", "/f"), children)

    assert (code, guids(children)) == (1, ["a"])
    assert "has no such page (status 404)." in capsys.readouterr().err


def test_a_look_without_news_says_so_and_an_address_that_is_refused_says_what_to_do(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    site.pages["/f"] = feed("a")
    run_watch(replace(PLAIN, quiet=False), watching(site, "/f"), Briefings(Counter()))
    assert "Nothing new." not in capsys.readouterr().err

    run_watch(replace(PLAIN, quiet=False), watching(site, "/f"), Briefings(Counter()))
    assert "Nothing new." in capsys.readouterr().err

    monkeypatch.delenv("AUTOINTEL_FETCH__ALLOW_HOSTS")
    run_watch(replace(PLAIN, quiet=False), watching(site, "/f"), Briefings(Counter()))
    said = capsys.readouterr().err
    assert "AUTOINTEL_FETCH__ALLOW_HOSTS" in said
    assert "Nothing new." not in said


def test_the_digest_stands_on_stdout_in_files_and_is_called_once(site: Site, capsys: Capture) -> None:
    site.pages |= {"/f": feed("b", "a"), "/hook": Page(b"", status=204)}
    home = Home(Path("home").absolute())
    files = tuple(Path(f"d.{ending}") for ending in ("md", "rss", "json"))
    delivery = Delivery(files, command="tee -a called.json", webhook=site.url("/hook"))

    for _ in range(2):
        assert run_watch(PLAIN, watching(site, "/f", delivery=delivery), Briefings(Counter(), home=home)) == 0

    titles = [item["title"] for item in json.loads(Path("d.json").read_text())["items"]]
    assert len(titles) == 2
    assert all(title in Path("d.md").read_text() and title in Path("d.rss").read_text() for title in titles)
    assert capsys.readouterr().out.count("## ") == 2
    assert len(json.loads(Path("called.json").read_text())["items"]) == 2
    posted = [asked for asked in site.requests if asked.method == "POST"]
    assert [len(json.loads(asked.body)["items"]) for asked in posted] == [2]


class StoredLate(Briefings):
    """Runs whose memory does not get the first two briefings."""

    def run(self, arguments: Sequence[str], heard: Callable[[str], None]) -> Ended:
        ended = super().run(arguments, heard)
        report = Report.model_validate_json(ended.out)
        if len(self.asked) > 2:
            return ended
        away = {"outcome": Outcome.FAILED, "reason": "The database does not answer."}
        steps = [each.model_copy(update=away if each.name is StepName.MEMORY else {}) for each in report.steps]
        return Ended(7, report.model_copy(update={"steps": tuple(steps)}).model_dump_json(), (), 0.1)


def test_a_briefing_that_is_tried_again_because_a_store_did_not_get_it_is_printed_once(
    site: Site, capsys: Capture
) -> None:
    site.pages["/f"] = feed("a")
    children = StoredLate(Counter())

    run_watch(replace(PLAIN, json=True), watching(site, "/f"), children)

    assert guids(children) == ["a", "a", "a"]
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_digest_that_could_not_be_delivered_is_delivered_the_next_time(site: Site, capsys: Capture) -> None:
    site.pages |= {"/f": feed("a"), "/hook": Page(b"", status=500)}
    home = Home(Path("home").absolute())
    delivery = Delivery(webhook=site.url("/hook"))

    first = run_watch(PLAIN, watching(site, "/f", delivery=delivery), Briefings(Counter(), home=home))
    site.pages["/hook"] = Page(b"")
    second = run_watch(PLAIN, watching(site, "/f", delivery=delivery), Briefings(Counter(), home=home))

    assert (first, second) == (1, 0)
    assert "The webhook answered 500." in capsys.readouterr().err
    assert len([asked for asked in site.requests if asked.method == "POST"]) == 2


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (ONCE, "nothing to follow"),
        (Watching(("talk.vtt",), None, None, Extent(), 1, Delivery()), "cannot be followed"),
        (Watching(("https://x.test",), None, None, Extent(), 1, Delivery((Path("d.txt"),))), "no ending of a digest"),
        (
            Watching(("https://x.test",), None, None, Extent(), 1, Delivery(webhook="https://x.test")),
            "neither on this",
        ),
        (Watching(("https://x.test",), None, None, Extent(), 1, Delivery(webhook="http://[::1")), "neither on this"),
        (Watching(("https://x.test",), None, None, Extent(), 1, Delivery(command="say 'a")), "cannot be parsed"),
        (Watching(("https://x.test",), None, None, Extent(), 1, Delivery(command=" ")), "command is empty"),
    ],
)
def test_what_can_never_work_is_refused_before_anything_is_done(wrong: Watching, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        run_watch(PLAIN, wrong, Briefings(Counter()))


def test_a_list_of_addresses_that_is_not_there_says_so() -> None:
    with pytest.raises(SourceUnreachable, match="cannot be read"):
        run_watch(PLAIN, Watching((), "nowhere.txt", None, Extent(), 1, Delivery()), Briefings(Counter()))
