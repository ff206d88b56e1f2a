"""A voice, made by Debian's speech synthesiser, from a sound file to a briefing; a tiny model hears nonsense in it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.site import Page, Site
from tests.fakes.tiny_whisper import build_tiny_whisper

from autointel.cli.app import carry_out_command

pytestmark = pytest.mark.xdist_group("speech")
TALK = (
    "The council voted on Tuesday to close the bridge for two years. Engineers put the price at nine million. "
    "The mayor, who had promised four, said that steel had become dear. Work begins in March."
)


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some ten seconds of speech in the working folder, and a model to hear it with."""
    try:
        subprocess.run(["espeak-ng", "-w", "talk.wav", TALK], check=True, capture_output=True)  # noqa: S603, S607
    except FileNotFoundError:
        pytest.fail("espeak-ng is missing: scripts/services install --only espeak-ng")
    monkeypatch.setenv("AUTOINTEL_SPEECH__MODEL", str(build_tiny_whisper(Path("model").absolute())))
    return Path("talk.wav")


def briefed(capsys: pytest.CaptureFixture[str], source: str, *options: str) -> dict[str, Any]:
    code = carry_out_command(["run", source, "--engine", "local", "--json", "--out", "out", *options])
    out, err = capsys.readouterr()
    assert code == 0, err
    return json.loads(out)  # type: ignore[no-any-return]


def encoded(path: Path, name: str, codec: str) -> Path:
    """The same sound as podcasts have it."""
    import av

    with av.open(str(path)) as spoken, av.open(name, "w") as container:
        rate = 16_000 if codec != "libopus" else 48_000
        stream: Any = container.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate, frame_size=None)
        for frame in [*spoken.decode(audio=0), None]:
            for sound in resampler.resample(frame):
                container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    return Path(name)


def test_a_voice_in_a_file_becomes_timed_words_and_a_briefing(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = briefed(capsys, str(talk))

    segments = json.loads(Path("out/transcript.json").read_text())["segments"]
    assert (report["transcript"]["origin"], report["transcript"]["trust"]) == ("speech-recognition", "low")
    assert segments
    assert all(0 <= segment["start"] <= segment["end"] <= 30 for segment in segments)
    assert report["source"]["kind"] == "media"


@pytest.mark.parametrize(("name", "codec"), [("talk.mp3", "mp3"), ("talk.m4a", "aac"), ("talk.ogg", "libopus")])
def test_a_voice_at_an_address_in_each_of_the_usual_formats(
    name: str, codec: str, talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = encoded(talk, name, codec).read_bytes()
    with Site({f"/{name}": Page(sound, "application/octet-stream")}) as site:
        monkeypatch.setenv("AUTOINTEL_FETCH__ALLOW_HOSTS", site.host)
        report = briefed(capsys, site.url(f"/{name}"))
        again = briefed(capsys, site.url(f"/{name}"), "--offline")

    assert report["transcript"]["origin"] == "speech-recognition"
    assert report["transcript"]["words"] > 0
    assert again["transcript"] == report["transcript"]
    assert len(site.requests) == 2  # a look at its beginning, and the whole
