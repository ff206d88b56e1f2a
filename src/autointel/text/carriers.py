"""The sentences of a passage that carry a text: a model points near them, and code finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import log
from typing import Final

from autointel.text.carrying import (
    AROUND,
    FAMILY,
    THRESHOLD,
    Carried,
    Fault,
    Ground,
    Weight,
    carried,
    content_overlap,
    equal_weight,
    weights,
)
from autointel.text.names import stands_in
from autointel.text.quantities import Quantity
from autointel.text.statement import COMPOUND, Statement, means, statement
from autointel.text.vocabulary import alike, empty_words, root, synonyms
from autointel.text.word_lists import base_language

_MOST_SENTENCES: Final = 3
_CANDIDATES: Final = 5  # sentences around which windows are tried
_NEAR: Final = 6  # sentences: how far off a small model's numbers were
_NEARNESS: Final = 0.1  # for a sentence that the model pointed at; less with its distance
_NUMBER: Final = 0.1  # for each number of the text that a sentence has
_REFERS: Final = 5  # sentences before, whose things "they" and "it" may be
_BEFORE: Final = 3  # people who spoke before
_AFTER: Final = 2
_ANSWER: Final = 2  # sentences within which a question is answered
_YES_OR_NO: Final = frozenset(
    """yes yeah yep no nope not never right exactly correct absolutely sure indeed certainly definitely ja nein doch
    genau sí no oui non si""".split()
)
_COPY: Final = 0.7  # of the content: the sentence is the text, but for what is wrong with it
_ASKED: Final = 0.6  # the same, of a question, a denial, or another's deed
_WHOLE: Final = 0.75  # of the content: then no other sentence is looked for


@dataclass(frozen=True)
class Carriers:
    """Neighbouring sentences of a passage, ``first`` to ``last``, and whether they carry the text."""

    first: int
    last: int
    outcome: Carried


@dataclass(frozen=True)
class Lines:
    """The sentences of a passage in order, and who says each; ``speakers`` is empty where nobody knows."""

    sentences: Sequence[str]
    speakers: Sequence[str | None] = ()
    _indexes: dict[str, _Index] = field(default_factory=dict, repr=False, compare=False)

    def speaker(self, at: int) -> str | None:
        """Who says a sentence."""
        return self.speakers[at] if self.speakers else None

    def share_speaker(self, first: int, last: int) -> bool:
        """Whether one person says all of them."""
        return len({self.speaker(at) for at in range(first, last + 1)}) == 1

    def prepare(self, language: str) -> None:
        """Work out once what every text is compared with. Blocks: 20 ms for a passage of 3,000 words."""
        for sentence in self._index(language).sentences:
            _ = sentence.quantities

    def quantities(self, at: int, language: str) -> Sequence[Quantity]:
        """The quantities of a sentence."""
        return self._index(language).sentences[at].quantities

    def overlaps(self, said: Statement, weight: Weight) -> list[float]:
        """For every sentence, what ``content_overlap`` says of it, in a fiftieth of the time for a hundred of them."""
        index = self._index(said.language)
        total, found = 0.0, [0.0] * len(self.sentences)
        for stem, heavy in weights(said, weight):
            total += heavy
            for at, share in index.places(stem):
                found[at] += heavy * share
        return [each / total for each in found] if total else [1.0] * len(found)

    def _index(self, language: str) -> _Index:
        index = self._indexes.get(language)
        if index is None:
            index = self._indexes[language] = _Index([statement(text, language) for text in self.sentences])
        return index


def carriers(
    text: str, lines: Lines, near: Sequence[int], ground: Ground, *, weight: Weight = equal_weight
) -> Carriers | None:
    """The one to three neighbouring sentences that carry a text, or the likeliest, with what is wrong.

    Sentences near the given indexes come first, then any of the passage. ``ground`` gives all but quotes, neighbours
    and speaker. None for a passage without sentences.
    """
    said = statement(text, ground.language)
    ranked = _ranked(said, lines, near, weight)
    second = refused = None
    contradicted = dict[int, Carriers]()
    for first, last in _windows(ranked, lines):
        there = statement(" ".join(lines.sentences[first : last + 1]), ground.language)
        alone = content_overlap(said, there, there, weight)
        inside = any(first <= at <= last for at in contradicted)
        if inside or (alone < _COPY and _refutes(contradicted.values(), first, last, lines, ground.language)):
            continue  # neither a neighbour's name nor half of its words elsewhere mend what a sentence says otherwise
        if refused is not None and alone < THRESHOLD - AROUND / 2:
            continue  # neighbours cannot make up for so much
        whole = alone >= _WHOLE and all(any(q.is_same(p) for p in there.quantities) for q in said.quantities)
        if second is not None and not whole:
            continue
        found = Carriers(first, last, _outcome(text, lines, first, last, ground, weight=weight))
        if found.outcome and whole:
            return found
        if first == last and _says_otherwise(found, alone, said, there):
            contradicted[first] = found
        second = second or (found if found.outcome else None)
        refused = refused or found
    return second or refused


def joining(
    names: tuple[str, str], predicate: str, lines: Lines, near: Sequence[int], language: str
) -> Carriers | None:
    """The sentences in which two names and the words that join them stand; None where there are none."""
    ends = [statement(name, language).words for name in names]
    joint = statement(predicate, language)
    ranked = _ranked(statement(f"{' '.join(names)} {predicate}", language), lines, near, equal_weight)
    for start, stop in _windows(ranked, lines):
        there = statement(" ".join(lines.sentences[start : stop + 1]), language)
        named = all(word and all(stands_in(part, there) for part in word) for word in ends)
        overlap = content_overlap(joint, there, there)
        if named and overlap >= THRESHOLD:
            return Carriers(start, stop, Carried(overlap))
    return None


def _windows(ranked: Sequence[int], lines: Lines) -> Iterator[tuple[int, int]]:
    """Single sentences first, then two, then three, each around a likely one; within one speaker's words."""
    seen = set[tuple[int, int]]()
    for size in range(1, _MOST_SENTENCES + 1):
        for at in ranked:
            for first in range(at - size + 1, at + 1):
                window = (first, first + size - 1)
                if first < 0 or window[1] >= len(lines.sentences) or window in seen or not lines.share_speaker(*window):
                    continue
                seen.add(window)
                yield window


def _ranked(said: Statement, lines: Lines, near: Sequence[int], weight: Weight) -> list[int]:
    """The likeliest sentences, best first; nearness to what the model pointed at decides between equals."""
    scores = []
    for at, overlap in enumerate(lines.overlaps(said, weight)):
        numbers = 0
        if said.quantities:
            there = lines.quantities(at, said.language)
            numbers = sum(1 for q in said.quantities if any(q.is_same(other) for other in there))
        distance = min((abs(at - place) for place in near), default=_NEAR)
        scores.append((overlap + _NUMBER * numbers + _NEARNESS * max(0, _NEAR - distance) / _NEAR, at))
    return [at for score, at in sorted(scores, key=lambda item: (-item[0], item[1]))[:_CANDIDATES] if score > 0]


def _outcome(text: str, lines: Lines, first: int, last: int, ground: Ground, *, weight: Weight) -> Carried:
    around = (*lines.sentences[max(0, first - 1) : first], *lines.sentences[last + 1 : last + 2])
    there = replace(
        ground,
        quotes=tuple(lines.sentences[first : last + 1]),
        around=(*around, *ground.around),
        speaker=lines.speaker(first) or ground.speaker,
        others=others_beside(lines.speakers, first) if lines.speakers else ground.others,
        before=tuple(lines.sentences[max(0, first - _REFERS) : max(0, first - 1)]),
    )
    return carried(text, there, weight=weight)


def others_beside(speakers: Sequence[str | None], at: int) -> tuple[str, ...]:
    """The three other people who spoke last before a place, and the next two: to whom or of whom one speaks there."""
    own = speakers[at]
    before = dict.fromkeys(name for name in reversed(speakers[:at]) if name and name != own)
    after = dict.fromkeys(name for name in speakers[at + 1 :] if name and name != own)
    return tuple(dict.fromkeys((*list(before)[:_BEFORE], *list(after)[:_AFTER])))


def _says_otherwise(found: Carriers, alone: float, said: Statement, there: Statement) -> bool:
    """Whether a sentence has nearly all of the text's words, or all but whose it is, and does not carry it."""
    faults = {reason.fault for reason in found.outcome.reasons}
    if faults & {Fault.QUESTION, Fault.NEGATION, Fault.ROLE, Fault.MODALITY, Fault.INTENTION}:
        return alone >= _ASKED
    # Where nothing else is wrong than whose it is, names do not count.
    names_alone = bool(faults) and faults <= {Fault.NAME, Fault.ATTRIBUTION}
    return bool(faults) and (alone >= _COPY or (names_alone and _but_names(said, there) >= _COPY))


def _but_names(said: Statement, there: Statement) -> float:
    """Share of a text's content, names and the note's frame apart, that stands in a sentence."""
    rest = [word.stem for word in said.content if not (word.is_capitalised or said.lists.has("reporting", word.folded))]
    return sum(means(stem, there) for stem in rest) / len(rest) if len(rest) > 1 else 0.0


def _refutes(contradicted: Iterable[Carriers], first: int, last: int, lines: Lines, language: str) -> bool:
    """Whether a sentence in nearly the text's words says otherwise, and the window does not answer it as a question."""
    for each in contradicted:
        asked = any(reason.fault is Fault.QUESTION for reason in each.outcome.reasons)
        opening = statement(lines.sentences[first], language).words[:1]
        answers = asked and each.first < first <= each.first + _ANSWER and opening
        if not (answers and (opening[0].folded in _YES_OR_NO or last > first)):
            return True
    return False


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


class _Index:
    """Where the stems of a passage stand, sentence by sentence."""

    def __init__(self, sentences: Sequence[Statement]) -> None:
        self.sentences = sentences
        self._stems: dict[str, list[int]] = {}
        self._families: dict[str, dict[str, list[int]]] = {}
        self._known: dict[str, tuple[tuple[int, float], ...]] = {}
        for at, sentence in enumerate(sentences):
            for stem in sentence.stems:
                self._stems.setdefault(stem, []).append(at)
            for stem in sentence.content_stems:
                self._families.setdefault(root(stem), {}).setdefault(stem, []).append(at)

    def places(self, stem: str) -> tuple[tuple[int, float], ...]:
        """The sentences that have a stem, and those that have a word for it (``statement.means``), with its share."""
        known = self._known.get(stem)
        if known is None:
            shares = dict.fromkeys(self._meant(stem), FAMILY) | dict.fromkeys(self._stems.get(stem, ()), 1.0)
            known = self._known[stem] = tuple(shares.items())
        return known

    def _meant(self, stem: str) -> Iterator[int]:
        for other, places in self._families.get(root(stem), {}).items():
            if alike(stem, other):
                yield from places
        if self.sentences:
            for other in synonyms(stem, self.sentences[0].language):
                yield from self._stems.get(other, ())
        if len(stem) >= COMPOUND:
            yield from (at for at, sentence in enumerate(self.sentences) if stem in sentence.without_spaces)
