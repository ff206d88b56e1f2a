"""The sentences of a passage that carry a text: a model points near them, and code finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import Final

from autointel.text.carrying import AROUND, THRESHOLD, Carried, Ground, Weight, carried, content_overlap, equal_weight
from autointel.text.statement import Statement, statement
from autointel.text.stems import empty_words
from autointel.text.word_lists import base_language

MOST_SENTENCES: Final = 3
_CANDIDATES: Final = 5
_NEAR: Final = 6  # sentences: how far off a small model's numbers were
_NEARNESS: Final = 0.1


@dataclass(frozen=True)
class Carriers:
    """The sentences of a passage that carry a text: indexes in order, and the outcome for them."""

    places: tuple[int, ...]
    outcome: Carried


def carriers(
    text: str,
    sentences: Sequence[str],
    near: Sequence[int],
    ground: Ground,
    *,
    weight: Weight = equal_weight,
    threshold: float = THRESHOLD,
) -> Carriers | None:
    """The one to three sentences that carry the text: near the given indexes first, then anywhere in the passage.

    ``ground`` gives all but the quotes and their neighbours. None where there are none; ``closest`` tells why.
    """
    said = statement(text, ground.language)
    second: Carriers | None = None
    for places in _sets(_ranked(said, sentences, near, weight)):
        there = statement(" ".join(sentences[at] for at in places), ground.language)
        alone = content_overlap(said, there, there, weight)
        if alone < threshold - AROUND / 2:
            continue  # neighbours cannot make up for so much
        whole = alone >= _WHOLE and all(any(q.is_same(p) for p in there.quantities) for q in said.quantities)
        if second is not None and not whole:
            continue
        outcome = _outcome(text, sentences, places, ground, weight=weight, threshold=threshold)
        if outcome and whole:
            return Carriers(places, outcome)
        second = second or (Carriers(places, outcome) if outcome else None)
    return second


_WHOLE: Final = 0.75  # of the content: then no other sentence is looked for


def closest(
    text: str, sentences: Sequence[str], near: Sequence[int], ground: Ground, *, weight: Weight = equal_weight
) -> Carriers | None:
    """The likeliest sentences, though they do not carry the text; None for a passage without sentences."""
    ranked = _ranked(statement(text, ground.language), sentences, near, weight)
    if not ranked:
        return None
    return Carriers((ranked[0],), _outcome(text, sentences, (ranked[0],), ground, weight=weight, threshold=THRESHOLD))


def cut_to_carriers(text: str, quote_sentences: Sequence[str], ground: Ground) -> tuple[int, ...]:
    """Of a long quote, the sentences that carry the text; the first ones where none do."""
    found = carriers(text, quote_sentences, (), ground)
    return found.places if found else tuple(range(min(MOST_SENTENCES, len(quote_sentences))))


def _outcome(
    text: str, sentences: Sequence[str], places: Sequence[int], ground: Ground, *, weight: Weight, threshold: float
) -> Carried:
    beside = sorted({at + step for at in places for step in (-1, 1)} - set(places))
    around = tuple(sentences[at] for at in beside if 0 <= at < len(sentences))
    there = Ground(
        tuple(sentences[at] for at in places),
        (*around, *ground.around),
        ground.speaker,
        ground.said_on,
        ground.names,
        ground.prompt,
        ground.language,
    )
    return carried(text, there, weight=weight, threshold=threshold)


def _ranked(said: Statement, sentences: Sequence[str], near: Sequence[int], weight: Weight) -> list[int]:
    """The likeliest sentences, best first; nearness to what the model pointed at decides between equals."""
    scores = []
    for at, sentence in enumerate(sentences):
        there = statement(sentence, said.language)
        overlap = content_overlap(said, there, there, weight)
        overlap += 0.1 * sum(
            1 for quantity in said.quantities if any(quantity.is_same(other) for other in there.quantities)
        )
        distance = min((abs(at - place) for place in near), default=_NEAR)
        scores.append((overlap + _NEARNESS * max(0, _NEAR - distance) / _NEAR, at))
    return [at for score, at in sorted(scores, key=lambda item: (-item[0], item[1]))[:_CANDIDATES] if score > 0]


def _sets(ranked: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Single sentences first, then pairs, then three; best first."""
    for size in range(1, MOST_SENTENCES + 1):
        for places in combinations(ranked, size):
            yield tuple(sorted(places))


def names_of(sentences: Sequence[str], language: str) -> frozenset[str]:
    """Capitalised words that stand inside sentences and never in lower case: the names of a source."""
    inside, small = set[str](), set[str]()
    for text in sentences:
        for word in statement(text, language).words:
            if word.is_capitalised and not word.opens:
                inside.add(word.folded)
            elif not word.is_capitalised:
                small.add(word.folded)
    return frozenset(inside - small - empty_words(base_language(language)))


def rarity(sentences: Sequence[str], language: str) -> Weight:
    """Weights by how many sentences of the source hold a stem, as in BM25 (Robertson, 1994), scaled to 0.3 and 1.5."""
    counts = Counter(stem for text in sentences for stem in statement(text, language).content_stems)
    most = log(1 + len(sentences))

    def weight(stem: str) -> float:
        return 0.3 + 1.2 * log((len(sentences) + 1) / (counts[stem] + 1)) / most if most else 1.0

    return weight
