"""The notes as text of bounded size: what an analyst reads instead of the transcript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from autointel.domain.notes import Note, Notes
from autointel.domain.transcript import Transcript
from autointel.steps.sheet import moment

# Four agents read the digest. At an eighth of the transcript each, all prompts of a run stay below twice its length.
_SHARE: Final = 1 / 8
_LEAST: Final = 6_000  # characters
_MOST: Final = 60_000  # about 15k tokens, which every model takes


def limit_for(transcript: Transcript) -> int:
    """How many characters of notes an agent may read of this transcript."""
    length = sum(len(segment.text) for segment in transcript.segments)
    return min(_MOST, max(_LEAST, int(length * _SHARE)))


def digest(notes: Notes, limit: int) -> str:
    """A line a note: id, place, speaker, text, quote. Where there are too many, every kind gives up its least."""
    kinds: list[tuple[str, tuple[Note, ...]]] = [
        ("Key points", notes.key_points),
        ("Claims", notes.claims),
        ("Suspected fallacies", notes.fallacies),
        ("Positions", notes.positions),
    ]
    share = limit // max(1, sum(bool(kept) for _, kept in kinds))
    return "\n\n".join(f"{title}\n" + "\n".join(_within(kept, share)) for title, kept in kinds if kept)


def _within(notes: tuple[Note, ...], limit: int) -> Iterator[str]:
    used = 0
    for note in notes:
        line = f"[{note.id}] {moment(note.citation.start, note.citation.paragraph)} {_who(note)}{note.text}"
        if note.text != note.citation.quote:
            line += f' — "{note.citation.quote}"'
        used += len(line) + 1
        if used > limit:
            return
        yield line


def _who(note: Note) -> str:
    return f"{note.speaker}: " if note.speaker else ""
