from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.fakes.site import Page, Site

from autointel.app.batches import PLAYLIST_LIMIT, Entry, entries_of, is_playlist
from autointel.domain.run import Options
from autointel.errors import SourceBlocked
from autointel.settings import Settings

FEED = b"""<rss version="2.0"><channel><title>Slow News</title>
<item><title>Three</title><guid>ep-3</guid></item><item><title>Two</title><guid>ep-2</guid></item>
<item><title>One</title><guid>ep-1</guid></item></channel></rss>"""


class Lists:
    """A downloader that finds a playlist of twelve; ``options`` are what it was made with."""

    def __init__(self) -> None:
        self.options: Mapping[str, Any] = {}

    def __call__(self, options: Mapping[str, Any]) -> Any:
        self.options = options
        return self

    def extract_info(self, url: str, *, download: bool) -> dict[str, Any]:
        assert not download
        last = int(str(self.options["playlist_items"]).partition(":")[2])
        return {"_type": "playlist", "entries": [{"url": f"{url}#{number}"} for number in range(min(last, 12))]}

    def sanitize_info(self, info: dict[str, Any]) -> dict[str, Any]:
        return info

    def close(self) -> None: ...


def expanded(source: str, limit: int | None = None, *hosts: str) -> list[Entry]:
    settings = Settings.model_validate({"fetch": {"allow_hosts": hosts}})
    return entries_of(settings, Options(source=source), limit, Lists())


@pytest.mark.parametrize(
    ("address", "one"),
    [
        ("https://www.youtube.com/playlist?list=PL1", True),
        ("https://www.youtube.com/@cityhall", True),
        ("https://www.youtube.com/@cityhall/videos", True),
        ("https://www.youtube.com/channel/UC1", True),
        ("https://www.youtube.com/watch?list=PL1", True),
        ("https://www.youtube.com/watch?v=a1B2c3D4e5F&list=PL1", False),
        ("https://youtu.be/a1B2c3D4e5F", False),
        ("https://x.test/playlist?list=1", False),
    ],
)
def test_a_list_is_told_by_its_address(address: str, one: bool) -> None:  # noqa: FBT001
    assert is_playlist(address) is one


def test_a_file_or_a_video_is_itself() -> None:
    for source in ("talk.vtt", "https://youtu.be/a1B2c3D4e5F"):
        assert expanded(source, 5) == [Entry(source)]


def test_a_playlist_is_its_first_videos() -> None:
    url = "https://www.youtube.com/playlist?list=PL1"

    assert expanded(url, 2) == [Entry(f"{url}#0"), Entry(f"{url}#1")]
    assert len(expanded(url)) == PLAYLIST_LIMIT


def test_a_feed_is_expanded_where_more_than_one_is_wanted() -> None:
    with Site({"/feed": Page(FEED, "application/rss+xml"), "/talk": Page(b"WEBVTT\n", "text/vtt")}) as site:
        url = site.url("/feed")

        assert expanded(url, None, site.host) == expanded(url, 1, site.host) == [Entry(url)]
        assert site.requests == []
        assert expanded(url, 2, site.host) == [Entry(url, "ep-3"), Entry(url, "ep-2")]
        assert expanded(site.url("/talk"), 2, site.host) == [Entry(site.url("/talk"))]
        with pytest.raises(SourceBlocked):
            expanded(url, 2)
