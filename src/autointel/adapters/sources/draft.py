"""What every format is read into before it becomes a transcript."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from autointel.domain.transcript import DOCUMENTS, Chapter, Mends, Segment, SourceKind


@dataclass(slots=True)
class Cue:
    """A stretch of words as its file cut it: times in milliseconds, ``start`` None where the file has no times.

    ``end`` is None where the file tells only when something begins. ``estimated`` marks a start that was not stated;
    ``opens_turn`` a cue with which somebody else begins to speak, named or not. ``place`` is a document's page or
    chapter; ``continues`` marks the rest of a paragraph that began in the cue before, on another page.
    """

    start: int | None
    end: int | None
    lines: list[str]
    speaker: str | None = None
    estimated: bool = False
    opens_turn: bool = False
    place: str | None = None
    continues: bool = False
    # Reading asks some twenty times for the text of a cue, so the last answer stays, with the lines that it is of.
    _of: list[str] | None = field(default=None, init=False, repr=False, compare=False)
    _count: int = field(default=0, init=False, repr=False, compare=False)
    _text: str = field(default="", init=False, repr=False, compare=False)

    @property
    def text(self) -> str:
        """Its lines as one, white space folded. A line may be added or all be replaced, but none changed in place."""
        lines = self.lines
        if self._of is lines and self._count == len(lines):
            return self._text
        written = lines[0] if len(lines) == 1 else " ".join(lines)
        text = " ".join(written.split())
        # Of two equal strings one is memory enough.
        self._of, self._count, self._text = lines, len(lines), written if text == written else text
        return self._text


@dataclass(slots=True)
class Mark:
    """A heading and where it stands: the index of the cue it precedes."""

    title: str
    cue: int


@dataclass(slots=True)
class Draft:
    """What a format's parser found. ``automatic`` tells that a machine wrote the words.

    ``marks`` are headings among the words, ``listed`` the chapters of a list above them.
    """

    kind: SourceKind
    cues: list[Cue]
    title: str | None = None
    author: str | None = None
    published_at: date | None = None
    language: str | None = None
    marks: list[Mark] = field(default_factory=list)
    listed: list[Chapter] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    automatic: bool = False
    turns: list[int] = field(default_factory=list)
    repairs: int = 0
    blocks_left_out: int = 0
    markup_share: float = 0.0
    words_unspoken: int = 0

    @property
    def mends(self) -> Mends:
        """What was put right and left out so far."""
        return Mends(
            repairs=self.repairs,
            blocks_left_out=self.blocks_left_out,
            markup_share=self.markup_share,
            words_unspoken=self.words_unspoken,
        )


@dataclass(frozen=True)
class Parsed:
    """A transcript read from bytes, with what the file says of itself. ``warnings`` tell what was mended."""

    kind: SourceKind
    segments: tuple[Segment, ...]
    title: str | None = None
    author: str | None = None
    published_at: date | None = None
    language: str | None = None
    chapters: tuple[Chapter, ...] = ()
    warnings: tuple[str, ...] = ()
    automatic: bool = False
    turns: tuple[int, ...] = ()
    mends: Mends = field(default_factory=Mends)

    @property
    def is_written(self) -> bool:
        """Whether the words were written to be read, not said."""
        spoken = any(segment.speaker or segment.start is not None for segment in self.segments)
        return self.kind is SourceKind.ARTICLE or (self.kind in DOCUMENTS and not spoken)
