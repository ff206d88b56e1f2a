"""Transcripts made up for these tests."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.domain.citation import Script
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript

SOURCE = Source(id="s", kind=SourceKind.TEXT, path="talk.txt", title="A talk")


def transcript(*texts: str | tuple[str, str], gaps: Sequence[float] = (), timed: bool = True) -> Transcript:
    """Cues of three seconds each, or paragraphs. A text may come with its speaker; ``gaps`` are seconds after a cue."""
    segments = []
    clock = 0.0
    for index, given in enumerate(texts):
        speaker, text = given if isinstance(given, tuple) else (None, given)
        if timed:
            segments.append(Segment(text=text, speaker=speaker, start=clock, end=clock + 3.0))
        else:
            segments.append(Segment(text=text, speaker=speaker, paragraph=index + 1))
        clock += 3.0 + (gaps[index] if index < len(gaps) else 0.0)
    return Transcript(segments=tuple(segments))


def script(*texts: str | tuple[str, str], gaps: Sequence[float] = (), timed: bool = True) -> Script:
    """The same as one text."""
    return Script.of(SOURCE, transcript(*texts, gaps=gaps, timed=timed))
