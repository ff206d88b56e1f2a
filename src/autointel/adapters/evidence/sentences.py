"""Which sentences of some pages bear on a question: BM25 over their stems (SQLite's FTS5, in memory).

A sentence is a span of its page's text, so whatever is chosen stands there letter for letter.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final

from autointel.text.sentences import PAGE_SENTENCE_CHARS, page_sentences
from autointel.text.word_lists import STOP_WORDS

_WORD: Final = re.compile(r"\w+")
# Scripts written without spaces have no words to stem; three characters at a time serve instead.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
# A sentence that begins so leans on the one before it.
_LEANS: Final = re.compile(r"(?:He|She|It|They|This|That|These|Those|However|But|And)\b")
# A book has fewer; a page made of stops has a million.
_MOST_SENTENCES: Final = 20_000
_TERMS: Final = 40
_GRAM: Final = 3  # what FTS5's trigram index is made of


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
