"""From cues to segments: in order, in whole milliseconds, nothing empty, no end before its start."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final

from autointel.adapters.sources.clock import from_the_beginning, speaking_time, without_clock
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.labels import ROLE, person
from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.spellings import names_nobody
from autointel.adapters.sources.unspoken import is_imprint, is_sound
from autointel.domain.transcript import Chapter, Segment, word_count
from autointel.text.near_duplicates import loop_in, loop_warning, looped

# A paragraph that people wrote is hardly ever longer; a pasted wall of text is.
LONGEST: Final = 6000
_PIECE: Final = 1200
# Nobody records so long a silence, in milliseconds.
_LEAP: Final = 6 * 3600 * 1000
# Chapters last minutes, and their titles have a few words.
_LONG: Final = 60_000
_MS_PER_SPARSE_WORD: Final = 5_000
# A heading that says what the text is, not what is in it.
_NO_TITLE: Final = re.compile(
    r"(?:(?:full|complete|episode|video|audio|meeting|interview|auto-?generated|the)\s+)*"
    r"(?:transcripts?|transcription|captions|subtitles|text|contents?|show ?notes|notes|speakers?|conversation)\s*:?",
    re.IGNORECASE,
)
_BRACKET: Final = re.compile(r"([^()]{3,80}?) {0,3}\([^()]{0,60}[^\W\d_][^()]{0,60}\)")
_ENDS: Final = (". ", "? ", "! ", ".\n", "?\n", "!\n", "。", "？", "！", "।", "؟", "۔")


def segments_of(draft: Draft) -> tuple[tuple[Segment, ...], tuple[Chapter, ...]]:
    """The draft's segments and chapters; what had to be mended is added to its warnings."""
    _strip_brackets(draft.cues)
    _without_nobody(draft.cues)
    segments, chapters = _segments_of(draft)
    draft.words_unspoken = sum(
        word_count(each.text)
        for each in segments
        if each.speaker is None and (is_sound(each.text) or is_imprint(each.text))
    )
    return segments, chapters


def _strip_brackets(cues: list[Cue]) -> None:
    """Full names without the firm or "Guest" behind them: "Liam Díaz (Harbour Trust)". What tells two people stays."""
    written = {cue.speaker for cue in cues if cue.speaker}
    found = {whole: match for whole in written if whole.endswith(")") and (match := _BRACKET.fullmatch(whole))}
    names = Counter(match[1] for match in found.values())
    for cue in cues:
        name = found[cue.speaker][1] if cue.speaker in found else ""
        if names[name] == 1 and len(name.split()) > 1 and person(name) is not None and not ROLE.match(name):
            cue.speaker = name


def _without_nobody(cues: list[Cue]) -> None:
    """Take the name from cues whose speaker is called "Unknown" or the like; the first of a run opens a turn."""
    before: str | None = None
    for cue in cues:
        written = cue.speaker
        if written is not None and names_nobody(written):
            cue.speaker, cue.opens_turn = None, cue.opens_turn or written != before
        before = written


def _segments_of(draft: Draft) -> tuple[tuple[Segment, ...], tuple[Chapter, ...]]:
    marks = [(mark.title, draft.cues[mark.cue]) for mark in draft.marks if mark.cue < len(draft.cues)]
    cues = [cue for cue in draft.cues if cue.text]
    if not cues:
        return (), ()
    if cues[0].start is None:
        draft.turns += [index for index, cue in enumerate(cues) if cue.opens_turn]
        return _untimed(cues), tuple(draft.listed) or _paragraph_chapters(cues, marks)
    from_the_beginning(draft)
    cues = _without_loops(_ordered(cues, draft.warnings), draft)
    ends = _ends(cues, draft.warnings)
    segments = _timed(cues, ends, draft)
    return segments, tuple(draft.listed) or _chapters(marks, max(ends))


def _untimed(cues: list[Cue]) -> tuple[Segment, ...]:
    return tuple(
        Segment(text=cue.text, speaker=_speaker(cue), paragraph=number, place=cue.place)
        for cue, number in zip(cues, _numbers(cues), strict=True)
    )


def _speaker(cue: Cue) -> str | None:
    return _shown(cue.speaker) if cue.speaker else None


@lru_cache(maxsize=4096)
def _shown(name: str) -> str | None:
    return one_line(without_clock(name)[0], limit=80) or None


def _numbers(cues: list[Cue]) -> list[int]:
    """Paragraph numbers from 1; a paragraph that goes on over a page has one number."""
    return list(accumulate((not cue.continues for cue in cues[1:]), initial=1))


def _paragraph_chapters(cues: list[Cue], marks: list[tuple[str, Cue]]) -> tuple[Chapter, ...]:
    numbers = dict(zip(map(id, cues), _numbers(cues), strict=True))
    marks = _telling(marks)
    return tuple(
        Chapter(title=title, paragraph=numbers[id(cue)], place=_page(cue)) for title, cue in marks if id(cue) in numbers
    )


def _telling(marks: list[tuple[str, Cue]]) -> list[tuple[str, Cue]]:
    """The headings as chapters; none where all say only what the text is: "Transcript"."""
    return [] if all(_NO_TITLE.fullmatch(title.strip()) for title, _ in marks) else marks


def _page(cue: Cue) -> str | None:
    # A chapter's own title is no place for it.
    return cue.place if cue.place and cue.place.startswith("p. ") else None


def _without_loops(cues: list[Cue], draft: Draft) -> list[Cue]:
    """The cues without a recogniser's loops, over several cues and inside one."""
    loops = looped(["" if is_sound(cue.text) else cue.text for cue in cues])
    kept: list[Cue] = []
    inside = 0
    for index, cue in enumerate(cues):
        if index in loops:
            continue
        text, found = cue.text, loop_in(cue.text)
        if found is None:
            kept.append(cue)
            continue
        inside += 1
        start, end = found
        # The words after a loop are said after it; when, only their place tells.
        share = end / max(1, len(text))
        later = (cue.start or 0) + round(((cue.end or cue.start or 0) - (cue.start or 0)) * share)
        kept.append(replace(cue, lines=[text[:start]]))
        if text[end:].strip():
            kept.append(replace(cue, start=max(cue.start or 0, later), lines=[text[end:]], estimated=True))
    if loops or inside:
        draft.repairs += len(loops) + inside
        draft.warnings.append(loop_warning(len(loops) + inside))
    return kept if not inside else sorted(kept, key=lambda cue: cue.start or 0)


def _ordered(cues: list[Cue], warnings: list[str]) -> list[Cue]:
    starts = [cue.start or 0 for cue in cues]
    if all(first <= second for first, second in pairwise(starts)):
        return cues
    late = sum(second < first for first, second in pairwise(starts))
    warnings.append(f"Cues were out of order and were sorted by their start; steps back: {late}.")
    return sorted(cues, key=lambda cue: cue.start or 0)


def _ends(cues: list[Cue], warnings: list[str]) -> list[int]:
    """An end for each cue: its own, else where the next begins; the last one's is estimated from its words."""
    ends = [0] * len(cues)
    following: int | None = None
    mended = 0
    for index in range(len(cues) - 1, -1, -1):
        cue = cues[index]
        start = cue.start or 0
        if index + 1 < len(cues) and (after := cues[index + 1].start or 0) > start:
            following = after
        if cue.end is not None and cue.end >= start:
            ends[index] = cue.end
            continue
        mended += cue.end is not None
        ends[index] = _likely_end(cue, start, following)
    leap = max((second.start or 0) - (first.start or 0) for first, second in pairwise([*cues, cues[-1]]))
    if leap > _LEAP:
        warnings.append(f"Between two segments {leap // 3_600_000} hours pass: a time may be wrong.")
    if _is_sparse(cues):
        warnings.append(
            "So few words stand over such long times that this may be a list of chapters, not what is said."
        )
    if cues[-1].end is None:
        warnings.append("The end of the last segment is estimated from its number of words (150 a minute).")
    if mended:
        warnings.append(f"Cues that ended before they started, and whose end was mended: {mended}.")
    return ends


def _likely_end(cue: Cue, start: int, following: int | None) -> int:
    spoken = start + speaking_time(word_count(cue.text))
    if following is None:
        return spoken
    # A broken end says that the cue is short; a missing one, that speech goes on until the next.
    return following if cue.end is None else min(spoken, following)


def _is_sparse(cues: list[Cue]) -> bool:
    """Whether stretches that state their ends are minutes long and hold a few words each."""
    stated = [cue for cue in cues if cue.end is not None and cue.start is not None]
    if len(stated) < max(2, len(cues) // 2):
        return False
    lasting = sum((cue.end or 0) - (cue.start or 0) for cue in stated)
    return lasting > _LONG * len(stated) and sum(word_count(cue.text) for cue in stated) * _MS_PER_SPARSE_WORD < lasting


def _timed(cues: list[Cue], ends: list[int], draft: Draft) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    oversized = 0
    for index, (cue, end) in enumerate(zip(cues, ends, strict=True)):
        pieces = _placed(cue, end, cues[index + 1].start if index + 1 < len(cues) else None)
        oversized += len(pieces) > 1
        speaker = _speaker(cue)
        if cue.opens_turn:
            draft.turns.append(len(segments))
        guessed = cue.estimated
        for piece, first, last in pieces:
            segments.append(
                Segment(text=piece, start=first / 1000, end=last / 1000, speaker=speaker, estimated=guessed)
            )
            guessed = True
    if oversized:
        draft.warnings.append(
            f"Cues cut because they are very long, and the times of whose parts are estimated: {oversized}."
        )
    return tuple(segments)


def _placed(cue: Cue, end: int, following: int | None) -> list[tuple[str, int, int]]:
    """The cue's words in pieces of a bearable length, each with its start and end; time runs with the letters."""
    text, start = cue.text, cue.start or 0
    if len(text) <= LONGEST:
        return [(text, start, end)]
    pieces = cut(text)
    total, said = max(1, sum(map(len, pieces))), 0
    # Segments stay in the order of their starts, also where the next cue begins inside this one.
    latest = end if following is None else min(end, following)
    starts = []
    for piece in pieces:
        starts.append(min(latest, start + round((end - start) * said / total)))
        said += len(piece)
    return list(zip(pieces, starts, [*starts[1:], end], strict=True))


def _chapters(marks: list[tuple[str, Cue]], last: int) -> tuple[Chapter, ...]:
    marks = _telling(marks)
    placed = sorted(((cue.start or 0, title) for title, cue in marks), key=lambda pair: pair[0])
    starts = [start for start, _ in placed] + [last]
    return tuple(
        Chapter(title=title, start=start / 1000, end=max(start, starts[index + 1]) / 1000)
        for index, (start, title) in enumerate(placed)
    )


def cut(text: str) -> list[str]:
    """Pieces of at most 1,200 characters, each ending with a sentence where there is one, else with a word.

    Linear in the length: each step looks at one piece.
    """
    pieces: list[str] = []
    position, size = 0, len(text)
    while position < size:
        stop = size if size - position <= _PIECE else position + _break(text[position : position + _PIECE])
        piece = text[position:stop].strip()
        if piece:
            pieces.append(piece)
        position = stop
    return pieces


def _break(window: str) -> int:
    sentence = max(window.rfind(end) for end in _ENDS)
    if sentence > len(window) // 4:
        return sentence + 1
    space = max(window.rfind(" "), window.rfind("\n"))
    return space + 1 if space > 0 else len(window)
