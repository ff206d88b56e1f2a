"""The sentence of a passage to show: the one that shares most with the question, verbatim, with its second."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from autointel.domain.citation import Script
from autointel.memory.question import telling

_END: Final = re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？]")
# Without punctuation a passage is one "sentence"; then it is cut where the source cut it.
_LONGEST: Final = 320  # characters
_QUESTION_MARKS: Final = ("?", "？")
# What ends so before a full stop has not ended: a title, or an initial ("I" is mostly the pronoun).
_GOES_ON: Final = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|Sen|Gov|Rep|St|Mt|vs)|(?<![^\W_])[A-HJ-Z])$")
_LONGEST_TITLE: Final = 6
# A sentence of fewer words says little; scripts that do not part words are measured in characters.
_FEWEST: Final = 4
_WIDE: Final = 24


def best_span(script: Script, wanted: Mapping[str, float], within: tuple[int, int] | None = None) -> tuple[int, int]:
    """Where in ``script.text`` the sentence stands whose stems weigh most in ``wanted``; of equals the first.

    Of those that begin ``within`` two places, if given. A scrap of a few words gives way to any whole sentence that
    matches. A question is second to a statement that weighs as much. Neither stands alone where an answer follows: it
    is shown with it, or, where somebody else answers, the answer in its stead, since a quote has one speaker.
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
    return _answered(script, spans[best], spans[best + 1] if best + 1 < len(spans) else None)


def _answered(script: Script, best: tuple[int, int], following: tuple[int, int] | None) -> tuple[int, int]:
    text = script.text[slice(*best)]
    # A name called out is answered, too.
    if following is None or (_is_whole(text) and not text.endswith(_QUESTION_MARKS)):
        return best
    if script.speaker_at(best[0]) == script.speaker_at(following[0]):
        return best[0], following[1]
    return following if _is_whole(script.text[slice(*following)]) else best


def _is_whole(text: str) -> bool:
    return len(text.split()) >= _FEWEST or len(text) >= _WIDE


def sentences(script: Script) -> Iterator[tuple[int, int]]:
    """Spans of sentences, in order; none crosses a change of speaker."""
    for begin, end in _turns(script):
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


def _turns(script: Script) -> Iterator[tuple[int, int]]:
    changes = [
        script.offsets[index]
        for index, (before, after) in enumerate(pairwise(script.segments), 1)
        if before.speaker != after.speaker
    ]
    yield from _between(0, changes, len(script.text))


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
