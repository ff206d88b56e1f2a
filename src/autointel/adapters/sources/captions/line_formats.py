"""Formats of a line a caption: ASS and SSA, LRC, MicroDVD and its kin, text exports of editing programs.

ASS is Advanced SubStation Alpha, SSA its ancestor: only dialogue lines are read, in time linear in the file's length.
LRC ("[mm:ss.xx]words") holds song lyrics, and some speech recognisers write it. MicroDVD and Spruce STL count frames,
MPL2 tenths of a second; TMPlayer gives the second. An editing program exports a line with two times, a line with the
speaker, and the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.clock import LATEST, TIMECODE, clock, frame_rate, timecode
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, language_code, one_line, plain_srt
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

_MICRODVD: Final = re.compile(r"\s*\{(\d{1,9})\}\{(\d{0,9})\}(.*)")
_MPL2: Final = re.compile(r"\s*\[(\d{1,9})\]\s?\[(\d{0,9})\](.*)")
_TMPLAYER: Final = re.compile(r"\s*(\d{1,2}:\d{2}:\d{2})()[:=](\D.*)")
_SPRUCE: Final = re.compile(rf"\s*({TIMECODE})\s*,\s*({TIMECODE})\s*,(.*)")
_FORMATS: Final = (_MICRODVD, _MPL2, _TMPLAYER, _SPRUCE)
# Spruce's settings and comments.
_ASIDE: Final = re.compile(r"\s*(?:\$\w|//)")
# Control codes of MicroDVD ({y:i}, {C:$0000FF}, {P:10,20}) and Spruce (^I); MPL2 marks slanted lines with "/".
_CODE: Final = re.compile(r"\{[A-Za-z]:[^{}]{0,60}\}|\^[BIU](?=\S|\Z)")
_RATE: Final = re.compile(r"(\d{1,3}(?:[.,]\d{1,4})?)\s*(?:fps)?\s*\Z", re.IGNORECASE)
# The rate of films on discs, which players assume.
_USUAL_RATE: Final = 23.976
_RATES: Final = (10.0, 120.0)
_SHARE: Final = 0.8
_SAMPLE: Final = 400
_ID: Final = re.compile(
    r"\s*\[(ti|ar|al|au|by|re|ve|length|offset|la|lang|tool|id|#)\s*:([^\]]*)\]\s*\Z", re.IGNORECASE
)
_STAMP: Final = re.compile(r"\s*\[(\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?)\]")
_WORD_STAMP: Final = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
RANGE: Final = re.compile(rf"\s*({TIMECODE})(?:\s*(?:-{{1,2}}|–|—|to)\s*|\s{{1,4}})({TIMECODE})\s*\Z")
# What Avid writes around its subtitles.
_AVID: Final = re.compile(r"@ This file written with the Avid|\s*<(?:begin|end) subtitles>\s*\Z")
_LONGEST_NAME: Final = 60
_MOST_WORDS: Final = 6
# A chorus comes again. A line with a thousand times before it would be a thousand lines, of any length.
_MOST_AGAIN: Final = 1_000_000
_PER_LINE: Final = 20
_UNKNOWN: Final = frozenset({"unknown", "unknown speaker", "unbekannt"})
# The columns where a file does not say them (ASS specification, "Format" line).
_COLUMNS: Final = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_OVERRIDE: Final = re.compile(r"\{[^{}]*\}")
_DRAWING: Final = re.compile(r"\\p[1-9]")
_SIGNS: Final = re.compile(r"\\[Nnh]")


def is_old_format(text: str) -> bool:
    """Whether nearly all lines are in one of the three formats."""
    return _format(text) is not None


def _format(text: str) -> re.Pattern[str] | None:
    sample = text[:20_000].split("\n")[:_SAMPLE]
    lines = [line for line in sample if line.strip() and not _ASIDE.match(line)]
    found = (form for form in _FORMATS if sum(form.match(line) is not None for line in lines) >= _SHARE * len(lines))
    return next(found, None) if lines else None


def parse_microdvd(text: str) -> Draft:
    """The lines of any of the four; frames without a stated rate are counted at 23.976 a second, with a warning."""
    form = _format(text) or _MICRODVD
    lines = [line for line in text.split("\n") if line.strip() and not _ASIDE.match(line)]
    rows = [found.groups() for line in lines if (found := form.match(line))]
    unread = len(lines) - len(rows)
    draft = Draft(SourceKind.MICRODVD, [])
    read: Callable[[str], int | None] = clock
    guessed = False
    if form is _MICRODVD:
        stated = _stated_rate(rows[0]) if rows else None
        rows = rows[1:] if stated else rows
        rate = stated or _USUAL_RATE
        read = lambda frames: round(int(frames) * 1000 / rate)  # noqa: E731 -- one of four units
        guessed = stated is None
        if guessed:
            draft.warnings.append(f"Times count frames and no rate is stated; {_USUAL_RATE} a second were assumed.")
    elif form is _SPRUCE:
        codes = frame_rate(time for start, end, _ in rows for time in (start, end))
        read = lambda code: timecode(code, codes)  # noqa: E731 -- one of four units
    elif form is _MPL2:
        read = lambda tenths: int(tenths) * 100  # noqa: E731 -- one of four units
    cues = [cue for start, end, words in rows if (cue := _cue(read(start), read(end) if end else None, words))]
    draft.cues = with_speakers(once(cues, draft))
    for cue in draft.cues:
        cue.estimated = guessed
    if unread:
        draft.blocks_left_out = unread
        draft.warnings.append(f"Lines left out because they have no time: {unread}.")
    return draft


def _stated_rate(row: tuple[str, ...]) -> float | None:
    start, end, words = row
    found = _RATE.match(words.strip()) if start == end else None
    rate = float(found[1].replace(",", ".")) if found else 0.0
    return rate if _RATES[0] <= rate <= _RATES[1] else None


def _cue(start: int | None, end: int | None, words: str) -> Cue | None:
    if start is None or start > LATEST:
        return None
    lines = [line.strip().removeprefix("/").strip() for line in plain_srt(_CODE.sub("", words)).split("|")]
    spoken = [line for line in lines if line]
    return Cue(start, end if end is not None and start < end <= LATEST else None, spoken) if spoken else None


def is_lrc(text: str) -> bool:
    """Whether lines begin with times and the file has an id tag, hundredths, or several times before a line."""
    lines = [line for line in text[:20_000].split("\n") if line.strip()]
    stamped = [found for line in lines if (found := _STAMP.match(line))]
    tags = sum(_ID.match(line) is not None for line in lines)
    if not stamped or len(stamped) + tags < 0.8 * len(lines):
        return False
    several = any(_STAMP.match(found.string, found.end()) for found in stamped)
    # Behind a second colon a number above 59 counts hundredths.
    hundredths = any(found[1].count(":") > 1 and int(found[1].rpartition(":")[2]) > 59 for found in stamped)  # noqa: PLR2004 -- seconds
    return tags > 0 or several or hundredths or all("." in found[1] for found in stamped)


def parse_lrc(text: str) -> Draft:
    """The timed lines; a line with several times is said at each, one without words ends the one before."""
    tags: dict[str, str] = {}
    spoken: list[tuple[int, str]] = []
    untimed = again = 0
    for line in clean(text).split("\n"):
        tag = _ID.match(line)
        if tag:
            tags[tag[1].lower()] = one_line(tag[2])
            continue
        starts, words = _timed(line)
        again += (len(words) + _PER_LINE) * max(0, len(starts) - 1)
        if again > _MOST_AGAIN:
            raise NoTranscript(
                f"The lines of this LRC file come again {again:,} characters long in all, which no song's do.",
                "Give each line one time.",
            )
        spoken += [(start, words) for start in starts]
        untimed += bool(not starts and words)
    shift = _offset(tags.get("offset", ""))
    spoken = sorted(((max(start - shift, 0), words) for start, words in spoken), key=lambda pair: pair[0])
    ends: list[int | None] = [start for start, _ in spoken]
    cues = [
        Cue(start, end, [words])
        for (start, words), end in zip(spoken, [*ends[1:], None], strict=False)
        if words
    ]  # fmt: skip
    draft = Draft(SourceKind.LRC, with_speakers(cues), tags.get("ti") or None, tags.get("ar") or None)
    draft.language = language_code(tags.get("la") or tags.get("lang"))
    if untimed:
        draft.blocks_left_out = untimed
        draft.warnings.append(f"Lines left out because they have no time: {untimed}.")
    return draft


def _timed(line: str) -> tuple[list[int], str]:
    """The times before a line, each once, and its words without the times between them."""
    starts: list[int] = []
    position = 0
    while found := _STAMP.match(line, position):
        stamp = found[1]
        # Some write the hundredths after a colon.
        start = clock(stamp if "." in stamp or stamp.count(":") < 2 else ".".join(stamp.rsplit(":", 1)))  # noqa: PLR2004
        if start is not None:
            starts.append(start)
        position = found.end()
    return list(dict.fromkeys(starts)), " ".join(_WORD_STAMP.sub("", line[position:]).split())


def _offset(text: str) -> int:
    """Milliseconds by which lines come sooner, as the tag says."""
    found = re.fullmatch(r"([+-]?\d{1,7})", text.strip())
    return int(found[1]) if found else 0


def parse_premiere(text: str) -> Draft:
    """The blocks under their times; the first line of each is its speaker where nearly all blocks have one."""
    blocks: list[tuple[str, str, list[str]]] = []
    before: list[str] = []
    for line in clean(text).split("\n"):
        found = RANGE.match(line)
        if found:
            blocks.append((found[1], found[2], []))
        elif line.strip() and not _AVID.match(line):
            (blocks[-1][2] if blocks else before).append(line.strip())
    rate = frame_rate(time for start, end, _ in blocks for time in (start, end))
    named = _are_named([lines for *_, lines in blocks])
    cues = [
        Cue(
            timecode(start, rate),
            timecode(end, rate),
            lines[1:] if named else lines,
            _name(lines[0]) if named else None,
        )
        for start, end, lines in blocks
        if lines
    ]
    draft = Draft(SourceKind.PREMIERE, cues if named else with_speakers(cues))
    draft.warnings.append(f"Times count frames, at {rate:g} a second by their numbers.")
    if before:
        draft.warnings.append("Text before the first time was left out.")
        draft.blocks_left_out += 1
    return draft


def _are_named(blocks: list[list[str]]) -> bool:
    filled = [lines for lines in blocks if lines]
    named = [lines[0] for lines in filled if len(lines) > 1 and _looks_like_name(lines[0])]
    return bool(filled) and len(named) == len(filled)


def _looks_like_name(line: str) -> bool:
    short = len(line) <= _LONGEST_NAME and len(line.split()) <= _MOST_WORDS
    return short and not line.endswith((".", "?", "!", ",", "…", ";"))


def _name(line: str) -> str | None:
    name = one_line(line.rstrip(": "), limit=_LONGEST_NAME)
    return None if name.casefold() in _UNKNOWN else name or None


def parse_ass(text: str) -> Draft:
    """The dialogue, without comments and drawings; the Name column is the speaker.

    Raises NoTranscript where the file has no dialogue that can be read.
    """
    draft = Draft(SourceKind.ASS, [])
    columns: tuple[str, ...] = _COLUMNS
    cues: list[Cue] = []
    refused, in_events = 0, True
    for line in text.replace("\x00", "").split("\n"):
        head, colon, rest = line.partition(":")
        key = head.strip().lower()
        if key.startswith("["):
            in_events = key == "[events]"
        elif key == "title" and colon:
            draft.title = draft.title or _title(rest.strip())
        elif key == "format" and in_events:
            columns = _columns(rest)
        elif key == "dialogue" and colon:
            cue = _dialogue_cue(rest, columns)
            refused += cue is None
            cues += [cue] if cue is not None and cue.lines else []
    if refused and not cues:
        raise NoTranscript("The subtitles are broken and cannot be read.", "Export them again, as SRT or VTT.")
    draft.blocks_left_out = refused
    if refused:
        draft.warnings.append(f"Cues left out because their times are broken: {refused}.")
    cues.sort(key=lambda cue: cue.start or 0)
    draft.cues = with_speakers(once(cues, draft))
    return draft


def _title(title: str) -> str | None:
    # What Aegisub writes when nobody gave one.
    return None if title.startswith("Default Aegisub") else one_line(title) or None


def _columns(line: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in line.split(","))
    return names if {"start", "end", "text"} <= set(names) and names[-1] == "text" else _COLUMNS


def _dialogue_cue(line: str, columns: tuple[str, ...]) -> Cue | None:
    """A cue; without lines where it only draws; None where its times cannot be read."""
    values = dict(zip(columns, line.lstrip().split(",", len(columns) - 1), strict=False))
    start, end = clock(values.get("start", "")), clock(values.get("end", ""))
    if start is None or end is None or "text" not in values:
        return None
    words = values["text"]
    if "\\p" in words and any(map(_DRAWING.search, _OVERRIDE.findall(words))):
        return Cue(start, end, [])
    words = _SIGNS.sub(lambda found: " " if found.group() == "\\h" else "\n", _OVERRIDE.sub("", words))
    lines = [stripped for line in clean(words).split("\n") if (stripped := line.strip())]
    speaker = values.get("name", values.get("actor", ""))
    return Cue(start, end, lines, one_line(speaker) or None)
