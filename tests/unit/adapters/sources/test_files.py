from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import anyio
import pytest
from tests.fakes.recogniser import DeafRecogniser

from autointel.adapters.sources.files import TranscriptFiles, read_stdin, readable
from autointel.domain.transcript import Origin, Source, Transcript, Trust
from autointel.domain.value import content_id
from autointel.errors import NoTranscript, SourceUnreachable
from autointel.ports import TranscriptSource

VTT = b"WEBVTT\nLanguage: en\n\n00:01.000 --> 00:02.500\n<v Ann>Hello there.\n"


def fetch(
    address: str | Path, language: str | None = None, source: TranscriptSource | None = None
) -> tuple[Source, Transcript]:
    return anyio.run((source or TranscriptFiles()).fetch, str(address), language)


def given_input(data: bytes) -> Callable[[int], bytes]:
    return lambda limit: data[:limit]


def test_a_file_becomes_a_source_and_its_transcript(tmp_path: Path) -> None:
    path = tmp_path / "the_cost-of.transit.en.vtt"
    path.write_bytes(VTT)

    source, transcript = fetch(path)

    assert source.id == content_id("sha256", hashlib.sha256(VTT).hexdigest())
    assert (source.path, source.url, source.kind) == (str(path), None, "vtt")
    assert (source.title, source.language, source.duration_seconds) == ("The cost of transit", "en", 2.5)
    assert (transcript.origin, transcript.trust, transcript.language) == (Origin.GIVEN, Trust.MEDIUM, "en")
    assert transcript.speakers == ("Ann",)


def test_the_same_words_under_another_name_are_the_same_source(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_bytes(VTT)
    (tmp_path / "b.txt").write_bytes(VTT)

    assert fetch(tmp_path / "a.vtt")[0].id == fetch(tmp_path / "b.txt")[0].id


def test_a_language_given_overrules_the_files_own(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_bytes(VTT)

    source, transcript = fetch(tmp_path / "a.vtt", "de")

    assert (source.language, transcript.language) == ("de", "de")


def test_standard_input_is_read() -> None:
    source, transcript = fetch("-", source=TranscriptFiles(given_input(b"Hello there.\n\nMore.")))

    assert (source.path, source.title, source.language) == ("-", "Standard input", None)
    assert source.duration_seconds is None
    assert [segment.paragraph for segment in transcript.segments] == [1, 2]


def test_the_real_standard_input_is_read_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Words.")))

    assert read_stdin(3) == b"Wor"


def test_a_machines_words_are_trusted_less() -> None:
    _, transcript = fetch(
        "-", source=TranscriptFiles(given_input(b'{"segments": [{"start": 0, "end": 1, "text": "a"}]}'))
    )

    assert transcript.trust is Trust.LOW


def test_metadata_reaches_the_source(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\ntitle: T\nauthor: A\ndate: 2020-02-03\n---\nWords.")

    source, _ = fetch(path)

    assert (source.title, source.author, str(source.published_at)) == ("T", "A", "2020-02-03")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="There is no file") as raised:
        fetch(tmp_path / "nowhere.vtt")
    assert raised.value.exit_code == 3
    assert raised.value.hint


def test_a_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="is a folder"):
        fetch(tmp_path)


class _NoPermission:
    def __call__(self, limit: int) -> bytes:
        raise PermissionError(limit)


class _BrokenDisk:
    def __call__(self, limit: int) -> bytes:
        raise OSError(5, "Input/output error", limit)


def test_no_permission_says_so() -> None:
    with pytest.raises(SourceUnreachable, match="may not be read"):
        fetch("-", source=TranscriptFiles(_NoPermission()))


def test_a_broken_disk_says_so() -> None:
    with pytest.raises(SourceUnreachable, match=r"Standard input cannot be read \(Input/output error\)"):
        fetch("-", source=TranscriptFiles(_BrokenDisk()))


@pytest.mark.parametrize("address", ["a\x00b", "x" * 5000])
def test_an_impossible_name_says_so(address: str) -> None:
    with pytest.raises(SourceUnreachable, match="cannot be read"):
        fetch(address)


def test_a_file_that_is_too_large_says_so(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(b"word " * 300_000)

    with pytest.raises(SourceUnreachable, match="larger than 1 MB"):
        fetch(path, source=TranscriptFiles(max_bytes=1024 * 1024))


def test_a_pipe_by_its_path_loses_no_word(tmp_path: Path) -> None:
    """``autointel run <(command)``: what a first look takes from a pipe would be missing in the second."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    fed = Thread(target=pipe.write_bytes, args=(VTT,))
    fed.start()

    _, transcript = fetch(str(pipe))
    fed.join()

    assert transcript.segments[0].start == 1.0


def test_an_endless_input_is_read_to_the_limit_only() -> None:
    asked: list[int] = []

    def endless(limit: int) -> bytes:
        asked.append(limit)
        return b"x" * limit

    with pytest.raises(SourceUnreachable, match="Standard input is larger"):
        fetch("-", source=TranscriptFiles(endless, max_bytes=1024 * 1024))
    assert asked == [1024 * 1024 + 1]


def test_a_recording_is_listened_to_and_known_by_its_content(tmp_path: Path) -> None:
    sound = b"ID3\x04" + b"\x00" * 200
    path = tmp_path / "town-hall.en.mp3"
    path.write_bytes(sound)
    recogniser = DeafRecogniser("The bridge will close.")

    source, transcript = fetch(path, source=TranscriptFiles(recogniser=recogniser))

    assert recogniser.heard == [sound]
    assert source.id == content_id("sha256", hashlib.sha256(sound).hexdigest())
    assert (source.kind, source.path, source.title, source.duration_seconds) == ("media", str(path), "Town hall", 1.0)
    assert transcript.origin is Origin.SPEECH_RECOGNITION


def test_a_recording_that_nobody_can_listen_to_says_what_would(tmp_path: Path) -> None:
    (tmp_path / "a.ogg").write_bytes(b"OggS" + b"\x00" * 200)

    with pytest.raises(NoTranscript, match="nothing here can listen") as raised:
        fetch(tmp_path / "a.ogg")
    assert "asr" in raised.value.hint


def test_a_recording_on_standard_input_is_wanted_as_a_file() -> None:
    with pytest.raises(NoTranscript, match="The input is a recording") as raised:
        fetch("-", source=TranscriptFiles(given_input(b"OggS" + b"\x00" * 200), recogniser=DeafRecogniser()))
    assert "as a file" in raised.value.hint


def test_a_saved_web_page_is_an_article(tmp_path: Path) -> None:
    first = "The council voted on Tuesday to close the bridge for two years, and nobody was surprised by it."
    second = "Engineers put the price at nine million; the mayor had promised four, and said that steel is dear."
    page = f"<!doctype html><html><body><article><p>{first}</p><p>{second}</p></article></body></html>"
    (tmp_path / "bridge.html").write_text(page)

    source, transcript = fetch(tmp_path / "bridge.html")

    assert (source.kind, transcript.origin) == ("article", Origin.ARTICLE)
    assert transcript.segments[0].text.startswith("The council voted")


def test_a_saved_page_without_an_article_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("<!doctype html><html><body>Please enable JavaScript.</body></html>")

    with pytest.raises(NoTranscript, match="needs JavaScript"):
        fetch(tmp_path / "empty.html")


def test_an_empty_file_is_no_transcript(tmp_path: Path) -> None:
    (tmp_path / "empty.vtt").touch()

    with pytest.raises(NoTranscript, match=r'^"empty\.vtt" is empty\.$') as raised:
        fetch(tmp_path / "empty.vtt")
    assert raised.value.exit_code == 4


def test_a_name_that_is_no_utf_8_can_be_shown_and_stored(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/tal\xff\x1b[31mk.txt")
    Path(path).write_bytes(b"Words.")

    source, _ = fetch(path)

    assert source.title == "Tal\ufffdk"
    assert source.model_dump_json()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("the-changelog-592.md", "The changelog 592"),
        ("Talk.srt", "Talk"),
        ("talk", "Talk"),
        ("a.b.pt-BR.srt", "A b"),
        ("___", "Untitled"),
        (".vtt", "Vtt"),
    ],
)
def test_a_files_name_reads_as_a_title(name: str, title: str) -> None:
    assert readable(name) == title


def test_an_input_that_the_shell_closed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(SourceUnreachable, match="Standard input is closed") as raised:
        read_stdin(10)

    assert raised.value.hint


@pytest.mark.parametrize("unseen", ["\u200b\u200b\n\u2060\n", "...\n\n---\n"])
def test_what_nobody_can_quote_is_no_transcript(unseen: str, tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text(unseen, encoding="utf-8")

    with pytest.raises(NoTranscript, match="holds no words"):
        fetch(path)
