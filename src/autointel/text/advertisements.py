"""Advertisements inside a talk: passages of one speaker that promote a sponsor's product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from autointel.domain.citation import Script
from autointel.text.sentences import Sentence
from autointel.text.word_lists import pattern_list

# Nobody says these but in an advertisement.
_SURE: Final = pattern_list("advertising")
# Common in advertisements, and in other talk.
_LIKELY: Final = pattern_list("advertising-likely")
_NEAR: Final = 6  # sentences between two signs of the same advertisement
_BEFORE: Final = 1
_AFTER: Final = 2


def advertisement_sentences(script: Script, sentences: Sequence[Sentence]) -> frozenset[int]:
    """Indexes of the sentences that belong to an advertisement; linear in their number.

    A sure sign, or two likely ones, make one; it reaches from its first sign to its last within one speaker's words,
    with the sentence before and two after.
    """
    found: set[int] = set()
    signs = [(index, _weight(sentence.text)) for index, sentence in enumerate(sentences)]
    group: list[tuple[int, int]] = []
    for index, weight in [*((i, w) for i, w in signs if w), (len(sentences) + _NEAR, 0)]:
        apart = bool(group) and (
            index - group[-1][0] > _NEAR
            or index >= len(sentences)
            or _speaker(script, sentences[index]) != _speaker(script, sentences[group[-1][0]])
        )
        if apart:
            found.update(_reach(script, sentences, group))
            group = []
        group.append((index, weight))
    return frozenset(found)


def _weight(text: str) -> int:
    return 2 * bool(_SURE.search(text)) + bool(_LIKELY.search(text))


def _reach(script: Script, sentences: Sequence[Sentence], group: Sequence[tuple[int, int]]) -> list[int]:
    if sum(weight for _, weight in group) < 2:  # noqa: PLR2004  one likely sign is an address that somebody named
        return []
    who = _speaker(script, sentences[group[0][0]])
    first, last = max(0, group[0][0] - _BEFORE), min(len(sentences) - 1, group[-1][0] + _AFTER)
    return [index for index in range(first, last + 1) if _speaker(script, sentences[index]) == who]


def _speaker(script: Script, sentence: Sentence) -> str | None:
    return script.speaker_at(sentence.start)
