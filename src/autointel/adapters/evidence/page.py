"""The words of a page that was fetched as evidence."""

from __future__ import annotations

from datetime import date
from typing import Final

from autointel.adapters.evidence.finder import day
from autointel.domain.value import Value
from autointel.ports import Fetched

_OK: Final = 200
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
# Extraction takes some 50 ms a megabyte; beyond that, a page is no article.
_LONGEST: Final = 2_000_000
# Long enough to be taken for one: some of what reads articles is only set up for such.
_AN_ARTICLE: Final = b"<html><body><article><p>%s</p></article></body></html>" % (
    b"This is not an article, only like one. " * 20
)


class Page(Value):
    """What a reader would see, and what the page says of itself."""

    text: str
    title: str = ""
    published_at: date | None = None


def read(page: Fetched) -> Page | None:
    """None where there is no text to be had. Blocks for some 50 ms: call it off the event loop."""
    if page.status != _OK or not page.body:
        return None
    if page.content_type in _HTML or (not page.content_type and b"<html" in page.body[:1000].lower()):
        return _article(page)
    if page.content_type.startswith("text/"):
        return Page(text=decoded(page.body[:_LONGEST]))
    return None


def load() -> None:
    """Import and set up the reading of articles. Blocks, the first time; so does the first article that is read."""
    # A short host makes trafilatura read the list of all domains: later, every page would, at once, for 0.1 s each.
    _article(Fetched(url="http://127.0.0.1:80/", status=_OK, content_type="text/html", body=_AN_ARTICLE))


def decoded(body: bytes) -> str:
    """UTF-8, else Windows-1252, in which every byte is something."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _article(page: Fetched) -> Page | None:
    from trafilatura import bare_extraction

    document = bare_extraction(
        page.body[:_LONGEST],
        url=page.url,
        include_comments=False,
        with_metadata=True,
        # What the page declares, and not a year that its text happens to mention.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None or isinstance(document, dict) or not document.text:
        return None
    return Page(text=document.text, title=document.title or "", published_at=day(document.date))
