"""The parts that can be measured apart from a run, as plain callables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autointel.adapters.sources.draft import Parsed
    from autointel.domain.notes import Notes
    from autointel.domain.transcript import Transcript
    from autointel_bench.evaluation.briefing import Checks, Readers
    from autointel_bench.evaluation.meetings import Meeting, Read


def entity_finder() -> Callable[[Sequence[Sequence[str]]], list[list[tuple[int, int]]]]:
    """Sentences of tokens to spans (first token, one after the last)."""
    from autointel.local.entities import find_entities

    return lambda sentences: [[(span.first, span.last) for span in spans] for spans in find_entities(sentences)]


def statement_ranker() -> Callable[[Sequence[str], Sequence[str]], Sequence[float]]:
    """Lines and their speakers to scores."""
    from autointel.local.statements import rank_statements

    return rank_statements


def embedding() -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """Texts to unit rows."""
    from autointel.adapters.embedders import WordLlamaEmbedder

    return WordLlamaEmbedder().embed


def caption_parser() -> Callable[[bytes, str], Parsed]:
    """A file's bytes and name to its segments."""
    from autointel.adapters.sources.parse import parse

    return parse


def article_extractors() -> dict[str, Callable[[bytes, str], str]]:
    """By name: HTML and address to text."""
    import trafilatura

    from autointel.adapters.sources.web.articles import article_text

    def plain(html: bytes, url: str) -> str:
        return trafilatura.extract(html, url=url) or ""

    return {"autointel": article_text, "trafilatura as it comes": plain}


def local_reader() -> Readers:
    """A file to its transcript and the notes of the engine without a model."""
    import anyio

    from autointel.adapters.embedders import WordLlamaEmbedder
    from autointel.adapters.sources.parse import parse
    from autointel.domain.transcript import Source, Transcript
    from autointel.local.reader import LocalReader

    reader = LocalReader(WordLlamaEmbedder())

    def read(file: Path) -> tuple[Transcript, Notes]:
        parsed = parse(file.read_bytes(), file.name)
        source = Source(id=file.stem, kind=parsed.kind, path=file.name, title=parsed.title or file.stem)
        transcript = Transcript(
            segments=parsed.segments, language=parsed.language, chapters=parsed.chapters, turns=parsed.turns
        )
        return transcript, anyio.run(reader.read, source, transcript)

    return read


def meeting_reader() -> Read:
    """A meeting's turns to the turns that open a chapter, and the excerpts by the engine without a model."""
    import anyio

    from autointel.adapters.embedders import WordLlamaEmbedder
    from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
    from autointel.local.reader import LocalReader

    reader = LocalReader(WordLlamaEmbedder())

    def read(turns: Meeting) -> tuple[list[int], list[str]]:
        spoken = [(number, who, words) for number, (who, words) in enumerate(turns, 1) if words]
        segments = tuple(Segment(text=words, speaker=who, paragraph=number) for number, who, words in spoken)
        source = Source(id="meeting", kind=SourceKind.TEXT, path="meeting.txt", title="meeting")
        notes = anyio.run(reader.read, source, Transcript(segments=segments, language="en"))
        starts = [(chapter.paragraph or 1) - 1 for chapter in notes.chapters[1:]]
        best = sorted(notes.key_points, key=lambda point: -point.score)
        return starts, [point.text for point in best]

    return read


def briefing_checks() -> Checks:
    """The judges of the local engine itself: they count what slipped through, not what they do not see."""
    from autointel.local.noun_phrases import is_noun_phrase
    from autointel.local.references import resolved_share
    from autointel.text.word_lists import pattern_list
    from autointel_bench.evaluation.briefing import Checks

    return Checks(
        refers=lambda text: resolved_share(text) == 0.0,
        advertises=lambda text: pattern_list("advertising").search(text) is not None,
        names=lambda text: is_noun_phrase(text.split()),
    )
