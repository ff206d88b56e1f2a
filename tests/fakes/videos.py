"""YouTube without YouTube: yt-dlp's real extractor, answered with pages in the shape that the site sends."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

VIDEO_ID = "a1B2c3D4e5F"
WATCH = f"https://www.youtube.com/watch?v={VIDEO_ID}"
_TIMEDTEXT = f"https://www.youtube.com/api/timedtext?v={VIDEO_ID}"

Json = dict[str, Any]


def track(language: str, *, automatic: bool = False, name: str = "") -> Json:
    """One entry of a player's list of caption tracks."""
    kind = {"kind": "asr"} if automatic else {}
    return {
        "baseUrl": f"{_TIMEDTEXT}&lang={language}{'&kind=asr' if automatic else ''}",
        "name": {"simpleText": name or language},
        "vssId": f"{'a' if automatic else ''}.{language}",
        "languageCode": language,
        "isTranslatable": True,
        **kind,
    }


def player(
    tracks: list[Json] | None = None, *, status: Json | None = None, details: Json | None = None, formats: bool = False
) -> Json:
    """A player response; without formats, as for everyone who has no JavaScript runtime."""
    captions = {
        "captionTracks": tracks,
        "translationLanguages": [{"languageCode": "de", "languageName": {"simpleText": "German"}}],
    }
    sound = {"itag": 18, "url": "https://rr1.googlevideo.com/videoplayback?itag=18", "mimeType": "video/mp4"}
    return {
        "playabilityStatus": status or {"status": "OK"},
        "videoDetails": {
            "videoId": VIDEO_ID,
            "title": "The price of a road",
            "lengthSeconds": "75",
            "channelId": "UC0123456789abcdefghijkl",
            "shortDescription": "0:00 Opening\n0:30 What it cost\n1:00 Questions",
            "author": "City Hall",
            "viewCount": "12",
            "isLiveContent": False,
            **(details or {}),
        },
        **({"captions": {"playerCaptionsTracklistRenderer": captions}} if tracks else {}),
        "streamingData": {"expiresInSeconds": "21540", "formats": [sound] if formats else [], "adaptiveFormats": []},
        "microformat": {
            "playerMicroformatRenderer": {
                "publishDate": "2025-01-02T03:04:05-08:00",
                "uploadDate": "2025-01-02T03:04:05-08:00",
                "ownerChannelName": "City Hall",
                "lengthSeconds": "75",
            }
        },
    }


def json3(*lines: str, automatic: bool = False) -> bytes:
    """Captions of three seconds a line, as the site sends them."""
    events = []
    for number, line in enumerate(lines):
        words = [{"utf8": line, **({"acAsrConf": 0} if automatic else {})}]
        events.append({"tStartMs": number * 3000, "dDurationMs": 3000, "segs": words})
    return json.dumps({"wireMagic": "pb3", "events": events}).encode()


class Tube:
    """Makes downloaders that ask this table instead of the network; ``asked`` is what they asked."""

    def __init__(self, answer: Json, captions: Mapping[str, bytes | int] | None = None, page_status: int = 200) -> None:
        self.answer = answer
        self.captions = captions or {}
        self.page_status = page_status
        self.asked: list[str] = []
        self.options: Mapping[str, Any] = {}

    def __call__(self, options: Mapping[str, Any]) -> Any:
        """A ``yt_dlp.YoutubeDL`` that has never heard of a network."""
        from yt_dlp import YoutubeDL

        respond = self._respond

        class OfflineYoutubeDL(YoutubeDL):  # type: ignore[misc] # yt-dlp has no types
            def urlopen(self, req: Any) -> Any:
                return respond(req if isinstance(req, str) else req.url)

        self.options = options
        return OfflineYoutubeDL(dict(options))

    def _respond(self, url: str) -> Any:
        self.asked.append(url)
        if "/watch" in url and self.page_status != 200:
            return _refused(url, self.page_status)
        for mark, answer in self._pages().items():
            if mark in url:
                return _response(url, answer())
        if "timedtext" in url:
            language = url.partition("lang=")[2].partition("&")[0]
            found = self.captions.get(language, 404)
            return _refused(url, found) if isinstance(found, int) else _response(url, found)
        return _refused(url, 404)

    def _pages(self) -> dict[str, Callable[[], bytes]]:
        return {
            "youtubei/v1/player": lambda: json.dumps(self.answer).encode(),
            "youtubei/v1/": lambda: b"{}",
            "/watch": self._page,
            "/embed/": self._page,
        }

    def _page(self) -> bytes:
        configuration = {
            "INNERTUBE_CONTEXT": {"client": {"clientName": "WEB", "clientVersion": "2.20250101.00.00", "hl": "en"}},
            "INNERTUBE_API_KEY": "x",
            "VISITOR_DATA": "v",
        }
        owner = {"videoOwnerRenderer": {"title": {"runs": [{"text": "City Hall"}]}}}
        contents: list[Json] = [{"videoSecondaryInfoRenderer": {"owner": owner}}]
        columns = {"contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": contents}}}}}
        return (
            f"<html><script>ytcfg.set({json.dumps(configuration)});</script>"
            f"<script>var ytInitialPlayerResponse = {json.dumps(self.answer)};</script>"
            f"<script>var ytInitialData = {json.dumps(columns)};</script></html>"
        ).encode()


def _response(url: str, body: bytes) -> Any:
    from yt_dlp.networking.common import Response

    return Response(io.BytesIO(body), url, {"content-type": "text/html"}, 200)


def _refused(url: str, status: int) -> Any:
    from yt_dlp.networking.common import Response
    from yt_dlp.networking.exceptions import HTTPError

    raise HTTPError(Response(io.BytesIO(b""), url, {}, status))
