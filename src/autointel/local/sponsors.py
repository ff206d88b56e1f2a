"""Advertisements inside a talk: passages of one speaker that promote a sponsor's product."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from autointel.domain.script import Script
from autointel.text.sentences import Sentence

# Nobody says these but in an advertisement.
_SURE: Final = re.compile(
    r"\b(?:(?:our|today['’]s|this (?:week|episode)['’]s|next|first|second|show['’]?s?) sponsors?\b(?! (?:of|is the|the) (?:the )?(?:bill|act|legislation|amendment))"
    r"|(?:is|are|was|were) (?:sponsored|brought to you) by|thanks? to (?:our sponsors?|[\w .&]{2,40} for sponsoring|our friends (?:at|over at))"
    r"|(?:a )?word from our|(?:promo|discount|coupon|offer) code|use (?:the |our |my )?code\b|(?:percent|%) off (?:your|the|of) "
    r"|free (?:trial|shipping)|money[- ]back guarantee|this (?:episode|podcast|show|video|portion) (?:is|was) (?:sponsored|brought|supported))\b",
    re.IGNORECASE,
)
# Common in advertisements, and in other talk.
_LIKELY: Final = re.compile(
    r"\b(?:\w+(?: dot |\.)(?:com|io|dev|co|fm|org|ai|net)\b(?:/\w+|,? (?:forward )?slash \w+)?|(?:learn|find out) more at|check (?:it|them|us) out"
    r"|head (?:on )?over to|sign up (?:for|at|today|now)|get started (?:at|with|for free|today)|try (?:it )?(?:for )?free"
    r"|for free|link (?:is )?in the (?:show notes|description)|(?:our|my) listeners|download the app|new customers|your first (?:month|order|purchase|year)"
    r"|limited time|special offer|no credit card|trusted by|go to [\w.]+(?:\.com| dot com))\b",
    re.IGNORECASE,
)
_NEAR: Final = 6  # sentences between two signs of the same advertisement
_BEFORE: Final = 1
_AFTER: Final = 2


def sponsor_sentences(script: Script, sentences: Sequence[Sentence]) -> frozenset[int]:
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
