"""PDF documents: their text layer as paragraphs, each on its page."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.documents.pages import Line, paragraphs_of
from autointel.adapters.sources.draft import Cue, Draft, Mark
from autointel.adapters.sources.markup import clean, one_line
from autointel.domain.transcript import SourceKind, word_count
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

_MOST_PAGES: Final = 5000
# Signs on one page, and in all: a page of dense print has 10,000.
_MOST_ON_PAGE: Final = 200_000
_MOST: Final = 30_000_000
_FEWEST_LETTERS: Final = 20
_SAMPLE: Final = 40  # signs of a page whose direction is looked at
# PDFium writes one of these for a hyphen at the end of a line, and goes on without a line break.
_HYPHENS: Final = ("\ufffe", "\x02")
_LINE: Final = re.compile("([^\r\n\ufffe\x02]+)([\ufffe\x02]?)")
# A bullet in a font of signs, which has no character of its own.
_BULLET: Final = re.compile("\\A\\s{0,4}[\ue000-\uf8ff]\\s{0,4}")
# Behind a word without a sign a small figure may belong to it: "km2", "CO2".
_NOTE_MARK: Final = re.compile(r"(?<=[^\W\d_][^\w\s])\d{1,3}(?=\s|\Z)")
_SMALL: Final = 0.8  # of the size of the sign before
_PASSWORD_ERROR: Final = 4
_QUARTERS: Final = 4
# Letters and marks of scripts that run from right to left, without their digits.
_LEFTWARD: Final = re.compile("[\u0590-\u065f\u066e-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]{2,}")
_MARKS: Final = "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
_CLUSTER: Final = re.compile(f"[^{_MARKS}]?[{_MARKS}]*")
# Words a page that a scanner or its app stamps on pictures, at most, and the share of the page that a picture covers.
_STAMP_WORDS: Final = 8
_COVERED: Final = 0.5
_FORM: Final = "If this message is not eventually replaced"  # what Adobe's forms show to other readers
_FORM_WORDS: Final = 150


def read_pdf(data: bytes, shown: str) -> Draft:
    """Paragraphs with their pages as places, and the outline as chapters. Blocks for 0.2 s and some 5 ms a page.

    Raises NoTranscript for a PDF that is encrypted, broken, a scan without text, or too long. PDFium may be used by one
    thread at a time, and sets no limit to what a page unpacks to: 2 kB can take gigabytes.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _unreadable(error, shown) from error
    try:
        return _draft(document, shown)
    except pypdfium2.PdfiumError as error:
        raise _broken(shown) from error
    finally:
        document.close()


def _unreadable(error: Exception, shown: str) -> NoTranscript:
    if getattr(error, "err_code", None) == _PASSWORD_ERROR:
        return NoTranscript(f"{shown} is protected by a password.", "Save a copy without it, and pass that file.")
    return _broken(shown)


def _broken(shown: str) -> NoTranscript:
    return NoTranscript(f"{shown} is a broken PDF and cannot be read.", "Check that the download is complete.")


def _draft(document: PdfDocument, shown: str) -> Draft:
    count = len(document)
    if count > _MOST_PAGES:
        raise NoTranscript(f"{shown} has {count:,} pages, more than {_MOST_PAGES:,}.", "Pass the part that matters.")
    pages = list(_pages(document, shown))
    draft = Draft(SourceKind.PDF, [])
    text = " ".join(line.text for page in pages for line in page)
    if _FORM in text and word_count(text) < _FORM_WORDS:
        raise NoTranscript(
            f"{shown} is a form that Adobe Reader alone shows.", "Print it to a PDF there, and pass that."
        )
    scanned = word_count(text) <= _STAMP_WORDS * count and _are_pictures(document)
    if len(text) < _FEWEST_LETTERS or scanned:
        raise NoTranscript(
            f"{shown} has no text in it; its {count} page{'s' if count != 1 else ''} may be scanned pictures.",
            "Run text recognition (OCR) over it first, for example with ocrmypdf.",
        )
    bare = sum(not page for page in pages)
    if bare:
        draft.warnings.append(f"Pages without text, empty or scanned pictures: {bare} of {count}.")
    paragraphs, left_out = paragraphs_of(pages)
    draft.cues = [Cue(None, None, each.lines, place=f"p. {each.page}", continues=each.continues) for each in paragraphs]
    if left_out:
        draft.warnings.append(f"Lines repeated at the head or foot of pages were left out: {left_out}.")
    _describe(draft, document)
    return draft


def _pages(document: PdfDocument, shown: str) -> Iterator[list[Line]]:
    """Lines of each page, in the order of the document's text. A page that cannot be read has none."""
    import pypdfium2

    total = 0
    for number in range(len(document)):
        try:
            page = document[number]
            text, turned = _upright(page)
        except pypdfium2.PdfiumError:
            yield []
            continue
        try:
            lines = _lines(text, turned)
        finally:
            text.close()
            page.close()
        total += sum(len(line.text) for line in lines)
        if total > _MOST:
            raise NoTranscript(f"{shown} holds more text than a book of 10,000 pages.", "Pass the part that matters.")
        yield lines


def _upright(page: PdfPage) -> tuple[PdfTextPage, int]:
    """The page's text, turned so that its lines run from left to right, and by how many quarters it is drawn turned.

    PDFium reads a page as it is displayed; tables and scans are turned for the screen, or drawn turned.
    """
    text = page.get_textpage()
    turned = _quarter_turns(text)
    if turned * 90 == page.get_rotation():
        return text, turned
    text.close()
    page.set_rotation(turned * 90)
    return page.get_textpage(), turned


def _quarter_turns(text: PdfTextPage) -> int:
    """By how many quarters, with the clock, most of the signs are turned as they are drawn."""
    from pypdfium2.raw import FPDFText_GetCharAngle

    size = text.count_chars()
    angles = (FPDFText_GetCharAngle(text, index) for index in range(0, size, max(1, size // _SAMPLE)))
    quarters = Counter(round(angle / (math.pi / 2)) % _QUARTERS for angle in angles if angle >= 0)
    return quarters.most_common(1)[0][0] if quarters else 0


def _lines(page: PdfTextPage, turned: int) -> list[Line]:
    size = min(page.count_chars(), _MOST_ON_PAGE)
    raw = page.get_text_range(0, size) if size > 0 else ""
    raw = _LEFTWARD.sub(lambda run: _as_read(run, page, turned), raw) if len(raw) == size else raw
    lines: list[Line] = []
    for found in _LINE.finditer(raw):
        words = " ".join(_BULLET.sub("", clean(_without_note_marks(page, found).replace("\xad", ""))).split())
        if not words:
            continue
        begin = found.start() + len(found[1]) - len(found[1].lstrip())
        last = found.start() + len(found[1].rstrip()) - 1
        left, bottom, _, top = _box(page, min(begin, size - 1), turned)
        right = _box(page, min(last, size - 1), turned)[2]
        parted = found[2] in _HYPHENS
        lines.append(Line(f"{words}-" if parted else words, left, right, bottom, top, is_hyphenated=parted))
    return lines


def _as_read(run: re.Match[str], page: PdfTextPage, turned: int) -> str:
    """Letters in the order in which they are read: some programs draw words of Arabic from left to right."""
    first, last = (_box(page, place, turned)[0] for place in (run.start(), run.end() - 1))
    return "".join(reversed(_CLUSTER.findall(run[0]))) if first < last else run[0]


def _box(page: PdfTextPage, index: int, turned: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a sign, on a page turned until its lines run from left to right."""
    left, bottom, right, top = page.get_charbox(index, loose=True)
    for _ in range(-turned % _QUARTERS):
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top


def _without_note_marks(page: PdfTextPage, line: re.Match[str]) -> str:
    """A line without the small figures behind its words that lead to notes: "said.1 Nobody" is "said. Nobody"."""
    from pypdfium2.raw import FPDFText_GetFontSize

    def unmarked(found: re.Match[str]) -> str:
        at = line.start() + found.start()
        small = FPDFText_GetFontSize(page, at) < _SMALL * FPDFText_GetFontSize(page, at - 1)
        return "" if small else found[0]

    return _NOTE_MARK.sub(unmarked, line[1])


def _are_pictures(document: PdfDocument) -> bool:
    """Whether a picture covers most of each page."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    for page in document:
        width, height = page.get_size()
        boxes = [each.get_bounds() for each in page.get_objects(filter=(FPDF_PAGEOBJ_IMAGE,), max_depth=2)]
        sizes = [(right - left) * (top - bottom) for left, bottom, right, top in boxes]
        page.close()
        if max(sizes, default=0) < _COVERED * width * height:
            return False
    return True


def _describe(draft: Draft, document: PdfDocument) -> None:
    about = document.get_metadata_dict(skip_empty=True)
    draft.title = one_line(about.get("Title", "")) or None
    draft.author = one_line(about.get("Author", "")) or None
    # When the file was made is not when its words appeared.
    by_page: dict[str | None, list[int]] = {}
    for index, cue in enumerate(draft.cues):
        by_page.setdefault(cue.place, []).append(index)
    for title, page in _outline(document):
        cues = by_page.get(f"p. {page}", [])
        named = (index for index in cues if draft.cues[index].text.casefold().startswith(title.casefold()))
        begins = next(named, cues[0] if cues else None)
        if begins is not None:
            draft.marks.append(Mark(title, begins))


def _outline(document: PdfDocument) -> Iterator[tuple[str, int]]:
    """Titles and pages of the outline's first two levels."""
    for bookmark in document.get_toc(max_depth=2):
        target = bookmark.get_dest()
        page = target.get_index() if target is not None else None
        title = one_line(bookmark.get_title() or "")
        if page is not None and page >= 0 and title:
            yield title, page + 1
