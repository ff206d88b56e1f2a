"""Lines that stand beside the words: who speaks and when, on lines of their own; titles; a list of chapters.

Teams, Otter, Webex, Premiere and Zoom write the name and the time of a turn on one line or two, in either order. Such
lines are candidates here; whether the names are people is decided over the whole text, as for every label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from autointel.adapters.sources.evidence import Names
from autointel.adapters.sources.labels import Label, Shape, person
from autointel.adapters.sources.text.line import Line
from autointel.adapters.sources.text.stamps import Stamp

_LONGEST_TITLE: Final = 60
_LEAST: Final = 3
_ONE_LINE_EACH: Final = 0.7
_SENTENCE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", ",", ";")
_WORD_TRANSCRIPT: Final = re.compile(r"(?:full |the )?transcript:?\Z", re.IGNORECASE)


def joined(lines: Sequence[Line]) -> list[Line]:
    """The lines with each header on several lines as one line, which holds them in ``parts``."""
    found: list[Line] = []
    index = 0
    while index < len(lines):
        header, size = _header(lines, index)
        found.append(header or lines[index])
        index += size
    return found


def _header(lines: Sequence[Line], index: int) -> tuple[Line | None, int]:
    line, following = lines[index], lines[index + 1] if index + 1 < len(lines) else Line("")
    after = lines[index + 2] if index + 2 < len(lines) else Line("")
    name = _name(line)
    if name and _time_alone(following):
        return _at(following.stamp, name, line, following), 2
    if _time_alone(line) and (name := _name(following)) and _words(after):
        return _at(line.stamp, name, line, following), 2
    if line.stamp is not None and line.label is None and _words(following):
        name = person(line.stamp.rest) if line.stamp.rest else None
        if name is not None:
            return _at(line.stamp, name, line), 1
    return None, 1


def _at(stamp: Stamp | None, name: str, *parts: Line) -> Line:
    raw = " ".join(part.raw for part in parts)
    return Line(raw, stamp, Label("", name, "", Shape.LINE), parts=parts)


def _name(line: Line) -> str | None:
    if not line.raw or line.stamp is not None or line.label is not None or line.raw.rstrip().endswith(_SENTENCE_ENDS):
        return None
    return person(line.raw)


def _time_alone(line: Line) -> bool:
    return line.stamp is not None and not line.stamp.rest and line.label is None


def _words(line: Line) -> bool:
    return bool(line.raw) and line.stamp is None


def parted(lines: Sequence[Line], names: Names) -> Iterator[Line]:
    """The lines again, headers whose name is not believed as the lines that they were."""
    for line in lines:
        if line.parts and line.label is not None and names.of(line.label) is None:
            yield from line.parts
        else:
            yield line


def with_titles(lines: Sequence[Line]) -> list[Line]:
    """Lines between two times that are titles as headings, where each time has one line of words, as YouTube copies."""
    times = [index for index, line in enumerate(lines) if _time_alone(line)]
    if len(times) < _LEAST:
        return list(lines)
    ends = [*times[1:], len(lines)]
    sizes = [sum(bool(line.raw) for line in lines[start + 1 : end]) for start, end in zip(times, ends, strict=True)]
    if sum(size == 1 for size in sizes) < _ONE_LINE_EACH * len(sizes):
        return list(lines)
    found = list(lines)
    for index, size in zip(times, [0, *sizes], strict=False):
        before = index - 1
        # The line directly above a time is its title, if the time before has its line of words already.
        if before >= 0 and (size > 1 or index == times[0]) and _is_title(lines[before]):
            found[before] = replace(lines[before], raw="", heading=lines[before].raw.strip())
    return [Line("") if _WORD_TRANSCRIPT.match(line.raw.strip()) else line for line in found]


def _is_title(line: Line) -> bool:
    raw = line.raw.strip()
    return 0 < len(raw) <= _LONGEST_TITLE and line.stamp is None and not raw.endswith(_SENTENCE_ENDS)


def without_chapter_list(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines without a list of chapters above an untimed text, and how many chapters it names.

    A list: at least three lines in a row with a time and a short title, rising from the beginning, and no other line of
    the text with a time.
    """
    listed = [index for index, line in enumerate(lines) if line.stamp is not None]
    if len(listed) < _LEAST or listed[-1] - listed[0] != len(listed) - 1:
        return list(lines), 0
    stamps = [stamp for index in listed if (stamp := lines[index].stamp) is not None]
    starts = [stamp.start for stamp in stamps]
    titles = all(0 < len(stamp.rest) <= _LONGEST_TITLE and not stamp.rest.endswith(".") for stamp in stamps)
    rest = [line for line in lines[listed[-1] + 1 :] if line.raw]
    if starts != sorted(set(starts)) or starts[0] > 0 or not titles or len(rest) < 2:  # noqa: PLR2004 -- a text
        return list(lines), 0
    words = sum(len(line.raw.split()) for line in rest)
    if words <= sum(len(stamp.rest.split()) for stamp in stamps):
        return list(lines), 0
    head = [line for line in lines[: listed[0]] if not line.raw.rstrip().endswith(":")]
    tail = [Line("") if _WORD_TRANSCRIPT.match(line.raw.strip()) else line for line in lines[listed[-1] + 1 :]]
    return [*head, Line(""), *tail], len(listed)
