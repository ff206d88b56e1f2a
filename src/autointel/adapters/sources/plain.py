"""Plain text and Markdown transcripts: paragraphs, with the speakers and times that their lines begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from autointel.adapters.sources import markdown
from autointel.adapters.sources.cut import LONGEST, cut
from autointel.adapters.sources.draft import Cue, Draft, Mark
from autointel.adapters.sources.front_matter import split_front_matter
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.paragraphs import gather, lines_are_paragraphs
from autointel.adapters.sources.speakers import Label, is_name, label, trusted_names
from autointel.adapters.sources.stamps import NAMED, Stamp, read_stamp
from autointel.adapters.sources.timing import are_timed, place
from autointel.domain.source import SourceKind

_LONGEST_HEADING: Final = 200
# What marks a name in "Alice (0:15)": the time after it.
_TIMED: Final = "@"


@dataclass(frozen=True, slots=True)
class Line:
    """A line taken apart, nothing decided yet.

    ``stamp`` is a time it begins with, ``label`` the name after that, ``inner`` a time after the name.
    """

    raw: str
    stamp: Stamp | None = None
    label: Label | None = None
    inner: Stamp | None = None
    heading: str | None = None

    def read(self, names: frozenset[str], *, timed: bool) -> Line:
        """The line with only what is believed: names that name speakers, times if the text is timed."""
        stamp = self.stamp if timed else None
        # Behind or before a time that is not believed, a name is only a word.
        bound = self.stamp is not None or (self.label is not None and self.label.mark == _TIMED)
        if self.label is None or self.label.name not in names or (bound and not timed):
            return replace(self, raw=stamp.rest if stamp else self.raw, stamp=stamp, label=None, inner=None)
        inner = self.inner if timed else None
        rest = inner.rest if inner else self.label.rest
        return replace(self, raw=rest, stamp=inner or stamp, inner=None)


def parse_text(text: str) -> Draft:
    """Plain text: paragraphs divided by empty lines."""
    return _parse(text, SourceKind.TEXT)


def parse_markdown(text: str) -> Draft:
    """Markdown: front matter gives title, author, date and language; headings give the title or chapters."""
    matter, body = split_front_matter(text)
    draft = _parse(markdown.without_comments(body), SourceKind.MARKDOWN)
    draft.title = matter.title or draft.title
    draft.author, draft.published_at, draft.language = matter.author, matter.published_at, matter.language
    return draft


def _parse(text: str, kind: SourceKind) -> Draft:
    read = _markdown_line if kind is SourceKind.MARKDOWN else _text_line
    lines = [read(line) for line in _bounded(clean(text))]
    filled = [line for line in lines if line.raw]
    names = trusted_names((line.label for line in filled if line.label), len(filled))
    stamps = [line.stamp or (line.inner if line.label and line.label.name in names else None) for line in filled]
    timed = are_timed([stamp.start for stamp in stamps if stamp], len(filled), sum(len(x.raw.split()) for x in filled))
    believed = [line.read(names, timed=timed) for line in lines]
    paragraphs = gather(believed, each_line=not timed and lines_are_paragraphs([line.raw for line in lines]))
    draft = Draft(kind, [])
    for paragraph in paragraphs:
        if isinstance(paragraph, str):
            draft.marks.append(Mark(paragraph, len(draft.cues)))
        else:
            draft.cues += _cues(paragraph)
    if draft.marks and draft.marks[0].cue == 0:
        # A heading before any word names the whole.
        draft.title = draft.marks.pop(0).title
    if timed:
        draft.warnings += place(draft.cues)
    return draft


def _bounded(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if len(line) <= LONGEST:
            yield line
            continue
        for piece in cut(line):
            yield piece
            yield ""


def _markdown_line(line: str) -> Line:
    title = markdown.heading(line)
    if title is not None:
        return Line("", heading=one_line(title, _LONGEST_HEADING) or None)
    if markdown.is_rule(line):
        return Line("")
    named = markdown.bold_name(line)
    if named is None:
        return _text_line(markdown.words(line))
    name, rest = markdown.words(named[0]), markdown.words(named[1]).strip()
    return Line(f"{name}: {rest}", label=Label("**", " ".join(name.split()), rest), inner=read_stamp(rest))


def _text_line(line: str) -> Line:
    line = line.strip()
    stamp = read_stamp(line)
    rest = stamp.rest if stamp else line
    found = label(rest)
    if found.name is not None:
        return Line(line, stamp, found, read_stamp(found.rest) if stamp is None else None)
    named = NAMED.match(rest) if stamp is None and rest[-1:] and ":" in rest[:80] else None
    if named and is_name(named.group(1)) and (inner := read_stamp(named.group(2))) is not None:
        return Line(line, None, Label(_TIMED, " ".join(named.group(1).split()), named.group(2)), inner)
    return Line(line, stamp)


def _cues(paragraph: Cue) -> list[Cue]:
    text = "\n".join(paragraph.lines)
    if len(text) <= LONGEST:
        return [paragraph]
    first, *others = cut(text)
    rest = [Cue(None, None, [piece], paragraph.speaker) for piece in others]
    return [Cue(paragraph.start, None, [first], paragraph.speaker), *rest]
