"""WebVTT by its standard (W3C, 2019), forgiving where files in the wild are wrong and words would be lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from autointel.adapters.sources.captions.reader import (
    Block,
    Blocks,
    account,
    arrow_span,
    name_by_ids,
    take_apart,
    timed_cues,
    without_marks,
)
from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.clock import clock, speaking_time
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import one_line, plain
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.transcript import SourceKind

_WORD_TIME: Final = re.compile(r"<((?:\d+:)?\d\d:\d\d\.\d{3})>")
_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]*)?(?:\s++([^<>]*+))?>")
_DASHED_VOICE: Final = re.compile(r"^[ \t]*[-–—][ \t]*(<v[.\s>])", re.MULTILINE)
_MAP: Final = re.compile(r"X-TIMESTAMP-MAP=([^\n]*)", re.IGNORECASE)
_ASIDES: Final = frozenset({"NOTE", "STYLE", "REGION"})
_DASHES: Final = ("-", "–", "—")
# MPEG-2 transport streams tick 90,000 times a second (RFC 8216, 3.5).
_TICKS_PER_MS: Final = 90
_ROUND: Final = 2**33 // _TICKS_PER_MS
# The share of cues with a time for each word from which a recogniser wrote the file.
_WORD_TIMED: Final = 0.5
_FEW: Final = 3


def parse_vtt(text: str) -> Draft:
    """The cues of a WebVTT file; ``<v Name>`` becomes the speaker."""
    lines = without_marks(text.replace("\x00", "\ufffd")).split("\n")
    blocks = take_apart(lines, arrow_span, named_ids=True)
    stream = _Stream()
    header = _open(blocks, stream)
    draft = Draft(SourceKind.VTT, [])
    pairs = list(timed_cues(blocks, draft, _filled))
    name_by_ids(pairs)
    shifts = {id(block): shift for block, shift in zip(blocks.blocks, stream.shifts, strict=True)}
    ends = {cue.start: end for block, cue in pairs if (end := _last_word_end(block)) is not None}
    closed = _are_closed(pairs)
    cues = [part for block, cue in pairs for part in _voices(cue, shifts[id(block)])]
    cues = once(cues, draft, word_times=bool(ends))
    if len(ends) > max(_FEW, _WORD_TIMED * len(cues)) or draft.automatic:
        _end_with_words(cues, ends)
    draft.cues = with_speakers(cues, inherit=not closed)
    draft.title, draft.language = _title(header), _field(header, "language")
    account(draft, blocks)
    if stream.moved:
        draft.warnings.append("The pieces of a stream were joined by their X-TIMESTAMP-MAP.")
    return draft


@dataclass(slots=True)
class _Stream:
    """How far each piece of a stream is moved against the first one; a file of one piece is not moved."""

    first: int | None = None
    shift: int = 0
    moved: bool = False
    shifts: list[int] = field(default_factory=list)

    def read(self, header: str) -> None:
        """Take the map of a piece's header, where it has one."""
        found = _MAP.search(header) if "MAP" in header.upper() else None
        if found is None:
            return
        parts = dict(part.strip().upper().split(":", 1) for part in found.group(1).split(",") if ":" in part)
        local, ticks = clock(parts.get("LOCAL", "")), parts.get("MPEGTS", "")
        if local is None or not (ticks.isascii() and ticks.isdigit() and len(ticks) < 12):  # noqa: PLR2004 -- 33 bits
            return
        offset = round(int(ticks) / _TICKS_PER_MS) - local
        # Streams begin at ten seconds, or anywhere; players take the first piece's clock as the video's.
        self.first = offset if self.first is None else self.first
        self.shift = offset - self.first
        # The clock of a stream has 33 bits and begins anew after 26.5 hours.
        self.shift -= round(self.shift / _ROUND) * _ROUND
        self.moved = self.moved or self.shift != 0


def _open(blocks: Blocks, stream: _Stream) -> list[str]:
    """The file's header; what stands in the blocks beside words is taken out of them."""
    paragraphs = list(_paragraphs(blocks.preface))
    header = paragraphs[0] if paragraphs else []
    stream.read("\n".join(header))
    for paragraph in paragraphs[1:]:
        _read_aside(paragraph, blocks, stream)
    for block in blocks.blocks:
        stream.shifts.append(stream.shift)
        block.lines[:] = _own_words(block, blocks, stream)
    return header


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    for empty, run in groupby(lines, key=lambda line: not line.strip("\n")):
        if not empty:
            yield list(run)


def _read_aside(paragraph: list[str], blocks: Blocks, stream: _Stream) -> None:
    first = paragraph[0].split(None, 1)
    if first and first[0] == "WEBVTT":
        # Pieces of a stream joined into one file: each brings its own map.
        stream.read("\n".join(paragraph))
    elif first and first[0] not in _ASIDES:
        blocks.orphans += 1


def _own_words(block: Block, blocks: Blocks, stream: _Stream) -> list[str]:
    """The lines that the cue says: an empty line inside a cue ends it by the standard, but loses words."""
    words: list[str] = []
    for index, paragraph in enumerate(_paragraphs(block.lines)):
        adjacent = index == 0 and bool(block.lines[0].strip())
        # A line of dialogue under no time is another cue, whose time is missing.
        if adjacent or not (_is_aside(paragraph) or paragraph[0].lstrip().startswith(_DASHES)):
            words += paragraph
        else:
            _read_aside(paragraph, blocks, stream)
    return words


def _is_aside(paragraph: list[str]) -> bool:
    first = paragraph[0].split(None, 1)
    return bool(first) and (first[0] in _ASIDES or first[0] == "WEBVTT")


def _filled(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def _last_word_end(block: Block) -> int | None:
    """When the last word of a cue with a time for each word ends; None for other cues."""
    times = [found for line in block.lines if "<" in line for found in _WORD_TIME.finditer(line)]
    begins = clock(times[-1].group(1)) if times else None
    return None if begins is None else begins + speaking_time(1, least=0)


def _are_closed(pairs: list[tuple[Block, Cue]]) -> bool:
    """Whether every voice in the file is closed: then a cue without one is said by nobody that the file names."""
    bodies = ["\n".join(cue.lines) for _, cue in pairs if any("<v" in line for line in cue.lines)]
    return bool(bodies) and all(len(_VOICE.findall(body)) <= body.count("</v>") for body in bodies)


def _voices(cue: Cue, shift: int) -> list[Cue]:
    """One cue for each voice in it: between ``<v Mary>`` and ``</v>`` or the next voice, Mary speaks."""
    body = "\n".join(cue.lines)
    start = max(0, (cue.start or 0) + shift)
    end = None if cue.end is None else max(0, cue.end + shift)
    if "<v" not in body:
        return [Cue(start, end, _lines(body), cue.speaker)]
    # A dash before a voice marks what the voice says already.
    first, *pieces = _VOICE.split(_DASHED_VOICE.sub(r"\1", body))
    cues = [Cue(start, end, _lines(first))]
    for name, words in zip(pieces[::2], pieces[1::2], strict=True):
        said, _, after = words.partition("</v>")
        # A voice without a name is somebody else whom nobody names.
        cues += [
            Cue(start, end, _lines(said), _name(name), opens_turn=True),
            Cue(start, end, _lines(after), opens_turn=True),
        ]
    return [cue for cue in cues if cue.lines]


def _lines(body: str) -> list[str]:
    return [stripped for line in plain(body).split("\n") if (stripped := line.strip())]


def _name(voice: str | None) -> str | None:
    name = one_line(plain(voice or ""))
    # Meeting tools write a dash for a voice that they do not know.
    return name if any(map(str.isalnum, name)) else None


def _end_with_words(cues: list[Cue], ends: dict[int | None, int]) -> None:
    """Let cues end with their last word: recognisers let them stand until the next, and no pause is seen."""
    for cue in cues:
        end = ends.get(cue.start)
        if end is not None and cue.end is not None and cue.start is not None and cue.start < end < cue.end:
            cue.end = end


def _title(header: list[str]) -> str | None:
    words = header[0].partition("WEBVTT")[2].strip().lstrip("-–—:").strip() if header else ""
    return one_line(words) or _field(header, "title")


def _field(header: list[str], name: str) -> str | None:
    for line in header[1:]:
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() == name:
            return one_line(value) or None
    return None
