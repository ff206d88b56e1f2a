"""What a page may have too much of to be read in seconds: tags, paragraphs, places between items."""

from __future__ import annotations

import re
from typing import Final

from autointel.adapters.sources.markup import is_crowded
from autointel.adapters.sources.web.page import tree

# Extraction takes 45 us for each, so that more would take over 10 s in 5 MB; an hour with a tag around each word has a
# quarter of them.
_MOST_TAGS: Final = 100_000
# Each is read with all that stand in it.
_MOST_NESTED: Final = 1_000
_A_PARAGRAPH: Final = re.compile(rb"<p\b", re.IGNORECASE)
# What may end without a tag of its own: 98,000 took 27 s in 5 MB. Words between items are joined to all before them, so
# that 10,000 such places take 5 s, and 20,000 titles 10 s; no article has as many.
_MOST_PARAGRAPHS: Final = 30_000
_PARAGRAPH: Final = re.compile(rb"<(?:p|li|d[dt]|t[dhr]|h[1-6]|option)\b", re.IGNORECASE)
_MOST_BETWEEN: Final = 10_000
_BETWEEN_ITEMS: Final = re.compile(rb"</(?:li|d[dt]|h[1-6])>(?=\s*[^\s<])", re.IGNORECASE)


def excess_of(page: bytes) -> str:
    """What there is too much of for a page to be read in seconds, "" where there is not."""
    if page.count(b"<") > _MOST_TAGS:
        return f"more than {_MOST_TAGS:,} tags"
    if len(_PARAGRAPH.findall(page)) > _MOST_PARAGRAPHS:
        return f"more than {_MOST_PARAGRAPHS:,} paragraphs, titles, items or cells"
    if len(_BETWEEN_ITEMS.findall(page)) > _MOST_BETWEEN:
        return f"words between more than {_MOST_BETWEEN:,} items or titles"
    if is_crowded(page):
        return "a tag of thousands of attributes"
    return f"more than {_MOST_NESTED:,} paragraphs inside of others" if _nested(page) > _MOST_NESTED else ""


def _nested(page: bytes) -> int:
    """How many paragraphs stand in others, behind a tag that HTML does not have and nothing closes."""
    root = tree(page) if len(_A_PARAGRAPH.findall(page)) > _MOST_NESTED else None
    return 0 if root is None else sum(next(each.iterancestors("p"), None) is not None for each in root.iter("p"))
