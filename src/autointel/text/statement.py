"""A sentence taken apart for comparison: words, content, quantities, dates, and what each negator denies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from autointel.text.meaning_words import MeaningWords, meaning_words
from autointel.text.quantities import Quantity, dates, in_digits, quantities
from autointel.text.stems import Word, alike, empty_words, plain, words_of
from autointel.text.word_lists import base_language

_REACH: Final = 4  # content words that a negator denies
_BEFORE: Final = 2  # where nothing follows the negator in its clause


@dataclass(frozen=True)
class Statement:
    """One text and its language. Everything about it is worked out when asked for, once."""

    text: str
    language: str

    @cached_property
    def plain(self) -> str:
        """The text with simple apostrophes, single spaces, and "not" as a word."""
        return plain(self.text)

    @cached_property
    def folded(self) -> str:
        """The plain text in lower case."""
        return self.plain.casefold()

    @cached_property
    def lists(self) -> MeaningWords:
        """The language's lists."""
        return meaning_words(self.language)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All words, in order."""
        return tuple(words_of(self.plain, self.language))

    @cached_property
    def stems(self) -> frozenset[str]:
        """All stems."""
        return frozenset(word.stem for word in self.words)

    @cached_property
    def folded_words(self) -> frozenset[str]:
        """All words in lower case."""
        return frozenset(word.folded for word in self.words)

    @cached_property
    def content(self) -> tuple[Word, ...]:
        """Words that say something: neither numbers nor the words of every sentence."""
        return tuple(word for word in self.words if self._has_content(word))

    @cached_property
    def content_stems(self) -> frozenset[str]:
        """The stems of the content words."""
        return frozenset(word.stem for word in self.content)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """All numbers."""
        return tuple(quantities(self.plain, self.language))

    @cached_property
    def dates(self) -> frozenset[str]:
        """Months and days of the week."""
        return frozenset(dates(self.plain, self.language))

    @cached_property
    def denied(self) -> tuple[tuple[str, ...], ...]:
        """For each negator the stems that it denies, nearest first; empty where it stands alone."""
        idioms = self.lists.idioms.spans(self.folded)
        return tuple(
            self._scope(index)
            for index, word in enumerate(self.words)
            if self.lists.has("negators", word.folded) and not any(start <= word.start < end for start, end in idioms)
        )

    @cached_property
    def idle_negators(self) -> int:
        """Negators that deny nothing, as in "not only"."""
        return len(self.lists.idioms.spans(self.folded))

    @cached_property
    def failed(self) -> tuple[tuple[str, ...], ...]:
        """The same for words such as "failed" and "unable", which deny without a negator."""
        return tuple(
            self._scope(index) for index, word in enumerate(self.words) if self.lists.has("denials", word.folded)
        )

    @property
    def is_negative(self) -> bool:
        """Whether anything is denied."""
        return bool(self.denied or self.failed)

    def has(self, *kinds: str) -> bool:
        """Whether a word of one of the kinds stands in it; a capitalised "May" is a month."""
        return any(
            self.lists.has(kind, word.folded)
            for word in self.words
            for kind in kinds
            if not (word.text == "May" and (self.dates or not word.opens))
        )

    def _has_content(self, word: Word) -> bool:
        if word.is_number or word.folded in "$€£%" or word.folded in empty_words(base_language(self.language)):
            return False
        if len(word.folded) == 1 and word.folded.isascii():
            return False
        return not _is_number_word(word.folded, base_language(self.language)) and not self.lists.has(
            "negators", word.folded
        )

    def _scope(self, index: int) -> tuple[str, ...]:
        clause = self.words[index].clause
        after = list[str]()
        for word in self.words[index + 1 :]:
            if word.clause != clause or word.folded in _SUBORDINATORS:
                break
            if self._has_content(word):
                after.append(word.stem)
        before = [word.stem for word in self.words[:index] if word.clause == clause and self._has_content(word)]
        return tuple(after[:_REACH]) or tuple(reversed(before[-_BEFORE:]))


# "not satisfied when ..." denies the satisfaction alone; "don't think that ..." denies what follows too.
_SUBORDINATORS: Final = frozenset(
    "when if because who which while as until unless where since wenn weil als cuando porque quand".split()
)


@lru_cache(maxsize=4096)
def statement(text: str, language: str) -> Statement:
    """The statement of a text; the same one for the same text, since neighbours are looked at again and again."""
    return Statement(text, language)


@lru_cache(maxsize=50_000)
def _is_number_word(folded: str, language: str) -> bool:
    lists = meaning_words(language)
    return in_digits(folded, language) != folded or any(
        folded in lists.maps.get(kind, {}) for kind in ("scale", "fractions")
    )


def shared(first: Iterable[str], second: frozenset[str]) -> int:
    """How many stems of the first stand in the second, or one of their family does."""
    return sum(1 for stem in first if stem in second or any(alike(stem, other) for other in second))
