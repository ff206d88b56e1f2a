"""From what a recogniser heard to segments: by sentences where it gives the time of each word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from autointel.domain.transcript import Mends, Origin, Segment, Transcript, Trust
from autointel.errors import NoTranscript
from autointel.text.near_duplicates import loop_warning, looped

_ENDS: Final = (".", "!", "?", "…", "。", "？", "！")
_LONGEST: Final = 15.0  # seconds: a citation should open near its words
_SILENCE: Final = 1.0


@dataclass(frozen=True)
class Heard:
    """Words and when they were said, in seconds from the recording's beginning."""

    start: float
    end: float
    text: str


def sentences(words: Iterable[Heard]) -> Iterator[Heard]:
    """Words joined until a sentence ends, a second passes in silence, or fifteen go by."""
    held: list[Heard] = []
    for word in words:
        if held and (word.start - held[-1].end > _SILENCE or word.end - held[0].start > _LONGEST):
            yield _joined(held)
            held = []
        held.append(word)
        if word.text.rstrip().endswith(_ENDS):
            yield _joined(held)
            held = []
    if held:
        yield _joined(held)


def transcript(heard: Iterable[Heard], language: str | None) -> Transcript:
    """In whole milliseconds, in order. Raises NoTranscript if nothing was said."""
    said = [(one, text) for one in heard if (text := " ".join(one.text.split()))]
    loops = looped([text for _, text in said])
    segments = [
        Segment(text=text, start=round(max(0.0, one.start), 3), end=round(max(0.0, one.start, one.end), 3))
        for index, (one, text) in enumerate(said)
        if index not in loops
    ]
    if not segments:
        raise NoTranscript("No speech was heard in the recording.", "Check that it is the right file.")
    segments.sort(key=lambda segment: segment.start or 0.0)
    return Transcript(
        segments=tuple(segments),
        origin=Origin.SPEECH_RECOGNITION,
        trust=Trust.LOW,
        language=language,
        warnings=(loop_warning(len(loops)),) if loops else (),
        mends=Mends(repairs=len(loops)),
    )


def _joined(words: Sequence[Heard]) -> Heard:
    # Recognisers put the space before the word; scripts without spaces have none.
    return Heard(words[0].start, words[-1].end, "".join(word.text for word in words))
