"""Lines gathered into paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.text.line import Line
from autointel.adapters.sources.unspoken import is_headline, is_imprint, is_sound

_SENTENCE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟", "۔", '"', "”", ")", "]")


def lines_are_paragraphs(lines: Sequence[str]) -> bool:
    """Whether each line stands for itself: hardly an empty one between them, and most end a sentence.

    Otherwise lines are wrapped, and an empty line ends a paragraph.
    """
    filled = [line for line in lines if line.strip()]
    if len(lines) - len(filled) > 0.02 * len(lines) + 1:
        return False
    return sum(line.rstrip().endswith(_SENTENCE_ENDS) for line in filled) > 0.6 * len(filled)


def gather(lines: Iterable[Line], *, each_line: bool, capitals: bool = False) -> Iterator[Cue | str]:
    """Paragraphs as cues, headings as texts, in order. A speaker goes on until another is named.

    ``capitals`` tells that the whole text is in capitals, so that they make no title.
    A name or a time that stands alone belongs to the paragraph that follows.
    """
    current = Cue(None, None, [])
    speaker: str | None = None
    closed, alone = True, False
    for line in lines:
        aside = (
            closed
            and line.speaker is None
            and not line.unknown
            and (_is_aside(line.raw) or (not capitals and is_headline(line.raw)))
        )
        if current.lines and (aside or alone or _ends_before(line, each_line=each_line)):
            yield current
            current = Cue(None, None, [], speaker)
        if line.heading:
            yield line.heading
        _add(line, current)
        if aside:
            # A tool's line or a clerk's does not say who speaks after it; a sound interrupts nobody.
            speaker = speaker if is_sound(line.raw) else None
            current.speaker, current.opens_turn = None, True
        elif line.speaker is not None or line.unknown:
            speaker = current.speaker
        alone = aside or (alone and not line.raw)
        closed = not line.raw or line.raw.rstrip().endswith(_SENTENCE_ENDS)
    if current.lines:
        yield current


def _is_aside(raw: str) -> bool:
    return bool(raw) and (is_sound(raw) or is_imprint(raw))


def _ends_before(line: Line, *, each_line: bool) -> bool:
    return each_line or not line.raw or line.stamp is not None or line.speaker is not None or line.unknown


def _add(line: Line, current: Cue) -> None:
    if line.stamp is not None:
        current.start, current.end = line.stamp.start, line.stamp.end
    if line.speaker is not None:
        current.speaker, current.opens_turn = line.speaker or None, True
    elif line.unknown:
        current.speaker, current.opens_turn = None, True
    if line.raw:
        current.lines.append(line.raw)
