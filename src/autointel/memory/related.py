"""Passages of other sources on what a statement says, with differences that can be read off; no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autointel.domain.analysis import RelatedPassage, Statement
from autointel.memory.findings import Found, Stores
from autointel.memory.quantities import is_number_word, quantities, years
from autointel.memory.question import rarity, telling
from autointel.memory.search import search
from autointel.text.near_duplicates import OwnWords

DIFFERENT_NUMBER: Final = "different number"
DIFFERENT_YEAR: Final = "different year"

_CANDIDATES: Final = 20
_LEAST: Final = 0.5  # of the statement's telling words, weighed by rarity, in the passage
_FEWEST: Final = 3  # telling words in common
_IN_QUOTE: Final = 2  # of them in the sentence that is shown
_RAREST: Final = 3  # of the statement's words, of which the passage has one
# Before two numbers are set against each other: words in common beside what is counted, and their share of the shorter
# sentence's.
_COMPARABLE: Final = 2
_SAME_MATTER: Final = 0.5


@dataclass(frozen=True)
class Memory:
    """Memory as it stood when the run began: what is searched, and the ids of the sources that were in it."""

    stores: Stores
    known: frozenset[str]


async def with_related(
    statements: Sequence[Statement], memory: Memory, own: OwnWords, limit: int = 3
) -> tuple[Statement, ...]:
    """Each statement with what other sources say of it, in their order. About 20 ms a statement.

    Raises HomeUnusable.
    """
    return tuple(
        [
            statement.model_copy(update={"related": await related(statement.text, memory, own, limit)})
            for statement in statements
        ]
    )


async def related(statement: str, memory: Memory, own: OwnWords, limit: int = 3) -> tuple[RelatedPassage, ...]:
    """Best first; never from the source itself, a copy of it, or one that came into memory after the run began.

    ``score`` is the share of the statement's telling words that the passage holds, each weighed by how rare it is among
    the passages that come nearest. Raises HomeUnusable.
    """
    wanted = set(telling(statement))
    if len(wanted) < _FEWEST or not memory.known:
        return ()
    findings = await search(statement, _CANDIDATES, memory.stores, not_source=own.source_id, per_passage=1, least=0)
    nearest = [frozenset(telling(found.passage.text)) for found in findings.found]
    rare = rarity(statement, nearest)
    # A word that no passage has says nothing of which passage is nearer: it weighs as one that a single passage has.
    held = [word for word in rare if any(word in words for words in nearest)]
    most = max((rare[word] for word in held), default=0.0)
    weights = {word: min(weight, most) for word, weight in rare.items()}
    rarest = set(sorted(held, key=lambda word: (-weights[word], word))[:_RAREST])
    kept: dict[str, tuple[float, Found]] = {}
    for found, words in zip(findings.found, nearest, strict=True):
        shared = wanted & words
        score = sum(weights[word] for word in shared) / (sum(weights.values()) or 1.0)
        quoted = wanted.intersection(telling(found.citation.quote))
        if score < _LEAST or len(shared) < _FEWEST or len(quoted) < _IN_QUOTE or not shared & rarest:
            continue
        # The same words under two addresses are one voice.
        if _is_other(found, memory, own):
            kept.setdefault(found.citation.quote, (score, found))
    ranked = sorted(kept.values(), key=lambda pair: (-pair[0], -pair[1].score, pair[1].passage.id))
    return tuple(_passage(statement, score, found) for score, found in ranked[:limit])


def _is_other(found: Found, memory: Memory, own: OwnWords) -> bool:
    return found.passage.source_id in memory.known and not own.hold(found.passage.text)


def _passage(statement: str, score: float, found: Found) -> RelatedPassage:
    citation = found.citation
    return RelatedPassage(
        passage_id=found.passage.id,
        quote=citation.quote,
        source_title=found.source_title,
        source_url=found.source_url,
        start=citation.start,
        paragraph=citation.paragraph,
        place=citation.place,
        approximate=citation.approximate,
        score=round(score, 3),
        flags=flags(statement, citation.quote),
    )


def flags(statement: str, quote: str) -> tuple[str, ...]:
    """Differences in what two sentences on the same matter count or date; none is a contradiction yet.

    Numbers are compared only where unit and counted thing agree, and the sentences share their other words.
    """
    found = []
    here, there = quantities(statement), quantities(quote)
    like = [(one, other) for one in here for other in there if one.is_like(other)]
    things = {word for one, other in like for word in one.thing & other.thing}
    if like and all(one.value != other.value for one, other in like) and _on_one_matter(statement, quote, things):
        found.append(DIFFERENT_NUMBER)
    if _differ(years(statement), years(quote)) and _on_one_matter(statement, quote, set()):
        found.append(DIFFERENT_YEAR)
    return tuple(found)


def _on_one_matter(statement: str, quote: str, counted: set[str]) -> bool:
    here, there = _subject(statement) - counted, _subject(quote) - counted
    common = here & there
    return len(common) >= _COMPARABLE and len(common) >= _SAME_MATTER * min(len(here), len(there))


def _subject(text: str) -> set[str]:
    return {word for word in telling(text) if not any(map(str.isdigit, word)) and not is_number_word(word)}


def _differ(here: set[str], there: set[str]) -> bool:
    return bool(here and there) and here.isdisjoint(there)
