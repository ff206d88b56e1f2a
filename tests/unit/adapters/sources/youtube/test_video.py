"""yt-dlp's real YouTube extractor, on answers in the site's own shape."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.fakes.recogniser import DeafRecogniser
from tests.fakes.videos import WATCH, Json, Tube, json3, player, track

from autointel.adapters.sources.youtube.session import Access
from autointel.adapters.sources.youtube.video import VideoSites, is_youtube
from autointel.domain.transcript import Chapter, Origin, Source, SourceKind, Transcript, Trust
from autointel.errors import AutointelError, NoTranscript, SourceBlocked, SourceUnreachable

COOKIES = "# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t0\tsession\tabc\n"
ENGLISH = json3("The road cost two million.", "Nobody had asked for it.")
GERMAN = json3("Die Straße kostete zwei Millionen.")
HEARD = json3("the road cost two million", automatic=True)


def fetch(tube: Tube, language: str | None = None, **options: Any) -> tuple[Source, Transcript]:
    return anyio.run(VideoSites(make=tube, **options).fetch, WATCH, language)


def refused(tube: Tube, **options: Any) -> AutointelError:
    with pytest.raises(AutointelError) as raised:
        fetch(tube, **options)
    return raised.value


def test_captions_come_with_what_the_site_says_of_the_video() -> None:
    source, transcript = fetch(Tube(player([track("en")]), {"en": ENGLISH}))

    assert source.kind is SourceKind.VIDEO
    assert (source.title, source.author, source.url) == ("The price of a road", "City Hall", WATCH)
    assert (source.published_at, source.duration_seconds, source.language) == (date(2025, 1, 2), 75.0, "en")
    assert [segment.text for segment in transcript.segments] == [
        "The road cost two million.",
        "Nobody had asked for it.",
    ]
    assert [segment.start for segment in transcript.segments] == [0.0, 3.0]
    assert transcript.chapters == (
        Chapter(title="Opening", start=0.0, end=30.0),
        Chapter(title="What it cost", start=30.0, end=60.0),
        Chapter(title="Questions", start=60.0, end=75.0),
    )


def test_nothing_but_the_page_and_one_track_is_asked_for() -> None:
    tube = Tube(player([track("en"), track("en", automatic=True)]), {"en": ENGLISH})

    fetch(tube)

    assert sum("timedtext" in url for url in tube.asked) == 1
    assert "fmt=json3" in tube.asked[-1]
    assert not any("googlevideo" in url for url in tube.asked)


def test_a_persons_captions_come_before_a_machines() -> None:
    _, transcript = fetch(Tube(player([track("en", automatic=True), track("en")]), {"en": ENGLISH}))

    assert (transcript.origin, transcript.trust) == (Origin.CAPTIONS, Trust.HIGH)


def test_what_a_machine_heard_in_the_language_spoken_comes_before_a_persons_translation() -> None:
    tube = Tube(player([track("de"), track("en", automatic=True)]), {"en": HEARD, "de": GERMAN})

    _, transcript = fetch(tube)

    assert (transcript.origin, transcript.trust, transcript.language) == (Origin.AUTOMATIC_CAPTIONS, Trust.LOW, "en")


def test_a_machines_translation_is_read_only_when_its_language_is_asked_for() -> None:
    tube = Tube(player([track("en", automatic=True)]), {"en": HEARD})

    assert fetch(tube)[1].language == "en"
    _, transcript = fetch(tube, "de")
    assert transcript.language == "de"
    assert "tlang=de" in tube.asked[-1]
    assert transcript.warnings == ("The captions are a machine's translation into 'de'.",)


def test_a_language_asked_for_is_taken_from_a_person_first() -> None:
    tube = Tube(player([track("de"), track("en", automatic=True)]), {"en": HEARD, "de": GERMAN})

    _, transcript = fetch(tube, "de")

    assert (transcript.origin, transcript.segments[0].text) == (Origin.CAPTIONS, "Die Straße kostete zwei Millionen.")


def test_a_language_that_is_not_there_is_no_reason_to_give_another() -> None:
    error = refused_in("fr")

    assert isinstance(error, NoTranscript)


def refused_in(language: str) -> AutointelError:
    with pytest.raises(AutointelError) as raised:
        fetch(Tube(player([track("en")]), {"en": ENGLISH}), language)
    return raised.value


LOGIN = "LOGIN_REQUIRED"
SLATE = {"liveStreamOfflineSlateRenderer": {"scheduledStartTime": "1893456000"}}
CASES: dict[str, tuple[Json, type[AutointelError], str]] = {
    "private": ({"status": LOGIN, "reason": "Private video"}, SourceBlocked, "The video is private."),
    "members": (
        {"status": "UNPLAYABLE", "reason": "Join this channel to get access to members-only content like this video."},
        SourceBlocked,
        "The video is for paying members only.",
    ),
    "age": ({"status": LOGIN, "reason": "Sign in to confirm your age"}, SourceBlocked, "restricted by age"),
    "age, by its status": (
        {"status": "AGE_VERIFICATION_REQUIRED", "reason": "Sign in to confirm your age"},
        SourceBlocked,
        "restricted by age",
    ),
    "bot": (
        {"status": LOGIN, "reason": "Sign in to confirm you’re not a bot"},
        SourceBlocked,
        "takes this machine for a robot",
    ),
    "geo": (
        {"status": "UNPLAYABLE", "reason": "The uploader has not made this video available in your country"},
        SourceBlocked,
        "may not be seen from this country",
    ),
    "geo, as a reason below the reason": (
        {
            "status": "UNPLAYABLE",
            "reason": "Video unavailable",
            "errorScreen": {
                "playerErrorMessageRenderer": {
                    "subreason": {"simpleText": "The uploader has not made this video available in your country"}
                }
            },
        },
        SourceBlocked,
        "may not be seen from this country",
    ),
    "removed": (
        {
            "status": "ERROR",
            "reason": "Video unavailable",
            "errorScreen": {
                "playerErrorMessageRenderer": {
                    "subreason": {"simpleText": "This video has been removed by the uploader"}
                }
            },
        },
        SourceUnreachable,
        "not there any more",
    ),
    "payment": (
        {"status": "UNPLAYABLE", "reason": "This video requires payment to watch."},
        SourceBlocked,
        "must be paid for",
    ),
    "copyright": (
        {"status": "UNPLAYABLE", "reason": "Video unavailable. This video contains content from X, who has blocked it"},
        SourceBlocked,
        "copyright",
    ),
    "another login": (
        {"status": LOGIN, "reason": "This video is only available to registered users"},
        SourceBlocked,
        "only to those who are signed in",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("captioned", [True, False])
def test_each_refusal_has_its_own_message_and_next_step(case: str, *, captioned: bool) -> None:
    status, kind, message = CASES[case]

    error = refused(Tube(player([track("en")] if captioned else None, status=status), {"en": ENGLISH}))

    assert type(error) is kind
    assert message in error.message
    assert error.hint
    assert error.exit_code == 3


def test_a_video_to_come_is_not_there_yet() -> None:
    status = {
        "status": "LIVE_STREAM_OFFLINE",
        "reason": "This live event will begin in 3 hours.",
        "liveStreamability": {"liveStreamabilityRenderer": {"offlineSlate": SLATE}},
    }
    details = {"isUpcoming": True, "isLiveContent": True}

    error = refused(Tube(player([track("en")], status=status, details=details), {"en": ENGLISH}))

    assert (type(error), error.message) == (SourceUnreachable, "The video has not been broadcast yet.")


def test_a_live_video_is_waited_for() -> None:
    live = player([track("en")], details={"isLive": True, "isLiveContent": True})

    error = refused(Tube(live, {"en": ENGLISH}))

    assert (type(error), error.message) == (SourceUnreachable, "The video is live now.")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, SourceBlocked),
        (404, SourceUnreachable),
        (429, SourceUnreachable),
        (451, SourceBlocked),
        (503, SourceUnreachable),
    ],
)
def test_a_track_that_is_refused_says_how(status: int, kind: type[AutointelError]) -> None:
    error = refused(Tube(player([track("en")]), {"en": status}))

    assert type(error) is kind
    assert str(status) in error.message
    assert error.hint


def test_a_video_without_captions_says_what_would_help() -> None:
    error = refused(Tube(player()))

    assert isinstance(error, NoTranscript)
    assert error.message == "The price of a road has no captions."
    assert "asr" in error.hint


def test_captions_that_need_a_token_are_withheld_not_missing() -> None:
    withheld = track("en")
    withheld["baseUrl"] += "&exp=xpe"

    error = refused(Tube(player([withheld])))

    assert isinstance(error, NoTranscript)
    assert "withholds" in error.message
    assert "--cookies" in error.hint


def test_a_page_in_a_form_that_nobody_knows_asks_for_an_upgrade() -> None:
    def broken(_options: object) -> Any:
        raise TypeError("'NoneType' object is not subscriptable")

    with pytest.raises(SourceUnreachable, match="cannot read this page") as raised:
        anyio.run(VideoSites(make=broken).fetch, WATCH, None)

    assert "Upgrade" in raised.value.hint


def test_garbage_for_captions_is_no_transcript() -> None:
    assert isinstance(refused(Tube(player([track("en")]), {"en": b"\x00\x01garbage"})), NoTranscript)


def test_a_users_way_in_reaches_yt_dlp_and_their_file_stays_as_it_is() -> None:
    tube = Tube(player([track("en")]), {"en": ENGLISH})
    cookies = Path("cookies.txt")
    cookies.write_text(COOKIES)

    fetch(tube, access=Access(cookies=cookies, proxy="http://127.0.0.1:9"))

    assert "session" in tube.options["cookiefile"].getvalue()
    assert tube.options["proxy"] == "http://127.0.0.1:9"
    assert cookies.read_text() == COOKIES


def test_without_one_neither_proxy_nor_cookies_are_used() -> None:
    tube = Tube(player([track("en")]), {"en": ENGLISH})

    fetch(tube)

    assert (tube.options["proxy"], tube.options["cookiefile"], tube.options["cookiesfrombrowser"]) == ("", None, None)


def test_everything_happens_within_the_guard() -> None:
    inside: list[str] = []

    @contextmanager
    def guard(address: str) -> Iterator[None]:
        assert address == WATCH
        inside.append("in")
        yield
        inside.append("out")

    class Watched(Tube):
        def _respond(self, url: str) -> Any:
            assert inside[-1] == "in"
            return super()._respond(url)

    fetch(Watched(player([track("en")]), {"en": ENGLISH}), guard=guard)

    assert inside[-1] == "out"


def test_a_refusal_on_the_way_is_handed_on() -> None:
    class Refusing(Tube):
        def _respond(self, url: str) -> Any:
            raise SourceBlocked(f"{url[:9]} is not a public address, so it was not asked.")

    assert "not a public address" in refused(Refusing(player([track("en")]))).message


def test_a_recording_that_needs_a_javascript_runtime_says_so() -> None:
    tube = Tube(player([track("en")], formats=True))

    error = refused(tube, recogniser=DeafRecogniser(), transcribe=True)

    assert type(error) is SourceUnreachable
    assert "JavaScript" in error.message
    assert "deno" in error.hint


def test_a_recording_that_yt_dlp_passes_over_is_too_large() -> None:
    site = VideoSites(make=Knows({"title": "Talk"}), recogniser=DeafRecogniser())

    with pytest.raises(SourceUnreachable, match="larger than 2 GB"):
        anyio.run(site.fetch, "https://v.test/1", None)


def test_a_playlist_is_a_list_and_says_so() -> None:
    rows = [{"_type": "url", "id": str(n), "title": f"Talk {n}", "url": f"https://v.test/{n}"} for n in range(3)]
    info = {"_type": "playlist", "id": "p", "title": "All talks", "entries": rows}

    with pytest.raises(NoTranscript, match="All talks is a list of recordings") as raised:
        anyio.run(VideoSites(make=Knows(info)).fetch, "https://v.test/list", None)

    assert "--from" in raised.value.hint
    assert anyio.run(VideoSites(make=Knows(info)).expand, "https://v.test/list", 2) == [
        "https://v.test/0",
        "https://v.test/1",
    ]


def test_a_single_video_is_a_list_of_itself() -> None:
    info = {"webpage_url": "https://v.test/1", "title": "Talk"}

    assert anyio.run(VideoSites(make=Knows(info)).expand, "https://v.test/1", 9) == ["https://v.test/1"]


class Knows:
    """A downloader that knows one page by heart, for what YouTube never answers."""

    def __init__(self, info: Json | None, pages: dict[str, bytes] | None = None) -> None:
        self.info, self.pages = info, pages or {}

    def __call__(self, _options: object) -> Any:
        return self

    def extract_info(self, _url: str, **_options: bool) -> Json | None:
        return self.info

    def sanitize_info(self, info: Json | None) -> Json | None:
        return info

    def urlopen(self, url: str) -> io.BytesIO:
        return io.BytesIO(self.pages[url])

    def close(self) -> None:
        pass


def with_track(**formats: Any) -> Json:
    return {"title": "Talk", "webpage_url": "https://v.test/1", "subtitles": {"en": [formats]}}


def test_a_site_that_is_not_youtube_gives_what_it_has() -> None:
    info = {
        **with_track(ext="vtt", data="WEBVTT\n\n00:01.000 --> 00:02.000\nWords sent along.\n"),
        "chapters": [
            {"start_time": 0, "title": ""},
            {"start_time": "x", "title": "Bad"},
            {"start_time": 1, "title": "A"},
        ],
        "upload_date": "20230405",
        "extractor_key": "Generic",
    }

    source, transcript = anyio.run(VideoSites(make=Knows(info)).fetch, "https://v.test/1", None)

    assert transcript.segments[0].text == "Words sent along."
    assert transcript.chapters == (Chapter(title="A", start=1.0),)
    assert (source.published_at, source.author, source.duration_seconds) == (None, None, 2.0)


HLS_HEAD = b"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n"


def test_captions_in_pieces_are_put_together() -> None:
    pages = {
        "https://v.test/c/all.m3u8": b"#EXTM3U\n#EXTINF:2,\n1.vtt\n#EXTINF:2,\n2.vtt\n#EXT-X-ENDLIST\n",
        "https://v.test/c/1.vtt": HLS_HEAD + b"00:00.000 --> 00:02.000\nOne.\n",
        "https://v.test/c/2.vtt": HLS_HEAD + b"00:02.000 --> 00:04.000\nTwo.\n",
    }
    site = VideoSites(make=Knows(with_track(ext="vtt", url="https://v.test/c/all.m3u8"), pages))

    _, transcript = anyio.run(site.fetch, "https://v.test/1", None)

    assert [segment.text for segment in transcript.segments] == ["One.", "Two."]


@pytest.mark.parametrize("piece", [b"file:///etc/passwd", b"data:text/vtt,WEBVTT", b"ftp://v.test/1.vtt", b"http://["])
def test_a_playlist_that_leads_away_from_the_web_is_refused(piece: bytes) -> None:
    pages = {"https://v.test/all.m3u8": b"#EXTM3U\n#EXTINF:2,\n" + piece + b"\n"}
    site = VideoSites(make=Knows(with_track(ext="vtt", url="https://v.test/all.m3u8"), pages))

    with pytest.raises(NoTranscript, match="away from the web"):
        anyio.run(site.fetch, "https://v.test/1", None)


def test_a_chat_is_not_the_words_of_a_video() -> None:
    info = {"title": "Talk", "subtitles": {"live_chat": [{"ext": "json3", "url": "https://v.test/chat"}], "en": "?"}}

    with pytest.raises(NoTranscript, match="has no captions"):
        anyio.run(VideoSites(make=Knows(info)).fetch, "https://v.test/1", None)


def test_a_page_with_nothing_on_it_is_no_transcript() -> None:
    with pytest.raises(NoTranscript, match="No recording was found"):
        anyio.run(VideoSites(make=Knows(None)).fetch, "https://v.test/1", None)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.youtube.com/watch?v=x", True),
        ("https://youtu.be/x", True),
        ("https://m.youtube.com/watch?v=x", True),
        ("https://www.youtube-nocookie.com/embed/x", True),
        ("https://notyoutube.com/", False),
        ("https://youtube.com.evil.test/", False),
        ("https://example.test/?u=youtube.com", False),
        ("http://[broken", False),
    ],
)
def test_youtube_is_known_by_its_host(url: str, *, expected: bool) -> None:
    assert is_youtube(url) is expected
