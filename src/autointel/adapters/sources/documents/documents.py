"""Documents by their bytes: which kind they are, and web pages saved as one file (MHTML).

A few kB of PDF, DOCX or EPUB can take gigabytes to read. A child process with limits of memory and time reads PDFs,
and archives of many tags: ``python -P -m`` this module, the file on standard input, the draft as JSON on standard
output.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Final

from autointel.adapters.sources.documents.archive import MAGIC, MOST_TAGS, Archive, ManyTags
from autointel.adapters.sources.draft import Cue, Draft, Mark
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

_PDF: Final = b"%PDF-"
_PDF_HEAD: Final = 1024
_OTHERS: Final = (
    ("xl/workbook.xml", "a spreadsheet", "Save its sheet as CSV, and pass that file."),
    ("ppt/presentation.xml", "a presentation", "Export it as PDF, and pass that file."),
    ("content.xml", "an OpenDocument file", "Save it as DOCX or PDF, and pass that file."),
)
_APPLE: Final = ".iwa"  # the parts of Pages, Numbers and Keynote
# Tags of an archive that is read in this process: they take up to 2 s and 90 MB, a process of its own 0.3 s more. An
# hour's talk has 15,000, a book 50,000.
_FEW_TAGS: Final = 100_000
_NAME: Final = "{shown}"  # what the child calls the file in its errors
_PROGRAM: Final = (str(Path(sys.executable).absolute()), "-P", "-m", "autointel.adapters.sources.documents.documents")
_PR_SET_PDEATHSIG: Final = 1
# Address space of the child, and more for each byte of the file: 500 pages in 20 MB take 100 MB.
_MEMORY: Final = 512 * 1024 * 1024
_MEMORY_PER_BYTE: Final = 8
# Processor time of the child, and more for each MB: a page of print takes 3 to 5 ms, and 5 to 40 kB.
_SECONDS: Final = 10
_SECONDS_PER_MB: Final = 2
_MEGABYTE: Final = 1024 * 1024
_MOST_PARTS: Final = 20_000
_HEADERS: Final = 16_384
_ARCHIVE: Final = re.compile(rb"^content-type:\s*(?:multipart/related|text/html)", re.IGNORECASE | re.MULTILINE)
_VERSION: Final = re.compile(rb"^mime-version:", re.IGNORECASE | re.MULTILINE)
_NESTED: Final = re.compile(rb"[\r\n]content-type[ \t]*:\s*multipart/", re.IGNORECASE)
_DEEPEST: Final = 20
_LONG_HEADER: Final = re.compile(rb"(?:\A|[\r\n])content-type[ \t]*:(?:[^\r\n]|[\r\n]{1,2}[ \t]){10000}", re.IGNORECASE)
_ANY_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z-]{1,40}:")
_MAIL: Final = re.compile(rb"^(?:received|return-path|message-id|delivered-to):", re.IGNORECASE | re.MULTILINE)


def parse_document(data: bytes, shown: str) -> Draft | None:
    """The draft of a PDF, DOCX, EPUB or web archive; None for what is none of them.

    Raises NoTranscript for one that cannot be read. Blocks: call it off the event loop.
    """
    if _is_pdf(data):
        return _read_apart(data, shown)
    if data.startswith(MAGIC):
        try:
            return _zipped(data, shown, _FEW_TAGS)
        except ManyTags:
            return _read_apart(data, shown)
    if _is_mhtml(data):
        return _parse_mhtml(data, shown)
    if _is_mail(data):
        raise NoTranscript(f"{shown} is an e-mail message.", "Save the transcript in it to a file, and pass that file.")
    return None


def _is_pdf(data: bytes) -> bool:
    """Whether the file is a PDF; some begin with a few bytes of something else."""
    return _PDF in data[:_PDF_HEAD] and not data.lstrip()[:1].isalpha()


def _read_apart(data: bytes, shown: str) -> Draft:
    """A PDF or an archive, read by a child process. Raises NoTranscript also where it takes too much."""
    memory = _MEMORY + _MEMORY_PER_BYTE * len(data)
    seconds = _SECONDS + _SECONDS_PER_MB * len(data) // _MEGABYTE
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter
            [*_PROGRAM, str(memory), str(seconds), str(os.getpid())], input=data, capture_output=True, check=False
        )
    except OSError as error:
        why = f"{shown} cannot be read: {error.strerror}."
        raise NoTranscript(why, "Close other programs, and try again.") from error
    if done.returncode == 1 and b"MemoryError" not in done.stderr:
        raise RuntimeError(f"The reader of documents failed: {done.stderr.decode(errors='replace').strip()[-2000:]}")
    if done.returncode:
        raise NoTranscript(
            f"{shown} takes more than {memory // _MEGABYTE:,} MB of memory or {seconds} s to read, as no document of"
            " its size does.",
            "Export its text, and pass that.",
        )
    said = json.loads(done.stdout)
    if "error" in said:
        raise NoTranscript(said["error"].replace(_NAME, shown), said["hint"])
    day = said["published_at"]
    return Draft(
        SourceKind(said["kind"]),
        [Cue(None, None, lines, place=place, continues=continues) for lines, place, continues in said["cues"]],
        title=said["title"],
        author=said["author"],
        published_at=date.fromisoformat(day) if day else None,
        language=said["language"],
        marks=[Mark(title, cue) for title, cue in said["marks"]],
        warnings=said["warnings"],
    )


def _zipped(data: bytes, shown: str, few: int) -> Draft:
    from autointel.adapters.sources.documents.docx import PART, parse_docx
    from autointel.adapters.sources.documents.epub import CONTAINER, parse_epub

    archive = Archive(data, shown, few)
    if PART in archive.names:
        return parse_docx(archive)
    if CONTAINER in archive.names:
        return parse_epub(archive)
    for part, kind, hint in _OTHERS:
        if part in archive.names:
            raise NoTranscript(f"{shown} is {kind}, not a transcript.", hint)
    if any(name.endswith(_APPLE) for name in archive.names):
        kind = "a document of Pages, Numbers or Keynote"
        raise NoTranscript(f"{shown} is {kind}.", "Export it as Word (DOCX) or PDF, and pass that file.")
    raise NoTranscript(f"{shown} is an archive, not a transcript.", "Unpack it, and pass one file of it.")


def _is_mhtml(data: bytes) -> bool:
    """Whether the file begins with the headers of a web archive."""
    head = _head(data)
    return bool(_ANY_HEADER.match(head) and _VERSION.search(head) and _ARCHIVE.search(head) and not _MAIL.search(head))


def _head(data: bytes) -> bytes:
    head = data[:_HEADERS].lstrip(b"\xef\xbb\xbf \t\r\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return head.partition(b"\n\n")[0]


def _parse_mhtml(data: bytes, shown: str) -> Draft:
    """The article of the saved page. Raises NoTranscript where the archive holds no page, or the page no article."""
    import email
    from email import policy

    from autointel.adapters.sources.decode import decode
    from autointel.adapters.sources.web.articles import article_draft

    # The reader of messages takes time with the square of the parts and of a header, and looks at each line for the
    # end of each part that it stands in.
    many = data.count(b"\n--") > _MOST_PARTS or len(_NESTED.findall(data)) > _DEEPEST
    if many or _LONG_HEADER.search(data) is not None:
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


def _is_mail(data: bytes) -> bool:
    """Whether the file begins with the headers of an e-mail message."""
    head = _head(data)
    sent = _MAIL.search(head) or all(b"\n" + name in b"\n" + head for name in (b"From:", b"To:"))
    return bool(_ANY_HEADER.match(head) and sent and (_VERSION.search(head) or b"\nSubject:" in head))


def main() -> None:
    """Read a document in this process, which ends with its parent, or when it takes more bytes or seconds than its
    arguments allow.
    """
    memory, seconds, parent = map(int, sys.argv[1:])
    # An interrupted run does not wait for a page.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it has ended already
        return
    for limit, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory)):
        # The shell may allow less, and macOS knows no limit of address space.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    sys.stdout.buffer.write(json.dumps(_answer(sys.stdin.buffer.read()), ensure_ascii=False).encode("utf-8", "replace"))


def _answer(data: bytes) -> dict[str, Any]:
    from autointel.adapters.sources.documents.pdf import read_pdf

    try:
        draft = read_pdf(data, _NAME) if _is_pdf(data) else _zipped(data, _NAME, MOST_TAGS)
    except NoTranscript as error:
        return {"error": error.message, "hint": error.hint}
    return {
        "kind": draft.kind.value,
        "cues": [[cue.lines, cue.place, cue.continues] for cue in draft.cues],
        "marks": [[mark.title, mark.cue] for mark in draft.marks],
        "title": draft.title,
        "author": draft.author,
        "published_at": draft.published_at.isoformat() if draft.published_at else None,
        "language": draft.language,
        "warnings": draft.warnings,
    }


if __name__ == "__main__":
    main()
