"""The source and its transcript: where the words stand, segments of text with their times, and the length of a text."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from pydantic import Field, model_validator

from autointel.domain.value import Value

# Scripts that put no space between words. An English sentence of ten words has some twenty Chinese or Japanese
# characters, and some fifty letters and vowel signs in Thai, Lao, Burmese or Khmer.
_IDEOGRAPHS: Final = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\ua9e0-\ua9ff\uaa60-\uaa7f]")
_IDEOGRAPHS_PER_WORD: Final = 2
_LETTERS_PER_WORD: Final = 5


class SourceKind(StrEnum):
    """The kind of the source, detected from its content."""

    VTT = "vtt"
    SRT = "srt"
    SBV = "sbv"
    TTML = "ttml"
    ASS = "ass"
    JSON3 = "json3"
    PODCAST_JSON = "podcast-json"
    WHISPER_JSON = "whisper-json"
    JSON = "json"
    TABLE = "table"
    YOUTUBE_XML = "youtube-xml"
    SAMI = "sami"
    MICRODVD = "microdvd"
    LRC = "lrc"
    PREMIERE = "premiere"
    ANNOTATION = "annotation"
    PDF = "pdf"
    DOCX = "docx"
    EPUB = "epub"
    TEXT = "text"
    MARKDOWN = "markdown"
    ARTICLE = "article"
    VIDEO = "video"
    PODCAST = "podcast"
    MEDIA = "media"


DOCUMENTS: Final = frozenset({SourceKind.PDF, SourceKind.DOCX, SourceKind.EPUB})
"""Kinds whose words are written, unless somebody speaks in them."""


class Source(Value):
    """One talk, podcast, debate or article. Exactly one of ``url`` and ``path`` says where it stands.

    ``path`` is "-" for standard input. ``id`` is a uuid5 of the URL, or of a file's content. ``media_url`` is the
    recording itself where ``url`` is a page about it, such as a podcast's episode.
    """

    id: str
    kind: SourceKind
    url: str | None = None
    path: str | None = None
    media_url: str | None = None
    title: str = Field(min_length=1)
    author: str | None = None
    published_at: date | None = None
    duration_seconds: float | None = Field(default=None, ge=0)
    language: str | None = None

    @model_validator(mode="after")
    def _stands_in_one_place(self) -> Source:
        if (self.url is None) == (self.path is None):
            raise ValueError("a source has a url or a path, not both and not neither")
        return self


class Origin(StrEnum):
    """Where the transcript comes from."""

    GIVEN = "given"  # a file the user handed over
    PUBLISHER = "publisher"  # the page's own transcript
    CAPTIONS = "captions"  # made by a person
    AUTOMATIC_CAPTIONS = "automatic-captions"
    SPEECH_RECOGNITION = "speech-recognition"
    ARTICLE = "article"  # written words


class Trust(StrEnum):
    """How reliable the transcript is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Mends(Value):
    """Counts of what a tolerant reader mended or left out, for the report.

    ``repairs`` counts times, marks and repetitions put right; ``blocks_left_out`` counts blocks that hold words but
    no time that can be read; ``markup_share`` is the part of the words, from 0 to 1, that looks like markup;
    ``words_unspoken`` are words that nobody says: sounds, directions, notes of the transcript's maker or tool.
    """

    repairs: int = Field(default=0, ge=0)
    blocks_left_out: int = Field(default=0, ge=0)
    markup_share: float = Field(default=0.0, ge=0, le=1)
    words_unspoken: int = Field(default=0, ge=0)


class Quality(Mends):
    """How far a transcript can be relied on, in numbers. ``estimated_times`` counts segments whose start the
    source does not state; the head of a briefing counts quotes, and a quote inside a segment of minutes has an
    estimated time of its own. Words that nobody says are not among those without a speaker.
    """

    words: int = Field(default=0, ge=0)
    words_without_speaker: int = Field(default=0, ge=0)
    estimated_times: int = Field(default=0, ge=0)


class Segment(Value):
    """A stretch of speech or text, as the source cut it.

    ``start`` and ``end`` are seconds from the beginning; both are None in an untimed source, where ``paragraph``
    (from 1) is what is cited. Times are in whole milliseconds, so that they survive every format. ``place`` names the
    page ("p. 12") or chapter of a document, where it has them. ``estimated`` marks a start that the source does not
    state.
    """

    text: str = Field(min_length=1)
    start: float | None = Field(default=None, ge=0)
    end: float | None = Field(default=None, ge=0)
    speaker: str | None = None
    paragraph: int | None = Field(default=None, ge=1)
    place: str | None = None
    estimated: bool = False

    @model_validator(mode="after")
    def _is_somewhere(self) -> Segment:
        if (self.start is None) != (self.end is None):
            raise ValueError("a segment has both a start and an end, or neither")
        if (self.start is None) == (self.paragraph is None):
            raise ValueError("a segment has times or a paragraph, not both and not neither")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("a segment ends before it starts")
        return self


class Chapter(Value):
    """A part of the recording. ``approximate`` marks one that we found, not the source."""

    title: str
    start: float | None = None
    end: float | None = None
    paragraph: int | None = None
    place: str | None = None
    approximate: bool = False


class Transcript(Value):
    """All segments in the order of their start; timed throughout, or untimed throughout.

    ``chapters`` are the source's own. ``warnings`` say what was mended on the way in, for the report. ``turns`` are
    the indexes of segments with which somebody else begins to speak, named or not. ``mends`` counts what was put right
    or left out, ``redacted`` what the privacy gate replaced, by kind.
    """

    segments: tuple[Segment, ...] = Field(min_length=1)
    origin: Origin = Origin.GIVEN
    trust: Trust = Trust.MEDIUM
    language: str | None = None
    chapters: tuple[Chapter, ...] = ()
    warnings: tuple[str, ...] = ()
    turns: tuple[int, ...] = ()
    mends: Mends = Mends()
    redacted: dict[str, int] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _with_listed_estimates(cls, data: Any) -> Any:
        """Transcripts that were kept earlier list the indexes of segments with estimated starts."""
        if not isinstance(data, dict) or "estimated" not in data:
            return data
        listed = frozenset(data["estimated"])
        segments = [
            Segment.model_validate(each).model_copy(update={"estimated": True}) if index in listed else each
            for index, each in enumerate(data.get("segments", ()))
        ]
        return {key: value for key, value in data.items() if key != "estimated"} | {"segments": segments}

    @model_validator(mode="after")
    def _is_in_order(self) -> Transcript:
        timed = self.segments[0].start is not None
        last = 0.0
        for segment in self.segments:
            if (segment.start is not None) != timed:
                raise ValueError("a transcript is timed throughout or not at all")
            if segment.start is not None:
                if segment.start < last:
                    raise ValueError("segments are ordered by their start")
                last = segment.start
        return self

    def part(self, first: int, last: int) -> Transcript:
        """Segments ``first`` to ``last``, both included, as a transcript of their own."""
        segments = self.segments[first : last + 1]
        turns = tuple(index - first for index in self.turns if first <= index <= last)
        return self.model_copy(update={"segments": segments, "turns": turns})

    @property
    def timed(self) -> bool:
        """Whether citations carry seconds; otherwise they carry paragraphs."""
        return self.segments[0].start is not None

    @property
    def duration(self) -> float | None:
        """Seconds to the last word, or None where there are no times."""
        ends = [segment.end for segment in self.segments if segment.end is not None]
        return max(ends) if ends else None

    @cached_property
    def words(self) -> int:
        """The length in words; see ``word_count`` for scripts without spaces."""
        return sum(word_count(segment.text) for segment in self.segments)

    @property
    def quality(self) -> Quality:
        """The numbers for the report; linear in the number of words."""
        nobody = sum(word_count(segment.text) for segment in self.segments if segment.speaker is None)
        nobody = max(0, nobody - self.mends.words_unspoken)
        return Quality(
            words=self.words,
            words_without_speaker=nobody,
            estimated_times=sum(segment.estimated for segment in self.segments),
            **self.mends.model_dump(),
        )

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """Everyone named, in order of first appearance."""
        return tuple(dict.fromkeys(segment.speaker for segment in self.segments if segment.speaker))


def word_count(text: str) -> int:
    """Words between white space, and the equivalent number for scripts that do not part words; linear in the length."""
    if text.isascii():
        return len(text.split())
    rest, ideographs = _IDEOGRAPHS.subn(" ", text)
    rest, letters = _UNSPACED.subn(" ", rest)
    spaced = sum(any(map(str.isalnum, word)) for word in rest.split()) if ideographs or letters else len(rest.split())
    return spaced + -(-ideographs // _IDEOGRAPHS_PER_WORD) + -(-letters // _LETTERS_PER_WORD)
