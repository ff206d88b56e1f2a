"""A site with each kind of source, asked the way a person's link is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from uuid import UUID

import anyio
import pytest
from tests.fakes.network import Names, RoutedNetwork
from tests.fakes.recogniser import DeafRecogniser
from tests.fakes.site import Exchange, Page, Site, drip, flood, hang_up, redirect
from tests.fakes.videos import WATCH, Tube, json3, player, track

from autointel.adapters.fetch.addresses import AddressRule, guarded
from autointel.adapters.fetch.fetcher import Limits, SafeFetcher
from autointel.adapters.sources.by_address import WebSource, is_web_address
from autointel.adapters.sources.files import Recordings
from autointel.adapters.sources.web.get import MOST_LINKS
from autointel.adapters.sources.youtube.session import youtube_dl
from autointel.adapters.sources.youtube.video import VideoSites
from autointel.domain.transcript import Origin, Source, SourceKind, Transcript, Trust
from autointel.errors import AutointelError, NoTranscript, SourceBlocked, SourceUnreachable, UsageError
from autointel.extensions import how_to_install

VTT = b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ada>The bridge is closed.\n\n00:04.000 --> 00:06.000\n<v Bo>Since when?\n"
SRT = b"1\n00:00:01,000 --> 00:00:04,000\nThe bridge is closed.\n"
SOUND = b"ID3\x04" + bytes(1000)
PARAGRAPH = (
    "<p>The council voted on Tuesday to close the bridge for two years, and nobody was surprised by it at all.</p>\n"
)
LONG = "".join(PARAGRAPH.replace("two", str(number)) for number in range(15))


def html(body: str, head: str = "") -> Page:
    return Page(
        f"<!doctype html><html lang='en'><head><title>A talk</title>{head}</head><body>{body}</body></html>".encode()
    )


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/talk.vtt": Page(VTT, "text/vtt"), "/talk.mp3": Page(SOUND, "audio/mpeg")}) as running:
        yield running


def fetch(
    site: Site,
    path: str,
    language: str | None = None,
    *,
    recogniser: DeafRecogniser | None = None,
    tube: Tube | None = None,
    episode: str | None = None,
    transcribe: bool = False,
    keep: Path | None = None,
    limits: Limits | None = None,
    look_seconds: float = 60.0,
) -> tuple[Source, Transcript]:
    rule = AddressRule.of([site.host])

    async def run() -> tuple[Source, Transcript]:
        fetcher = SafeFetcher(rule, limits, media_limits=limits or Limits())
        videos = VideoSites(
            guard=lambda _: guarded(rule),
            recogniser=recogniser,
            keep=keep,
            transcribe=transcribe,
            look_seconds=look_seconds,
            make=tube or youtube_dl,
        )
        recordings = Recordings(fetcher, recogniser, keep=keep)
        web = WebSource(fetcher, videos, recordings, episode=episode, transcribe=transcribe)
        try:
            return await web.fetch(path if "://" in path else site.url(path), language)
        finally:
            await fetcher.close()

    return anyio.run(run)


def refused(site: Site, path: str, limits: Limits | None = None) -> AutointelError:
    with pytest.raises(AutointelError) as raised:
        fetch(site, path, limits=limits)
    return raised.value


def test_captions_by_their_address(site: Site) -> None:
    source, transcript = fetch(site, "/talk.vtt")

    assert (source.kind, source.url, source.title) == (SourceKind.VTT, site.url("/talk.vtt"), "Talk")
    assert (transcript.origin, transcript.speakers) == (Origin.PUBLISHER, ("Ada", "Bo"))


def test_captions_whatever_type_they_are_sent_as(site: Site) -> None:
    site.pages["/c"] = Page(VTT, "text/html")
    site.pages["/d"] = Page(SRT, "application/octet-stream")

    assert fetch(site, "/c")[1].segments[0].start == 1.0
    assert fetch(site, "/d")[0].kind is SourceKind.SRT


def test_an_article(site: Site) -> None:
    head = '<meta name="author" content="Ada Lind"><meta property="article:published_time" content="2024-05-06">'
    site.pages["/news"] = html(f"<article><h1>Bridge</h1>{LONG}</article>", head)

    source, transcript = fetch(site, "/news")

    assert (source.kind, source.author, source.published_at) == (SourceKind.ARTICLE, "Ada Lind", date(2024, 5, 6))
    assert (transcript.origin, transcript.trust, transcript.timed) == (Origin.ARTICLE, Trust.HIGH, False)
    assert (source.language, transcript.language) == ("en", "en")


def test_a_video_page_with_a_track(site: Site) -> None:
    site.pages["/talk"] = html('<video src="talk.mp4"><track kind="subtitles" srclang="en" src="talk.vtt"></video>')

    source, transcript = fetch(site, "/talk")

    assert (source.kind, source.title) == (SourceKind.VIDEO, "A talk")
    assert (transcript.origin, transcript.trust, len(transcript.segments)) == (Origin.PUBLISHER, Trust.HIGH, 2)
    assert site.paths == ["/talk", "/talk.vtt"]


def test_a_track_that_cannot_be_read_gives_way_to_the_next(site: Site) -> None:
    site.pages["/talk"] = html('<video><track src="gone.vtt"><track src="empty.vtt"><track src="talk.vtt"></video>')
    site.pages["/empty.vtt"] = Page(b"WEBVTT\n", "text/vtt")

    assert len(fetch(site, "/talk")[1].segments) == 2


def test_a_track_in_the_language_asked_for(site: Site) -> None:
    site.pages["/talk"] = html('<video><track srclang="en" src="talk.vtt"><track srclang="de" src="de.vtt"></video>')
    site.pages["/de.vtt"] = Page(b"WEBVTT\n\n00:01.000 --> 00:02.000\nDie Br\xc3\xbccke.\n", "text/vtt")

    source, transcript = fetch(site, "/talk", "de")

    assert (source.language, transcript.segments[0].text) == ("de", "Die Brücke.")


def test_a_transcript_in_the_pages_structured_data(site: Site) -> None:
    words = "\n".join(f"This is sentence number {number} of the whole talk." for number in range(12))
    data = json.dumps({"@type": "VideoObject", "name": "Talk", "transcript": words})
    site.pages["/talk"] = html("<p>Watch it.</p>", f'<script type="application/ld+json">{data}</script>')

    _, transcript = fetch(site, "/talk")

    assert (len(transcript.segments), transcript.origin) == (12, Origin.PUBLISHER)


def test_letters_in_structured_data_are_read_as_they_were_meant(site: Site) -> None:
    words = "Die Brücke über den Fluß heißt älter als sie ist. " * 12
    data = json.dumps({"@type": "VideoObject", "transcript": words}, ensure_ascii=False)
    site.pages["/talk"] = html("<p>Sieh.</p>", f'<script type="application/ld+json">{data}</script>')

    assert fetch(site, "/talk")[1].segments[0].text.startswith("Die Brücke über den Fluß")


def test_structured_data_with_a_line_of_words_is_no_transcript(site: Site) -> None:
    data = json.dumps({"@type": "Clip", "transcript": "See below."})
    site.pages["/talk"] = html(f"<article>{LONG}</article>", f'<script type="application/ld+json">{data}</script>')

    assert fetch(site, "/talk")[0].kind is SourceKind.ARTICLE


def test_a_link_to_captions_that_is_a_page_is_passed_over(site: Site) -> None:
    site.pages["/talk"] = html('<video><track src="login.vtt"><track src="talk.vtt"></video>')
    site.pages["/login.vtt"] = html("<p>Sign in</p>")

    assert len(fetch(site, "/talk")[1].segments) == 2


def test_the_language_asked_for_overrules_what_the_words_say(site: Site) -> None:
    site.pages["/talk.vtt"] = Page(VTT.replace(b"WEBVTT", b"WEBVTT\nLanguage: fr"), "text/vtt")

    assert [item.language for item in fetch(site, "/talk.vtt", "de")] == ["de", "de"]


@pytest.mark.slow
def test_a_video_page_whose_captions_only_yt_dlp_finds(site: Site) -> None:
    data = {"@type": "VideoObject", "name": "T", "contentUrl": site.url("/talk.mp4")}
    body = '<video><source src="/talk.mp4" type="video/mp4"><track kind="captions" srclang="en" src="late.vtt"></video>'
    site.pages["/talk"] = html(body, f'<script type="application/ld+json">{json.dumps(data)}</script>')
    site.pages["/talk.mp4"] = Page(SOUND, "video/mp4")
    first = [Page(b"busy", status=503), Page(VTT, "text/vtt")]

    def late(exchange: Exchange) -> None:
        exchange.send(first.pop(0) if first else Page(VTT, "text/vtt"))

    site.pages["/late.vtt"] = late

    source, transcript = fetch(site, "/talk")

    assert source.kind is SourceKind.VIDEO
    assert transcript.segments[0].text == "The bridge is closed."


def test_a_video_that_drips_is_left(site: Site) -> None:
    site.pages["/talk"] = html("<p>Watch it.</p>", '<meta property="og:type" content="video.other">')
    honest = [site.pages["/talk"]]

    def once(exchange: Exchange) -> None:
        if honest:
            exchange.send(honest.pop())  # type: ignore[arg-type] # a page
        else:
            drip(exchange)

    site.pages["/talk"] = once

    with pytest.raises(SourceUnreachable, match=r"within 0\.4 seconds"):
        fetch(site, "/talk", look_seconds=0.4)


@pytest.mark.slow
def test_words_beside_a_video_that_cannot_be_had_are_no_article(site: Site) -> None:
    refusal = {"status": "LOGIN_REQUIRED", "reason": "Private video"}
    site.pages["/talk"] = html(f'{PARAGRAPH}<iframe src="{WATCH}"></iframe>')
    site.pages["/news"] = html(
        f'{PARAGRAPH}<iframe src="{WATCH}"></iframe>', '<meta property="og:type" content="article">'
    )

    with pytest.raises(SourceBlocked, match="private"):
        fetch(site, "/talk", tube=Tube(player(status=refusal)))
    assert fetch(site, "/news", tube=Tube(player(status=refusal)))[0].kind is SourceKind.ARTICLE


def test_youtube_is_not_asked_for_its_page_first(site: Site) -> None:
    tube = Tube(player([track("en")]), {"en": json3("The road cost two million.")})

    source, _ = fetch(site, WATCH, tube=tube)

    assert (source.title, site.requests) == ("The price of a road", [])


def test_a_page_around_an_embedded_video_is_about_the_video(site: Site) -> None:
    tube = Tube(player([track("en")]), {"en": json3("The road cost two million.")})
    site.pages["/post"] = html(f'{PARAGRAPH}<iframe src="{WATCH}"></iframe>')

    assert fetch(site, "/post", tube=tube)[0].title == "The price of a road"


def test_an_article_with_a_clip_in_it_is_an_article(site: Site) -> None:
    tube = Tube(player([track("en")]), {"en": json3("The road cost two million.")})
    head = '<meta property="og:type" content="article">'
    site.pages["/news"] = html(f'<article>{LONG}<video><track src="talk.vtt"></video></article>', head)
    site.pages["/post"] = html(f'<article>{LONG}<iframe src="{WATCH}"></iframe></article>')

    assert fetch(site, "/news", tube=tube)[0].kind is SourceKind.ARTICLE
    assert fetch(site, "/post", tube=tube)[0].kind is SourceKind.ARTICLE


def test_a_recording_by_its_address_needs_a_recogniser(site: Site) -> None:
    error = refused(site, "/talk.mp3")

    assert isinstance(error, NoTranscript)
    assert error.message == "Talk has no transcript and no captions."
    assert how_to_install("asr") in error.hint


def test_a_recording_is_listened_to_and_deleted(site: Site) -> None:
    recogniser = DeafRecogniser()

    source, transcript = fetch(site, "/talk.mp3", recogniser=recogniser)

    assert (source.kind, transcript.origin) == (SourceKind.MEDIA, Origin.SPEECH_RECOGNITION)
    assert recogniser.heard == [SOUND]
    assert not recogniser.paths[0].exists()


def test_a_recording_is_kept_where_it_was_asked_for_under_a_name_of_ours(site: Site, tmp_path: Path) -> None:
    site.pages["/..%2f..%2fCON.mp3"] = Page(SOUND, "audio/mpeg")

    fetch(site, "/..%2f..%2fCON.mp3", recogniser=DeafRecogniser(), keep=tmp_path / "media")

    (kept,) = (tmp_path / "media").iterdir()
    assert str(UUID(kept.name)) == kept.name


def test_a_recording_on_a_page_is_listened_to(site: Site) -> None:
    site.pages["/episode"] = html(
        '<h1>On bridges</h1><audio src="talk.mp3"></audio>', "<meta property='og:audio' content='talk.mp3'>"
    )
    recogniser = DeafRecogniser()

    source, _ = fetch(site, "/episode", recogniser=recogniser)

    assert (source.kind, recogniser.heard) == (SourceKind.PODCAST, [SOUND])


def test_recognition_can_be_forced(site: Site) -> None:
    recogniser = DeafRecogniser()
    site.pages["/talk"] = html('<audio src="talk.mp3"></audio><video><track src="talk.vtt"></video>')

    _, transcript = fetch(site, "/talk", recogniser=recogniser, transcribe=True)

    assert transcript.origin is Origin.SPEECH_RECOGNITION


def test_recognition_of_a_page_without_a_recording_is_refused(site: Site) -> None:
    site.pages["/news"] = html(f"<article>{LONG}</article>")

    with pytest.raises(NoTranscript, match="names no recording"):
        fetch(site, "/news", recogniser=DeafRecogniser(), transcribe=True)


def test_a_recording_that_cannot_be_fetched_says_so(site: Site) -> None:
    def once(exchange: Exchange) -> None:
        exchange.send(Page(b"", "audio/mpeg") if len(exchange.site.requests) == 1 else Page(status=503))

    site.pages["/x.mp3"] = once

    with pytest.raises(SourceUnreachable, match="503"):
        fetch(site, "/x.mp3", recogniser=DeafRecogniser())


@pytest.mark.slow
def test_a_video_file_is_listened_to_through_yt_dlp(site: Site) -> None:
    recogniser = DeafRecogniser()
    site.pages["/talk"] = html('<video src="/talk.mp4"></video>', '<meta property="og:type" content="video.other">')
    site.pages["/talk.mp4"] = Page(b"\0\0\0\x18ftypmp42" + bytes(500), "video/mp4")

    source, transcript = fetch(site, "/talk", recogniser=recogniser)

    assert (source.kind, transcript.origin) == (SourceKind.VIDEO, Origin.SPEECH_RECOGNITION)
    assert recogniser.heard[0].startswith(b"\0\0\0\x18ftypmp42")


FEED = """<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Slow News</title>
<language>en</language>
<item><title>The bridge</title><guid>ep-1</guid><link>{base}/1</link><pubDate>Mon, 01 Apr 2024 06:00:00 GMT</pubDate>
<enclosure url="{base}/talk.mp3" type="audio/mpeg" length="1"/>
<podcast:transcript url="{base}/gone.json" type="application/json"/>
<podcast:transcript url="{base}/talk.vtt" type="text/vtt"/>
<podcast:chapters url="{base}/chapters.json" type="application/json+chapters"/></item>
<item><title>The ferry</title><guid>ep-0</guid><pubDate>Mon, 25 Mar 2024 06:00:00 GMT</pubDate>
<enclosure url="{base}/talk.mp3" type="audio/mpeg" length="1"/></item>
<item><title>The void</title><guid>ep-x</guid><pubDate>Mon, 18 Mar 2024 06:00:00 GMT</pubDate></item>
</channel></rss>"""
CHAPTERS = {
    "version": "1.2.0",
    "chapters": [{"startTime": 3, "title": "Bo asks"}, {"startTime": 0, "title": "Ada tells"}],
}


@pytest.fixture
def show(site: Site) -> Site:
    site.pages["/feed"] = Page(FEED.format(base=site.url().rstrip("/")).encode(), "application/rss+xml")
    site.pages["/chapters.json"] = Page(json.dumps(CHAPTERS).encode(), "application/json+chapters")
    return site


def test_the_newest_episode_of_a_feed_by_the_publishers_transcript(show: Site) -> None:
    source, transcript = fetch(show, "/feed")

    assert (source.kind, source.title, source.author) == (SourceKind.PODCAST, "The bridge", "Slow News")
    assert (source.url, source.published_at) == (show.url("/1"), date(2024, 4, 1))
    assert (transcript.origin, transcript.speakers, transcript.language) == (Origin.PUBLISHER, ("Ada", "Bo"), "en")
    assert [(chapter.start, chapter.title) for chapter in transcript.chapters] == [(0.0, "Ada tells"), (3.0, "Bo asks")]
    assert "/talk.mp3" not in show.paths


def test_a_transcript_that_is_gone_gives_way_to_the_next_and_is_told(show: Site) -> None:
    show.pages["/talk.vtt"] = Page(status=404)
    show.pages["/gone.json"] = Page(
        json.dumps({"version": "1.0.0", "segments": [{"startTime": 1, "endTime": 2, "body": "Hello."}]}).encode(),
        "application/json",
    )

    _, transcript = fetch(show, "/feed")

    assert transcript.segments[0].text == "Hello."
    assert "passed over" in transcript.warnings[0]


def test_another_episode_is_named(show: Site) -> None:
    recogniser = DeafRecogniser()

    source, transcript = fetch(show, "/feed", episode="ferry", recogniser=recogniser)

    assert (source.title, transcript.origin) == ("The ferry", Origin.SPEECH_RECOGNITION)
    with pytest.raises(UsageError):
        fetch(show, "/feed", episode="The tunnel")


def test_an_episode_with_neither_words_nor_sound_says_so(show: Site) -> None:
    with pytest.raises(NoTranscript, match="neither a transcript nor an audio file"):
        fetch(show, "/feed", episode="ep-x")


def test_an_html_transcript_is_read_by_its_marks(show: Site) -> None:
    marks = b"<cite>Ada:</cite><time>0:01</time><p>Hello.</p><cite>Bo:</cite><time>0:03</time><p>Hi.</p>"
    body = b"<html><body>" + marks + b"</body></html>"
    show.pages["/talk.vtt"] = Page(body, "text/html")

    _, transcript = fetch(show, "/feed")

    assert [(segment.speaker, segment.start) for segment in transcript.segments] == [("Ada", 1.0), ("Bo", 3.0)]


def test_a_transcript_is_read_in_the_charset_that_its_server_names(show: Site) -> None:
    captions = "WEBVTT\n\n00:01.000 --> 00:03.000\nMěsto zavřelo přístav.\n"
    show.pages["/talk.vtt"] = Page(captions.encode("iso8859-2"), "text/vtt; charset=iso-8859-2")

    _, transcript = fetch(show, "/feed")

    assert transcript.segments[0].text == "Město zavřelo přístav."


@pytest.mark.parametrize(
    "chapters",
    [
        b"",
        b"[]",
        b"{",
        b'{"chapters": 7}',
        b'{"chapters": [7, {"title": 7}, {"title": "x"}, {"title": "", "startTime": 1}]}',
    ],
)
def test_broken_chapters_are_no_reason_to_fail(chapters: bytes, show: Site) -> None:
    show.pages["/chapters.json"] = Page(chapters, "application/json")

    assert fetch(show, "/feed")[1].chapters == ()


def test_the_page_of_an_episode_leads_to_its_transcript(show: Site) -> None:
    links = [f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in ("/broken", "/feed")]
    head = "".join(links)
    show.pages["/1"] = html('<audio src="/elsewhere.mp3"></audio><p>Show notes.</p>', head)
    show.pages["/broken"] = Page(b"<rss>", "application/rss+xml")

    source, transcript = fetch(show, "/1")

    assert (source.title, transcript.origin) == ("The bridge", Origin.PUBLISHER)


def test_the_page_of_an_episode_is_known_by_its_sound_too(show: Site) -> None:
    show.pages["/e/1"] = html(
        '<audio src="/talk.mp3?source=web"></audio>', '<link rel="alternate" type="application/rss+xml" href="/feed">'
    )

    assert fetch(show, "/e/1")[0].title == "The bridge"


def test_a_feed_that_is_about_something_else_is_not_taken(show: Site) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    show.pages["/news"] = html(f'<audio src="/other.mp3"></audio><article>{LONG}</article>', head)

    assert fetch(show, "/news")[0].kind is SourceKind.ARTICLE


HOSTILE = (
    "\x1b]0;owned\x07",
    "\u202etxt.exe",
    "<script>alert(1)</script>",
    "[red]markup[/red]",
    "a\r\nb",
    "\x9b31m",
    "x" * 5000,
)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_can_do_nothing_to_a_terminal_or_a_file(title: str, site: Site) -> None:
    escaped = title.replace("<", "&lt;")
    head = f'<meta property="og:title" content="{escaped}"><meta name="author" content="{escaped}">'
    site.pages["/talk"] = html(f'<video><track srclang="{escaped}" src="talk.vtt"></video>', head)

    source, transcript = fetch(site, "/talk")

    for shown in (source.title, source.author or "", source.language or "", *transcript.warnings):
        assert shown.isprintable()
        assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        assert len(shown) <= 300
    assert source.language in {"en", None}


def test_the_same_address_has_the_same_id(site: Site) -> None:
    assert fetch(site, "/talk.vtt")[0].id == fetch(site, "/talk.vtt")[0].id


@pytest.mark.parametrize(
    "address", ["ftp://x.test/", "file:///etc/passwd", "talk.vtt", "http://", "http://[x", "javascript:1"]
)
def test_what_is_no_web_address_is_said(address: str, site: Site) -> None:
    assert not is_web_address(address)
    with pytest.raises(SourceUnreachable):
        fetch(site, f"{address}#://")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, SourceBlocked),
        (403, SourceBlocked),
        (404, SourceUnreachable),
        (410, SourceUnreachable),
        (418, SourceUnreachable),
        (429, SourceUnreachable),
        (451, SourceBlocked),
        (500, SourceUnreachable),
    ],
)
def test_every_refusal_of_a_site_is_told(status: int, kind: type[AutointelError], site: Site) -> None:
    site.pages["/x"] = Page(b"no", status=status)

    error = refused(site, "/x")

    assert type(error) is kind
    assert str(status) in error.message
    assert error.hint


@pytest.mark.parametrize("behaviour", [drip, flood, hang_up])
def test_a_page_that_never_ends_or_breaks_off_cannot_be_reached(behaviour: object, site: Site) -> None:
    site.pages["/x"] = behaviour  # type: ignore[assignment] # parametrised

    assert type(refused(site, "/x", Limits(max_bytes=100_000, deadline_seconds=0.3))) is SourceUnreachable


def test_a_link_inside_is_not_followed(site: Site) -> None:
    site.pages["/x"] = redirect("http://169.254.169.254/latest/meta-data/")

    assert isinstance(refused(site, "/x"), SourceBlocked)


def test_a_page_cannot_lead_yt_dlp_inside(site: Site) -> None:
    with Site({"/secret": Page(b"<html>")}) as inside:
        site.pages["/x"] = html(
            f'<iframe src="{inside.url("/secret")}"></iframe>',
            f'<meta property="og:type" content="video"><meta property="og:video" content="{inside.url("/secret")}">',
        )

        assert isinstance(refused(site, "/x"), NoTranscript | SourceUnreachable)
        assert inside.requests == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text/html"),
        (b"\x00\x01\x02\x03" * 50, "text/html"),
        (b"%PDF-1.7", "application/pdf"),
        (b"{}", "application/json"),
        (b"<html><body>Enable JavaScript.</body></html>", "text/html"),
        (b"\x89PNG\r\n", "image/png"),
        (b"#EXTM3U\nfile:///etc/passwd", "text/plain"),
    ],
)
def test_what_holds_no_words_is_no_transcript(body: bytes, kind: str, site: Site) -> None:
    site.pages["/x"] = Page(body, kind)

    error = refused(site, "/x")

    assert isinstance(error, NoTranscript)
    assert error.hint


def _many(number: int, suffix: str = "vtt") -> str:
    return "".join(f'<a href="/gone/talk.{index:04d}.{suffix}">t</a>' for index in range(number))


def test_a_page_that_links_many_captions_is_not_asked_for_all_of_them(site: Site) -> None:
    tracks = "".join(f'<track src="/gone/{index}.vtt">' for index in range(200))
    site.pages["/page"] = html(f'<video src="/talk.mp4">{tracks}</video>{LONG}')

    fetch(site, "/page")

    assert sum(request.path.startswith("/gone/") for request in site.requests) == MOST_LINKS


def test_a_feed_with_many_transcripts_is_not_asked_for_all_of_them(site: Site) -> None:
    links = "".join(f"<podcast:transcript url='/gone/{index}.vtt' type='text/vtt'/>" for index in range(200))
    item = f"<item><title>A</title>{links}<enclosure url='/talk.mp3' type='audio/mpeg' length='1'/></item>"
    site.pages["/feed"] = Page(f"<rss><channel><title>T</title>{item}</channel></rss>".encode(), "application/rss+xml")

    with pytest.raises(NoTranscript):
        fetch(site, "/feed")

    assert sum(request.path.startswith("/gone/") for request in site.requests) == MOST_LINKS


def test_a_page_of_several_transcripts_asks_which_is_meant(site: Site) -> None:
    site.pages["/all"] = html('<ul><li><a href="/talk.vtt">Talk</a></li><li><a href="/other.vtt">Other</a></li></ul>')

    with pytest.raises(NoTranscript) as refused:
        fetch(site, "/all")

    assert "several recordings (2 files)" in refused.value.message
    assert site.url("/talk.vtt") in refused.value.hint


def test_transcripts_of_one_recording_in_several_forms_are_no_question(site: Site) -> None:
    site.pages["/one"] = html('<a href="/talk.de.srt">Deutsch</a> <a href="/talk.vtt">English</a>')

    _, transcript = fetch(site, "/one")

    assert transcript.segments[0].text == "The bridge is closed."


def test_of_several_transcripts_the_pages_own_is_read(site: Site) -> None:
    site.pages["/talk"] = html('<a href="/other.vtt">Other</a> <a href="/talk.vtt">Talk</a>')

    _, transcript = fetch(site, "/talk")

    assert transcript.segments[0].speaker == "Ada"


def test_a_teaser_is_refused_with_its_reason(site: Site) -> None:
    site.pages["/teaser"] = html(
        f"<article>{PARAGRAPH}<p>To continue reading, subscribe now. Cancel any time.</p></article>"
    )

    with pytest.raises(NoTranscript, match="for subscribers"):
        fetch(site, "/teaser")


def test_a_page_is_read_in_the_charset_that_its_server_names(site: Site) -> None:
    words = LONG.replace("council", "conseil « réuni »").encode("cp1252")
    site.pages["/latin"] = Page(
        b"<html><body><article>" + words + b"</article></body></html>", "text/html; charset=cp1252"
    )

    _, transcript = fetch(site, "/latin")

    assert "conseil « réuni »" in transcript.segments[0].text


_POD = "<podcast:{0} url='{1}' type='{2}'/>"
# What a page or a feed of a stranger may name, by what would be asked for it.
_NAMING = {
    "a track of captions": html('<video src="/talk.mp4"><track src="{own}/talk.vtt"></video>'),
    "a link to captions": html('<a href="{own}/talk.vtt">Transcript</a>'),
    "a recording": html('<audio src="{own}/talk.mp3"></audio>'),
    "a picture of a page": html("", '<meta property="og:audio" content="{own}/talk.mp3">'),
    "structured data": html(
        "",
        '<script type="application/ld+json">{{"@type": "AudioObject", "contentUrl": "{own}/talk.mp3"}}</script>',
    ),
    "a feed": html(
        '<audio src="/talk.mp3"></audio>', '<link rel="alternate" type="application/rss+xml" href="{own}/feed">'
    ),
    "an episode's transcript": Page(_POD.format("transcript", "{own}/talk.vtt", "text/vtt").encode()),
    "an episode's sound": Page(b"<enclosure url='{own}/talk.mp3' type='audio/mpeg' length='1'/>"),
    "an episode's chapters": Page(
        (
            _POD.format("transcript", "http://talks.test/public.vtt", "text/vtt")
            + _POD.format("chapters", "{own}/talk.json", "application/json+chapters")
        ).encode()
    ),
    "where it leads on": redirect("{own}/talk.vtt"),
}


@pytest.mark.parametrize("naming", _NAMING)
def test_what_a_strangers_page_names_on_a_host_of_the_users_own_is_not_asked_for(naming: str, site: Site) -> None:
    """The user may read the host named in ``fetch.allow_hosts``; every page of the web may not have it read."""
    page = _NAMING[naming]
    named = page.body.decode().replace("{own}", f"http://{site.host}").replace("{{", "{").replace("}}", "}")
    if "episode" in naming:
        named = f"<rss><channel><title>T</title><item><title>A</title><guid>1</guid>{named}</item></channel></rss>"
    headers = {name: value.replace("{own}", f"http://{site.host}") for name, value in page.headers.items()}
    kind = "application/rss+xml" if "episode" in naming else page.content_type
    strange = {"/page": Page(named.encode(), kind, page.status, headers), "/public.vtt": Page(VTT, "text/vtt")}

    with Site(strange) as talks, suppress(AutointelError):  # some of these pages hold nothing else
        _fetch_from_the_web(talks, site)

    assert talks.paths[0] == "/page"
    assert site.requests == []


def _fetch_from_the_web(talks: Site, own: Site) -> None:
    """Brief a page of talks.test, a public host, where ``own`` is a host of the user's own."""
    rule = AddressRule.of([own.host])
    network = RoutedNetwork({"93.184.216.1": talks.port, "127.0.0.1": own.port})

    async def run() -> None:
        fetcher = SafeFetcher(rule, resolve=Names({"talks.test": [["93.184.216.1"]]}), network=network)
        videos = VideoSites(guard=lambda _: guarded(rule.for_strangers()), make=Tube({}))
        try:
            await WebSource(fetcher, videos, Recordings(fetcher, DeafRecogniser())).fetch(
                "http://talks.test/page", None
            )
        finally:
            await fetcher.close()

    anyio.run(run)
