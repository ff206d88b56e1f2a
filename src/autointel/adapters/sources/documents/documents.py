"""Documents by their bytes: which kind they are, who speaks in them, and web pages saved as one file (MHTML)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from autointel.adapters.sources.documents.archive import MAGIC, Archive
from autointel.adapters.sources.documents.pdf import is_pdf, parse_pdf
from autointel.adapters.sources.draft import Cue, Draft
from autointel.domain.source import SourceKind
from autointel.errors import NoTranscript

_OTHERS: Final = (
    ("xl/workbook.xml", "a spreadsheet", "Save its sheet as CSV, and pass that file."),
    ("ppt/presentation.xml", "a presentation", "Export it as PDF, and pass that file."),
    ("content.xml", "an OpenDocument file", "Save it as DOCX or PDF, and pass that file."),
)
_FEWEST_SPEAKERS: Final = 2
# Letters of a document that its captions must hold; an example in an essay holds few of them.
_MOST: Final = 0.7


def parse_document(data: bytes, shown: str) -> Draft | None:
    """The draft of a PDF, DOCX, EPUB or web archive; None for what is none of them.

    Raises NoTranscript for one that cannot be read. Blocks: call it off the event loop.
    """
    if is_pdf(data):
        return _with_dialogue(parse_pdf(data, shown))
    if data.startswith(MAGIC):
        return _with_dialogue(_zipped(data, shown))
    if is_mhtml(data):
        return parse_mhtml(data, shown)
    if is_mail(data):
        raise NoTranscript(f"{shown} is an e-mail message.", "Save the transcript in it to a file, and pass that file.")
    return None


def _zipped(data: bytes, shown: str) -> Draft:
    from autointel.adapters.sources.documents.docx import PART, parse_docx
    from autointel.adapters.sources.documents.epub import CONTAINER, parse_epub

    archive = Archive(data, shown)
    if PART in archive.names:
        return parse_docx(archive)
    if CONTAINER in archive.names:
        return parse_epub(archive)
    for part, kind, hint in _OTHERS:
        if part in archive.names:
            raise NoTranscript(f"{shown} is {kind}, not a transcript.", hint)
    raise NoTranscript(f"{shown} is an archive, not a transcript.", "Unpack it, and pass one file of it.")


def _with_dialogue(draft: Draft) -> Draft:
    """The same, with speakers and times where the paragraphs are a transcript; each keeps its page or chapter."""
    from autointel.adapters.sources.detect import parse_text, timed_lines

    paragraphs = ["\n".join(cue.lines) for cue in draft.cues]
    # Captions in a document have each line in a paragraph of its own, or each cue, as Teams writes them.
    captions = timed_lines("\n".join(paragraphs))
    spoken = captions("\n".join(paragraphs)) if captions else None
    if spoken is None or _letters(spoken.cues) < _MOST * _letters(draft.cues):
        spoken = parse_text("\n\n".join(paragraphs))
    timed = any(cue.start is not None for cue in spoken.cues)
    if not timed and not _is_talk(spoken.cues) and draft.kind is SourceKind.PDF:
        # A line of print is no line of speech; where names stand in lines of their own, the reading above is right.
        spoken = parse_text("\n\n".join(" ".join(cue.lines) for cue in draft.cues))
        timed = any(cue.start is not None for cue in spoken.cues)
    if not timed and not _is_talk(spoken.cues):
        return draft
    # White space apart, the words are the same in both: what stands where is counted in letters.
    ends = list(accumulate(len("".join(paragraph.split())) for paragraph in paragraphs))
    whole = "".join("".join(paragraph.split()) for paragraph in paragraphs)
    position = 0
    for cue in spoken.cues:
        letters = "".join(cue.text.split())
        found = whole.find(letters, position)
        position = max(found, position)
        place = bisect_right(ends, position)
        cue.place = draft.cues[min(place, len(draft.cues) - 1)].place
        position += len(letters) if found >= 0 else 0
    draft.cues = spoken.cues
    draft.marks = [] if timed else draft.marks[:0]
    draft.warnings += spoken.warnings
    return draft


def _is_talk(cues: Sequence[Cue]) -> bool:
    return len({cue.speaker for cue in cues if cue.speaker}) >= _FEWEST_SPEAKERS


def _letters(cues: Sequence[Cue]) -> int:
    return sum(map(str.isalpha, "".join(line for cue in cues for line in cue.lines)))


_MOST_PARTS: Final = 20_000
_HEADERS: Final = 16_384
_ARCHIVE: Final = re.compile(rb"^content-type:\s*(?:multipart/related|text/html)", re.IGNORECASE | re.MULTILINE)
_VERSION: Final = re.compile(rb"^mime-version:", re.IGNORECASE | re.MULTILINE)
_ANY_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z-]{1,40}:")
_MAIL: Final = re.compile(rb"^(?:received|return-path|message-id|delivered-to):", re.IGNORECASE | re.MULTILINE)


def is_mhtml(data: bytes) -> bool:
    """Whether the file begins with the headers of a web archive."""
    head = _head(data)
    return bool(_ANY_HEADER.match(head) and _VERSION.search(head) and _ARCHIVE.search(head) and not _MAIL.search(head))


def is_mail(data: bytes) -> bool:
    """Whether the file begins with the headers of an e-mail message."""
    head = _head(data)
    sent = _MAIL.search(head) or all(b"\n" + name in b"\n" + head for name in (b"From:", b"To:"))
    return bool(_ANY_HEADER.match(head) and sent and (_VERSION.search(head) or b"\nSubject:" in head))


def parse_mhtml(data: bytes, shown: str) -> Draft:
    """The article of the saved page. Raises NoTranscript where the archive holds no page, or the page no article."""
    import email
    from email import policy

    from autointel.adapters.sources.decode import decode
    from autointel.adapters.sources.web.articles import article_draft

    # The reader of messages takes time with the square of the parts.
    if data.count(b"\n--") > _MOST_PARTS:
        raise NoTranscript(f"{shown} is a broken web archive.", "Save the page again.")
    try:
        message = email.message_from_bytes(data, policy=policy.compat32)
        root = str(message.get("Snapshot-Content-Location") or "")
        pages = [part for part in message.walk() if part.get_content_type() in {"text/html", "application/xhtml+xml"}]
        # The page itself; the others are frames in it, often of advertisers.
        pages.sort(key=lambda part: str(part.get("Content-Location") or "") != root)
        body = pages[0].get_payload(decode=True) if pages else None
        charset = pages[0].get_content_charset() if pages else None
    except (ValueError, LookupError, RecursionError, TypeError) as error:
        raise NoTranscript(f"{shown} is a broken web archive.", "Save the page again.") from error
    if not isinstance(body, bytes) or not body.strip():
        raise NoTranscript(f"{shown} is a web archive without a page.", "Save the page again as HTML.")
    text, warnings = decode(body, shown, charset)
    draft = article_draft(text, root)
    draft.warnings += warnings
    return draft


def _head(data: bytes) -> bytes:
    head = data[:_HEADERS].lstrip(b"\xef\xbb\xbf \t\r\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return head.partition(b"\n\n")[0]
