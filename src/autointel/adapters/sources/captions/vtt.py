"""WebVTT by its standard (W3C, 2019), forgiving where files in the wild are wrong and words would be lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from autointel.adapters.sources.captions.rolling import looks_rolling, unroll
from autointel.adapters.sources.clock import clock
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import one_line, plain
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind

# The standard's white space: a vertical tab is none.
_TIMES: Final = re.compile(
    r"[ \t\f]*((?:\d{2,4}:)?\d{2,3}:\d\d\.\d{3})[ \t\f]*-->[ \t\f]*((?:\d{2,4}:)?\d{2,3}:\d\d\.\d{3})(?![\d:])"
)
_WORD_TIME: Final = re.compile(r"<(?:\d+:)?\d\d:\d\d\.\d{3}>")
_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]*)?(?:\s+([^<>]*))?>")
_MAP: Final = re.compile(r"X-TIMESTAMP-MAP=([^\n]*)", re.IGNORECASE)
# MPEG-2 transport streams tick 90,000 times a second (RFC 8216, 3.5).
_TICKS_PER_MS: Final = 90


@dataclass(slots=True)
class _Reading:
    """What is gathered while going through the blocks."""

    cues: list[Cue] = field(default_factory=list)
    shift: int = 0
    shifted: bool = False
    orphans: int = 0
    refused: int = 0
    word_times: bool = False


def parse_vtt(text: str) -> Draft:
    """The cues of a WebVTT file; ``<v Name>`` becomes the speaker."""
    reading = _Reading()
    blocks = _blocks(text.replace("\x00", "\ufffd").split("\n"))
    header = next(blocks, [])
    _read_map("\n".join(header), reading)
    for block in blocks:
        _read_block(block, reading)
    cues = reading.cues
    rolling = looks_rolling(cues, word_times=reading.word_times)
    if rolling:
        cues = unroll(cues)
    draft = Draft(SourceKind.VTT, with_speakers(cues, inherit=True), automatic=rolling)
    draft.title, draft.language = _title(header), _field(header, "language")
    draft.warnings += _warnings(reading)
    return draft


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Runs of lines between empty ones, the header first.

    A line with an arrow begins a block of its own, with the id before it, even where the empty line is missing.
    """
    block: list[str] = []
    in_header = True
    for line in lines:
        if not line.strip("\n"):
            if block or in_header:
                yield block
            block, in_header = [], False
        elif "-->" in line and (in_header or not _is_lone_id(block)):
            if block or in_header:
                yield block
            block, in_header = [line], False
        else:
            block.append(line)
    if block:
        yield block


def _is_lone_id(block: list[str]) -> bool:
    return len(block) == 1 and "-->" not in block[0]


def _read_block(block: list[str], reading: _Reading) -> None:
    at = 0 if "-->" in block[0] else 1
    if at == len(block) or "-->" not in block[at]:
        _read_other(block, reading)
        return
    times = _TIMES.match(block[at])
    start, end = (clock(times.group(1)), clock(times.group(2))) if times else (None, None)
    if start is None or end is None:
        reading.refused += len(block) > at + 1
        return
    body = "\n".join(block[at + 1 :])
    reading.word_times = reading.word_times or ("<" in body and _WORD_TIME.search(body) is not None)
    reading.cues += _voices(body, max(0, start + reading.shift), max(0, end + reading.shift))


def _read_other(block: list[str], reading: _Reading) -> None:
    first = block[0].split(None, 1)[0] if block[0].strip() else ""
    if first == "WEBVTT":
        # Segments of a stream joined into one file: each brings its own map.
        _read_map("\n".join(block), reading)
    elif first not in {"NOTE", "STYLE", "REGION"}:
        reading.orphans += 1


def _read_map(header: str, reading: _Reading) -> None:
    found = _MAP.search(header) if "MAP" in header.upper() else None
    if found is None:
        return
    parts = dict(part.strip().upper().split(":", 1) for part in found.group(1).split(",") if ":" in part)
    local, ticks = clock(parts.get("LOCAL", "")), parts.get("MPEGTS", "")
    if local is not None and ticks.isascii() and ticks.isdigit() and len(ticks) < 12:  # noqa: PLR2004 -- 33 bits
        reading.shift = round(int(ticks) / _TICKS_PER_MS) - local
        reading.shifted = reading.shifted or reading.shift != 0


def _voices(body: str, start: int, end: int) -> list[Cue]:
    """One cue for each voice in it: between ``<v Mary>`` and the next, Mary speaks."""
    if "<v" not in body:
        return [Cue(start, end, _lines(body))]
    first, *pieces = _VOICE.split(body)
    # A voice without a name is somebody else whom nobody names.
    voices = zip(pieces[::2], pieces[1::2], strict=True)
    cues = [
        Cue(start, end, _lines(first)),
        *(Cue(start, end, _lines(words), _name(name), opens_turn=True) for name, words in voices),
    ]
    return [cue for cue in cues if cue.lines]


def _name(voice: str | None) -> str | None:
    return one_line(plain(voice or "")) or None


def _lines(body: str) -> list[str]:
    return [stripped for line in plain(body).split("\n") if (stripped := line.strip())]


def _title(header: list[str]) -> str | None:
    words = header[0].partition("WEBVTT")[2].strip().lstrip("-–—:").strip() if header else ""
    return one_line(words) or _field(header, "title")


def _field(header: list[str], name: str) -> str | None:
    for line in header[1:]:
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() == name:
            return one_line(value) or None
    return None


def _warnings(reading: _Reading) -> list[str]:
    warnings = []
    if reading.shifted:
        warnings.append("Times were moved by the file's own X-TIMESTAMP-MAP.")
    if reading.refused:
        warnings.append(f"Cues left out because their times are broken: {reading.refused}.")
    if reading.orphans:
        warnings.append(f"Blocks of text left out because they have no times: {reading.orphans}.")
    return warnings
