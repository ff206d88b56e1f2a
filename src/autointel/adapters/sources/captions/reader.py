"""One tolerant reader for the captions that people write by hand: WebVTT, SubRip and SubViewer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from autointel.adapters.sources.captions.time_lines import Span
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.labels import ROLE, is_name

# A frame count of 25 and more cannot be at 25 frames a second.
_RATES: Final = (25, 30, 50, 60)
_FEW: Final = 4
_WEBEX: Final = re.compile(r"\d+ \"([^\"]{1,60})\"(?: \(\d+\))?\Z")


@dataclass(slots=True)
class Block:
    """A time line with the lines below it, up to the next time line. ``id`` is the line directly above it."""

    span: Span
    lines: list[str]
    id: str = ""


@dataclass(slots=True)
class Blocks:
    """A file taken apart. ``preface`` are the lines before the first time line; ``refused`` counts blocks with words
    whose times cannot be read, ``orphans`` runs of words that stand under no time.
    """

    preface: list[str]
    blocks: list[Block] = field(default_factory=list)
    refused: int = 0
    orphans: int = 0


def without_marks(text: str) -> str:
    """The text without byte order marks, which files that were joined bring; between figures one parts two numbers."""
    return re.sub(r"(?<=[\d:.,])\ufeff(?=[\d:.,])", "\n", text).replace("\ufeff", "") if "\ufeff" in text else text


def take_apart(lines: list[str], span_of: Callable[[str], Span | None], *, named_ids: bool) -> Blocks:
    """The blocks of a caption file. ``named_ids``: an id may be any line, as in WebVTT; else it is a number."""
    found = Blocks([])
    body = found.preface
    for line in lines:
        span = span_of(line)
        if span is None:
            body.append(line)
            continue
        ident = _take_id(body, len(found.blocks), named=named_ids)
        body = []
        found.blocks.append(Block(span, body, ident))
    return found


def _take_id(body: list[str], blocks: int, *, named: bool) -> str:
    """Take the next block's id off the end of the lines before its time line.

    A number on a line of its own is an id if an empty line (or nothing) precedes it, or if it is the one that is due;
    else somebody said it. Other words are an id only between an empty line and the time line.
    """
    while (
        len(body) > 1
        and not body[-1].strip()
        and body[-2].strip().isdecimal()
        and (
            len(body) == 2 or not body[-3].strip()  # noqa: PLR2004 -- the number and the empty line
        )
    ):
        # An empty line between the number and its time line.
        body.pop()
    if not body or not body[-1].strip():
        return ""
    last = body[-1].strip().lstrip("\ufeff")
    parted = len(body) > 1 and not body[-2].strip()
    alone = parted or len(body) == 1
    if last.isdecimal():
        return body.pop().strip() if alone or last in {str(blocks), str(blocks + 1)} else ""
    # The one line directly below a time line is what the cue says.
    if parted or (alone and not blocks):
        return body.pop().strip() if named or ROLE.match(last) else ""
    return ""


def timed_cues(blocks: Blocks, draft: Draft, words: Callable[[list[str]], list[str]]) -> Iterator[tuple[Block, Cue]]:
    """Each readable block with its cue; unreadable ones are counted, never read as speech."""
    rate = _rate([block.span for block in blocks.blocks])
    before = 0
    for block in blocks.blocks:
        span = block.span
        lines = words(block.lines)
        if span.start is None:
            blocks.refused += bool(lines)
            continue
        draft.repairs += span.repaired
        start, end = span.start, span.end
        if span.frames != (0, 0):
            start += round(span.frames[0] * 1000 / rate)
            end = None if end is None else end + round(span.frames[1] * 1000 / rate)
        # A start before the beginning is a broken shift; the words come after those before them.
        if span.negative and end is not None:
            start = min(before, end)
        before = max(before, end if end is not None else start)
        yield block, Cue(start, end, lines)


def _rate(spans: list[Span]) -> int:
    most = max((frame for span in spans for frame in span.frames), default=0)
    return next((rate for rate in _RATES if most < rate), 100)


def name_by_ids(pairs: list[tuple[Block, Cue]]) -> None:
    """Where the ids are not numbers but names that come again, or numbered speakers, they say who speaks."""
    webex = [block.id for block, cue in pairs if cue.lines and not _WEBEX.match(block.id)]
    if not webex:
        for block, cue in pairs:
            cue.speaker = cue.speaker or _named(block.id) or None
        return
    ids = [_named(block.id) for block, cue in pairs if cue.lines]
    named = [one for one in ids if one and is_name(one)]
    distinct = set(named)
    if not named or len(named) < len(ids):
        return
    roles = all(ROLE.match(one) for one in distinct) and (len(ids) <= _FEW or len(distinct) * 2 <= len(ids))
    if roles or len(distinct) * 2 <= len(ids):
        for block, cue in pairs:
            cue.speaker = cue.speaker or _named(block.id) or None


def _named(ident: str) -> str:
    """The name in an id; Webex writes a number, the name in quotes, and the person's number."""
    found = _WEBEX.match(ident)
    return found.group(1) if found else ident


def account(draft: Draft, blocks: Blocks) -> None:
    """Say in the draft what was left out and mended."""
    draft.blocks_left_out += blocks.refused + blocks.orphans
    if draft.repairs:
        draft.warnings.append(f"Cues whose times are not written as usual, and were mended: {draft.repairs}.")
    if blocks.refused:
        draft.warnings.append(f"Cues left out because their times are broken: {blocks.refused}.")
    if blocks.orphans:
        draft.warnings.append(f"Blocks of text left out because they have no times: {blocks.orphans}.")
