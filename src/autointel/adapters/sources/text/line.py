"""A line of text taken apart: the time and the name that it begins with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.speakers import Label, is_name, label
from autointel.adapters.sources.text import markdown
from autointel.adapters.sources.text.stamps import NAMED, Stamp, read_stamp

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


def markdown_line(line: str) -> Line:
    """A line of Markdown taken apart, without its signs."""
    title = markdown.heading(line)
    if title is not None:
        return Line("", heading=one_line(title, _LONGEST_HEADING) or None)
    if markdown.is_rule(line):
        return Line("")
    named = markdown.bold_name(line)
    if named is None:
        return text_line(markdown.words(line))
    name, rest = markdown.words(named[0]), markdown.words(named[1]).strip()
    return Line(f"{name}: {rest}", label=Label("**", " ".join(name.split()), rest), inner=read_stamp(rest))


def text_line(line: str) -> Line:
    """A line of plain text taken apart."""
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
