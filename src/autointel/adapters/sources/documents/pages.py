"""From lines on pages to paragraphs: heads and feet of pages left out, words parted at line ends made whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Final

from autointel.adapters.sources.labels import Shape, read_label
from autointel.adapters.sources.likelihood import is_word

# How many lines at the top and the bottom of a page may be its head and foot.
_EDGE: Final = 2
_LONGEST_HEAD: Final = 10  # words
_LONGEST_NUMBER: Final = 4  # digits
_FEWEST_PAGES: Final = 3
_SHARE_OF_PAGES: Final = 0.3
_MOST_PAGES: Final = 0.7
_NUMBER: Final = re.compile(r"\d+")
_PAGE_NUMBER: Final = re.compile(
    r"\W{0,3}(?:(?:page|seite|p\.|s\.)\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W{0,3}\Z",
    re.IGNORECASE,
)
# "https://example.org/a.html 1/2", below a page that a browser prints, and "3/9/25, 10:15 AM Title" above it.
_PRINTED_FOOT: Final = re.compile(r"(?:https?|file)://\S+ +\d{1,4}/\d{1,4}\Z")
_PRINTED_HEAD: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d\d\b")
# A line of a table of contents.
_LEADER: Final = re.compile(r"(?:[.…·_]\s?){5,}\s{0,4}[\divxlc]{1,6}\Z")
_ENDS: Final = tuple('.?!…:;。！？"”»)')
_PARTED: Final = re.compile(r"[^\W\d_]{2,}[-‐]\Z")
_BULLET: Final = re.compile(r"(?:[•‣▪◦●–-]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")
# In heights of a line: a gap that parts paragraphs, an indent, and how much shorter a last line is.
_GAP: Final = 0.45
_INDENT: Final = 0.8
_SHORTER: Final = 4.0
_OTHER_SIZE: Final = 0.15
_LONGEST: Final = 120  # lines in a paragraph
_LINE_NUMBER: Final = re.compile(r"(\d{1,2})(?:\s+(.*)|()\Z)")
_FEWEST_NUMBERS: Final = 8
_MOST_RUNS: Final = 0.8
_HYPHENATE: Final = frozenset("well self twenty thirty forty fifty sixty seventy eighty ninety".split())
_EXAMINED: Final = re.compile(r"([QA])\.?\s+(?=\S)")


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
    pages = [_in_place(page) for page in pages]
    usual = _usual_gap(pages)
    kept, left_out = _without_edges(pages, usual)
    if not left_out and all(numbered := _numbered_heads(pages, usual)):
        left_out = sum(map(len, numbered))
        kept = [
            [line for at, line in enumerate(page) if not places & {at, at - len(page)}]
            for page, places in zip(pages, numbered, strict=True)
        ]
    kept = _without_numbers(kept)
    leaders = sum(_LEADER.search(line.text) is not None for page in kept for line in page)
    if leaders > _EDGE:
        kept = [[line for line in page if not _LEADER.search(line.text)] for page in kept]
        left_out += leaders
    known = _known_words(kept)
    labels = _labels(kept)
    found: list[Paragraph] = []
    for number, lines in enumerate(kept, start=1):
        for place, group in enumerate(_groups(lines, usual, labels)):
            words = _joined(group, known)
            continues = place == 0 and bool(found) and _goes_on(found[-1], words[0], number)
            found.append(Paragraph(words, number, continues=continues))
    return found, left_out


def _in_place(page: Sequence[Line]) -> list[Line]:
    """The lines with the foot of the page last and its head first: some programs write the foot before the text, or
    the head after it.
    """
    begin, end = page[: _EDGE + 1], page[-_EDGE - 1 :]
    if len(page) <= len(begin) + len(end):
        return list(page)
    low, high = min(line.bottom for line in page[len(begin) :]), max(line.top for line in page[: -len(end)])
    feet = [place for place, line in enumerate(begin) if line.top < low]
    heads = [len(page) - len(end) + place for place, line in enumerate(end) if line.bottom > high]
    rest = [place for place in range(len(page)) if place not in {*feet, *heads}]
    return [page[place] for place in (*heads, *rest, *feet)]


def _without_edges(pages: Sequence[Sequence[Line]], usual: float) -> tuple[list[list[Line]], int]:
    """The pages without lines that stand apart at their edges and come again on others, and without page numbers."""
    stamped = [_without_stamps(page) for page in pages]
    if all(len(after) < len(page) for page, after in zip(pages, stamped, strict=True)):
        kept, left_out = _without_edges(stamped, usual)
        return kept, left_out + sum(map(len, pages)) - sum(map(len, stamped))
    if len(pages) == 2:  # noqa: PLR2004 -- both have the same line
        return _without_same(pages, usual)
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
        repeated |= {place % len(page) for place in (0, -1) if len(page) > 1 and _PAGE_NUMBER.match(page[place].text)}
        kept.append([line for place, line in enumerate(page) if place not in repeated])
        left_out += len(repeated)
    return kept, left_out


def _numbered_heads(pages: Sequence[Sequence[Line]], usual: float) -> list[set[int]]:
    """For each page its first and last line, if it stands apart and begins or ends with a number that is one more than
    in the same place of the page before, or one less than on the page after it: "18  N. Haddad", "Glass Review  17".
    """
    found: list[set[int]] = [set() for _ in pages]
    for place in (0, -1):
        numbers = [
            int(number) if place in _edges(page, usual) and (number := _outer_number(page[place].text)) else None
            for page in pages
        ]
        for index, (before, after) in enumerate(pairwise(numbers)):
            if before is not None and after == before + 1:
                found[index].add(place)
                found[index + 1].add(place)
    return found


def _outer_number(text: str) -> str:
    words = text.split()
    outer = (
        [word for word in (words[0], words[-1]) if word.isdecimal() and len(word) <= _LONGEST_NUMBER] if words else []
    )
    return outer[0] if outer and 1 < len(words) <= _LONGEST_HEAD else ""


def _without_stamps(page: Sequence[Line]) -> list[Line]:
    """A page that a browser printed, without its address below and its day above; other pages as they are."""
    if not page or not _PRINTED_FOOT.match(page[-1].text):
        return list(page)
    return list(page[1:-1] if _PRINTED_HEAD.match(page[0].text) else page[:-1])


def _without_same(pages: Sequence[Sequence[Line]], usual: float) -> tuple[list[list[Line]], int]:
    """Two pages without lines at their edges that are alike but for the page's number, and without page numbers."""
    first, second = ([page[place].text for place in _edges(page, usual)] for page in pages)
    same = {text for one in first for other in second if _is_same(one, other) for text in (one, other)}
    # The number of the page needs no gap where the next page has the next number in the same place.
    outer = [(one[place].text, other[place].text) for one, other in [pages] if one and other for place in (0, -1)]
    numbers = {text for pair in outer if all(map(_PAGE_NUMBER.match, pair)) and _counts(*pair) == [1] for text in pair}
    kept = [
        [
            line
            for place, line in enumerate(page)
            if not (
                (place in {0, len(page) - 1} and line.text in numbers)
                or (
                    place - len(page) * (place >= _EDGE) in _edges(page, usual)
                    and (line.text in same or _PAGE_NUMBER.match(line.text))
                )
            )
        ]
        for page in pages
    ]
    # Two pages of hardly more than their heads are alike because of their text.
    if any(2 * len(after) <= len(before) for before, after in zip(pages, kept, strict=True)):
        return [list(page) for page in pages], 0
    return kept, sum(map(len, pages)) - sum(map(len, kept))


def _is_same(first: str, second: str) -> bool:
    """Whether two lines are alike, or a few words alike are followed by a number and the next."""
    few = len(first.split()) < _FEWEST_PAGES
    return first == second or (_shape(first) == _shape(second) and _counts(first, second) == [1] and not few)


def _counts(first: str, second: str) -> list[int]:
    """By how much the numbers of a line differ from those of another, without those that are equal."""
    numbers = [tuple(map(int, _NUMBER.findall(text))) for text in (first, second)]
    return [after - before for before, after in zip(*numbers, strict=False) if after != before]


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


def _shape(text: str) -> str:
    return _NUMBER.sub("#", text.casefold())


def _usual_gap(pages: Sequence[Sequence[Line]]) -> float:
    """The space between lines of a paragraph: most lines of a document follow one of their own paragraph."""
    gaps = [before.bottom - after.top for page in pages for before, after in pairwise(page) if _below(before, after)]
    return median(gaps) if gaps else 0.0


def _without_numbers(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without the numbers that courts and drafts put before each line, from 1 on every page."""
    lines = [line for page in pages for line in page]
    found = [_LINE_NUMBER.match(line.text) for line in lines]
    numbers = [int(each[1]) for each in found if each]
    runs = sum(after == before + 1 or after == 1 for before, after in pairwise(numbers))
    # A number alone stands before an empty line.
    if len(numbers) < _FEWEST_NUMBERS or len(numbers) < _MOST_PAGES * len(lines) or runs < _MOST_RUNS * len(numbers):
        return [list(page) for page in pages]
    if sum(each is not None and each[2] != "" for each in found) < len(numbers) / 2:
        return [[line for line in page if not _LINE_NUMBER.fullmatch(line.text)] for page in pages]
    return [
        [
            replace(line, text=each[2]) if (each := _LINE_NUMBER.match(line.text)) else line
            for line in page
            if not line.text.isdecimal()
        ]
        for page in pages
    ]


def _labels(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """What lines begin with that may name who speaks: "Q.", "Jane Doe:"; empty where hardly any comes again."""
    seen = Counter(head for page in pages for line in page if (head := _head(line.text)))
    again = {head for head, count in seen.items() if count > 1}
    return (
        frozenset(seen)
        if len(again) > 1 and sum(seen[head] for head in again) >= _MOST_RUNS * len(seen)
        else frozenset()
    )


def _head(text: str) -> str | None:
    examined = _EXAMINED.match(text)
    if examined:
        return examined[1]
    label = read_label(text)
    return label.key if label.name and label.shape is Shape.COLON else None


def _groups(lines: Sequence[Line], usual: float, labels: frozenset[str]) -> Iterator[list[Line]]:
    """Lines that make a paragraph, by gaps, indents, sizes, short last lines, and who begins to speak."""
    right = max((line.right for line in lines), default=0.0)
    group: list[Line] = []
    for line in lines:
        speaks = bool(labels) and _head(line.text) in labels
        if group and (len(group) >= _LONGEST or speaks or _begins(group, line, usual, right)):
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
    """Words that stand inside a line, also those with a hyphen: they are spelled so."""
    found = {word for page in pages for line in page for word in re.findall(r"\w{2,40}(?:-\w{2,40})?", line.text)}
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
        hyphen = "-" if _is_compound(begun, head.casefold().rstrip(".,;:!?"), known) else ""
        joined[-1] = f"{stem}{hyphen}{head}"
        joined.append(rest)
    return [text for text in joined if text]


def _is_compound(begun: str, head: str, known: frozenset[str]) -> bool:
    """Whether a hyphen at a line's end is spelled: the pair stands elsewhere, or only its two parts are words."""
    if f"{begun}-{head}" in known:
        return True
    whole = f"{begun}{head}"
    return whole not in known and (begun in _HYPHENATE or not is_word(whole)) and is_word(begun) and is_word(head)


def _goes_on(before: Paragraph, words: str, page: int) -> bool:
    """Whether a page begins in the middle of a sentence."""
    return before.page == page - 1 and not before.lines[-1].endswith(_ENDS) and words[:1].islower()
