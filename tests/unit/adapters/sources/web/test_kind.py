from __future__ import annotations

import pytest

from autointel.adapters.sources.web.get import Kind, kind_of, name_of
from autointel.ports import Fetched

URL = "https://x.test/thing"


@pytest.mark.parametrize(
    ("body", "declared", "expected"),
    [
        (b"<!DOCTYPE html><p>x", "text/html", Kind.HTML),
        (b"\xef\xbb\xbf\n <html>", "text/plain", Kind.HTML),
        (b"<p>bare</p>", "", Kind.HTML),
        (b"<?xml version='1.0'?><html xmlns='x'>", "application/xhtml+xml", Kind.HTML),
        (b"words without marks", "text/html", Kind.HTML),
        (b"<?xml version='1.0'?><rss version='2.0'>", "text/html", Kind.FEED),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", "application/xml", Kind.FEED),
        (b"<rdf:RDF xmlns:rdf='x'>", "text/xml", Kind.FEED),
        (b"<broken", "application/rss+xml", Kind.FEED),
        (b"<tt xmlns='http://www.w3.org/ns/ttml'>", "application/ttml+xml", Kind.TRANSCRIPT),
        (b"WEBVTT\n", "text/html", Kind.TRANSCRIPT),
        (b'{"segments": []}', "application/json", Kind.TRANSCRIPT),
        (b"", "audio/mpeg", Kind.MEDIA),
        (b"", "video/mp4", Kind.MEDIA),
        (b"#EXTM3U\n", "text/plain", Kind.MEDIA),
        (b"#EXTM3U\n", "application/vnd.apple.mpegurl", Kind.MEDIA),
        (b"Hello there.", "text/plain", Kind.TRANSCRIPT),
    ],
)
def test_what_came_is_told_by_its_content_before_its_type(body: bytes, declared: str, expected: Kind) -> None:
    assert kind_of(Fetched(url=URL, status=200, content_type=declared, body=body)) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [("https://x.test/Talk.MP3?a=b.txt", Kind.MEDIA), ("https://x.test/talk.vtt", Kind.TRANSCRIPT)],
)
def test_a_stream_of_bytes_is_told_by_its_name(url: str, expected: Kind) -> None:
    page = Fetched(url=url, status=200, content_type="application/octet-stream", body=b"\x00\x01")

    assert kind_of(page) is expected


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://x.test/a/b%20c.vtt?x=y/z", "b c.vtt"), ("https://x.test/", "page"), ("https://x.test", "page")],
)
def test_a_name_is_the_last_part_of_the_path(url: str, name: str) -> None:
    assert name_of(url) == name
