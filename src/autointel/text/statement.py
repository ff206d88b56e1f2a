"""A sentence taken apart for comparison: words, content, quantities, dates, and what each negator denies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from propcache.api import cached_property

from autointel.text.quantities import Quantity, dates, in_digits, quantities
from autointel.text.vocabulary import Word, alike, empty_words, plain, root, synonyms, words_of
from autointel.text.word_lists import MeaningWords, base_language, meaning_words

_REACH: Final = 4  # content words that a negator denies
_BEFORE: Final = 2  # where nothing follows the negator in its clause
# Nouns as often as verbs that deny.
_NOUNS_TOO: Final = frozenset("stop stops decline declines doubt doubts lack miss misses".split())
_ARTICLES: Final = frozenset("a an the its his her their our my your this that these those".split())
# "We cannot discuss it without seeing that" says that we see it.
_BOUND: Final = re.compile(r"\b(?:no|not) (?:more|fewer|less|later|earlier) than\b")  # an upper bound denies nothing
_NOT_WITHOUT: Final = re.compile(r"\b(?:not|never|nobody|nothing)\b(?P<between>[^.;]{1,80}?)\bwithout\b")
# "not satisfied when ..." denies the satisfaction alone; "don't think that ..." denies what follows too.
_SUBORDINATORS: Final = frozenset(
    "when if because who which while as until unless where since wenn weil als cuando porque quand".split()
)
COMPOUND: Final = 8  # letters: "sunglasses" for "sun glasses"


@dataclass(frozen=True)
class Statement:
    """One text and its language. Everything about it is worked out when asked for, once."""

    text: str
    language: str

    @cached_property
    def plain(self) -> str:
        """The text with simple apostrophes, single spaces, and "not" as a word."""
        return self.lists.in_one_word(plain(self.text))

    @cached_property
    def folded(self) -> str:
        """The plain text in lower case."""
        return self.plain.casefold()

    @cached_property
    def without_spaces(self) -> str:
        """The text in lower case as one run of letters."""
        return self.folded.replace(" ", "").replace("-", "")

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
        return tuple(word for word in self.words if _has_content(word.folded, self.language))

    @cached_property
    def content_stems(self) -> frozenset[str]:
        """The stems of the content words."""
        return frozenset(word.stem for word in self.content)

    @cached_property
    def families(self) -> dict[str, list[str]]:
        """The same by their roots: a stem is compared with those of its own root alone, and not with every other."""
        found: dict[str, list[str]] = {}
        for stem in self.content_stems:
            found.setdefault(root(stem), []).append(stem)
        return found

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
        idioms += [found.span() for found in _BOUND.finditer(self.folded)]
        for found in _NOT_WITHOUT.finditer(self.folded):
            idioms += [(found.start(), found.start("between")), (found.end("between"), found.end())]
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
        return tuple(scope for _, scope in self.denying)

    @cached_property
    def denying(self) -> tuple[tuple[Word, tuple[str, ...]], ...]:
        """Words such as "failed", each with the stems that it denies."""
        idioms = self.lists.idioms.spans(self.folded)
        return tuple(
            (word, self._scope(index))
            for index, word in enumerate(self.words)
            if self.lists.has("denials", word.folded)
            and not any(start <= word.start < end for start, end in idioms)
            and not (word.folded in _NOUNS_TOO and index and self._is_counted(self.words[index - 1]))
        )

    @property
    def is_negative(self) -> bool:
        """Whether anything is denied."""
        return bool(self.denied or self.failed)

    def has(self, *kinds: str) -> bool:
        """Whether a word of one of the kinds stands in it; a capitalised "May" is a month, and "HOPE" a name."""
        return any(
            self.lists.has(kind, word.folded)
            for word in self.words
            for kind in kinds
            if not (word.text == "May" and (self.dates or not word.opens))
            and not (word.text.isupper() and len(word.text) > 1 and not self.text.isupper())
        )

    def between(self, start: int, end: int) -> frozenset[str]:
        """The content stems from one place in the text to another."""
        return frozenset(word.stem for word in self.content if start <= word.start < end)

    def sentence_at(self, place: int) -> frozenset[str]:
        """The content stems of the sentence in which a place is."""
        opening = [word.start for word in self.words if word.opens]
        start = max((each for each in opening if each <= place), default=0)
        return self.between(start, min((each for each in opening if each > place), default=len(self.folded)))

    def sides(self, start: int, end: int) -> tuple[frozenset[str], frozenset[str]]:
        """What stands before a marker, and what stands after it in the same clause."""
        following = [word for word in self.words if word.start >= end]
        clause = following[0].clause if following else 0
        last = max((word.start + 1 for word in following if word.clause == clause), default=len(self.folded))
        return self.between(0, start), self.between(end, last) or self.between(end, len(self.folded))

    def _is_counted(self, before: Word) -> bool:
        """Whether the word after this one is a noun: "80 stops", "the decline"."""
        return (
            before.is_number
            or before.folded in _ARTICLES
            or _is_number_word(before.folded, base_language(self.language))
        )

    def _scope(self, index: int) -> tuple[str, ...]:
        clause = self.words[index].clause
        after = list[str]()
        for word in self.words[index + 1 :]:
            if word.clause != clause or word.folded in _SUBORDINATORS:
                break
            if _has_content(word.folded, self.language):
                after.append(word.stem)
        before = [
            word.stem
            for word in self.words[:index]
            if word.clause == clause and _has_content(word.folded, self.language)
        ]
        return tuple(after[:_REACH]) or tuple(reversed(before[-_BEFORE:]))


@lru_cache(maxsize=4096)
def statement(text: str, language: str) -> Statement:
    """The statement of a text; the same one for the same text, since neighbours are looked at again and again."""
    return Statement(text, language)


@lru_cache(maxsize=50_000)
def _has_content(folded: str, language: str) -> bool:
    """Whether a word in lower case says something: no number, and none of the words of every sentence."""
    base = base_language(language)
    if any(map(str.isdigit, folded)) or folded in "$€£%" or folded in empty_words(base):
        return False
    if len(folded) == 1 and folded.isascii():
        return False
    return not _is_number_word(folded, base) and not meaning_words(language).has("negators", folded)


@lru_cache(maxsize=50_000)
def _is_number_word(folded: str, language: str) -> bool:
    lists = meaning_words(language)
    return in_digits(folded, language) != folded or any(
        folded in lists.maps.get(kind, {}) for kind in ("scale", "fractions")
    )


def shared(first: Iterable[str], second: frozenset[str], language: str = "") -> int:
    """How many stems of the first stand in the second, or one of their family does; in a language, or a synonym."""
    return sum(
        1
        for stem in first
        if stem in second
        or any(alike(stem, other) for other in second)
        or (language and not synonyms(stem, language).isdisjoint(second))
    )


def means(stem: str, there: Statement) -> bool:
    """Whether a text has the stem, one of its family, or one that may stand in its place."""
    return (
        stem in there.stems
        or any(alike(stem, other) for other in there.families.get(root(stem), ()))
        or not synonyms(stem, there.language).isdisjoint(there.stems)
        or (len(stem) >= COMPOUND and stem in there.without_spaces)
    )
