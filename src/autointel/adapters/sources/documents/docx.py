"""Word documents (.docx): paragraphs as they read after all changes are accepted, headings as chapters.

A row of a table is one paragraph; one of a name, a time and words is a turn. Footnotes stand at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.clock import TIME
from autointel.adapters.sources.documents.archive import Archive
from autointel.adapters.sources.draft import Cue, Draft, Mark
from autointel.adapters.sources.labels import person
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.normalise import LONGEST, cut
from autointel.adapters.sources.web.interviews import WHO
from autointel.domain.transcript import SourceKind, word_count

if TYPE_CHECKING:
    from lxml.etree import _Element

PART: Final = "word/document.xml"
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_PARAGRAPH, _CELL, _BOX = f"{_W}p", f"{_W}tc", f"{_W}txbxContent"
# What an older program would show instead, what was moved away, and what stands in a box of its own.
_SKIPPED: Final = frozenset({"Fallback", "moveFrom", "del", "txbxContent", "footnoteReference", "instrText"})
_SIGNS: Final = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}
_LEVELS: Final = "123456789"
_NOTES: Final = ("word/footnotes.xml", "word/endnotes.xml")
_TIME: Final = re.compile(rf"[\[(]?{TIME}[\])]?\Z")
_LONGEST_CELL: Final = 25  # words
_HEADING_WORDS: Final = 3
_NUMBERED: Final = re.compile(r"#?\d{1,5}\.?\Z")


def parse_docx(archive: Archive) -> Draft:
    """Paragraphs in order. Raises NoTranscript for an archive that breaks off."""
    root = archive.xml(PART)
    if root is None:
        raise archive.broken()
    styles = _styles(archive.xml("word/styles.xml"))
    draft = Draft(SourceKind.DOCX, [])
    place: str | None = None
    for element in _blocks(root):
        lines = _lines(element) if _name(element) == "p" else _turn(element)
        if not lines:
            continue
        kind = _kind(element, styles)
        if kind == "title" and draft.title is None:
            draft.title = one_line(" ".join(lines))
        elif kind == "heading":
            place = one_line(" ".join(lines), limit=120)
            draft.marks.append(Mark(place, len(draft.cues)))
        text = "\n".join(lines)
        pieces = [text] if len(text) <= LONGEST else cut(text)
        draft.cues += [Cue(None, None, piece.split("\n"), place=place) for piece in pieces]
    notes = list(_notes(archive))
    if notes and draft.marks:
        # They belong to no chapter that ends before them.
        draft.marks.append(Mark("Notes", len(draft.cues)))
    draft.cues += notes
    core = archive.xml("docProps/core.xml")
    if core is not None:
        draft.title = draft.title or one_line(core.findtext(f"{_DC}title") or "") or None
        draft.author = one_line(core.findtext(f"{_DC}creator") or "") or None
    return draft


def _notes(archive: Archive) -> Iterator[Cue]:
    """Footnotes and endnotes, in order."""
    for part in _NOTES:
        root = archive.xml(part)
        for element in _blocks(root) if root is not None else ():
            if lines := _lines(element):
                yield Cue(None, None, lines, place="Notes")


def _lines(paragraph: _Element) -> list[str]:
    return [line for raw in _text(paragraph).split("\n") if (line := " ".join(clean(raw).split()))]


def _turn(row: _Element) -> list[str]:
    return [line] if (line := row_line(_cells(row))) else []


def row_line(cells: Sequence[str]) -> str:
    """A row of a table as one line: "[0:15] Marta: words" where its cells are that, else the cells parted by bars.

    Nothing for the row that names a column for who speaks; the number of a turn is left out.
    """
    *heads, words = [cell for cell in cells if cell] or [""]
    if any(map(WHO.match, (*heads, words))) and all(len(cell.split()) <= _HEADING_WORDS for cell in (*heads, words)):
        return ""
    if _NUMBERED.match(heads[0] if heads else "") and len(heads) > 1:
        numbered = row_line([*heads[1:], words])
        return numbered if " | " not in numbered else " | ".join([*heads, words])
    times = [head for head in heads if _TIME.match(head)]
    names = [head for head in heads if head not in times and person(head.rstrip(" :")) is not None]
    if not heads or len(times) > 1 or len(names) != 1 or len(times) + len(names) != len(heads):
        return " | ".join([*heads, words])
    return f"{''.join(f'[{time}] ' for time in times)}{names[0].rstrip(' :')}: {words}"


def is_row(cells: Sequence[str]) -> bool:
    """Whether a row holds data or a turn; a table of one column, or with long cells but the last, lays out a page."""
    filled = [count for cell in cells if (count := word_count(cell))]
    return len(filled) > 1 and max(filled[:-1]) <= _LONGEST_CELL


def _cells(row: _Element) -> list[str]:
    """The words of each cell. In a broken file cells and paragraphs stand in one another; the outer ones hold all."""
    cells = [cell for cell in row.iter(_CELL) if next(cell.iterancestors(_CELL, row.tag), None) is row]
    return [" ".join(line for each in _paragraphs(cell) for line in _lines(each)) for cell in cells]


def _paragraphs(cell: _Element) -> Iterator[_Element]:
    for each in cell.iter(_PARAGRAPH):
        if _name(next(each.iterancestors(_PARAGRAPH, _CELL, _BOX), cell)) != "p":
            yield each


def _is_innermost(row: _Element) -> bool:
    return row.find(f".//{_W}tr") is None and row.find(f".//{_W}tbl") is None


def _blocks(root: _Element) -> Iterator[_Element]:
    """Paragraphs outside of what is skipped, and the rows of tables that hold no table; those in a text box follow the
    paragraph that holds the box.
    """
    open_elements = [root]
    while open_elements:
        element = open_elements.pop()
        if _name(element) == "tr" and _is_innermost(element) and is_row(_cells(element)):
            yield element
            continue
        if _name(element) == "p":
            yield element
            within = next(element.iterancestors(_BOX), None)
            boxes = [
                box
                for box in element.iter(_BOX)
                # One in another follows the paragraph there that holds it.
                if next(box.iterancestors(_BOX), None) is within
                and not any(_name(each) == "Fallback" for each in box.iterancestors())
            ]
            open_elements += reversed(boxes)
            continue
        open_elements += [child for child in reversed(element) if _name(child) not in _SKIPPED - {"txbxContent"}]


def _text(paragraph: _Element) -> str:
    """Its words with line breaks and tabs, without deleted, moved and hidden ones."""
    words: list[str] = []
    open_elements = list(reversed(paragraph))
    while open_elements:
        element = open_elements.pop()
        name = _name(element)
        if name in _SKIPPED or (name == "r" and element.find(f"{_W}rPr/{_W}vanish") is not None):
            continue
        if name == "t":
            words.append(element.text or "")
        elif name in _SIGNS:
            words.append(_SIGNS[name])
        else:
            open_elements += list(reversed(element))
    return "".join(words)


def _styles(root: _Element | None) -> dict[str, str]:
    """What each style is for: "title" or "heading", by its name or its outline level."""
    kinds: dict[str, str] = {}
    for style in root.iter(f"{_W}style") if root is not None else ():
        name = style.find(f"{_W}name")
        label = (name.get(f"{_W}val") or "").lower() if name is not None else ""
        outlined = style.find(f"{_W}pPr/{_W}outlineLvl") is not None
        numbered = label.startswith("heading ") and label[-1:] in _LEVELS
        kind = "title" if label == "title" else "heading" if outlined or numbered else ""
        kinds[style.get(f"{_W}styleId") or ""] = kind
    return kinds


def _kind(paragraph: _Element, styles: dict[str, str]) -> str:
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return ""
    style = properties.find(f"{_W}pStyle")
    level = properties.find(f"{_W}outlineLvl")
    if level is not None and level.get(f"{_W}val") in set("012345678"):
        return "heading"
    return styles.get(style.get(f"{_W}val") or "", "") if style is not None else ""


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]
