"""200 secrets of ten kinds, planted in five formats: none reaches the model or a file of the home."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.fakes.documents import docx, word_paragraph
from tests.fakes.model_run import run_over
from tests.fakes.secrets import planted

from autointel.domain.run import Privacy
from autointel_bench.simulated import SimulatedModel

FORMATS = ("vtt", "srt", "txt", "json", "docx")
EACH = 4


def sentences(secrets: dict[str, list[str]]) -> list[str]:
    """Each secret in a sentence, among others that hold none."""
    said = {"password": "For the archive the password is {} and nobody else has it."}
    found = []
    for kind, values in secrets.items():
        for value in values:
            found.append(said.get(kind, "The city council wrote down {} in the minutes of March.").format(value))
            found.append("Free public transport raised the number of trips by fourteen percent in the first year.")
    return found


def vtt(lines: Sequence[str]) -> bytes:
    cues = [f"00:{at // 6:02}:{at % 6}0.000 --> 00:{at // 6:02}:{at % 6}9.000\n{line}" for at, line in enumerate(lines)]
    return "\n\n".join(["WEBVTT", *cues]).encode()


def srt(lines: Sequence[str]) -> bytes:
    """Two lines a cue, so that values are cut between their words."""
    cues = []
    for at, line in enumerate(lines):
        words = line.split()
        half = len(words) // 2
        cues.append(
            f"{at + 1}\n00:{at // 6:02}:{at % 6}0,000 --> 00:{at // 6:02}:{at % 6}9,000\n"
            f"{' '.join(words[:half])}\n{' '.join(words[half:])}"
        )
    return "\n\n".join(cues).encode()


def as_json(lines: Sequence[str]) -> bytes:
    segments = [{"start": at * 10, "end": at * 10 + 9, "text": line} for at, line in enumerate(lines)]
    return json.dumps({"segments": segments}).encode()


WRITERS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "vtt": vtt,
    "srt": srt,
    "txt": lambda lines: "\n\n".join(lines).encode(),
    "json": as_json,
    "docx": lambda lines: docx("".join(word_paragraph(line) for line in lines)),
}


def spellings(secret: str) -> Iterator[bytes]:
    yield secret.encode()
    yield json.dumps(secret)[1:-1].encode()
    yield "".join(sign for sign in secret if sign.isalnum()).encode()


@pytest.mark.uncounted
@pytest.mark.parametrize("form", FORMATS)
def test_no_planted_secret_reaches_the_model_or_the_home(form: str, tmp_path: Path) -> None:
    secrets = planted(EACH, seed=FORMATS.index(form))
    source = tmp_path / f"talk.{form}"
    source.write_bytes(WRITERS[form](sentences(secrets)))
    with SimulatedModel() as server:
        ended = run_over(server, tmp_path, source=source, privacy=Privacy.REDACT, memory=True, graph=True)
        prompts = "\n".join(call.prompt for call in server.calls.all).encode()

    assert ended.report
    places = {"the model": prompts, "the report": ended.report.model_dump_json().encode()}
    places |= {str(path): path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()}
    leaks = [
        (kind, secret, where)
        for kind, values in secrets.items()
        for secret in values
        for where, content in places.items()
        if any(spelling in content for spelling in spellings(secret))
    ]
    assert leaks == []
    assert sum(ended.report.transcript.redacted.values()) >= len(secrets) * EACH
    assert b"fourteen percent" in prompts


def test_block_ends_the_run_before_the_model_is_asked(tmp_path: Path) -> None:
    source = tmp_path / "talk.txt"
    source.write_text("The card is 4111 1111 1111 1111, he said.\n\nAnd so on.", encoding="utf-8")
    with SimulatedModel() as server:
        ended = run_over(server, tmp_path, source=source, privacy=Privacy.BLOCK)
        asked = len(server.calls.all)

    assert (ended.code, asked) == (4, 0)
    files = [path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert not any(b"4111" in content for content in files)
