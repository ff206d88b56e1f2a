"""Finding a quote in a transcript: exactly, then tolerantly, and never with another number in it.

A model copies nearly right: another case, a comma less, a misheard word mended. What is shown afterwards is the
transcript's own words, so tolerance here decides only *whether* the words were said, never *which* are shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Final

from autointel.domain.citation import Citation
from autointel.domain.script import Script

_WORD: Final = re.compile(r"\w+(?:[.,:]\d+|\x00\w+)*")
_SHORTEST: Final = 3  # words; fewer stand anywhere and prove nothing, unless they are exact
_ALIKE: Final = 0.87  # of the words, in order: one slip in eight
_CANDIDATES: Final = 12  # places looked at closely

# Said as words, heard as digits, and the other way round: a number is never "a small recognition error".
_BINDING_WORDS: Final = frozenset(
    (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
        "billion trillion half third quarter percent no not never none nothing neither nor cannot "
        "dont doesnt didnt isnt arent wasnt werent wont wouldnt cant couldnt shouldnt havent hasnt hadnt mustnt aint"
    ).split()
)


@dataclass(frozen=True)
class _Word:
    folded: str
    start: int
    end: int

    @property
    def is_binding(self) -> bool:
        """Whether replacing the word would change the claim: numbers and negations."""
        return self.folded in _BINDING_WORDS or any(character.isdigit() for character in self.folded)


@dataclass(frozen=True)
class QuoteFinder:
    """Finds quotes in one script. Building it is linear; a look-up costs about the quote times its rarest word."""

    script: Script

    @cached_property
    def _words(self) -> tuple[_Word, ...]:
        return tuple(_words_of(self.script.text))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for index, word in enumerate(self._words):
            places.setdefault(word.folded, []).append(index)
        return places

    def find(self, quote: str) -> Citation | None:
        """The transcript's own words for ``quote`` and their place; None if they were not said.

        Of several equal places the first is cited.
        """
        quote = " ".join(quote.split())
        if not quote:
            return None
        exact = self.script.text.find(quote)
        if exact >= 0:
            return self.script.cite(exact, exact + len(quote))
        wanted = tuple(_words_of(quote))
        if len(wanted) < _SHORTEST:
            return None
        span = self._same_words(wanted) or self._nearly_same_words(wanted)
        return None if span is None else self._cite_words(*span)

    def _same_words(self, wanted: Sequence[_Word]) -> tuple[int, int] | None:
        folded = [word.folded for word in wanted]
        offset, rarest = min(enumerate(folded), key=lambda item: len(self._places.get(item[1], ())))
        for place in self._places.get(rarest, ()):
            first = place - offset
            if first >= 0 and [word.folded for word in self._words[first : first + len(folded)]] == folded:
                return first, first + len(folded)
        return None

    def _nearly_same_words(self, wanted: Sequence[_Word]) -> tuple[int, int] | None:
        folded = [word.folded for word in wanted]
        best, best_score = None, 0.0
        for first in self._likely_starts(folded):
            span, score = self._fit(folded, first)
            if score > best_score and score >= _ALIKE and self._same_bindings(wanted, *span):
                best, best_score = span, score
        return best

    def _likely_starts(self, folded: Sequence[str]) -> list[int]:
        """Where the quote's rarer words stand at the distances that the quote has them at."""
        votes: Counter[int] = Counter()
        for offset, word in enumerate(folded):
            places = self._places.get(word, ())
            if len(places) <= 50:  # noqa: PLR2004  commoner words vote everywhere and say nothing
                votes.update(max(0, place - offset) for place in places)
        return [start for start, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:_CANDIDATES]]

    def _fit(self, folded: Sequence[str], first: int) -> tuple[tuple[int, int], float]:
        """The best window near ``first``: from the first to the last word that the two have in common."""
        begin, end = max(0, first - 3), min(len(self._words), first + len(folded) + 3)
        there = [word.folded for word in self._words[begin:end]]
        blocks = [b for b in SequenceMatcher(None, folded, there, autojunk=False).get_matching_blocks() if b.size]
        if not blocks:
            return (begin, end), 0.0
        # A first or last word that differs is still part of what was said.
        start = max(begin, begin + blocks[0].b - blocks[0].a)
        stop = min(end, begin + blocks[-1].b + blocks[-1].size + (len(folded) - blocks[-1].a - blocks[-1].size))
        matched = sum(block.size for block in blocks)
        return (start, stop), 2 * matched / (len(folded) + stop - start)

    def _same_bindings(self, wanted: Sequence[_Word], first: int, last: int) -> bool:
        said = [word.folded for word in self._words[first:last] if word.is_binding]
        return said == [word.folded for word in wanted if word.is_binding]

    def _cite_words(self, first: int, last: int) -> Citation:
        start, end = self._words[first].start, self._words[last - 1].end
        # A sentence is quoted with its full stop.
        while end < len(self.script.text) and self.script.text[end] in ".!?…。":
            end += 1
        return self.script.cite(start, end)


def _words_of(text: str) -> list[_Word]:
    plain = text.replace("’", "'").replace("'", "\x00")
    # "don't" is one word; the apostrophe is dropped from it so that "dont" is the same.
    words = []
    for match in _WORD.finditer(plain):
        folded = unicodedata.normalize("NFKC", match.group().replace("\x00", "")).casefold()
        words.append(_Word(folded, match.start(), match.end()))
    return words
