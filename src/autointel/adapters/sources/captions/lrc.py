"""LRC, the format of song lyrics, which some speech recognisers write: "[mm:ss.xx]words", a line a time."""

from __future__ import annotations

import re
from typing import Final

from autointel.adapters.sources.clock import clock
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.languages import language_code
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind

_ID: Final = re.compile(
    r"\s*\[(ti|ar|al|au|by|re|ve|length|offset|la|lang|tool|id|#)\s*:([^\]]*)\]\s*\Z", re.IGNORECASE
)
_STAMP: Final = re.compile(r"\s*\[(\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?)\]")
_WORD_STAMP: Final = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")


def is_lrc(text: str) -> bool:
    """Whether lines begin with times and the file has an id tag, hundredths, or several times before a line."""
    lines = [line for line in text[:20_000].split("\n") if line.strip()]
    stamped = [found for line in lines if (found := _STAMP.match(line))]
    tags = sum(_ID.match(line) is not None for line in lines)
    if not stamped or len(stamped) + tags < 0.8 * len(lines):
        return False
    several = any(_STAMP.match(found.string, found.end()) for found in stamped)
    return tags > 0 or several or all("." in found[1] for found in stamped)


def parse_lrc(text: str) -> Draft:
    """The timed lines; a line with several times is said at each, one without words ends the one before."""
    tags: dict[str, str] = {}
    spoken: list[tuple[int, str]] = []
    untimed = 0
    for line in clean(text).split("\n"):
        tag = _ID.match(line)
        if tag:
            tags[tag[1].lower()] = one_line(tag[2])
            continue
        starts, words = _timed(line)
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
    """The times before a line, and its words without the times between them."""
    starts: list[int] = []
    position = 0
    while found := _STAMP.match(line, position):
        stamp = found[1]
        # Some write the hundredths after a colon.
        start = clock(stamp if "." in stamp or stamp.count(":") < 2 else ".".join(stamp.rsplit(":", 1)))  # noqa: PLR2004
        if start is not None:
            starts.append(start)
        position = found.end()
    return starts, " ".join(_WORD_STAMP.sub("", line[position:]).split())


def _offset(text: str) -> int:
    """Milliseconds by which lines come sooner, as the tag says."""
    found = re.fullmatch(r"([+-]?\d{1,7})", text.strip())
    return int(found[1]) if found else 0
