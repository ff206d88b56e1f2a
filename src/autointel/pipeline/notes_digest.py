"""The notes as text of bounded size: what an analyst reads instead of the transcript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from autointel.domain.notes import Note, Notes
from autointel.domain.transcript import Transcript
from autointel.render.sheet import place_of

# Four agents read the digest. At a tenth of the transcript each, all prompts of a run stay below twice its length, even
# where 15 claims are judged twice (docs/model-costs.md).
_SHARE: Final = 1 / 10
_LEAST: Final = 6_000  # characters
_MOST: Final = 60_000  # about 15k tokens, which every model takes


def limit_for(transcript: Transcript) -> int:
    """How many characters of notes an agent may read of this transcript."""
    length = sum(len(segment.text) for segment in transcript.segments)
    return min(_MOST, max(_LEAST, int(length * _SHARE)))


def digest(notes: Notes, limit: int) -> str:
    """A line a note: id, place, speaker, text, quote. Where there are too many, quotes go first, then notes.

    What is left is spread over the whole: a talk is not judged by its beginning.
    """
    kinds: list[tuple[str, tuple[Note, ...]]] = [
        ("Key points", notes.key_points),
        ("Claims", notes.claims),
        ("Suspected fallacies", notes.fallacies),
        ("Positions", notes.positions),
    ]
    share = limit // max(1, sum(bool(kept) for _, kept in kinds))
    return "\n\n".join(f"{title}\n" + "\n".join(_within(kept, share)) for title, kept in kinds if kept)


def _within(notes: tuple[Note, ...], limit: int) -> list[str]:
    lines = [_line(note, quoted=True) for note in notes]
    if _length(lines) > limit:
        lines = [_line(note, quoted=False) for note in notes]
    if _length(lines) <= limit:
        return lines
    some = min(len(lines) - 1, limit * len(lines) // _length(lines))
    spread = _spread(lines, some)
    while _length(spread) > limit:
        some -= 1
        spread = _spread(lines, some)
    return spread


def _line(note: Note, *, quoted: bool) -> str:
    line = f"[{note.id}] {place_of(note.citation)} {_who(note)}{note.text}"
    return f'{line} — "{note.citation.quote}"' if quoted and note.text != note.citation.quote else line


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _spread(lines: Sequence[str], some: int) -> list[str]:
    """So many of them, at even distances."""
    return [lines[at * len(lines) // some] for at in range(some)]


def _who(note: Note) -> str:
    return f"{note.speaker}: " if note.speaker else ""
