"""The sentence of a passage to show: the one that shares most with the question, verbatim, with its second."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from autointel.domain.script import Script
from autointel.recall.question import telling

_END: Final = re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？]")
# Without punctuation a passage is one "sentence"; then it is cut where the source cut it.
_LONGEST: Final = 320  # characters
_QUESTION_MARKS: Final = ("?", "？")


def best_span(script: Script, wanted: Mapping[str, float]) -> tuple[int, int]:
    """Where in ``script.text`` the sentence stands whose stems weigh most in ``wanted``; of equals the first.

    A question is second to a statement that weighs as much: what answers rarely asks.
    """

    def worth(span: tuple[int, int]) -> tuple[float, bool, int]:
        text = script.text[slice(*span)]
        weight = round(sum(wanted.get(word, 0.0) for word in telling(text)), 6)
        return weight, not text.endswith(_QUESTION_MARKS), -span[0]

    return max(sentences(script), key=worth, default=(0, len(script.text)))


def sentences(script: Script) -> Iterator[tuple[int, int]]:
    """Spans of sentences, in order; none crosses a change of speaker."""
    for begin, end in _turns(script):
        for start, stop in _between(begin, [begin + found.end() for found in _end_marks(script, begin, end)], end):
            if stop - start > _LONGEST:
                yield from _packed(script, start, stop)
            else:
                yield from _trimmed(script.text, start, stop)


def _end_marks(script: Script, begin: int, end: int) -> Iterator[re.Match[str]]:
    return _END.finditer(script.text[begin:end])


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
