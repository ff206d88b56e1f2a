"""Sentences that name something, looked up in the words themselves: what an entity without relations has to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.domain.citation import Citation, Script
from autointel.domain.value import Value
from autointel.memory.findings import sentences

_DEPTH: Final = 30
"""Passages looked through: neighbouring ones share words, and a name of two words is found by either."""


class Naming(Value):
    """A sentence that holds the name, and the source it stands in."""

    source_title: str
    citation: Citation


def naming(catalogue: Catalogue, name: str, limit: int) -> tuple[Naming, ...]:
    """Up to ``limit`` sentences with exactly this name, the passages that speak of it most first. Blocks.

    Raises HomeUnusable.
    """
    found: dict[tuple[str, Citation], Naming] = {}
    for source_id, naming_it in _named(catalogue, name):
        # Passages overlap: the same sentence stands in two.
        found.setdefault((source_id, naming_it.citation), naming_it)
        if len(found) == limit:
            break
    return tuple(found.values())


def _named(catalogue: Catalogue, name: str) -> Iterator[tuple[str, Naming]]:
    spaced = r"\s+".join(map(re.escape, name.split()))
    whole = re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)
    hits = catalogue.passages.keyword(name, _DEPTH, around=0.0)
    words = catalogue.words.within([hit.passage for hit in hits])
    for hit in hits:
        script = Script.over(words.get(hit.passage.id, ()), hit.source_url)
        for start, end in sentences(script):
            if whole.search(script.text, start, end):
                yield hit.passage.source_id, Naming(source_title=hit.source_title, citation=script.cite(start, end))
