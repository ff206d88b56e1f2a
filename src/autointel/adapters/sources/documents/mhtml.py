"""Web pages that a browser saved as one file (MHTML): the page in the archive, without its pictures and styles."""

from __future__ import annotations

import re
from typing import Final

from autointel.adapters.sources.draft import Draft
from autointel.errors import NoTranscript

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
