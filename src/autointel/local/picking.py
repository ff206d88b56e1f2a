"""Which sentences are shown of a recording: the excerpts, and the statements that sound factual.

A sentence is worth showing if it can be read alone, speaks of this talk's own subject in words that other talks rarely
use, and makes a point: a reason, a contrast, an enumeration. The choice is spread over the recording. What stands for
the whole is chosen by embedding: centrality (LexRank), then variety (MMR).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from autointel.domain.citation import Script
from autointel.domain.transcript import word_count
from autointel.local.quotable import folded, is_quotable, is_whole_elsewhere, weight, weight_elsewhere
from autointel.local.references import resolved_share
from autointel.local.speakers import askers
from autointel.local.statements import is_checkable, is_question, is_specific, probability_like, rank_statements
from autointel.text.sentences import Sentence, is_punctuated
from autointel.text.word_lists import stop_words, word_list

if TYPE_CHECKING:
    from numpy.typing import NDArray

# How many are shown, by the length of the recording.
_FEWEST_EXCERPTS: Final = 5
_MOST_EXCERPTS: Final = 12
_WORDS_PER_EXCERPT: Final = 2_500
_MOST_STATEMENTS: Final = 20
_WORDS_PER_STATEMENT: Final = 400
_FEWEST_STATEMENTS: Final = 5
# Below this the wording has one weak reason at most.
_FACTUAL: Final = 2.5
_SCORE_DECIMALS: Final = 4
# Between standing for the whole and speaking in the talk's own words.
_CENTRAL: Final = 0.5
# Beyond the fewest, what is worth less than this of the best is not shown.
_FLOOR: Final = 0.05
# A further excerpt from the same part of the recording.
_AGAIN: Final = 0.6
_WORDS_PER_PART: Final = 1_000
_SAME: Final = 0.75  # cosine of excerpts that say the same
# What a sentence is worth that is shown with the one before it.
_WITH_CONTEXT: Final = 0.5
_MOST_CONTEXT: Final = 35  # words
# Of guessed borders, those that are probably right.
_SURE: Final = 0.2
_ENOUGH_SURE: Final = 150  # sentences
_COMMON_WORD: Final = 0.2  # the worth of a word that every talk has
# What a word of the recording is worth after a chosen sentence said it.
_SAID: Final = 0.5
# What a sentence is worth by whoever leads the conversation.
_ASKER: Final = 0.6
# Words from which an excerpt says enough: a shorter one is worth so much less (chosen on half of QMSum's meetings).
_FULL: Final = 25
# Below this something is missing that the reader would need; such sentences are shown where little else can be.
_UNDERSTOOD: Final = 0.8
_ADDRESSED: Final = re.compile(r"\byou(?:r|['’]\w+)?\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
# A matrix of similarities at once: 2,500 squared in single precision is 25 MB.
_BLOCK: Final = 2_500
_DAMPING: Final = 0.85
_ITERATIONS: Final = 40
_ENOUGH: Final = 1e-6  # change of all ranks together at which the iteration ends
# Cosines of centred vectors below this are noise.
_NOISE: Final = 0.1
# The weight of what is central against what is new (MMR).
_MMR: Final = 0.7
_SAME_VECTORS: Final = 0.8  # cosine from which only the better is chosen
# Vectors shorter than this have lost their direction to rounding.
_NOTHING: Final = 1e-6
# Decimals kept before comparing: the last bits depend on the processor, the order must not.
_DECIMALS: Final = 5


@dataclass(frozen=True)
class Pick:
    """A chosen sentence with a score in 0..1, and the sentence before it where that is needed to understand it."""

    sentence: Sentence
    score: float
    context: Sentence | None = None


def pick_excerpts(
    script: Script,
    sentences: Sequence[Sentence],
    vectors: NDArray[np.float32],
    *,
    shown: Collection[Sentence] = (),
    left_out: Collection[int] = (),
) -> list[Pick]:
    """Five to twelve by length, best first; fewer where little can be quoted.

    What is ``shown`` elsewhere is not shown again; ``left_out`` are indexes of advertisements.
    """
    punctuated = is_punctuated(script.text)
    told = {folded(sentence.text) for sentence in shown}
    sure = _surest(sentences)
    wanted = [
        index not in left_out
        and sentence.sure >= sure
        and is_quotable(sentence.text, punctuated=punctuated)
        and folded(sentence.text) not in told
        for index, sentence in enumerate(sentences)
    ]
    rows = _unrepeated(sentences, wanted)
    alone = {row: resolved_share(sentences[row].text) for row in rows}
    contexts = {row: _context(script, sentences, row, left_out) for row in rows if alone[row] == 0.0}
    asking = askers(script, sentences)
    rows = [row for row in rows if (alone[row] or contexts.get(row)) and not _leads(script, sentences[row], asking)]
    rows = _enough(rows, lambda row: alone[row] >= _UNDERSTOOD or contexts.get(row) is not None, 3 * _MOST_EXCERPTS)

    def worth(row: int) -> float:
        share = alone[row] or _WITH_CONTEXT * 0.5
        asker = _ASKER if script.speaker_at(sentences[row].start) in asking else 1.0
        full = min(1.0, word_count(sentences[row].text) / _FULL)
        return share * weight(sentences[row].text) * asker * full * sentences[row].sure

    stops = word_list("function-en") | word_list("filler-en") | word_list("common-en")
    return _chosen(script, sentences, vectors, _Candidates(rows, worth, contexts), stops)


def pick_excerpts_elsewhere(
    script: Script, sentences: Sequence[Sentence], vectors: NDArray[np.float32], language: str | None
) -> list[Pick]:
    """The same for a language without rules of its own: whole sentences by centrality, words and length."""
    punctuated, stops = is_punctuated(script.text), stop_words(language)
    wanted = [is_whole_elsewhere(sentence.text, stops, punctuated=punctuated) for sentence in sentences]
    rows = _unrepeated(sentences, wanted)
    candidates = _Candidates(rows, lambda row: weight_elsewhere(sentences[row].text), {})
    return _chosen(script, sentences, vectors, candidates, stops or frozenset())


def pick_statements(
    script: Script, sentences: Sequence[Sentence], vectors: NDArray[np.float32], *, left_out: Collection[int] = ()
) -> list[Pick]:
    """At most twenty that can be checked and read alone, the most factual-sounding first.

    The score in 0..1 orders and measures nothing else.
    """
    punctuated = is_punctuated(script.text)
    sure = _surest(sentences)
    speakers = [script.speaker_at(sentence.start) for sentence in sentences]
    scores = rank_statements([sentence.text for sentence in sentences], speakers)
    wanted = [
        index not in left_out
        and sentence.sure >= sure
        and score >= _FACTUAL
        and is_checkable(sentence.text)
        and is_specific(sentence.text)
        and is_quotable(sentence.text, punctuated=punctuated)
        for index, (sentence, score) in enumerate(zip(sentences, scores, strict=True))
    ]
    asking = askers(script, sentences)
    alone = {row: resolved_share(sentences[row].text) for row in _unrepeated(sentences, wanted)}
    rows = [row for row, share in alone.items() if share and not _leads(script, sentences[row], asking)]
    rows = _enough(rows, lambda row: alone[row] >= _UNDERSTOOD, _FEWEST_STATEMENTS)
    limit = max(_FEWEST_STATEMENTS, min(_MOST_STATEMENTS, word_count(script.text) // _WORDS_PER_STATEMENT))
    values = [
        probability_like(scores[row]) * weight(sentences[row].text) * alone[row] * sentences[row].sure for row in rows
    ]
    picks = diverse(vectors[rows], values, limit)
    picks.sort(key=lambda pick: (-values[pick], pick))
    return [Pick(sentences[rows[pick]], round(values[pick], _SCORE_DECIMALS)) for pick in picks]


@dataclass(frozen=True)
class _Candidates:
    """Rows that may be shown, what each is worth as a sentence, and the sentence that goes before it, if any."""

    rows: Sequence[int]
    worth: Callable[[int], float]
    contexts: Mapping[int, Sentence | None]


def _chosen(
    script: Script,
    sentences: Sequence[Sentence],
    vectors: NDArray[np.float32],
    candidates: _Candidates,
    stops: frozenset[str],
) -> list[Pick]:
    rows, worth, contexts = candidates.rows, candidates.worth, candidates.contexts
    if not rows:
        return []
    limit = min(_MOST_EXCERPTS, _FEWEST_EXCERPTS + word_count(script.text) // _WORDS_PER_EXCERPT)
    own = centred(vectors[list(rows)])
    telling = _Telling([sentences[row].text for row in rows], [sentence.text for sentence in sentences], stops)
    parts = _parts(sentences, max(limit, word_count(script.text) // _WORDS_PER_PART))
    inside = np.asarray([bisect_right(parts, sentences[row].start) for row in rows])
    central = centrality(own)
    # What each row is worth still: less in a part of the recording that has a quote, nothing if it says the same.
    left = np.asarray([worth(row) for row in rows])
    picked: list[Pick] = []
    while len(picked) < min(limit, len(rows)):
        scores = np.round((_CENTRAL * central + (1 - _CENTRAL) * telling.shares()) * left, 5)
        best = int(np.argmax(scores))
        if scores[best] <= 0 or (len(picked) >= _FEWEST_EXCERPTS and scores[best] < _FLOOR * picked[0].score):
            break
        score = min(1.0, round(float(scores[best]), _SCORE_DECIMALS))
        picked.append(Pick(sentences[rows[best]], score, contexts.get(rows[best])))
        telling.say(best)
        left = np.where(inside == inside[best], left * _AGAIN, left)
        left[own @ own[best] >= _SAME] = 0.0
        left[best] = 0.0
    return picked


class _Telling:
    """How much each text says in the recording's own words: those that it repeats and others rarely use.

    A word counts for less once it was said in a chosen text, so that the choice covers the recording's subjects.
    """

    def __init__(self, texts: Sequence[str], everything: Sequence[str], stops: frozenset[str]) -> None:
        counts = Counter(word for text in everything for word in set(_words(text)))
        self._words = [sorted(set(_words(text))) for text in texts]
        self._worth = {
            word: math.log(count) * (_COMMON_WORD if word in stops else 1.0) for word, count in counts.items()
        }
        self._most = max(self._sums(), default=0.0) or 1.0

    def shares(self) -> NDArray[np.float64]:
        """For each text, 0..1."""
        return np.asarray(self._sums(), dtype=np.float64) / self._most

    def say(self, row: int) -> None:
        """The words of a text have been said."""
        for word in self._words[row]:
            self._worth[word] *= _SAID

    def _sums(self) -> list[float]:
        return [sum(self._worth[word] for word in words) for words in self._words]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _parts(sentences: Sequence[Sentence], number: int) -> list[int]:
    """Where equal parts of the text begin."""
    length = sentences[-1].end
    return [length * part // number for part in range(1, number)]


def _context(script: Script, sentences: Sequence[Sentence], row: int, left_out: Collection[int]) -> Sentence | None:
    """The sentence before, if the same person said it and it can be read alone."""
    if row == 0 or row - 1 in left_out:
        return None
    before = sentences[row - 1]
    same = script.speaker_at(before.start) == script.speaker_at(sentences[row].start)
    fits = 5 <= word_count(before.text) <= _MOST_CONTEXT and not is_question(before.text)  # noqa: PLR2004  a few words name nothing
    return before if same and fits and resolved_share(before.text) >= 0.8 else None  # noqa: PLR2004  nothing is missing


def _leads(script: Script, sentence: Sentence, asking: Collection[str]) -> bool:
    """Whether whoever leads the conversation speaks to somebody: "you" in a lead's sentence frames a question."""
    return script.speaker_at(sentence.start) in asking and _ADDRESSED.search(sentence.text) is not None


def _enough(rows: list[int], better: Callable[[int], bool], number: int) -> list[int]:
    """The better rows, where they are ``number`` or more; else all."""
    good = [row for row in rows if better(row)]
    return good if len(good) >= number else rows


def _surest(sentences: Sequence[Sentence]) -> float:
    """How sure the borders of a shown sentence must be: in a long recording the surest quarter is plenty."""
    ordered = sorted((sentence.sure for sentence in sentences), reverse=True)
    return max(_SURE, ordered[max(_ENOUGH_SURE, len(ordered) // 4)] if len(ordered) > _ENOUGH_SURE else 0.0)


def _unrepeated(sentences: Sequence[Sentence], wanted: Sequence[bool]) -> list[int]:
    """The rows wanted, without those that say the same words again."""
    seen: dict[str, int] = {}
    for row, (sentence, keep) in enumerate(zip(sentences, wanted, strict=True)):
        if keep:
            seen.setdefault(folded(sentence.text), row)
    return list(seen.values())


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
        values = np.round(_MMR * np.asarray([scores[row] for row in order]) - (1 - _MMR) * closest, _DECIMALS)
        values[closest >= _SAME_VECTORS] = -np.inf
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
