"""The source of a transcript."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field, model_validator

from autointel.domain.value import Value


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
