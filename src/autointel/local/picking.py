"""Choosing the sentences that stand for a text: centrality by embedding (LexRank), then variety (MMR)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from autointel.domain.script import Script
from autointel.domain.word_count import word_count
from autointel.local.quotable import folded, is_quotable, is_whole_elsewhere, weight, weight_elsewhere
from autointel.local.statements import is_hedged, probability_like, rank_statements
from autointel.text.sentences import Sentence, is_punctuated
from autointel.text.word_lists import stop_words

if TYPE_CHECKING:
    from numpy.typing import NDArray


# A matrix of similarities at once: 2,500 squared in single precision is 25 MB.
_BLOCK: Final = 2_500
_DAMPING: Final = 0.85
_ITERATIONS: Final = 40
_ENOUGH: Final = 1e-6
# Cosines of centred vectors below this are noise.
_NOISE: Final = 0.1
# Between what is central and what is new.
_CENTRAL: Final = 0.7
_SAME: Final = 0.8
# Vectors shorter than this have lost their direction to rounding.
_NOTHING: Final = 1e-6
# Decimals kept before comparing: the last bits depend on the processor, the order must not.
_DECIMALS: Final = 5


def centrality(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """LexRank of each row, 1 for the most central; shape (n,). Rows are unit vectors, at least one.

    More rows than one block holds are ranked within blocks of neighbours: time and memory stay linear in n, and a row
    is then central to its part of the recording.
    """
    n = len(vectors)
    parts = max(1, -(-n // _BLOCK))
    scores = [_lexrank(part) for part in np.array_split(vectors, parts)]
    return np.asarray(np.round(np.concatenate(scores), _DECIMALS), dtype=np.float64)


def diverse(vectors: NDArray[np.float32], scores: Sequence[float], limit: int) -> list[int]:
    """At most ``limit`` rows, best first: high in score, unlike those chosen before. Ties go to the earlier row."""
    order = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[: max(200, 10 * limit)]
    closest = np.zeros(len(order))
    chosen: list[int] = []
    while len(chosen) < min(limit, len(order)):
        values = np.round(_CENTRAL * np.asarray([scores[row] for row in order]) - (1 - _CENTRAL) * closest, _DECIMALS)
        values[closest >= _SAME] = -np.inf
        best = int(np.argmax(values))
        if np.isneginf(values[best]):
            break
        chosen.append(order[best])
        closest = np.maximum(closest, vectors[order] @ vectors[order[best]])
        closest[best] = np.inf
    return chosen


def centred(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows without what they share, again of length 1: a talk's sentences all resemble its subject."""
    moved = vectors - vectors.mean(axis=0, keepdims=True)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(np.divide(moved, lengths, out=np.zeros_like(moved), where=lengths > _NOTHING), dtype=np.float32)


def _lexrank(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Power iteration on similarities above the noise."""
    n = len(vectors)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, 0.0)
    similar[similar < _NOISE] = 0.0
    degrees = similar.sum(axis=1)
    # A row like no other passes its weight to nobody; the jump below keeps the sum.
    shares = np.divide(1.0, degrees, out=np.zeros_like(degrees), where=degrees > 0)
    rank = np.full(n, 1.0 / n, dtype=np.float32)
    for _ in range(_ITERATIONS):
        moved = (1 - _DAMPING) / n + _DAMPING * (similar @ (rank * shares))
        moved /= moved.sum()
        settled = float(np.abs(moved - rank).sum()) < _ENOUGH
        rank = moved
        if settled:
            break
    return np.asarray(rank, dtype=np.float64) / float(rank.max())


Picked = list[tuple[Sentence, float]]

_FEWEST_EXCERPTS: Final = 5
_MOST_EXCERPTS: Final = 12
_WORDS_PER_EXCERPT: Final = 2_500
_MOST_STATEMENTS: Final = 20
_WORDS_PER_STATEMENT: Final = 400
_FEWEST_STATEMENTS: Final = 5
# Below this the wording has one weak reason at most.
_FACTUAL: Final = 2.5
_SCORE_DECIMALS: Final = 4


def pick_excerpts(
    script: Script, sentences: Sequence[Sentence], vectors: NDArray[np.float32], *, shown: Sequence[Sentence] = ()
) -> Picked:
    """Five to twelve by length, the most central first, with a score in 0..1; fewer where little is quotable.

    What is ``shown`` elsewhere is not shown again.
    """
    punctuated = is_punctuated(script.text)
    told = {folded(sentence.text) for sentence in shown}
    wanted = [
        is_quotable(sentence.text, punctuated=punctuated) and folded(sentence.text) not in told
        for sentence in sentences
    ]
    return _central(script, sentences, vectors, _unrepeated(sentences, wanted), weight)


def _central(
    script: Script,
    sentences: Sequence[Sentence],
    vectors: NDArray[np.float32],
    rows: Sequence[int],
    weigh: Callable[[str], float],
) -> Picked:
    if not rows:
        return []
    chosen = centred(vectors[rows])
    scores = [float(rank) * weigh(sentences[row].text) for rank, row in zip(centrality(chosen), rows, strict=True)]
    limit = min(_MOST_EXCERPTS, _FEWEST_EXCERPTS + _words(script) // _WORDS_PER_EXCERPT)
    return [(sentences[rows[pick]], round(scores[pick], _SCORE_DECIMALS)) for pick in diverse(chosen, scores, limit)]


def pick_excerpts_elsewhere(
    script: Script, sentences: Sequence[Sentence], vectors: NDArray[np.float32], language: str | None
) -> Picked:
    """The same for a language without rules of its own: whole sentences by centrality and length."""
    punctuated, stops = is_punctuated(script.text), stop_words(language)
    wanted = [is_whole_elsewhere(sentence.text, stops, punctuated=punctuated) for sentence in sentences]
    return _central(script, sentences, vectors, _unrepeated(sentences, wanted), weight_elsewhere)


def pick_statements(script: Script, sentences: Sequence[Sentence], vectors: NDArray[np.float32]) -> Picked:
    """At most twenty, the most factual-sounding first, with a score in 0..1 that orders and measures nothing else."""
    punctuated = is_punctuated(script.text)
    speakers = [script.speaker_at(sentence.start) for sentence in sentences]
    scores = rank_statements([sentence.text for sentence in sentences], speakers)
    wanted = [
        score >= _FACTUAL and not is_hedged(sentence.text) and is_quotable(sentence.text, punctuated=punctuated)
        for sentence, score in zip(sentences, scores, strict=True)
    ]
    rows = _unrepeated(sentences, wanted)
    limit = max(_FEWEST_STATEMENTS, min(_MOST_STATEMENTS, _words(script) // _WORDS_PER_STATEMENT))
    values = [probability_like(scores[row]) * weight(sentences[row].text) for row in rows]
    picks = diverse(vectors[rows], values, limit)
    picks.sort(key=lambda pick: (-values[pick], pick))
    return [(sentences[rows[pick]], round(values[pick], _SCORE_DECIMALS)) for pick in picks]


def _words(script: Script) -> int:
    return word_count(script.text)


def _unrepeated(sentences: Sequence[Sentence], wanted: Sequence[bool]) -> list[int]:
    """The rows wanted, without those that say the same words again."""
    seen: dict[str, int] = {}
    for row, (sentence, keep) in enumerate(zip(sentences, wanted, strict=True)):
        if keep:
            seen.setdefault(folded(sentence.text), row)
    return list(seen.values())
