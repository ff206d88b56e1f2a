from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from tests.fakes.site import Exchange, Page, Site, drip, flood, hang_up, redirect

from autointel.adapters.fetch.addresses import AddressRule
from autointel.adapters.fetch.fetcher import Limits, SafeFetcher
from autointel.errors import FetchFailed, HomeUnusable, SourceBlocked
from autointel.ports import Fetched

SOUND = bytes(range(256)) * 400


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/talk.mp3": Page(SOUND, "audio/mpeg")}) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def download(site: Site, path: Path, limits: Limits | None = None) -> Fetched:
    fetcher = SafeFetcher(AddressRule.of([site.host]), media_limits=limits or Limits())

    async def run() -> Fetched:
        try:
            return await fetcher.download(site.url("/talk.mp3"), path)
        finally:
            await fetcher.close()

    return anyio.run(run)


class Breaking:
    """Breaks off after ``step`` bytes of what was asked for, each time."""

    def __init__(self, step: int, *, tag: str = '"v1"', changes: bool = False) -> None:
        self.step, self.tag, self.changes, self.times = step, tag, changes, 0

    def __call__(self, exchange: Exchange) -> None:
        self.times += 1
        asked = exchange.asked.headers
        offset = int(asked.get("range", "bytes=0-")[6:-1])
        if self.changes and asked.get("if-range"):
            exchange.send(Page(b"another edition", "audio/mpeg"))
            return
        rest = SOUND[offset:]
        span = f"bytes {offset}-{len(SOUND) - 1}/{len(SOUND)}"
        headers = {"ETag": self.tag, "Content_Length": str(len(rest)), "Content_Range": span}
        exchange.begin(status="206" if offset else "200", **headers)
        exchange.wfile.write(rest[: self.step])


def test_a_file_arrives_whole_and_alone(site: Site, folder: Path) -> None:
    answer = download(site, folder / "a.mp3")

    assert (answer.content_type, answer.body) == ("audio/mpeg", b"")
    assert (folder / "a.mp3").read_bytes() == SOUND
    assert [path.name for path in folder.iterdir()] == ["a.mp3"]
    assert site.requests[0].headers["accept-encoding"] == "identity"


def test_a_break_is_mended_from_where_it_broke(site: Site, folder: Path) -> None:
    site.pages["/talk.mp3"] = Breaking(30_000)

    download(site, folder / "a.mp3")

    assert (folder / "a.mp3").read_bytes() == SOUND
    assert [asked.headers.get("range") for asked in site.requests] == [
        None,
        "bytes=30000-",
        "bytes=60000-",
        "bytes=90000-",
    ]
    assert {asked.headers.get("if-range") for asked in site.requests[1:]} == {'"v1"'}


def test_a_file_that_changed_meanwhile_is_begun_again(site: Site, folder: Path) -> None:
    site.pages["/talk.mp3"] = Breaking(30_000, changes=True)

    download(site, folder / "a.mp3")

    assert (folder / "a.mp3").read_bytes() == b"another edition"


@pytest.mark.parametrize("tag", ["", 'W/"v1"'])
def test_without_a_firm_validator_nothing_is_stitched_together(tag: str, site: Site, folder: Path) -> None:
    site.pages["/talk.mp3"] = Breaking(30_000, tag=tag)

    with pytest.raises(FetchFailed, match="broke off"):
        download(site, folder / "a.mp3")

    assert list(folder.iterdir()) == []


def test_what_an_interrupted_run_left_is_gone_on_with(site: Site, folder: Path) -> None:
    site.pages["/talk.mp3"] = Breaking(len(SOUND))
    (folder / "a.mp3.part").write_bytes(SOUND[:1000])
    (folder / "a.mp3.tag").write_text('"v1"')

    download(site, folder / "a.mp3")

    assert site.requests[0].headers["range"] == "bytes=1000-"
    assert (folder / "a.mp3").read_bytes() == SOUND
    assert [path.name for path in folder.iterdir()] == ["a.mp3"]


def test_an_interruption_leaves_what_the_next_run_needs(site: Site, folder: Path) -> None:
    arrived = anyio.Event()

    def stall(exchange: Exchange) -> None:
        exchange.begin(ETag='"v1"', Content_Length="100000")
        exchange.wfile.write(SOUND[:5000])
        exchange.site.closing.wait(60)

    site.pages["/talk.mp3"] = stall
    fetcher = SafeFetcher(AddressRule.of([site.host]))

    async def watch() -> None:
        part = folder / "a.mp3.part"
        while not (part.exists() and (folder / "a.mp3.tag").exists()):
            await anyio.lowlevel.checkpoint()
        arrived.set()

    async def run() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            group.start_soon(fetcher.download, site.url("/talk.mp3"), folder / "a.mp3")
            await arrived.wait()
            group.cancel_scope.cancel()
        await fetcher.close()

    anyio.run(run)

    assert sorted(path.name for path in folder.iterdir()) == ["a.mp3.part", "a.mp3.tag"]
    assert (folder / "a.mp3.tag").read_text() == '"v1"'


@pytest.mark.parametrize("status", [404, 403, 500, 206, 304])
def test_any_status_but_success_leaves_nothing(status: int, site: Site, folder: Path) -> None:
    site.pages["/talk.mp3"] = Page(b"" if status == 304 else b"sorry", status=status)

    with pytest.raises(FetchFailed, match=f"answered {status}"):
        download(site, folder / "a.mp3")

    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "limits"),
    [
        (hang_up, Limits()),
        (drip, Limits(deadline_seconds=0.3)),
        (flood, Limits(max_bytes=200_000)),
        (Page(SOUND), Limits(max_bytes=1000)),
        (Page(SOUND, headers={"Content-Encoding": "gzip"}), Limits()),
        (redirect("http://169.254.169.254/"), Limits()),
    ],
)
def test_whatever_goes_wrong_leaves_nothing(
    answer: Page | Callable[[Exchange], None], limits: Limits, site: Site, folder: Path
) -> None:
    site.pages["/talk.mp3"] = answer

    with pytest.raises((FetchFailed, SourceBlocked)):
        download(site, folder / "a.mp3", limits)

    assert list(folder.iterdir()) == []


def test_a_failed_download_does_not_touch_the_file_of_an_earlier_one(site: Site, folder: Path) -> None:
    (folder / "a.mp3").write_bytes(b"earlier")
    site.pages["/talk.mp3"] = hang_up

    with pytest.raises(FetchFailed):
        download(site, folder / "a.mp3")

    assert (folder / "a.mp3").read_bytes() == b"earlier"


def test_a_folder_that_takes_no_files_is_said(site: Site, folder: Path) -> None:
    (folder / "file").write_bytes(b"")

    with pytest.raises(HomeUnusable, match="cannot take a download"):
        download(site, folder / "file" / "a.mp3")
