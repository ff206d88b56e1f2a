"""From lines on pages to paragraphs: heads and feet of pages left out, words parted at line ends made whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

# How many lines at the top and the bottom of a page may be its head and foot.
_EDGE: Final = 2
_FEWEST_PAGES: Final = 3
_SHARE_OF_PAGES: Final = 0.3
_MOST_PAGES: Final = 0.7
_NUMBER: Final = re.compile(r"\d+")
_PAGE_NUMBER: Final = re.compile(
    r"\W{0,3}(?:(?:page|seite|p\.|s\.)\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W{0,3}\Z",
    re.IGNORECASE,
)
_ENDS: Final = tuple('.?!…:;。！？"”»)')
_PARTED: Final = re.compile(r"[^\W\d_]{2,}[-‐]\Z")
_BULLET: Final = re.compile(r"(?:[•‣▪◦●–-]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")
# In heights of a line: a gap that parts paragraphs, an indent, and how much shorter a last line is.
_GAP: Final = 0.45
_INDENT: Final = 0.8
_SHORTER: Final = 4.0
_OTHER_SIZE: Final = 0.15
_LONGEST: Final = 120  # lines in a paragraph


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print; left, right, bottom and top in points from the page's lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    is_hyphenated: bool = False

    @property
    def height(self) -> float:
        """Height of the font, at least a point."""
        return max(self.top - self.bottom, 1.0)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines on one page (from 1). ``continues`` marks the rest of a paragraph that began on the page before."""

    lines: list[str]
    page: int
    continues: bool = False


def paragraphs_of(pages: Sequence[Sequence[Line]]) -> tuple[list[Paragraph], int]:
    """Paragraphs in order, and how many lines were left out as heads and feet of pages. Linear in the lines."""
    usual = _usual_gap(pages)
    kept, left_out = _without_edges(pages, usual)
    known = _known_words(kept)
    found: list[Paragraph] = []
    for number, lines in enumerate(kept, start=1):
        for place, group in enumerate(_groups(lines, usual)):
            words = _joined(group, known)
            continues = place == 0 and bool(found) and _goes_on(found[-1], words[0], number)
            found.append(Paragraph(words, number, continues=continues))
    return found, left_out


def _without_edges(pages: Sequence[Sequence[Line]], usual: float) -> tuple[list[list[Line]], int]:
    """The pages without lines that stand apart at their edges and come again on others, and without page numbers."""
    if len(pages) < _FEWEST_PAGES:
        return [list(page) for page in pages], 0
    edges = [_edges(page, usual) for page in pages]
    seen: Counter[tuple[int, str]] = Counter()
    for page, places in zip(pages, edges, strict=True):
        seen.update({(place, _shape(page[place].text)) for place in places})
    needed = max(_FEWEST_PAGES, _SHARE_OF_PAGES * len(pages))
    kept, left_out = [], 0
    # What nearly every page begins or ends with needs no gap.
    outer = Counter((place, _shape(page[place].text)) for page in pages if len(page) > 1 for place in (0, -1))
    common = {key for key, count in outer.items() if count >= max(_FEWEST_PAGES, _MOST_PAGES * len(pages))}
    for page, places in zip(pages, edges, strict=True):
        repeated = {place % len(page) for place in places if seen[place, _shape(page[place].text)] >= needed}
        repeated |= {place % len(page) for place in (0, -1) if page and (place, _shape(page[place].text)) in common}
        repeated |= {place % len(page) for place in (0, -1) if len(page) > 1 and _is_number(page, place)}
        kept.append([line for place, line in enumerate(page) if place not in repeated])
        left_out += len(repeated)
    return kept, left_out


def _edges(page: Sequence[Line], usual: float) -> list[int]:
    """Places of the first and last lines that a gap parts from the rest; the last are counted from the end."""
    if len(page) < 2:  # noqa: PLR2004 -- one line has no rest
        return []
    gaps = [_is_apart(before, after, usual) for before, after in pairwise(page)]
    heads = next((count for count in range(1, _EDGE + 1) if count <= len(gaps) and gaps[count - 1]), 0)
    feet = next((count for count in range(1, _EDGE + 1) if count <= len(gaps) and gaps[-count]), 0)
    return [*range(heads), *range(-feet, 0)]


def _is_apart(before: Line, after: Line, usual: float) -> bool:
    if not _below(before, after):  # the end of a column
        return True
    return before.bottom - after.top > usual + _GAP * max(before.height, after.height)


def _is_number(page: Sequence[Line], place: int) -> bool:
    return place in {0, -1} and _PAGE_NUMBER.match(page[place].text) is not None


def _shape(text: str) -> str:
    return _NUMBER.sub("#", text.casefold())


def _usual_gap(pages: Sequence[Sequence[Line]]) -> float:
    """The space between lines of a paragraph: most lines of a document follow one of their own paragraph."""
    gaps = [before.bottom - after.top for page in pages for before, after in pairwise(page) if _below(before, after)]
    return median(gaps) if gaps else 0.0


def _groups(lines: Sequence[Line], usual: float) -> Iterator[list[Line]]:
    """Lines that make a paragraph, by gaps, indents, sizes and short last lines."""
    right = max((line.right for line in lines), default=0.0)
    group: list[Line] = []
    for line in lines:
        if group and (len(group) >= _LONGEST or _begins(group, line, usual, right)):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _below(before: Line, after: Line) -> bool:
    return after.top < before.top


def _begins(group: Sequence[Line], line: Line, usual: float, right: float) -> bool:
    before, height = group[-1], line.height
    if abs(before.height - height) > _OTHER_SIZE * max(before.height, height):
        return True
    ended = before.text.endswith(_ENDS)
    if not _below(before, line):  # the top of the next column
        return ended
    if before.bottom - line.top > usual + _GAP * height or _BULLET.match(line.text):
        return True
    if ended and right - before.right > _SHORTER * height:
        return True
    # An indented first line; in a hanging indent it is the first that stands out.
    return ended and line.left - min(each.left for each in group[-2:]) > _INDENT * height


def _known_words(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Words with a hyphen that stand inside a line: those are spelled so."""
    found = {word for page in pages for line in page for word in re.findall(r"\w{2,40}-\w{2,40}", line.text)}
    return frozenset(word.casefold() for word in found)


def _joined(lines: Sequence[Line], known: frozenset[str]) -> list[str]:
    """The lines' words; a word parted at a line's end stands whole on the first of its lines."""
    joined: list[str] = []
    for index, line in enumerate(lines):
        before = lines[index - 1] if index else None
        parted = before is not None and (before.is_hyphenated or _PARTED.search(before.text) is not None)
        head, _, rest = line.text.partition(" ")
        if not parted or not head[:1].islower():
            joined.append(line.text)
            continue
        stem = joined[-1].rstrip("-‐")
        begun = stem.rpartition(" ")[2].casefold()
        hyphen = "-" if f"{begun}-{head.casefold().rstrip('.,;:!?')}" in known else ""
        joined[-1] = f"{stem}{hyphen}{head}"
        joined.append(rest)
    return [text for text in joined if text]


def _goes_on(before: Paragraph, words: str, page: int) -> bool:
    """Whether a page begins in the middle of a sentence."""
    return before.page == page - 1 and not before.lines[-1].endswith(_ENDS) and words[:1].islower()
