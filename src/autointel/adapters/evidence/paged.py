"""Evidence from what an engine finds: the pages are read, and the sentences that bear on the question quoted.

A source cannot be its own witness: its own site and pages that repeat it are left out, and later pages are marked.
Sentences are chosen by BM25 over their stems (SQLite's FTS5, in memory). A sentence is a span of its page's text, so
whatever is chosen stands there letter for letter.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, Self
from urllib.parse import urlsplit

import anyio
from anyio.to_thread import run_sync

from autointel.adapters.evidence.finder import Finder, Hit, day
from autointel.domain.analysis import Evidence
from autointel.domain.transcript import Source, Transcript
from autointel.domain.value import Value, content_id
from autointel.errors import AutointelError, EvidenceUnavailable, first_failure
from autointel.ports import EvidenceSearch, Fetched, Fetcher
from autointel.text.sentences import PAGE_SENTENCE_CHARS, page_sentences
from autointel.text.word_lists import STOP_WORDS

_WORD: Final = re.compile(r"\w+")
# Eight words in a row are seldom said twice by chance (Broder, 1997, on shingles).
_SHINGLE: Final = 8
# An article may quote a talk at length and still be somebody else's; a page that is a third source is a copy.
_COPIED: Final = 1 / 3
_OK: Final = 200
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
# Extraction takes some 50 ms a megabyte; beyond that, a page is no article.
_LONGEST: Final = 2_000_000
# Long enough to be taken for one: some of what reads articles is only set up for such.
_AN_ARTICLE: Final = b"<html><body><article><p>%s</p></article></body></html>" % (
    b"This is not an article, only like one. " * 20
)
# Some pages cannot be read and some are the source's own; so more are looked for than are needed.
_SPARE: Final = 3
_AT_ONCE: Final = 5
# Scripts written without spaces have no words to stem; three characters at a time serve instead.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
# A sentence that begins so leans on the one before it.
_LEANS: Final = re.compile(r"(?:He|She|It|They|This|That|These|Those|However|But|And)\b")
# A book has fewer; a page made of stops has a million.
_MOST_SENTENCES: Final = 20_000
_TERMS: Final = 40
_GRAM: Final = 3  # what FTS5's trigram index is made of


@dataclass(frozen=True)
class Checked:
    """The source whose claims are being checked. ``host`` is "" for a file."""

    host: str
    shingles: frozenset[int]
    published_at: date | None = None

    @classmethod
    def of(cls, source: Source, transcript: Transcript) -> Self:
        """Linear in the transcript's length: make it once for a run."""
        text = " ".join(segment.text for segment in transcript.segments)
        return cls(_host(source.url or ""), shingles(text), source.published_at)

    def is_own_site(self, url: str) -> bool:
        """Whether a page stands on the source's own site, or one above or below it."""
        host = _host(url)
        return bool(self.host and host) and (
            host == self.host or host.endswith(f".{self.host}") or self.host.endswith(f".{host}")
        )

    def is_copied_by(self, text: str) -> bool:
        """Whether a third of the page is the source, or a third of the source is in the page."""
        theirs = shingles(text)
        common = len(theirs & self.shingles)
        return any(side and common / len(side) >= _COPIED for side in (theirs, self.shingles))

    def is_older_than(self, published_at: date | None) -> bool | None:
        """Whether a page appeared after the claim was made; None where a date is unknown."""
        if published_at is None or self.published_at is None:
            return None
        return published_at > self.published_at


NOTHING_CHECKED: Final = Checked(host="", shingles=frozenset())


def shingles(text: str) -> frozenset[int]:
    """Hashes of all runs of eight words, whatever their case and marks; of the whole where there are fewer."""
    words = _WORD.findall(text.lower())
    last = max(1, len(words) - _SHINGLE + 1)
    return frozenset(hash(tuple(words[at : at + _SHINGLE])) for at in range(last)) if words else frozenset()


class Page(Value):
    """What a reader would see, and what the page says of itself."""

    text: str
    title: str = ""
    published_at: date | None = None


def read_page(page: Fetched) -> Page | None:
    """None where there is no text to be had. Blocks for some 50 ms: call it off the event loop."""
    if page.status != _OK or not page.body:
        return None
    if page.content_type in _HTML or (not page.content_type and b"<html" in page.body[:1000].lower()):
        return _article(page)
    if page.content_type.startswith("text/"):
        return Page(text=decoded(page.body[:_LONGEST]))
    return None


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


def decoded(body: bytes) -> str:
    """UTF-8, else Windows-1252, in which every byte is something."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


class PagedEvidence(EvidenceSearch):
    """One engine, its pages fetched and read. ``checked`` is asked at each search: the source is known by then."""

    def __init__(
        self, finder: Finder, fetcher: Fetcher, *, checked: Callable[[], Checked] = lambda: NOTHING_CHECKED
    ) -> None:
        self.name = finder.name
        self._finder = finder
        self._fetcher = fetcher
        self._checked = checked
        self._slots = anyio.Semaphore(_AT_ONCE)

    async def prepare(self) -> None:
        """Load what reads pages: a third of a second, well spent while a model answers."""
        await run_sync(_load_reader)

    async def search(self, query: str, limit: int) -> list[Evidence]:
        """Best first; what appeared before the claim, or without a date, comes before what appeared after it.

        Raises EvidenceUnavailable if the engine fails, or if pages were found and none could be fetched, and
        AutointelError with the engine's name where its class has a fault: it may be of another package.
        """
        checked = self._checked()
        try:
            found = await self._finder.find(query, limit + _SPARE)
        except AutointelError:
            raise
        except Exception as error:
            raise AutointelError(
                f"The source of evidence {self.name} failed: {type(error).__name__}: {error}",
                "Run it again with --debug to see where, or take the source out of evidence.sources.",
            ) from error
        hits = [hit for hit in _once(found) if not checked.is_own_site(hit.url)]
        read = await run_sync(_independent, await self._read_all(hits), checked)
        spans = await run_sync(best_spans, [piece.page.text for piece in read], query, limit)
        evidence = [_evidence(read[span.page], span, checked) for span in spans]
        return sorted(evidence, key=lambda item: item.newer_than_claim is True)

    async def _read_all(self, hits: Sequence[Hit]) -> list[_Read]:
        """In the order of the hits, whoever answers first. Raises EvidenceUnavailable."""
        read: list[_Read | None] = [None] * len(hits)
        failures: list[AutointelError] = []

        async def read_one(index: int, hit: Hit) -> None:
            try:
                text = await self._page(hit)
            except AutointelError as error:
                failures.append(error)
                return
            read[index] = _Read(hit, text) if text is not None else None

        with first_failure():
            async with anyio.create_task_group() as group:
                for index, hit in enumerate(hits):
                    group.start_soon(read_one, index, hit)
        if hits and len(failures) == len(hits):
            raise EvidenceUnavailable(
                f"None of the {len(hits)} pages that {self.name} found could be fetched: {failures[0].message}",
                failures[0].hint,
            )
        return [piece for piece in read if piece is not None]

    async def _page(self, hit: Hit) -> Page | None:
        if hit.text is not None:
            return Page(text=hit.text)
        async with self._slots:
            fetched = await self._fetcher.fetch(hit.url, named_by=self._finder.named_by)
        return await run_sync(read_page, fetched)


def _load_reader() -> None:
    """Import and set up the reading of articles. Blocks, the first time; so does the first article that is read."""
    # A short host makes trafilatura read the list of all domains: later, every page would, at once, for 0.1 s each.
    _article(Fetched(url="http://127.0.0.1:80/", status=_OK, content_type="text/html", body=_AN_ARTICLE))


def _once(hits: Sequence[Hit]) -> list[Hit]:
    return list({hit.url: hit for hit in reversed(hits)}.values())[::-1]


def _independent(read: Sequence[_Read], checked: Checked) -> list[_Read]:
    return [piece for piece in read if not checked.is_copied_by(piece.page.text)]


@dataclass(frozen=True)
class _Read:
    hit: Hit
    page: Page


def _evidence(read: _Read, span: Span, checked: Checked) -> Evidence:
    quote = read.page.text[span.start : span.end]
    published_at = read.hit.published_at or read.page.published_at
    return Evidence(
        id=content_id("evidence", read.hit.url, quote),
        url=read.hit.url,
        title=read.hit.title or read.page.title or read.hit.url,
        quote=quote,
        published_at=published_at,
        newer_than_claim=checked.is_older_than(published_at),
    )


@dataclass(frozen=True)
class Span:
    """``text[start:end]`` of the page with this index; a higher score bears more."""

    page: int
    start: int
    end: int
    score: float


def best_spans(pages: Sequence[str], query: str, limit: int, *, per_page: int = 2) -> list[Span]:
    """Best first. A sentence must share two words with the query (one, if the query has only one)."""
    unspaced = bool(_UNSPACED.search(query))
    terms = _terms(query, unspaced=unspaced)
    if not terms:
        return []
    spans = [
        (index, start, end)
        for index, page in enumerate(pages)
        for start, end in islice(page_sentences(page), _MOST_SENTENCES)
    ]
    with closing(sqlite3.connect(":memory:")) as database:
        tokenizer = "trigram" if unspaced else "porter unicode61 remove_diacritics 2"
        database.execute(f"CREATE VIRTUAL TABLE sentence USING fts5(text, content='', tokenize='{tokenizer}')")
        texts = ((row, pages[page][start:end]) for row, (page, start, end) in enumerate(spans))
        database.executemany("INSERT INTO sentence(rowid, text) VALUES (?, ?)", texts)
        ranked = list(_ranked(database, terms))
    return _spread(pages, [Span(*spans[row], score) for row, score in ranked], limit, per_page)


def _terms(query: str, *, unspaced: bool) -> list[str]:
    words = _WORD.findall(query.lower())
    if unspaced:
        words = [word[at : at + _GRAM] for word in words for at in range(len(word) - _GRAM + 1)]
    once = list(dict.fromkeys(words))
    return ([word for word in once if word not in STOP_WORDS] or once)[:_TERMS]


def _ranked(database: sqlite3.Connection, terms: Sequence[str]) -> Iterator[tuple[int, float]]:
    shared: dict[int, int] = {}
    for term in terms:
        for (row,) in database.execute("SELECT rowid FROM sentence WHERE sentence MATCH ?", (f'"{term}"',)):
            shared[row] = shared.get(row, 0) + 1
    enough = min(2, len(terms))
    anything = " OR ".join(f'"{term}"' for term in terms)
    rows = database.execute("SELECT rowid, rank FROM sentence WHERE sentence MATCH ? ORDER BY rank, rowid", (anything,))
    yield from ((row, -rank) for row, rank in rows if shared[row] >= enough)


def _spread(pages: Sequence[str], ranked: Sequence[Span], limit: int, per_page: int) -> list[Span]:
    """A few from each page, so that one long page does not crowd out the others."""
    taken: dict[int, int] = {}
    chosen: list[Span] = []
    for span in ranked:
        if len(chosen) < limit and taken.get(span.page, 0) < per_page:
            taken[span.page] = taken.get(span.page, 0) + 1
            chosen.append(_with_antecedent(pages[span.page], span))
    return chosen


def _with_antecedent(text: str, span: Span) -> Span:
    if not _LEANS.match(text, span.start):
        return span
    paragraph = text.rfind("\n", 0, span.start) + 1
    before = [start for start, end in page_sentences(text[paragraph : span.start]) if end > start]
    start = paragraph + before[-1] if before else span.start
    return Span(span.page, start, span.end, span.score) if span.end - start <= PAGE_SENTENCE_CHARS else span


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
