from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.adapters.sources.podcasts.feed import Feed, parse_feed, pick, published_at
from autointel.adapters.sources.web.page import Link
from autointel.errors import NoTranscript, UsageError

URL = "https://show.test/feed.xml"
FEED = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
     xmlns:pod="https://podcastindex.org/namespace/1.0">
<channel><title>Slow News</title><language>en-GB</language><itunes:author>Ada Lind</itunes:author>
<item><title>The bridge</title><guid isPermaLink="false">ep-1</guid><link>/1</link>
 <pubDate>Mon, 01 Apr 2024 06:00:00 GMT</pubDate><itunes:episode>41</itunes:episode>
 <itunes:duration>1:02:03</itunes:duration>
 <enclosure url="https://cdn.test/1.mp3?a=b" type="audio/mpeg" length="1"/>
 <pod:transcript url="/1.srt" type="application/x-subrip"/>
 <pod:transcript url="https://show.test/1.vtt" type="text/vtt" language="en"/>
 <pod:chapters url="/1.json" type="application/json+chapters"/></item>
<item><title>The ferry</title><guid isPermaLink="false">ep-2</guid><link>https://show.test/2</link>
 <pubDate>Mon, 08 Apr 2024 06:00:00 GMT</pubDate><itunes:episode>42</itunes:episode>
 <enclosure url="https://cdn.test/2.mp3" type="audio/mpeg" length="1"/></item>
<item><title>The ferry, again</title><guid isPermaLink="false">ep-0</guid>
 <pubDate>Mon, 25 Mar 2024 06:00:00 GMT</pubDate><itunes:duration>90</itunes:duration></item>
</channel></rss>"""


@pytest.fixture(scope="module")
def feed() -> Feed:
    return parse_feed(FEED, URL)


def test_episodes_stand_newest_first(feed: Feed) -> None:
    assert [episode.title for episode in feed.episodes] == ["The ferry", "The bridge", "The ferry, again"]
    assert (feed.title, feed.author, feed.language) == ("Slow News", "Ada Lind", "en")


def test_an_episode_has_all_that_its_item_says(feed: Feed) -> None:
    bridge = feed.episodes[1]

    assert (bridge.guid, bridge.page, bridge.sound) == ("ep-1", "https://show.test/1", "https://cdn.test/1.mp3?a=b")
    assert (bridge.day, bridge.duration, bridge.number) == (date(2024, 4, 1), 3723.0, 41)
    assert bridge.chapters == "https://show.test/1.json"


def test_all_transcripts_are_kept_whatever_the_prefix_of_their_namespace(feed: Feed) -> None:
    assert feed.episodes[1].transcripts == (
        Link("https://show.test/1.srt", "", "application/x-subrip"),
        Link("https://show.test/1.vtt", "en", "text/vtt"),
    )


@pytest.mark.parametrize(
    ("wanted", "guid"),
    [
        (None, "ep-2"),
        ("ep-0", "ep-0"),
        ("41", "ep-1"),
        ("1", "ep-2"),
        ("3", "ep-0"),
        ("the bridge", "ep-1"),
        ("The ferry", "ep-2"),
        ("again", "ep-0"),
        ("https://show.test/2", "ep-2"),
    ],
)
def test_an_episode_is_meant_by_guid_number_place_or_title(feed: Feed, wanted: str | None, guid: str) -> None:
    assert pick(feed, wanted).guid == guid


@pytest.mark.parametrize("wanted", ["99", "0", "nothing like it", "", "ferr"])
def test_what_means_none_or_several_is_refused_with_what_there_is(feed: Feed, wanted: str) -> None:
    with pytest.raises(UsageError) as refused:
        pick(feed, wanted)

    assert "The ferry" in refused.value.hint


def test_an_atom_feed_is_read_too() -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Atoms</title><entry><id>urn:1</id><title>One</title>
    <updated>2024-01-02T03:04:05Z</updated><link rel="enclosure" href="https://cdn.test/1.mp3"/></entry></feed>"""

    (episode,) = parse_feed(atom, URL).episodes

    assert (episode.guid, episode.sound, episode.day) == ("urn:1", "https://cdn.test/1.mp3", date(2024, 1, 2))


def test_links_that_are_no_web_addresses_are_dropped() -> None:
    feed = parse_feed(
        FEED.replace(b"https://cdn.test/2.mp3", b"file:///etc/passwd").replace(b"/1.srt", b"gopher://127.0.0.1/"), URL
    )

    assert feed.episodes[0].sound == ""
    assert [link.url for link in feed.episodes[1].transcripts] == ["https://show.test/1.vtt"]


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"\x00\xff", b"<rss><channel/></rss>", b"{}", b"<rss"])
def test_what_holds_no_episode_says_so(data: bytes) -> None:
    with pytest.raises(NoTranscript):
        parse_feed(data, URL)


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0" encoding="u\x9df-8"?><rss><channel><item><title>A</title></item></channel></rss>',
        b"<rss version='2.0'><channel><image><url>x</ur><width>10</l>15</height></image></channel></rss>",
    ],
)
def test_a_feed_that_the_parser_dies_on_is_refused_like_any_other(data: bytes) -> None:
    with pytest.raises(NoTranscript) as refused:
        parse_feed(data, URL)

    assert refused.value.hint


def test_bytes_that_name_a_file_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_bytes(FEED)

    with pytest.raises(NoTranscript):
        parse_feed(str(secret).encode(), URL)


def test_no_entity_is_expanded_and_no_file_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret words")
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{lol}<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    bomb = FEED.replace(b"<rss ", head.encode() + b"<rss ", 1).replace(b"The bridge", b"The bridge &l11; &x;")

    feed = parse_feed(bomb, URL)

    assert all("top secret" not in episode.title and len(episode.title) < 400 for episode in feed.episodes)


def test_a_feed_that_breaks_off_gives_what_came() -> None:
    assert [episode.guid for episode in parse_feed(FEED[: FEED.index(b"ep-2") - 30], URL).episodes] == ["ep-1"]


def test_a_broken_date_and_duration_are_no_reason_to_lose_an_episode() -> None:
    broken = FEED.replace(b"Mon, 08 Apr 2024 06:00:00 GMT", b"some day").replace(b"1:02:03", b"an hour")

    feed = parse_feed(broken, URL)

    assert {episode.guid: episode.duration for episode in feed.episodes} == {"ep-1": None, "ep-0": 90.0, "ep-2": None}


def _listed(*items: tuple[str, str, str]) -> Feed:
    rows = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid><pubDate>{date}</pubDate>{rest}</item>"
        for title, date, rest in items
    )
    return parse_feed(f"<rss version='2.0'><channel><title>T</title>{rows}</channel></rss>".encode(), URL)


SOUND = "<enclosure url='https://cdn.test/x.mp3' type='audio/mpeg' length='1'/>"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Tue, 05 Mar 2024 10:00:00 +0100", date(2024, 3, 5)),
        ("5 March 2024 10:00 GMT", date(2024, 3, 5)),
        ("2024-03-05T10:00:00Z", date(2024, 3, 5)),
        ("2016/6/29 15:07:41", date(2016, 6, 29)),
        ("2016.06.29", date(2016, 6, 29)),
        ("Di, 05 Mär 2024 10:00:00 +0100", None),
        ("05/03/2024", None),
        ("31 Feb 2024 10:00:00 GMT", None),
        ("2024-13-45", None),
        ("yesterday", None),
    ],
)
def test_a_date_is_read_for_certain_or_left_out(written: str, day: date | None) -> None:
    assert _listed(("One", written, SOUND)).episodes[0].day == day


def test_an_episode_without_a_readable_date_stays_where_it_stands() -> None:
    feed = _listed(
        ("New", "Di, 05 Mär 2024 10:00:00 +0100", SOUND),
        ("Old", "Tue, 07 Mar 2023 10:00:00 +0100", SOUND),
        ("Middle", "Tue, 14 Mar 2023 10:00:00 +0100", SOUND),
    )

    assert [episode.title for episode in feed.episodes] == ["New", "Middle", "Old"]


def test_a_feed_that_lists_the_oldest_first_is_turned_round() -> None:
    feed = _listed(
        ("Oldest", "Tue, 07 Feb 2023 10:00:00 +0100", SOUND),
        ("Old", "Tue, 07 Mar 2023 10:00:00 +0100", SOUND),
        ("Middle", "Tue, 14 Mar 2023 10:00:00 +0100", SOUND),
        ("New", "some day", SOUND),
    )

    assert [episode.title for episode in feed.episodes] == ["New", "Middle", "Old", "Oldest"]


def test_an_enclosure_whose_address_is_none_is_passed_over() -> None:
    broken = "<enclosure url='https://[cdn.test/x.mp3' type='text/plain' length='1'/>"
    feed = _listed(("Talk", "Tue, 05 Mar 2024 10:00:00 GMT", broken + SOUND))

    assert feed.episodes[0].sound == "https://cdn.test/x.mp3"


def test_notes_are_passed_over_for_the_newest_episode_that_can_be_heard() -> None:
    picture = "<enclosure url='https://cdn.test/x.png' type='image/png' length='1'/>"
    feed = _listed(
        ("Note", "Wed, 06 Mar 2024 10:00:00 GMT", ""),
        ("Picture", "Wed, 06 Mar 2024 09:00:00 GMT", picture),
        ("Talk", "Tue, 05 Mar 2024 10:00:00 GMT", SOUND),
    )

    assert pick(feed, None).title == "Talk"
    assert pick(feed, "1").title == "Talk"
    assert pick(feed, "note").title == "Note"


def test_a_transcript_under_a_prefix_that_the_feed_forgot_to_bind_is_read() -> None:
    feed = _listed(("One", "", "<podcast:transcript url='/one.vtt' type='text/vtt'/>"))

    assert feed.episodes[0].transcripts == (Link("https://show.test/one.vtt", "", "text/vtt"),)


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none(written: str) -> None:
    assert published_at(written) is None or isinstance(published_at(written), float)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_none(data: bytes) -> None:
    for candidate in (data, FEED[:200] + data, FEED[:-100] + data):
        try:
            assert parse_feed(candidate, URL).episodes
        except NoTranscript:
            continue


@pytest.mark.parametrize(("guid", "page"), [(b"ep-2", None), (b"https://show.test/2", "https://show.test/2")])
def test_a_guid_is_a_page_only_where_it_is_an_address(guid: bytes, page: str | None) -> None:
    item = (
        b"<item><title>Two</title><guid>"
        + guid
        + b'</guid><enclosure url="https://cdn.test/2.mp3" type="audio/mpeg"/></item>'
    )
    shown = parse_feed(b'<rss version="2.0"><channel><title>Show</title>' + item + b"</channel></rss>", URL)

    assert (shown.episodes[0].page or None) == page


def test_a_feed_of_hundreds_of_thousands_of_tags_is_refused_before_they_are_read() -> None:
    with pytest.raises(NoTranscript, match="more than can be read"):
        parse_feed(FEED + b"<p/>" * 280_000, URL)


@pytest.mark.parametrize(("broken", "read"), [("", True), ("<p>", False)])
def test_a_feed_that_is_no_sound_xml_may_have_half_as_many_tags(*, broken: str, read: bool) -> None:
    """feedparser reads it a second time."""
    items = "".join(f"<item><title>{n}</title><guid>{n}</guid></item>" for n in range(24_000))
    feed = f"<rss version='2.0'><channel><title>Show</title>{items}{broken}</channel></rss>".encode()

    with nullcontext() if read else pytest.raises(NoTranscript, match="more than can be read"):
        assert parse_feed(feed, URL).episodes
