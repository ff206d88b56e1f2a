from __future__ import annotations

import json

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.adapters.sources.web.articles import article_draft
from autointel.adapters.sources.web.page import Link, inspect, text_of

URL = "https://show.test/talks/1"


def page(head: str = "", body: str = "") -> bytes:
    return (
        f"<!doctype html><html lang='en-GB'><head><title>A talk</title>{head}</head><body>{body}</body></html>".encode()
    )


def data(**thing: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(thing)}</script>'


def test_captions_beside_a_video_are_seen() -> None:
    tracks = '<track kind="captions" srclang="en" src="en.vtt"><track kind="chapters" src="c.vtt">'

    found = inspect(page(body=f'<video src="/t.mp4">{tracks}</video>'), URL)

    assert found.transcripts == [Link("https://show.test/talks/en.vtt", "en", "", player=1)]
    assert (found.is_video, found.media) == (True, ["https://show.test/t.mp4"])


def test_transcripts_are_seen_by_type_or_name() -> None:
    found = inspect(
        page(
            '<link rel="alternate" type="text/vtt" hreflang="de" href="/t?f=1">'
            '<link rel="alternate" type="application/ttml+xml" href="/t?f=2">',
            '<a href="/t.srt">Transcript</a><a href="/t.ttml">Transcript</a><a href="/x">No</a>',
        ),
        URL,
    )

    assert found.transcripts == [
        Link("https://show.test/t?f=1", "de", "text/vtt"),
        Link("https://show.test/t?f=2", "", "application/ttml+xml"),
        Link("https://show.test/t.srt", "", ""),
        Link("https://show.test/t.ttml", "", ""),
    ]


def test_feeds_and_the_pages_own_addresses_are_seen() -> None:
    head = '<link rel="canonical" href="/t/1"><link rel="alternate" type="application/rss+xml" href="/feed">'

    found = inspect(page(head), URL)

    assert found.feeds == ["https://show.test/feed"]
    assert found.addresses == {URL, "https://show.test/t/1"}


def test_what_the_page_is_about_is_told_by_its_metadata() -> None:
    video = inspect(page('<meta property="og:type" content="video.other"><meta property="og:title" content="T">'), URL)
    sound = inspect(page('<meta property="og:audio" content="/t.mp3">'), URL)
    article = inspect(page(data(**{"@type": "NewsArticle"})), URL)
    embedded = inspect(page('<meta name="twitter:player" content="https://youtu.be/x"><meta name="og:x">'), URL)

    assert (video.is_video, video.title) == (True, "T")
    assert (sound.is_podcast, sound.media) == (True, ["https://show.test/t.mp3"])
    assert (article.is_article, article.is_video) == (True, False)
    assert (embedded.is_video, embedded.embedded) == (True, ["https://youtu.be/x"])


def test_structured_data_is_read_at_any_depth() -> None:
    thing = {"@type": ["VideoObject"], "transcript": "Words.", "contentUrl": "/v.mp4", "embedUrl": "https://youtu.be/x"}

    found = inspect(page(data(**{"@graph": [{"@type": "WebPage", "video": thing}]})), URL)

    assert (found.is_video, found.spoken_text) == (True, "Words.")
    assert (found.media, found.embedded) == (["https://show.test/v.mp4"], ["https://youtu.be/x"])


def test_a_podcast_episode_is_known_by_its_structured_data() -> None:
    assert inspect(page(data(**{"@type": "PodcastEpisode", "transcript": 7})), URL).is_podcast


def test_only_web_addresses_are_taken() -> None:
    # The page's own scripts and frames among them.
    body = """<video src="file:///etc/passwd"><track src="javascript:alert(1)"><source src="data:video/mp4,x"></video>
    <iframe src="about:blank"></iframe><iframe src="https://youtu.be/x"></iframe>
    <a href="http://[broken/x.vtt">x</a><audio src="   "></audio>"""

    found = inspect(page(body=body), URL)

    assert (found.media, found.embedded, found.transcripts) == ([], ["https://youtu.be/x"], [])


def test_structured_data_that_is_broken_or_too_deep_is_passed_over() -> None:
    deep = "[" * 5000 + "]" * 5000
    ten = '{"a":' * 10 + '{"@type": "VideoObject"}' + "}" * 10
    scripts = [f'<script type="application/ld+json">{text}</script>' for text in ("{broken", deep, ten)]
    body = "".join([*scripts, '<script>{"@type": "VideoObject"}</script>'])

    assert not inspect(page(body=body), URL).is_video


@given(st.binary(max_size=300))
def test_any_bytes_say_something_or_nothing(body: bytes) -> None:
    assert inspect(body, URL).addresses
    assert inspect(page() + body, URL).addresses


@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\ufffe", "&#1;", "&#xFFFF;"])
def test_signs_that_no_text_may_hold_break_no_page(sign: str) -> None:
    turns = "".join(
        f"<p><strong>{name}:</strong>{sign} words {sign} of <sup>{sign}1</sup> turn {n}, said once.{sign}</p>{sign}"
        for n, name in enumerate(["Ann Lee", "Ben Okri"] * 8)
    )

    draft = article_draft(f"<html><body><article>{turns}</article></body></html>".encode())

    assert any("said once" in cue.text for cue in draft.cues)


def test_a_comment_has_no_words() -> None:
    paragraph = lxml.html.fromstring("<p><b>Why?</b><!-- later --> Because.</p>")

    assert [text_of(each) for each in paragraph] == ["Why?", ""]
