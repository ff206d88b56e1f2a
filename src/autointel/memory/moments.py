"""The moments inside found passages, ranked by their own words: the moment is cited by its best sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from autointel.domain.citation import Script
from autointel.domain.passage import Hit, Passage
from autointel.domain.transcript import Segment
from autointel.memory.findings import Weights
from autointel.memory.question import forms_of, telling
from autointel.ports import Embedder
from autointel.text.sentences import cut, is_punctuated, turns

if TYPE_CHECKING:
    from autointel.domain.citation import Citation

_LONGEST_TURN: Final = 60
"""Words of a turn that are one moment; a longer turn is several."""
_USUAL: Final = 12
"""Telling words of a moment of the usual length."""
_EMBEDDED: Final = 32
"""Moments whose vectors are made for one question: 3 ms with the embedder that comes along."""
_NEAR: Final = 0.2
"""Cosine that says nothing: two sentences of everyday English have as much."""
_END: Final = re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？]")
# Without punctuation a passage is one "sentence"; then it is cut where the source cut it.
_LONGEST: Final = 320  # characters
_PACKED: Final = 160
"""Characters from which a stretch without an end mark is a run of captions, and no sentence."""
_QUESTION_MARKS: Final = ("?", "？")
# What ends so before a full stop has not ended: a title, or an initial ("I" is mostly the pronoun).
_GOES_ON: Final = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|Sen|Gov|Rep|St|Mt|vs)|(?<![^\W_])[A-HJ-Z])$")
_LONGEST_TITLE: Final = 6
# A sentence of fewer words says little; scripts that do not part words are measured in characters.
_FEWEST: Final = 4
_WIDE: Final = 24


@dataclass(frozen=True)
class Moment:
    """A sentence or short turn of a passage. ``share`` is the part of the question's weight that stands in or near it.

    ``near`` are its words with those of its neighbours.
    """

    hit: Hit
    script: Script
    span: tuple[int, int]
    words: frozenset[str]
    near: frozenset[str]
    score: float = 0.0

    @property
    def speaker(self) -> str | None:
        """Who speaks, if the source says so."""
        return self.script.speaker_at(self.span[0])

    @property
    def text(self) -> str:
        """Its words."""
        return self.script.text[slice(*self.span)]

    def cite(self, rarity: Mapping[str, float]) -> Citation:
        """Its best sentence: rare words weigh more than common ones."""
        return self.script.cite(*best_span(self.script, rarity, self.span))


@dataclass(frozen=True)
class Asked:
    """The question as moments are ranked by it: its words without names of speakers, those speakers, and weights."""

    said: str
    speakers: frozenset[str]
    weights: Weights


@dataclass(frozen=True)
class Ranked:
    """Moments, best first. ``rarity`` weighs the question's words, ``wanted`` their other forms too."""

    moments: Sequence[Moment]
    rarity: Mapping[str, float]
    wanted: Mapping[str, float]


def widened(passage: Passage) -> Passage:
    """The passage with one more segment on either side: sentences run over the borders of passages."""
    return passage.model_copy(update={"first": max(0, passage.first - 1), "last": passage.last + 1})


def moments_of(hit: Hit, segments: Sequence[Segment]) -> list[Moment]:
    """The moments that begin in the passage or stand mostly in it; ``segments`` are those of the widened passage.

    Captions without punctuation have no sentences: a run of them that begins before the passage is the passage's own.
    """
    script = Script.over(segments, hit.source_url)
    leading = min(1, hit.passage.first)
    inside = range(leading, leading + hit.passage.last - hit.passage.first + 1)
    spans = list(_spans(script))
    words = [frozenset(telling(script.text[slice(*span)])) for span in spans]
    found = []
    for at, span in enumerate(spans):
        if script.segment_at(span[0]) in inside or _stands_in(span, script.offsets[leading]):
            beside = words[max(0, at - 1) : at + 2]
            found.append(Moment(hit, script, span, words[at], frozenset().union(*beside)))
    return found


def _stands_in(span: tuple[int, int], border: int) -> bool:
    """Whether a span that begins before the border stands mostly behind it."""
    return span[0] < border and span[1] - border > border - span[0]


def _spans(script: Script) -> Iterator[tuple[int, int]]:
    """Sentences; the short ones of one segment together, so that a short turn is one moment."""
    begun: tuple[int, int] | None = None
    for start, end in sentences(script):
        if begun is not None:
            one = script.segment_at(begun[0]) == script.segment_at(end - 1)
            if one and script.text.count(" ", begun[0], end) < _LONGEST_TURN:
                begun = (begun[0], end)
                continue
            yield begun
        begun = (start, end)
    if begun is not None:
        yield begun


def rarity_in(said: str, texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """The question's telling words with a weight that is higher for those in fewer texts, as in BM25."""
    total = len(texts)
    counts = {word: sum(word in text for text in texts) for word in telling(said)}
    return {word: math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in counts.items()}


def ranked_moments(
    moments: Sequence[Moment], fused: Mapping[str, float], asked: Asked, embedder: Embedder | None
) -> Ranked:
    """The moments, best first, and how rare each word of the question is among them, other forms of it included.

    Blocks for the embedder.
    """
    moments, forms = _with_forms(moments, telling(asked.said))
    rarity = rarity_in(asked.said, [moment.words for moment in moments])
    own = [_weight(moments, at, rarity, asked.weights) for at in range(len(moments))]
    meaning = _meaning(moments, own, fused, asked, embedder)
    most = max(own, default=0.0) or 1.0
    best = max(fused.values(), default=0.0) or 1.0
    weights = asked.weights
    scored = [
        weights.words * own[at] / most
        + weights.passage * fused[moment.hit.passage.id] / best
        + weights.said_by * (moment.speaker in asked.speakers)
        + weights.meaning * meaning.get(at, 0.0)
        for at, moment in enumerate(moments)
    ]
    order = sorted(
        range(len(moments)),
        key=lambda at: (-scored[at], moments[at].hit.passage.source_id, moments[at].hit.passage.index, at),
    )
    ranked = [replace(moments[at], score=scored[at]) for at in order]
    return Ranked(ranked, rarity, rarity | {form: rarity[word] for form, word in forms.items()})


def _with_forms(moments: Sequence[Moment], wanted: Sequence[str]) -> tuple[list[Moment], dict[str, str]]:
    """The moments with a word of the question where they hold a form of it ("häuser": "haus"), and those forms."""
    forms = forms_of(wanted, frozenset().union(*(moment.words for moment in moments)))
    there = [
        replace(moment, words=moment.words | {forms[word] for word in held}) if held else moment
        for moment in moments
        for held in [moment.words & forms.keys()]
    ]
    return there, forms


def _weight(moments: Sequence[Moment], at: int, rarity: Mapping[str, float], weights: Weights) -> float:
    """Its own words of the question, and for less those that only the moment before or after has."""
    moment = moments[at]
    length = 1 - weights.length + weights.length * len(moment.words) / _USUAL
    weight = sum(rare for word, rare in rarity.items() if word in moment.words) / length
    for step, share in ((-1, weights.before), (1, weights.after)):
        beside = moments[at + step] if 0 <= at + step < len(moments) else None
        if beside is not None and beside.hit is moment.hit:
            weight += share * sum(
                rare for word, rare in rarity.items() if word in beside.words and word not in moment.words
            )
    return weight


def _meaning(
    moments: Sequence[Moment],
    own: Sequence[float],
    fused: Mapping[str, float],
    asked: Asked,
    embedder: Embedder | None,
) -> dict[int, float]:
    """Nearness in meaning by index, 1 for the nearest; of the most promising moments only."""
    if embedder is None or not moments:
        return {}
    likely = sorted(range(len(moments)), key=lambda at: (-own[at] - fused[moments[at].hit.passage.id], at))[:_EMBEDDED]
    rows = embedder.embed([asked.said, *(moments[at].text for at in likely)])
    near = {at: max(0.0, float(score) - _NEAR) for at, score in zip(likely, rows[1:] @ rows[0], strict=True)}
    most = max(near.values()) or 1.0
    return {at: score / most for at, score in near.items()}


def best_span(script: Script, wanted: Mapping[str, float], within: tuple[int, int] | None = None) -> tuple[int, int]:
    """The span in ``script.text`` of the sentence whose stems weigh most in ``wanted``; of equals the first.

    Of those that begin ``within`` two places, if given. A scrap of a few words gives way to any whole sentence that
    matches. A question is second to a statement that weighs as much. Neither stands alone where an answer follows: it
    is shown with it, or, where somebody else or the next paragraph answers, the answer in its stead: a quote has one
    speaker and crosses no paragraph.
    """
    spans = list(sentences(script))
    first, end = within or (0, len(script.text))

    def worth(place: int) -> tuple[bool, float, bool, bool, int]:
        text = script.text[slice(*spans[place])]
        weight = round(sum(wanted.get(word, 0.0) for word in telling(text)), 6)
        whole = _is_whole(text)
        return whole and weight > 0, weight, whole, not text.endswith(_QUESTION_MARKS), -place

    places = [place for place, span in enumerate(spans) if first <= span[0] < end]
    if not places:
        return first, end
    best = max(places, key=worth)
    if spans[best][1] - spans[best][0] > _PACKED and not _END.search(script.text, *spans[best]):
        return _whole_sentences(script, spans[best], wanted)
    return _answered(script, spans[best], spans[best + 1] if best + 1 < len(spans) else None)


def _whole_sentences(script: Script, span: tuple[int, int], wanted: Mapping[str, float]) -> tuple[int, int]:
    """A run of raw captions from where a sentence probably begins to where one ends: 1 ms.

    What runs over a border of the run is taken along where a wanted word stands nowhere else.
    """
    pieces = [(each.start, each.end) for each in cut(script) if span[0] < each.end and each.start < span[1]]
    inside = [piece for piece in pieces if span[0] <= piece[0] and piece[1] <= span[1]]
    if not inside:
        return span
    held = set(telling(script.text[inside[0][0] : inside[-1][1]]))
    lost = [
        piece
        for piece in (pieces[0], pieces[-1])
        if any(word in wanted and word not in held for word in telling(script.text[slice(*piece)]))
    ]
    return min(piece[0] for piece in (*inside, *lost)), max(piece[1] for piece in (*inside, *lost))


def _answered(script: Script, best: tuple[int, int], following: tuple[int, int] | None) -> tuple[int, int]:
    text = script.text[slice(*best)]
    # A name called out is answered, too.
    if following is None or (_is_whole(text) and not text.endswith(_QUESTION_MARKS)):
        return best
    asked, answered = (script.segments[script.segment_at(each[0])] for each in (best, following))
    if (asked.speaker, asked.paragraph) == (answered.speaker, answered.paragraph):
        return best[0], following[1]
    return following if _is_whole(script.text[slice(*following)]) else best


def _is_whole(text: str) -> bool:
    return len(text.split()) >= _FEWEST or len(text) >= _WIDE


def likely_sentences(script: Script) -> Iterator[tuple[int, int]]:
    """Sentences; in raw captions where they probably end, since runs of cues share no matter and no beginning."""
    if is_punctuated(script.text):
        return sentences(script)
    return ((each.start, each.end) for each in cut(script))


def sentences(script: Script) -> Iterator[tuple[int, int]]:
    """Spans of sentences, in order; none crosses a border that ``turns`` names, such as a heading's."""
    borders = [script.offsets[first] for first, _ in turns(script)]
    for begin, end in _between(0, borders, len(script.text)):
        for start, stop in _between(begin, [found.end() for found in _end_marks(script, begin, end)], end):
            if stop - start > _LONGEST:
                yield from _packed(script, start, stop)
            else:
                yield from _trimmed(script.text, start, stop)


def _end_marks(script: Script, begin: int, end: int) -> Iterator[re.Match[str]]:
    for mark in _END.finditer(script.text, begin, end):
        before = script.text[max(begin, mark.start() - _LONGEST_TITLE) : mark.start()]
        if not (mark[0].startswith(".") and _GOES_ON.search(before)):
            yield mark


def _packed(script: Script, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """A long stretch in runs of whole segments, as long as may be."""
    begin = start
    borders = [offset for offset in script.offsets if start < offset < stop]
    for here, following in pairwise([*borders, stop]):
        if following - begin > _LONGEST:
            yield from _trimmed(script.text, begin, here)
            begin = here
    yield from _trimmed(script.text, begin, stop)


def _between(begin: int, cuts: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    return pairwise([begin, *(cut for cut in cuts if begin < cut < end), end])


def _trimmed(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    piece = text[start:stop]
    start, stop = start + len(piece) - len(piece.lstrip()), stop - len(piece) + len(piece.rstrip())
    if start < stop:
        yield start, stop
