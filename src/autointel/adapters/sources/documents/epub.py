"""Books in EPUB: paragraphs in reading order, chapters by the table of contents."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from autointel.adapters.sources.documents.archive import Archive
from autointel.adapters.sources.documents.docx import is_row, row_line
from autointel.adapters.sources.draft import Cue, Draft, Mark
from autointel.adapters.sources.markup import clean, is_crowded, language_code, one_line
from autointel.adapters.sources.normalise import LONGEST, cut
from autointel.adapters.sources.text.markdown import iso_date
from autointel.adapters.sources.unseen import unseen
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from lxml.etree import _Element

CONTAINER: Final = "META-INF/container.xml"
_RIGHTS: Final = "META-INF/encryption.xml"
# Fonts are garbled in many books; that keeps nobody from reading.
_FONTS_ONLY: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
# Programs that make books write these where nobody says who wrote one.
_NOBODY: Final = frozenset({"", "unknown", "unknown author", "n/a"})
_CELL: Final = "\u2029"
_BREAK: Final = "\u2028"  # not white space that pages are indented with
_BLOCKS: Final = frozenset("p h1 h2 h3 h4 h5 h6 li blockquote dd dt tr pre figcaption div section article".split())
_HEADINGS: Final = frozenset("h1 h2 h3".split())
_SKIPPED: Final = frozenset("script style head svg math nav rt rp del s strike".split())
_MOST_DOCUMENTS: Final = 5000
_NO_TEXT: Final = frozenset(
    "cover titlepage halftitlepage copyright-page toc landmarks loi lot page-list doc-toc doc-cover".split()
)
_RIGHTS_RESERVED: Final = re.compile(
    r"all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|tutti i diritti"
    r" riservati|todos os direitos reservados|alle rechten voorbehouden|все права защищены|版权所有|版權所有|無断転載",
    re.IGNORECASE,
)
_EDITION: Final = re.compile(r"\bISBN\b|©|\(c\)|copyright|edition\b|auflage", re.IGNORECASE)
# A file with more is a chapter, whatever it says of rights.
_LONGEST_IMPRINT: Final = 12_000
_FEWEST_LINKS: Final = 2
_MOST_LINKED: Final = 0.7
_LONGEST_MARK: Final = 5
_LONGEST_TITLE: Final = 300
_MOST_PIECES: Final = 50


def parse_epub(archive: Archive) -> Draft:
    """Paragraphs in the order of the spine. Raises NoTranscript for a protected book, or one that breaks off."""
    rights = archive.xml(_RIGHTS)
    if rights is not None and any(
        method.get("Algorithm") not in _FONTS_ONLY for method in rights.iter("{*}EncryptionMethod")
    ):
        raise NoTranscript(f"{archive.shown} is protected against copying (DRM).", "Pass a copy without protection.")
    package, base = _package(archive)
    draft = Draft(SourceKind.EPUB, [])
    _describe(draft, package)
    items = {item.get("id"): item for item in package.iter("{*}item")}
    titles: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (file, anchor), title in _contents(archive, items.values(), base).items():
        titles[file][anchor] = title
    place: str | None = None
    lacking = outside = 0
    paths = _once(archive, _order(package, items, base))
    for path in paths:
        data = archive.part(path)
        lacking += not data
        if _is_no_text(data):
            outside += 1
            continue
        place = _read(draft, data, titles.get(path, {}), place)
    if outside:
        draft.warnings.append(f"Cover, title page, imprint and contents, which are not the book's text: {outside}.")
    if not draft.cues:
        raise archive.broken() if lacking == len(paths) else _pictures(archive)
    if lacking:
        draft.warnings.append(f"Files that the book names in its order of reading and lacks: {lacking}.")
    return draft


def _is_no_text(data: bytes) -> bool:
    """Whether a file is the cover, the title page, the imprint or the contents: by what it says of itself or holds."""
    root = _page(data) if len(data) < _LONGEST_IMPRINT else None
    body = root.find(".//body") if root is not None else None
    if root is None or body is None:
        return False
    parts = [body, *body.iterchildren("section", "div", "nav")]
    kinds = {kind for each in parts for kind in f"{each.get('epub:type') or ''} {each.get('role') or ''}".split()}
    if not kinds.isdisjoint(_NO_TEXT):
        return True
    words = " ".join(" ".join(map(str, body.itertext())).split())
    linked = sum(len(" ".join(map(str, link.itertext()))) for link in body.iter("a"))
    is_list = sum(1 for _ in body.iter("a")) > _FEWEST_LINKS and linked > _MOST_LINKED * len(words)
    return is_list or (_RIGHTS_RESERVED.search(words) is not None and _EDITION.search(words) is not None)


def _pictures(archive: Archive) -> NoTranscript:
    return NoTranscript(
        f"{archive.shown} has no text in it; its pages may be pictures.",
        "Run text recognition (OCR) over it first, or pass another edition.",
    )


def _order(package: _Element, items: dict[str | None, _Element], base: str) -> list[str]:
    """The files in the order of reading: those of the spine, or of the whole book if the spine has none."""
    references = list(package.iter("{*}itemref"))[:_MOST_DOCUMENTS]
    linear = [each for each in references if each.get("linear") != "no"] or references
    listed = [items[each.get("idref")] for each in linear if each.get("idref") in items]
    pages = listed or [item for item in items.values() if item.get("media-type") == "application/xhtml+xml"]
    paths = [
        _path(base, item.get("href") or "") for item in pages if "nav" not in (item.get("properties") or "").split()
    ]
    return list(dict.fromkeys(paths))[:_MOST_DOCUMENTS]


def _once(archive: Archive, paths: Iterable[str]) -> list[str]:
    """Each file by its first spelling: a small book may name a large one thousands of times, in capitals too."""
    files: dict[str, str] = {}
    for path in paths:
        files.setdefault(archive.name_of(path) or path, path)
    return list(files.values())


def _package(archive: Archive) -> tuple[_Element, str]:
    container = archive.xml(CONTAINER)
    rootfile = container.find(".//{*}rootfile") if container is not None else None
    path = (rootfile.get("full-path") or "") if rootfile is not None else ""
    if path not in archive.names:
        path = next((name for name in sorted(archive.names) if name.lower().endswith(".opf")), path)
    package = archive.xml(path)
    if package is None:
        raise archive.broken()
    return package, posixpath.dirname(path)


def _describe(draft: Draft, package: _Element) -> None:
    def every(name: str) -> list[str]:
        return [one_line(each.text or "") for each in package.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}")]

    def first(name: str) -> str:
        return next(iter(every(name)), "")

    authors = dict.fromkeys(name for name in every("creator") if name.lower() not in _NOBODY)
    draft.title, draft.author = first("title") or None, ", ".join(authors) or None
    draft.language, draft.published_at = language_code(first("language")), iso_date(first("date"))


def _contents(archive: Archive, items: Iterable[_Element], base: str) -> dict[tuple[str, str], str]:
    """Titles by path and anchor, from the navigation document or the older NCX."""
    found: dict[tuple[str, str], str] = {}
    for item in items:
        path = _path(base, item.get("href") or "")
        is_nav = "nav" in (item.get("properties") or "").split()
        root = archive.xml(path) if is_nav or item.get("media-type") == "application/x-dtbncx+xml" else None
        for href, title in _entries(root) if root is not None else ():
            anchor = unquote(href.partition("#")[2])
            found.setdefault((_path(posixpath.dirname(path), href), anchor), one_line(title, limit=120))
    return {place: title for place, title in found.items() if title}


def _entries(root: _Element) -> Iterator[tuple[str, str]]:
    """Addresses and titles of a table of contents, of either kind."""
    for nav in root.iter("{*}nav"):
        kind = nav.get("{http://www.idpf.org/2007/ops}type", "toc")
        inside = next(nav.iterancestors("{*}nav"), None) is not None
        links = nav.iter("{*}a") if kind == "toc" and not inside else ()
        yield from ((link.get("href") or "", _title(link)) for link in links)
    for point in root.iter("{*}navPoint"):
        yield _source(point) or "", point.findtext("{*}navLabel/{*}text") or ""


def _title(link: _Element) -> str:
    """The words of a link, as many as a title has: a link that is never closed holds all that follows."""
    return " ".join(str(piece)[:_LONGEST_TITLE] for piece in islice(link.itertext(), _MOST_PIECES))


def _source(point: _Element) -> str | None:
    content = point.find("{*}content")
    return content.get("src") if content is not None else None


def _path(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))


def _read(draft: Draft, data: bytes, titles: dict[str, str], place: str | None) -> str | None:
    """Add the paragraphs of one file; returns the chapter that goes on after it.

    A chapter begins where the table of contents says so, or with a heading. A file without either goes on.
    """
    title = titles.get("")
    for block in _blocks_of(data):
        anchored = next((titles[anchor] for anchor in block.anchors if anchor in titles), None)
        chapter = anchored or (one_line(block.text, limit=120) if block.name in _HEADINGS else title)
        title = None
        if chapter and chapter != place:
            place = chapter
            draft.marks.append(Mark(chapter, len(draft.cues)))
        pieces = [block.text] if len(block.text) <= LONGEST else cut(block.text)
        draft.cues += [Cue(None, None, piece.split("\n"), place=place) for piece in pieces]
    return place


@dataclass(slots=True)
class _Block:
    """The words of an innermost block, and the anchors that stand before or in it."""

    name: str
    words: list[str]
    anchors: list[str]

    @property
    def text(self) -> str:
        """Its lines, white space folded; a row of a table is one."""
        raw = clean("".join(self.words).replace("\xad", ""))
        if _CELL in raw:
            return row_line([" ".join(cell.replace(_BREAK, " ").split()) for cell in raw.split(_CELL)])
        return "\n".join(line for part in raw.split(_BREAK) if (line := " ".join(part.split())))


def _blocks_of(data: bytes) -> Iterator[_Block]:
    """The blocks that hold words, in order."""
    block, skipped = _Block("", [], []), 0
    page = _page(data)
    hidden = set(unseen(page)) if page is not None else set()
    for element, tag, is_start, row in _events(page):
        if tag in _SKIPPED or element in hidden or _is_note_mark(element, tag):
            skipped += 1 if is_start else -1
        if tag in _BLOCKS and (row is None or element is row):
            if block.text:
                yield block
                block = _Block("", [], [])
            block = _Block(tag if is_start else "", [], block.anchors)
        if is_start:
            block.anchors += filter(None, [element.get("id")])
        if not skipped:
            block.words.append(_words(element, tag, is_start=is_start, in_row=row is not None))
    if block.text:
        yield block


def _events(root: _Element | None) -> Iterator[tuple[_Element, str, bool, _Element | None]]:
    """Each element where it starts and where it ends: its name, whether it starts, and the row of data it is in."""
    from lxml import etree

    row: _Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")) if root is not None else ():
        tag = str(element.tag).lower()
        if event == "start" and tag == "tr" and row is None and _is_data(element):
            row = element
        yield element, tag, event == "start", row
        if event == "end" and element is row:
            row = None


def _is_data(row: _Element) -> bool:
    if row.find(".//tr") is not None:
        return False
    return is_row([" ".join(map(str, cell.itertext())) for cell in row if cell.tag in {"td", "th"}])


def _words(element: _Element, tag: str, *, is_start: bool, in_row: bool) -> str:
    """What stands at the start of an element, or after it; in a row, cells and paragraphs are kept apart."""
    if not is_start:
        return str(element.tail or "")
    if tag == "br":
        return _BREAK
    mark = (_CELL if tag in {"td", "th"} else " " if tag in _BLOCKS else "") if in_row else ""
    return f"{mark}{element.text or ''}"


def _is_note_mark(element: _Element, tag: str) -> bool:
    """Whether an element only leads to a note, or back from one."""
    if tag == "sup":
        return element.find(".//a") is not None and len("".join(map(str, element.itertext())).strip()) <= _LONGEST_MARK
    marks = f"{element.get('epub:type') or ''} {element.get('role') or ''}" if tag == "a" else ""
    return "noteref" in marks or "backlink" in marks


def _page(data: bytes) -> _Element | None:
    from lxml import etree

    if is_crowded(data):
        raise NoTranscript(
            "A chapter of the book has a tag of thousands of attributes, which no book has.",
            "Export its text, and pass that.",
        )
    parser = etree.HTMLParser(recover=True, no_network=True, remove_comments=True, encoding=_charset(data))
    try:
        return etree.fromstring(data, parser) if data.strip() else None
    except (etree.XMLSyntaxError, ValueError):
        return None


def _charset(data: bytes) -> str | None:
    # The HTML reader does not look at an XML declaration; EPUB is UTF-8 unless it says otherwise.
    return "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
