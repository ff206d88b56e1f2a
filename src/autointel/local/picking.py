"""Which sentences the notes show: excerpts that stand for the rest, and statements that sound factual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from autointel.domain.script import Script
from autointel.domain.word_count import word_count
from autointel.local.centrality import centrality, centred, diverse
from autointel.local.quotable import folded, is_quotable, is_whole_elsewhere, weight, weight_elsewhere
from autointel.local.statements import is_hedged, probability_like, rank_statements
from autointel.text.sentences import Sentence, is_punctuated
from autointel.text.word_lists import stop_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Picked = list[tuple[Sentence, float]]

_FEWEST_EXCERPTS: Final = 5
_MOST_EXCERPTS: Final = 12
_WORDS_PER_EXCERPT: Final = 2_500
_MOST_STATEMENTS: Final = 20
_WORDS_PER_STATEMENT: Final = 400
_FEWEST_STATEMENTS: Final = 5
# Below this the wording has one weak reason at most.
_FACTUAL: Final = 2.5
_DECIMALS: Final = 4


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
    return [(sentences[rows[pick]], round(scores[pick], _DECIMALS)) for pick in diverse(chosen, scores, limit)]


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
    return [(sentences[rows[pick]], round(values[pick], _DECIMALS)) for pick in picks]


def _words(script: Script) -> int:
    return word_count(script.text)


def _unrepeated(sentences: Sequence[Sentence], wanted: Sequence[bool]) -> list[int]:
    """The rows wanted, without those that say the same words again."""
    seen: dict[str, int] = {}
    for row, (sentence, keep) in enumerate(zip(sentences, wanted, strict=True)):
        if keep:
            seen.setdefault(folded(sentence.text), row)
    return list(seen.values())
