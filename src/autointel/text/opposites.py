"""Words that say the opposite: rose for fell, support for oppose, committed for uncommitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from autointel.text.meaning_words import meaning_words
from autointel.text.statement import Statement
from autointel.text.stems import alike, stem
from autointel.text.synonyms import antonyms, same_sense
from autointel.text.word_lists import base_language, word_list


def direction(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """A word in the sentence whose opposite stands in the quote, where nothing is denied on one side alone."""
    del around
    here, there = ({stem for scope in text.denied for stem in scope} for text in (sentence, quotes))
    spelt = _opposites(sentence.language).spelt
    ours, theirs = (Counter(word.stem for word in text.words) for text in (sentence, quotes))
    for mine in sentence.stems:
        if ours[mine] <= theirs[mine]:
            continue
        for other in opposites(mine, quotes):
            if (mine in here) != (other in there):
                continue  # "not cheap" for "expensive" is for the negation to judge
            if mine in SMALL and not _neighbours(sentence, mine) & _neighbours(quotes, other):
                continue
            if theirs[other] > ours[other] and not (theirs[mine] and len(quotes.words) > 2 * len(sentence.words)):
                return f"the quote says {spelt.get(other, other)}"
    return None


def opposites(mine: str, text: Statement) -> set[str]:
    """The stems of a text that say the opposite of a stem."""
    there, language = text.stems, text.language
    known = _opposites(language).pairs.get(mine, frozenset()) | antonyms(mine, language)
    found = set(known & there)
    if mine not in SMALL and base_language(language) == "en":
        describing = {word.stem for word in text.words if word.folded in word_list("adjectives-en")}
        found |= {one for other in known - SMALL for one in same_sense(other, language) & describing}
    found |= {one for other in known for one in there if len(other) > _STEM and alike(other, one) and one != mine}
    if base_language(language) == "en" and len(mine) >= _STEM:
        bare = next((mine[len(p) :] for p in _PREFIXES if mine.startswith(p)), "")
        wanted = {bare} if len(bare) >= _STEM else set[str]()
        wanted |= {prefix + mine for prefix in _PREFIXES}
        found |= {other for other in wanted & there if other not in _NO_OPPOSITE and mine not in _NO_OPPOSITE}
    return found


def has_opposite(scope: Sequence[str], there: Statement, here: Statement) -> bool:
    """Whether "not cheap" here stands against "expensive" there."""
    return any(opposites(one, there) - here.stems for one in scope)


_PREFIXES: Final = ("un", "dis", "im", "ir", "il", "non", "in", "anti", "mis")
_STEM: Final = 5  # letters: "income" is not the opposite of "come"
# A prefix there denies nothing.
_NO_OPPOSITE: Final = frozenset("cover count press prison miss cours charg pose pact tent deed form vest".split())

# Words of every sentence: opposites only where they stand beside the same word.
SMALL: Final = frozenset(
    """for against up down befor after over under abov below first last more less fewer insid outsid in out come go
    give take get have man woman peopl good bad now then here there all some same other start end""".split()
)


def _neighbours(statement: Statement, stem_: str) -> set[str]:
    """The content words right before and right after a word."""
    found = set[str]()
    for word in statement.words:
        if word.stem == stem_:
            found.update(w.stem for w in [w for w in statement.content if w.start < word.start][-1:])
            found.update(w.stem for w in [w for w in statement.content if w.start > word.start][:1])
    return found


@dataclass(frozen=True)
class _Listed:
    """Opposites of a language's own list by stem, and a spelling for each stem."""

    pairs: dict[str, frozenset[str]]
    spelt: dict[str, str]


@cache
def _opposites(language: str) -> _Listed:
    found: dict[str, set[str]] = {}
    spelt: dict[str, str] = {}
    lists = meaning_words(language)
    for first, second in (*sorted(lists.opposites), *_movements(language)):
        one, other = stem(first, language), stem(second, language)
        if one == other:
            continue
        found.setdefault(one, set()).add(other)
        spelt.setdefault(one, first)
    return _Listed({one: frozenset(others) for one, others in found.items()}, spelt)


def _movements(language: str) -> Iterator[tuple[str, str]]:
    """Every word for a rise against every word for a fall, both ways."""
    sets = meaning_words(language).sets
    for rise in sorted(sets.get("rising", ())):
        for fall in sorted(sets.get("falling", ())):
            yield rise, fall
            yield fall, rise
