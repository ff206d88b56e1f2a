"""Sources made to measure: words, segments and passages that fit together."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.domain.passage import Passage
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.domain.value import content_id


def talk(sentences: Sequence[str], name: str = "talk") -> tuple[Source, Transcript, list[Passage]]:
    """A talk of one segment, and one passage, per sentence; each lasts two seconds."""
    source = Source(id=content_id("source", name), kind=SourceKind.VTT, path=f"{name}.vtt", title=f"The {name}")
    segments = tuple(
        Segment(text=sentence, start=2.0 * at, end=2.0 * at + 2, speaker="Ada" if at % 2 else "Bo")
        for at, sentence in enumerate(sentences)
    )
    passages = [
        Passage(
            id=content_id("passage", source.id, str(at), segment.text),
            source_id=source.id,
            index=at,
            first=at,
            last=at,
            text=segment.text,
            start=segment.start,
            end=segment.end,
            speakers=(segment.speaker or "",),
        )
        for at, segment in enumerate(segments)
    ]
    return source, Transcript(segments=segments), passages
