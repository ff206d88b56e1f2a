"""Real speech recognition by Whisper tiny.en: thirteen seconds of a synthetic voice, eleven of a person's.

council.ogg was made with espeak-ng. inaugural.ogg is from the inaugural address of 20 January 1961, a work of the US
government in the public domain.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from autointel.cli.app import carry_out_command

INAUGURAL = Path(__file__).parent / "data" / "inaugural.ogg"
SAID = "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
VOICE = Path(__file__).parent / "data" / "council.ogg"
SPOKEN = (
    "The council voted on Tuesday to close the bridge for two years. Engineers put the price at nine million. "
    "The mayor, who had promised four, said that steel had become dear. Work begins in March."
)


def test_a_recording_becomes_a_briefing_whose_quotes_are_what_was_said(
    whisper: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTOINTEL_SPEECH__MODEL", str(whisper))

    code = carry_out_command(["run", str(VOICE), "--engine", "local", "--json", "--out", "out"])

    out, err = capsys.readouterr()
    assert code == 0, err
    segments = json.loads(Path("out/transcript.json").read_text(encoding="utf-8"))["segments"]
    heard = " ".join(segment["text"] for segment in segments)
    # Of 35 words, one may be another ("nine" may be written as 9, "dear" may be heard as "here").
    assert SequenceMatcher(None, words(SPOKEN), words(heard)).ratio() > 0.9
    assert [segment["start"] for segment in segments] == sorted(segment["start"] for segment in segments)
    assert segments[-1]["end"] <= 14
    notes = json.loads(Path("out/notes.json").read_text(encoding="utf-8"))
    assert notes["claims"]
    assert json.loads(out)["transcript"]["origin"] == "speech-recognition"


def test_a_person_s_speech_is_heard_word_for_word(
    whisper: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTOINTEL_SPEECH__MODEL", str(whisper))

    code = carry_out_command(["run", str(INAUGURAL), "--engine", "local", "--quiet", "--out", "out"])

    assert code == 0, capsys.readouterr().err
    segments = json.loads(Path("out/transcript.json").read_text(encoding="utf-8"))["segments"]
    assert words(" ".join(segment["text"] for segment in segments)) == words(SAID)
    assert segments[-1]["end"] <= 11.5


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
