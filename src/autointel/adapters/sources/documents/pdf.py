"""PDF documents: their text layer as paragraphs, each on its page.

PDFium sets no limit to what a page unpacks to: 2 kB can take gigabytes. A child process reads the file, with limits
of memory and time: ``python -P -m`` this module, PDF on standard input, draft as JSON on standard output.
"""

from __future__ import annotations

import json
import math
import re
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from autointel.adapters.sources.documents.pages import Line, paragraphs_of
from autointel.adapters.sources.draft import Cue, Draft, Mark
from autointel.adapters.sources.markup import clean, one_line
from autointel.domain.source import SourceKind
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

MAGIC: Final = b"%PDF-"
_NAME: Final = "{shown}"  # what the child calls the file in its errors
_HEAD: Final = 1024
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
_PROGRAM: Final = (str(Path(sys.executable).absolute()), "-P", "-m", "autointel.adapters.sources.documents.pdf")
# Address space of the child, and more for each byte of the file: 500 pages in 20 MB take 100 MB.
_MEMORY: Final = 512 * 1024 * 1024
_MEMORY_PER_BYTE: Final = 8
# Processor time of the child, and more for each MB: a page of print takes 3 to 5 ms, and 5 to 40 kB.
_SECONDS: Final = 10
_SECONDS_PER_MB: Final = 2
_MEGABYTE: Final = 1024 * 1024


def is_pdf(data: bytes) -> bool:
    """Whether the file is a PDF; some begin with a few bytes of something else."""
    return MAGIC in data[:_HEAD] and not data.lstrip()[:1].isalpha()


def parse_pdf(data: bytes, shown: str) -> Draft:
    """Paragraphs with their pages as places, and the outline as chapters. Blocks for 0.2 s and some 5 ms a page.

    Raises NoTranscript for a PDF that is encrypted, broken, a scan without text, or too long, and for one that takes
    more memory or time than its size allows.
    """
    memory = _MEMORY + _MEMORY_PER_BYTE * len(data)
    seconds = _SECONDS + _SECONDS_PER_MB * len(data) // _MEGABYTE
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter
            [*_PROGRAM, str(memory), str(seconds)], input=data, capture_output=True, check=False
        )
    except OSError as error:
        why = f"{shown} cannot be read: {error.strerror}."
        raise NoTranscript(why, "Close other programs, and try again.") from error
    if done.returncode == 1 and b"MemoryError" not in done.stderr:
        raise RuntimeError(f"The reader of PDFs failed: {done.stderr.decode(errors='replace').strip()[-2000:]}")
    if done.returncode:
        raise NoTranscript(
            f"{shown} takes more than {memory // _MEGABYTE:,} MB of memory or {seconds} s to read, as no document of"
            " its size does.",
            "Export its text, and pass that.",
        )
    said = json.loads(done.stdout)
    if "error" in said:
        raise NoTranscript(said["error"].replace(_NAME, shown), said["hint"])
    cues = [Cue(None, None, lines, place=place, continues=continues) for lines, place, continues in said["cues"]]
    marks = [Mark(title, cue) for title, cue in said["marks"]]
    return Draft(
        SourceKind.PDF, cues, title=said["title"], author=said["author"], marks=marks, warnings=said["warnings"]
    )


def main() -> None:
    """Read a PDF in this process, which ends when it takes more bytes or seconds than its two arguments allow."""
    memory, seconds = map(int, sys.argv[1:])
    # An interrupted run does not wait for a page.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for limit, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory)):
        # The shell may allow less, and macOS knows no limit of address space.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    sys.stdout.buffer.write(json.dumps(_answer(sys.stdin.buffer.read()), ensure_ascii=False).encode("utf-8", "replace"))


def _answer(data: bytes) -> dict[str, Any]:
    try:
        draft = read_pdf(data, _NAME)
    except NoTranscript as error:
        return {"error": error.message, "hint": error.hint}
    return {
        "cues": [[cue.lines, cue.place, cue.continues] for cue in draft.cues],
        "marks": [[mark.title, mark.cue] for mark in draft.marks],
        "title": draft.title,
        "author": draft.author,
        "warnings": draft.warnings,
    }


def read_pdf(data: bytes, shown: str) -> Draft:
    """As ``parse_pdf``, in this process and without its limits. PDFium may be used by one thread at a time."""
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


def _draft(document: PdfDocument, shown: str) -> Draft:
    count = len(document)
    if count > _MOST_PAGES:
        raise NoTranscript(f"{shown} has {count:,} pages, more than {_MOST_PAGES:,}.", "Pass the part that matters.")
    pages = list(_pages(document, shown))
    draft = Draft(SourceKind.PDF, [])
    if sum(len(line.text) for page in pages for line in page) < _FEWEST_LETTERS:
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
    """By how many quarters, against the clock, most of the signs are turned as they are drawn."""
    from pypdfium2.raw import FPDFText_GetCharAngle

    size = text.count_chars()
    angles = (FPDFText_GetCharAngle(text, index) for index in range(0, size, max(1, size // _SAMPLE)))
    quarters = Counter(round(angle / (math.pi / 2)) % 4 for angle in angles if angle >= 0)
    return quarters.most_common(1)[0][0] if quarters else 0


def _box(page: PdfTextPage, index: int, turned: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a sign, on a page turned until its lines run from left to right."""
    left, bottom, right, top = page.get_charbox(index, loose=True)
    for _ in range(turned):
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top


def _lines(page: PdfTextPage, turned: int) -> list[Line]:
    size = min(page.count_chars(), _MOST_ON_PAGE)
    raw = page.get_text_range(0, size) if size > 0 else ""
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


def _without_note_marks(page: PdfTextPage, line: re.Match[str]) -> str:
    """A line without the small figures behind its words that lead to notes: "said.1 Nobody" is "said. Nobody"."""
    from pypdfium2.raw import FPDFText_GetFontSize

    def unmarked(found: re.Match[str]) -> str:
        at = line.start() + found.start()
        small = FPDFText_GetFontSize(page, at) < _SMALL * FPDFText_GetFontSize(page, at - 1)
        return "" if small else found[0]

    return _NOTE_MARK.sub(unmarked, line[1])


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


def _unreadable(error: Exception, shown: str) -> NoTranscript:
    if getattr(error, "err_code", None) == _PASSWORD_ERROR:
        return NoTranscript(f"{shown} is protected by a password.", "Save a copy without it, and pass that file.")
    return _broken(shown)


def _broken(shown: str) -> NoTranscript:
    return NoTranscript(f"{shown} is a broken PDF and cannot be read.", "Check that the download is complete.")


if __name__ == "__main__":
    main()
