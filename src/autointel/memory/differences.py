"""How two statements on one matter differ, by rules over words: in numbers, years, a denial, or a direction.

Numbers are compared as quantities: the number, its unit, and the thing that is counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from autointel.memory.question import SMALL_NUMBERS, TENS, stem, telling
from autointel.text.carrying import Fault, Ground, carried
from autointel.text.clauses import SAYING, Phrase, clauses
from autointel.text.language import english_share
from autointel.text.statement import Statement as Said
from autointel.text.statement import means
from autointel.text.statement import statement as said
from autointel.text.vocabulary import Word
from autointel.text.vocabulary import stem as stem_of

_ONES: Final = {word: number for number, word in enumerate(SMALL_NUMBERS) if number}
_TENS: Final = {word: 10 * number for number, word in enumerate(TENS, start=2)}
_SCALES: Final = {
    word: size
    for size, words in (
        (1e2, "hundred"),
        (1e3, "thousand k"),
        (1e6, "million m mn"),
        (1e9, "billion bn"),
        (1e12, "trillion"),
    )
    for word in words.split()
}
_CURRENCIES: Final = {
    word: unit
    for unit, words in (
        ("dollar", "$ dollar dollars bucks"),
        ("euro", "€ euro euros"),
        ("pound", "£ pound pounds"),
        ("yen", "¥ yen"),
        ("franc", "francs"),
        ("rupee", "rupees"),
    )
    for word in words.split()
}
_TOKEN: Final = re.compile(r"[$€£¥]|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|%|[^\W\d_]+|[.,;:!?]")
_IS_YEAR: Final = re.compile(r"(?:1[89]|20)\d\d")
_NUMBER_STEMS: Final = frozenset(stem(word) for word in (*_ONES, *_TENS, *_SCALES, *_CURRENCIES, "percent", "cent"))
_LONGEST_THING: Final = 3
# Words between the number and the thing that name no thing.
_BETWEEN: Final = frozenset("of per cent percent more fewer less other new about".split())
DENIED: Final = "one denies what the other says"
OPPOSITE: Final = "opposite direction"
_POSITIONS: Final = {Fault.NEGATION: DENIED, Fault.DIRECTION: OPPOSITE}
_COMMON: Final = 3
"""Telling words that two statements share, and below them their share of the shorter one's, before a denial counts."""
_DENIABLE: Final = 0.6
DIFFERENT_NUMBER: Final = "different number"
DIFFERENT_YEAR: Final = "different year"
# Before two numbers are set against each other: words in common beside what is counted, and their share of the shorter
# sentence's.
_COMPARABLE: Final = 2
_SAME_MATTER: Final = 0.5
_ENGLISH: Final = 0.12  # function words among all: "Apple sold 200 million phones in 2020." has one in seven
# Verbs that tell how much there is, of which any may stand for another.
_LEVELS: Final = frozenset(
    stem_of(verb, "en")
    for verb in (
        "be stand reach hit come go rise fall grow drop increase decrease climb decline total amount remain stay double"
        " raise cut reduce lower"
    ).split()
)
# Nouns that measure a thing and do not name it.
_MEASURES: Final = frozenset("rate price cost share number amount level index percentage proportion figure".split())


def difference(earlier: str, later: str) -> str | None:
    """How two statements on one matter differ, by rules over words; None where no rule sees a difference."""
    numbers = flags(earlier, later)
    if numbers:
        return ", ".join(numbers)
    here, there = set(telling(earlier)), set(telling(later))
    common = here & there
    if len(common) < _COMMON or len(common) < _DENIABLE * min(len(here), len(there)):
        return None
    outcome = carried(later, Ground((earlier,)))
    return next((_POSITIONS[reason.fault] for reason in outcome.reasons if reason.fault in _POSITIONS), None)


def flags(statement: str, quote: str) -> tuple[str, ...]:
    """Differences in what two sentences on the same matter count or date; none is a contradiction yet.

    Numbers are compared only where unit and counted thing agree, each sentence has one such number, and the sentences
    share their other words.
    """
    found = []
    thing = counted_differently(quantities(statement), quantities(quote))
    if thing is not None and _on_one_matter(statement, quote, thing) and _is_one_deed(statement, quote):
        found.append(DIFFERENT_NUMBER)
    if _differ(years(statement), years(quote)) and _on_one_matter(statement, quote, ()):
        found.append(DIFFERENT_YEAR)
    return tuple(found)


def _on_one_matter(statement: str, quote: str, counted: Collection[str]) -> bool:
    here, there = _matter(statement).difference(counted), _matter(quote).difference(counted)
    common = here & there
    if have_other_subjects(statement, quote):
        return False
    return len(common) >= _COMPARABLE and len(common) >= _SAME_MATTER * min(len(here), len(there))


def _matter(text: str) -> set[str]:
    return {word for word in telling(text) if not any(map(str.isdigit, word)) and not is_number_word(word)}


def _differ(here: set[str], there: set[str]) -> bool:
    return bool(here and there) and here.isdisjoint(there)


def _is_one_deed(statement: str, quote: str) -> bool:
    """Whether the verbs that have the numbers may be the same: who has 900 boats may have sold 20 boats.

    True where either has no such verb, and for languages other than English.
    """
    if english_share(f"{statement} {quote}") < _ENGLISH:
        return True
    here, there = said(statement, "en"), said(quote, "en")
    ours, theirs = _counting(here), _counting(there)
    if not ours or not theirs or (ours & _LEVELS and theirs & _LEVELS):
        return True
    return _is_in(ours, there) or _is_in(theirs, here)


def _counting(text: Said) -> set[str]:
    """Stems of the verbs with a number among their phrases."""
    return {
        clause.verb.stem
        for clause in clauses(text)
        for phrase in (*((clause.agent,) if clause.agent else ()), *clause.rest)
        if any(word.is_number or is_number_word(stem(word.folded)) for word in phrase.words)
    }


def have_other_subjects(statement: str, quote: str) -> bool:
    """Whether two sentences are about different things, however alike the rest is: "inflation fell", "rents fell".

    So it is where each names what its verbs are about, and no such noun of one is in the other. False for languages
    other than English, whose subjects no rule here finds.
    """
    if english_share(f"{statement} {quote}") < _ENGLISH:
        return False
    here, there = said(statement, "en"), said(quote, "en")
    ours, theirs = _subjects(here), _subjects(there)
    return bool(ours and theirs) and not (_is_in(ours, there) or _is_in(theirs, here))


def _is_in(subjects: set[str], text: Said) -> bool:
    return any(means(stem, text) for stem in subjects)


def _subjects(text: Said) -> set[str]:
    """Stems of what the verbs are about, but for whoever says so."""
    found = set()
    for clause in clauses(text):
        if clause.agent is not None and not clause.agent.is_pronoun and clause.verb.stem not in SAYING:
            found |= {word.stem for word in _named(clause.agent, text) if not is_number_word(stem(word.folded))}
    return {each for each in found if not each[0].isdigit()}


def _named(agent: Phrase, text: Said) -> Sequence[Word]:
    """The nouns that tell the subject: "inflation" of "the inflation rate" and of "the rate of inflation"."""
    if any(word.folded.removesuffix("s") not in _MEASURES for word in agent.heads):
        return agent.heads
    beside = [word for word in agent.words if word not in agent.heads and telling(word.folded)]
    at = text.words.index(agent.heads[-1]) + 1
    after = [word for word in text.words[at + 1 : at + 3] if telling(word.folded)]
    of = bool(text.words[at:]) and text.words[at].folded == "of"
    return beside or (after[:1] if of else []) or agent.heads


@dataclass(frozen=True)
class Quantity:
    """``unit`` is "percent", a currency, or ""; ``thing`` holds stems of the words that name what is counted."""

    value: float
    unit: str
    thing: frozenset[str]

    def is_like(self, other: Quantity) -> bool:
        """Whether the two count the same: the unit agrees, and the thing where either names one."""
        if self.unit != other.unit:
            return False
        return (
            bool(self.thing & other.thing)
            or (bool(self.unit) and not (self.thing and other.thing))
            or not (self.thing or other.thing)
        )

    def may_be(self, other: Quantity) -> bool:
        """Whether the two may count the same: a number that names no thing ("400 of them") may count any."""
        return self.unit == other.unit and (not (self.thing and other.thing) or bool(self.thing & other.thing))


def counted_differently(here: Sequence[Quantity], there: Sequence[Quantity]) -> frozenset[str] | None:
    """The stems of a thing of which two texts give different numbers; None where no one thing has two numbers.

    Of two numbers that may count the same ("400 out of 61,000 meters"), no rule tells which the other text's number
    belongs to: nothing is said of these.
    """
    for one in here:
        for other in there:
            are_alone = sum(map(one.may_be, here)) == sum(map(other.may_be, there)) == 1
            if are_alone and one.is_like(other) and one.value != other.value:
                return one.thing & other.thing
    return None


def is_number_word(word: str) -> bool:
    """Whether a stem is a number, a scale or a unit of money."""
    return word in _NUMBER_STEMS


def years(text: str) -> set[str]:
    """Years that a text names, in digits."""
    return {token for token in _TOKEN.findall(text) if _IS_YEAR.fullmatch(token)}


def quantities(text: str) -> list[Quantity]:
    """Every number but years, in order. "One of them" counts nothing."""
    return list(_read(_TOKEN.findall(text.lower())))


def _read(tokens: list[str]) -> Iterator[Quantity]:
    at = 0
    while at < len(tokens):
        value, after = _counted_number(tokens, at)
        if value is None:
            at += 1
            continue
        unit = _CURRENCIES.get(tokens[at - 1], "") if at and tokens[at - 1] in "$€£¥" else ""
        while after < len(tokens) and tokens[after] in _SCALES:
            value, after = value * _SCALES[tokens[after]], after + 1
        if after < len(tokens) and tokens[after] in _CURRENCIES:
            unit, after = _CURRENCIES[tokens[after]], after + 1
        elif tokens[after : after + 1] in (["%"], ["percent"]) or tokens[after : after + 2] == ["per", "cent"]:
            unit, after = "percent", after + 1 + (tokens[after] == "per")
        yield Quantity(value, unit, _thing(tokens, after))
        at = after


def _counted_number(tokens: list[str], at: int) -> tuple[float | None, int]:
    word, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
    if word[0].isdigit() and not _IS_YEAR.fullmatch(word):
        return float(word.replace(",", "")), at + 1
    if word in _TENS:
        unit = _ONES.get(following, 0)
        return float(_TENS[word] + unit), at + 1 + bool(unit)
    if word in _ONES and (word != "one" or following in _SCALES):
        return float(_ONES[word]), at + 1
    return None, at


def _thing(tokens: list[str], at: int) -> frozenset[str]:
    """The words after the number up to a mark or a function word."""
    words: list[str] = []
    for token in tokens[at : at + _LONGEST_THING]:
        if token in _BETWEEN and not words:
            continue
        if not token[0].isalpha() or not telling(token):
            break
        words.append(stem(token))
    return frozenset(words)
