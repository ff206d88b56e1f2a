"""Several sources side by side: what they agree on, where they differ, and what only one of them says.

Rules over words: two statements are on one matter where they share their rare words. What agrees or differs in other
words is not seen, and the comparison says so.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from autointel.domain.citation import Citation
from autointel.domain.script import Script
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.domain.value import Value
from autointel.memory.best_sentence import sentences
from autointel.memory.ledger import difference
from autointel.memory.question import telling

_FEWEST: Final = 5
"""Telling words of a statement that can be compared."""
_COMMON: Final = 4
_ON_ONE_MATTER: Final = 0.45
"""Share of the lighter statement's weight, by rarity, that both have."""
_ALONE: Final = 0.25
_TOO_COMMON: Final = 60
"""Statements with a word, from which it joins nothing."""
REMARK: Final = (
    "Compared by rules over words: what the sources agree or differ on in other words is not judged without a model."
)


class Said(Value):
    """A statement of one of the sources; ``source`` is its number in the comparison, from 1."""

    source: int
    speaker: str | None
    citation: Citation


class Pair(Value):
    """Two statements on one matter; ``what`` says how they differ, empty where no rule sees a difference."""

    first: Said
    second: Said
    what: str = ""


class Comparison(Value):
    """``numbers`` are those differences that are of numbers or years; ``alone`` is what one source says by itself."""

    titles: tuple[str, ...]
    agreements: tuple[Pair, ...] = ()
    numbers: tuple[Pair, ...] = ()
    differences: tuple[Pair, ...] = ()
    alone: tuple[Said, ...] = ()
    remark: str = REMARK


@dataclass(frozen=True)
class _Statement:
    source: int
    script: Script
    span: tuple[int, int]
    words: frozenset[str]

    @property
    def text(self) -> str:
        return self.script.text[slice(*self.span)]

    def said(self) -> Said:
        citation = self.script.cite(*self.span)
        return Said(source=self.source, speaker=citation.speaker, citation=citation)


def compare(read: Sequence[tuple[Source, Transcript]], limit: int) -> Comparison:
    """Up to ``limit`` of each kind, the most telling first. Blocks: some 0.2 s for two talks of an hour."""
    statements = [
        each for number, (source, transcript) in enumerate(read, 1) for each in _of(number, source, transcript)
    ]
    counts = Counter(word for each in statements for word in each.words)
    weight = {word: math.log(1 + len(statements) / count) for word, count in counts.items()}
    pairs = sorted(_pairs(statements, weight), key=lambda pair: (-pair[0], pair[1], pair[2]))
    kept: dict[str, list[Pair]] = {"agreements": [], "numbers": [], "differences": []}
    used: set[int] = set()
    for share, one, other in pairs:
        if share < _ON_ONE_MATTER or one in used or other in used:
            continue
        used |= {one, other}
        what = difference(statements[one].text, statements[other].text) or ""
        kind = "agreements" if not what else "numbers" if what.startswith("different") else "differences"
        kept[kind].append(Pair(first=statements[one].said(), second=statements[other].said(), what=what))
    return Comparison(
        titles=tuple(source.title for source, _ in read),
        **{kind: tuple(found[:limit]) for kind, found in kept.items()},
        alone=tuple(_alone(statements, pairs, counts, limit, len(read))),
    )


def _of(number: int, source: Source, transcript: Transcript) -> Iterator[_Statement]:
    script = Script.of(source, transcript)
    for span in sentences(script):
        text = script.text[slice(*span)]
        words = frozenset(telling(text))
        if len(words) >= _FEWEST and not text.endswith(("?", "？")):
            yield _Statement(number, script, span, words)


def _pairs(statements: Sequence[_Statement], weight: dict[str, float]) -> Iterator[tuple[float, int, int]]:
    """Statements of different sources that share rare words: the share of the lighter one's weight, and both places."""
    having: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(statements):
        for word in each.words:
            having[word].append(at)
    near = {
        pair
        for places in having.values()
        if len(places) <= _TOO_COMMON
        for pair in combinations(places, 2)
        if statements[pair[0]].source != statements[pair[1]].source
    }
    total = [sum(weight[word] for word in each.words) for each in statements]
    for one, other in near:
        common = statements[one].words & statements[other].words
        if len(common) >= _COMMON:
            yield sum(weight[word] for word in common) / min(total[one], total[other]), one, other


def _alone(
    statements: Sequence[_Statement],
    pairs: Sequence[tuple[float, int, int]],
    counts: Counter[str],
    limit: int,
    sources: int,
) -> Iterator[Said]:
    """Of each source the statements with most of its own recurring words, words that no other source has."""
    near = {at for share, *both in pairs if share >= _ALONE for at in both}
    owners: dict[str, set[int]] = defaultdict(set)
    for each in statements:
        for word in each.words:
            owners[word].add(each.source)

    def own(at: int) -> float:
        words = [word for word in statements[at].words if len(owners[word]) == 1 and counts[word] > 1]
        return sum(math.log(1 + counts[word]) for word in words) / math.sqrt(len(statements[at].words))

    for number in range(1, sources + 1):
        places = [at for at, each in enumerate(statements) if each.source == number and at not in near]
        best = sorted(places, key=lambda at: (-own(at), at))[: max(1, limit // sources)]
        yield from (statements[at].said() for at in sorted(best) if own(at) > 0)
