"""Captions that people write by hand: one tolerant reader of blocks, and of the line that says when each is shown.

SubRip and SubViewer, which have no standard, are read by this alone; WebVTT (vtt.py) adds rules of its own. What looks
like a time line and cannot be read is refused, so that it never becomes speech.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.clock import LATEST
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.labels import ROLE, is_name
from autointel.adapters.sources.markup import plain_srt, unescape
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.transcript import SourceKind

# A frame count of 25 and more cannot be at 25 frames a second.
_RATES: Final = (25, 30, 50, 60)
_FEW: Final = 4
_WEBEX: Final = re.compile(r"\d+ \"([^\"]{1,60})\"(?: \(\d+\))?\Z")
_CUT_TIME: Final = re.compile(r"\s*(?:\d[\d:.,]*(?:\s*[-=]*>?)?(?:\s*\d[\d:.,]*)?)?\s*\Z")
# Nothing longer is a time with its settings.
_LONGEST: Final = 300
_TIME: Final = (
    r"[ \t]{0,8}(-[ \t]?)?(?:(\d{1,4})[ \t]?:[ \t]?)?(\d{1,3})[ \t]?:[ \t]?(\d{1,2})"
    # The fraction may have one of its own: "01,249.0999" is what arithmetic leaves behind.
    r"(?:[ \t]?([.,:;])[ \t]?(\d{1,20})(?:[.,](\d{1,20}))?)?"
)
_ARROW: Final = r"[ \t]{0,8}(?:(?:[-=~][ \t]?){1,4}>{1,2}|->|>)[ \t]{0,8}"
_ARROW_LINE: Final = re.compile(rf"{_TIME}{_ARROW}{_TIME}(?![\d:])")
_COMMA_LINE: Final = re.compile(rf"{_TIME}[ \t]{{0,8}}[,;][ \t]{{0,8}}{_TIME}[ \t]{{0,8}}\Z")
_START_ONLY: Final = re.compile(rf"{_TIME}{_ARROW}")
_AN_ARROW: Final = re.compile(r"(?:[-=~][ \t]?){1,4}>")
_SIGNS: Final = str.maketrans(
    dict.fromkeys("→⟶⇒➔➜⟹›»", "-->") | dict.fromkeys("–—−‒‐‑", "-") | {"，": ",", "。": ".", "：": ":", "、": ","}
)
_ARROWS: Final = re.compile("[>→⟶⇒➔➜⟹＞›»]|&gt;|＆gt")
# Nearly all time lines are written so, and are read five times as fast without the rest.
_USUAL: Final = re.compile(
    r"(?:(\d{1,4}):)?(\d\d):(\d\d)[.,](\d{3}) --> (?:(\d{1,4}):)?(\d\d):(\d\d)[.,](\d{3})(?:[ \t][^&]*)?\Z", re.ASCII
)
# "00.00.01,000 -->" and "10:00:01 AM -->".
_DOTTED: Final = re.compile(r"(?<![\d.])(\d{1,2})\.(\d\d)\.(\d\d)(?=[,.:;]\d|[ \t]|\Z)")
_HALVED: Final = re.compile(r"(?<![\d:])(\d{1,2})((?::\d\d){1,2}(?:[.,]\d{1,9})?)[ \t]?([AaPp])\.?[Mm]\b\.?")
_FRAME_DIGITS: Final = 2
# "00:00:01 500": a space for the point.
_SPACED: Final = re.compile(r"(:\d\d) (\d{3})(?=[ \t]*[-=~>→—–]|[ \t]*\Z)")


class Span(NamedTuple):
    """When a caption is shown, in milliseconds. ``start`` is None where the line cannot be read, ``end`` where only its
    start can. ``frames`` are the counts behind a fourth colon, which need the file's rate; ``repaired`` marks a time
    that was not written as its format has it; ``negative`` a start before the beginning.
    """

    start: int | None
    end: int | None = None
    frames: tuple[int, int] = (0, 0)
    repaired: bool = False
    negative: bool = False


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


def without_cut_end(found: Blocks, draft: Draft) -> None:
    """Drop the head of a block that a download broke off: the number that is due, and what there is of its times."""
    lines = found.blocks[-1].lines if found.blocks else []
    at = next((at for at in range(len(lines) - 1, max(0, len(lines) - 4), -1) if lines[at].strip().isdecimal()), 0)
    due = at > 0 and not lines[at - 1].strip() and lines[at].strip() == str(len(found.blocks) + 1)
    if due and all(map(_CUT_TIME.match, lines[at + 1 :])):
        del lines[at:]
        draft.blocks_left_out += 1
        draft.warnings.append("The file breaks off within a caption; its end is missing.")


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


def arrow_span(line: str) -> Span | None:
    """The span of a line such as "00:01.000 --> 00:02.000"; None for words, a span without a start if unreadable."""
    if (line.isascii() and ">" not in line and "&" not in line) or _ARROWS.search(line) is None:
        return None
    usual = _USUAL.match(line) if len(line) < _LONGEST and line.isascii() else None
    if usual is not None:
        start, end = _plain(*usual.group(1, 2, 3, 4)), _plain(*usual.group(5, 6, 7, 8))
        if start is not None and end is not None:
            return Span(start, end)
    plain = _folded(line)
    if plain is None:
        return None
    found = _ARROW_LINE.match(plain)
    if found is not None:
        return _span(found.groups(), odd=plain != line.strip())
    if not _looks_like_times(plain):
        return None
    half = _START_ONLY.match(plain)
    begin = _read(half.groups()) if half else None
    return Span(None if begin is None else max(0, begin[0]), repaired=True)


def _plain(hours: str | None, minutes: str, seconds: str, fraction: str) -> int | None:
    if seconds > "59" or (hours is not None and minutes > "59"):
        return None
    whole = ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction)
    return whole if whole <= LATEST else None


def _folded(line: str) -> str | None:
    """The line with full-width digits and signs, odd dashes and escaped arrows as ASCII; None where it is too long."""
    line = line.strip()
    if len(line) > _LONGEST:
        return None
    if "&" in line:
        line = unescape(line)
    if line[:1].isdigit():
        line = _SPACED.sub(r"\1.\2", _HALVED.sub(_whole, _DOTTED.sub(r"\1:\2:\3", line)))
    if line.isascii():
        return line
    plain = unicodedata.normalize("NFKC", line.translate(_SIGNS)).translate(_SIGNS)
    return plain.replace("-->-->", "-->").strip("\ufeff\u200b\u200e\u200f ")


def _whole(found: re.Match[str]) -> str:
    """A time on a clock with hands by the hours of the day."""
    hour, rest, half = int(found[1]), found[2], found[3].lower()
    if not 1 <= hour <= 12:  # noqa: PLR2004 -- the hours of a clock with hands
        return found[0]
    hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour}{rest if rest.count(':') > 1 else f'{rest}:00'}"


def _span(groups: tuple[str | None, ...], *, odd: bool) -> Span:
    start, end = _read(groups[:7]), _read(groups[7:])
    if start is None:
        return Span(None, repaired=True)
    frames = (start[1], end[1] if end else 0)
    return Span(
        start=max(0, start[0]),
        end=None if end is None else max(0, end[0]),
        frames=frames,
        repaired=odd or end is None or start[0] < 0 or end[0] < 0 or frames != (0, 0),
        negative=start[0] < 0,
    )


def _read(groups: tuple[str | None, ...]) -> tuple[int, int] | None:
    """Milliseconds and frames of one time; None where it cannot be."""
    sign, hours, minutes, seconds, mark, fraction, rest = groups
    minute, second = int(minutes or 0), int(seconds or 0)
    # Without hours, minutes may pass 59: players that never write hours do so.
    if second > 59 or (hours is not None and minute > 59):  # noqa: PLR2004 -- minutes and seconds
        return None
    whole = ((int(hours or 0) * 60 + minute) * 60 + second) * 1000
    frames = 0
    if fraction is not None and mark in {":", ";"} and len(fraction) <= _FRAME_DIGITS:
        frames = int(fraction)
    elif fraction is not None:
        digits = (fraction + (rest or ""))[:15]
        whole += round(int(digits) * 1000 / 10 ** len(digits))
    if whole > LATEST:
        return None
    return (-whole if sign else whole), frames


def _looks_like_times(plain: str) -> bool:
    """Whether a line with an arrow holds no words before it, and times around it; "plan A --> plan B" is words."""
    arrow = _AN_ARROW.search(plain)
    if arrow is None:
        return False
    before, after = plain[: arrow.start()].strip(), plain[arrow.end() :].strip(" >")
    if any(map(str.isalpha, before)):
        return False
    return (":" in before and any(map(str.isdigit, before))) or (not before and (not after or after[0].isdigit()))


def comma_span(line: str) -> Span | None:
    """The span of SubViewer's "0:00:02.569,0:00:04.519"; None for any other line."""
    if not line.strip()[:1].isdigit():
        return None
    plain = _folded(line)
    found = _COMMA_LINE.match(plain) if plain else None
    return _span(found.groups(), odd=False) if found else None


def parse_srt(text: str) -> Draft:
    """The cues of a SubRip file. Indexes may be missing or wrong, empty lines may stand inside a cue."""
    return _parse(text, arrow_span, SourceKind.SRT)


def _parse(text: str, span_of: Callable[[str], Span | None], kind: SourceKind) -> Draft:
    blocks = take_apart(without_marks(text).split("\n"), span_of, named_ids=False)
    draft = Draft(kind, [])
    without_cut_end(blocks, draft)
    pairs = list(timed_cues(blocks, draft, _words))
    name_by_ids(pairs)
    account(draft, blocks)
    if pairs and any(line.strip() for line in blocks.preface):
        draft.warnings.append("Text before the first time was left out.")
        draft.blocks_left_out += 1
    draft.cues = with_speakers(once([cue for _, cue in pairs], draft))
    return draft


def _words(lines: list[str]) -> list[str]:
    # Empty lines inside a cue go; a tag may reach over a line, so the cue is cleaned as a whole.
    return [stripped for line in plain_srt("\n".join(lines)).split("\n") if (stripped := line.strip())]


def parse_sbv(text: str) -> Draft:
    """The cues of a SubViewer file (YouTube's ``0:00:02.569,0:00:04.519``)."""
    return _parse(text, comma_span, SourceKind.SBV)
