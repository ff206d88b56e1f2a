"""What is counted in a sentence: the number, its unit, and the thing; and whether two sentences count differently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from autointel.memory.question import stem, telling

_ONES: Final = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split(),
        start=1,
    )
}
_TENS: Final = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES: Final = {
    "hundred": 1e2,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "m": 1e6,
    "mn": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
}
_CURRENCIES: Final = {
    "$": "dollar",
    "€": "euro",
    "£": "pound",
    "¥": "yen",
    "dollars": "dollar",
    "dollar": "dollar",
    "bucks": "dollar",
    "euros": "euro",
    "euro": "euro",
    "pounds": "pound",
    "pound": "pound",
    "yen": "yen",
    "francs": "franc",
    "rupees": "rupee",
}
_TOKEN: Final = re.compile(r"[$€£¥]|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|%|[^\W\d_]+|[.,;:!?]")
_IS_YEAR: Final = re.compile(r"(?:1[89]|20)\d\d")
_NUMBER_STEMS: Final = frozenset(stem(word) for word in (*_ONES, *_TENS, *_SCALES, *_CURRENCIES, "percent", "cent"))
_LONGEST_THING: Final = 3
# Words between the number and the thing that name no thing.
_BETWEEN: Final = frozenset("of per cent percent more fewer less other new about".split())


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
