"""Sources made to measure: words, segments and passages that fit together."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.domain.passage import Passage, cut_at
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.domain.value import content_id


def talk(sentences: Sequence[str], name: str = "talk") -> tuple[Source, Transcript, list[Passage]]:
    """A talk of one segment, and one passage, per sentence; each lasts two seconds."""
    source = Source(id=content_id("source", name), kind=SourceKind.VTT, path=f"{name}.vtt", title=f"The {name}")
    segments = tuple(
        Segment(text=sentence, start=2.0 * at, end=2.0 * at + 2, speaker="Ada" if at % 2 else "Bo")
        for at, sentence in enumerate(sentences)
    )
    transcript = Transcript(segments=segments)
    return source, transcript, list(cut_at(source, transcript, ((at, at) for at in range(len(segments)))))


TALK = """\
The night bus to Harbour Town has run empty since March, and the council of Lindfield pays eleven million for it.

Mara Lind told the council of Lindfield that free buses raised ridership in Tallinn by fourteen percent.

Jonas Berg of the Harbour Union answered that Tallinn had raised its taxes to pay for the buses.
"""
