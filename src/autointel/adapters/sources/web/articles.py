"""The words of a web page as paragraphs, without what stands around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.draft import Cue, Draft, Mark, Parsed
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.normalise import segments_of
from autointel.domain.source import SourceKind
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from lxml.etree import _Element
    from trafilatura.settings import Document

_BLOCKS: Final = frozenset({"p", "item", "head", "quote", "code", "cell", "ab", "list", "table"})
# "Please enable JavaScript to view this page": a notice, not an article.
_FEWEST_WORDS: Final = 20


def parse_article(html: bytes | str, url: str) -> Parsed:
    """Untimed paragraphs; headings are paragraphs, too, and begin a chapter each. Raises NoTranscript.

    Blocks for some 50 ms a page: call it off the event loop.
    """
    draft = article_draft(html, url)
    segments, chapters = segments_of(draft)
    return Parsed(
        kind=SourceKind.ARTICLE,
        segments=segments,
        title=draft.title,
        author=draft.author,
        published_at=draft.published_at,
        chapters=chapters,
    )


def article_draft(html: bytes | str, url: str = "") -> Draft:
    """The same before it is cut into segments; a file has no ``url``. Raises NoTranscript. Blocks likewise."""
    document = _extracted(html, url)
    draft = _draft(document) if document is not None else Draft(SourceKind.ARTICLE, [])
    if sum(len(cue.text.split()) for cue in draft.cues) < _FEWEST_WORDS:
        raise NoTranscript(
            "The page holds no article text; it may need JavaScript or a subscription.",
            "Open it in a browser, save its text to a file, and pass that file.",
        )
    return draft


@dataclass(frozen=True)
class Facts:
    """What a page says of itself, as far as it does."""

    title: str | None = None
    author: str | None = None
    published_at: date | None = None


def facts(html: bytes | str, url: str) -> Facts:
    """Never fails: what cannot be read is not known."""
    from trafilatura import extract_metadata

    found = extract_metadata(html, default_url=url)
    return _facts(found)


def article_text(html: bytes | str, url: str) -> str:
    """Its paragraphs as lines; "" where there is no article."""
    try:
        return "\n".join(segment.text for segment in parse_article(html, url).segments)
    except NoTranscript:
        return ""


def _extracted(html: bytes | str, url: str) -> Document | None:
    """What trafilatura finds. Precision first: without it, teasers and captions count as text (F1 .963, with .967)."""
    from trafilatura import bare_extraction

    for precision in (True, False):
        document = bare_extraction(
            html,
            url=url or None,
            include_comments=False,
            favor_precision=precision,
            with_metadata=True,
            # What the page declares, and not a year that its text happens to mention.
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
        if document is not None and not isinstance(document, dict) and document.text:
            return document
    return None


def _draft(document: Document) -> Draft:
    about = _facts(document)
    draft = Draft(SourceKind.ARTICLE, [], about.title, about.author, about.published_at)
    for tag, text in _blocks(document.body):
        if tag == "head":
            draft.marks.append(Mark(one_line(text), len(draft.cues)))
        draft.cues.append(Cue(None, None, [text]))
    return draft


def _facts(document: Document) -> Facts:
    return Facts(
        title=one_line(document.title or "") or None,
        author=one_line(", ".join(dict.fromkeys(name.strip() for name in (document.author or "").split(";")))) or None,
        published_at=_day(document.date),
    )


def _blocks(body: _Element) -> Iterator[tuple[str, str]]:
    """The innermost blocks in order; of one that holds others, the words before the first."""
    for element in body.iter():
        if element.tag not in _BLOCKS:
            continue
        holds_blocks = any(inner.tag in _BLOCKS for inner in element.iterdescendants())
        # What is left inside a block are line breaks; bold and links are gone by now.
        words = element.text or "" if holds_blocks else " ".join(str(piece) for piece in element.itertext())
        text = clean(" ".join(words.split()))
        if text:
            yield str(element.tag), text


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
