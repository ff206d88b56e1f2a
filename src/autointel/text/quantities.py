"""Numbers and dates that a text states, however they are written: "eleven million", "11m", "11,000,000".

Number words become digits with ``text2num`` (English, German, Spanish, French, Italian, Dutch, Portuguese).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from autointel.text.word_lists import MeaningWords, base_language, meaning_words

_SPOKEN: Final = frozenset({"en", "de", "es", "fr", "it", "nl", "pt"})
_NUMBER: Final = re.compile(
    r"(?P<sign>[$€£])?\s?(?P<digits>\d+(?:[.,]\d+)*|\.\d+)(?P<tail>(?:st|nd|rds?|ths?|s|k|m|bn|tn|%|º|ª)(?![^\W\d_]))?",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(r"\s*-?\s*(?P<word>percentage[ ]points?|[^\W\d_]+(?:\s(?=cent\b))?(?:(?<=\s)cent)?|[%$€£°])")
_GROUPED: Final = {"en": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?$"), "": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?$")}
_SCALES: Final = frozenset({100.0, 1e3, 1e6, 1e9, 1e12})
_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
# "11 000" is one number.
_SPACED: Final = re.compile(r"(?<=\d)[   ](?=\d{3}(?!\d))")
# Of the languages whose number words are known and that have no list of their own.
_SCALE: Final = {"mila": "1000", "milione": "1e6", "milioni": "1e6", "miliardo": "1e9", "miliardi": "1e9"}
_TAILS: Final = {"s": "decade", **dict.fromkeys(("st", "nd", "rd", "th", "rds", "ths", "º", "ª"), "ordinal")}
_ROUGHLY: Final = 0.1  # between a rounded length of time and the exact one
_EXACT: Final = 1e-9
_NEARLY: Final = 0.011  # "a third" is 33 percent
# How many minutes or months a time lasts.
_TIMES: Final = {
    "second": ("minute", 1 / 60), "minute": ("minute", 1.0), "hour": ("minute", 60.0), "day": ("minute", 1440.0),
    "week": ("minute", 10080.0), "month": ("month", 1.0), "year": ("month", 12.0), "decade": ("month", 120.0),
}  # fmt: skip
# "Five and a half million", "an hour and a half", "half an hour".
_MIXED: Final = re.compile(r"\b(\d+) and (?:a|1) half\b", re.IGNORECASE)
_AND_HALF: Final = re.compile(
    r"\b(?:an?|1|first|1st|one)\s+(?P<unit>hour|year|month|week|day|decade|minute|million|billion|century)\s+"
    r"and (?:a|1) half\b",
    re.IGNORECASE,
)
_AND_MINUTES: Final = re.compile(
    r"\b(?P<hours>an|a|one|\d+) hours? (?:and )?(?P<minutes>[1-5]?\d)(?: minutes?)?\b(?! \w*(?:hours?|days?))",
    re.IGNORECASE,
)
_HALF_OF: Final = re.compile(
    r"\bhalf an?\s+(?P<unit>hour|year|month|week|day|decade|minute|million|billion|century)\b", re.IGNORECASE
)
_DIGITS: Final = {
    word: digit for digit, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
}
_WORDS_AND_HALF: Final = re.compile(rf"\b({'|'.join(_DIGITS)})[ -]and[ -]a[ -]half\b", re.IGNORECASE)
# Before "3rd", where that is a share: "by a 3rd".
_BY_A: Final = re.compile(r"\b(?:by|about|around|roughly|nearly|almost|over|than|only) a $", re.IGNORECASE)
_RATES: Final = {"annual": "year", "annually": "year", "yearly": "year", "monthly": "month", "weekly": "week",
                 "daily": "day", "hourly": "hour"}  # fmt: skip
_RATE: Final = re.compile(
    rf"\b(?:(?:a|an|per|each|every) (?P<a>year|month|week|day|hour|minute)|(?P<ly>{'|'.join(_RATES)}))\b(?! ago)"
)
_DAY_TOLD: Final = re.compile(r"\b(?:yesterday|tomorrow|last night|this morning|the day (?:before|after))\b")
_SAME_DAY: Final = {"last night": "yesterday", "the day before": "yesterday", "the day after": "tomorrow"}
_TIME_TOLD: Final = re.compile(
    r"\b(?P<way>last|previous|next|coming|following)(?: coming)? (?P<time>week|month|year|decade|century|spring|summer"
    r"|autumn|winter|season|quarter|weekend)\b"
)
_AGO: Final = re.compile(r"\b(?:a|one) (?P<time>week|month|year) (?:ago|before|earlier)\b")


@dataclass(frozen=True)
class Quantity:
    """A number with its unit ("%", "$", "year", "decade", "ordinal", "x" for a share; empty for a bare one).

    ``start`` is its place in the digits' text. ``is_word`` is true for "one" and "first", which mostly count nothing.
    """

    value: float
    unit: str
    text: str
    start: int = 0
    is_word: bool = False

    def is_same(self, other: Quantity) -> bool:
        """The same number, and no different unit."""
        if "x" in {self.unit, other.unit} and {self.unit, other.unit} <= {"x", "%", ""}:
            ours, theirs = (q.value / 100 if q.unit == "%" else q.value for q in (self, other))
            return abs(ours - theirs) <= _NEARLY * max(abs(ours), abs(theirs))
        if self.unit and other.unit and self.unit != other.unit:
            return self._in_least_unit is not None and self._in_least_unit == other._in_least_unit
        return abs(self.value - other.value) <= _EXACT * max(1.0, abs(self.value))

    @property
    def _in_least_unit(self) -> tuple[str, float] | None:
        """A length of time in minutes or months; None for anything else."""
        family, size = _TIMES.get(self.unit, ("", 0.0))
        return (family, round(self.value * size, 6)) if family else None

    def rounds(self, other: Quantity) -> bool:
        """Whether this is the other number, rounded: 11 million for 11.2 million, two hours for 110 minutes."""
        ours_, theirs_ = self._in_least_unit, other._in_least_unit
        if self.unit != other.unit and ours_ and theirs_ and ours_[0] == theirs_[0]:
            return abs(ours_[1] - theirs_[1]) <= _ROUGHLY * theirs_[1]
        if (self.unit and other.unit and self.unit != other.unit) or other.value <= 0 or self.value <= 0:
            return False
        ours, theirs = (f"{q.value:.6e}".split("e")[0].replace(".", "").rstrip("0") for q in (self, other))
        return 1 <= len(ours) < len(theirs) and float(f"{other.value:.{len(ours) - 1}e}") == self.value


def in_digits(text: str, language: str) -> str:
    """The text with number words as digits; as it is where the language's number words are unknown."""
    base = base_language(language)
    text = _SPACED.sub("", text)
    if base == "en":
        text = _HALF_OF.sub(r"0.5 \g<unit>s", _AND_HALF.sub(r"1.5 \g<unit>s", text))
        text = _MIXED.sub(r"\1.5", _WORDS_AND_HALF.sub(lambda found: f"{_DIGITS[found[1].casefold()]}.5", text))
    if base not in _SPOKEN:
        return text
    from text_to_num import alpha2digit

    digits = str(alpha2digit(re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", text), base, threshold=0.0))
    return _AND_MINUTES.sub(_in_minutes, digits) if base == "en" else digits


def _in_minutes(found: re.Match[str]) -> str:
    """One number for "an hour and 50" and "2 hours 10 minutes"."""
    hours = int(found["hours"]) if found["hours"].isdigit() else 1
    return f"{60 * hours + int(found['minutes'])} minutes"


def quantities(text: str, language: str, said_on: date | None = None) -> list[Quantity]:
    """Every number of a text, in order. ``said_on`` lets "last year" stand for the year before."""
    lists = meaning_words(language)
    digits = in_digits(text, language)
    found = list(_numbers(text, digits, base_language(language), lists))
    folded = digits.casefold()
    found += [
        Quantity(float(decade), "decade", word)
        for word, decade in lists.maps["decades"].items()
        if re.search(rf"\b{word}\b", folded)
    ]
    for word, value in lists.maps.get("fractions", {}).items():
        share = re.search(rf"(?<![\w])(?<!\d ){word}\b", folded)
        if share:
            found.append(Quantity(float(value), "x", word, share.start(), is_word=True))
    if said_on is not None:
        found.append(Quantity(float(said_on.year), "", str(said_on.year), is_word=True))
        if any(word in folded for word in lists.sets.get("last", ())):
            found.append(Quantity(float(said_on.year - 1), "", str(said_on.year - 1), is_word=True))
    return found


def _numbers(text: str, digits: str, language: str, lists: MeaningWords) -> Iterator[Quantity]:
    matches = list(_NUMBER.finditer(digits))
    index = 0
    while index < len(matches):
        found = matches[index]
        part = _part(digits, matches, index)
        if part is not None:
            yield part
            index += 1 if found["tail"] else 2
            continue
        value, end, used = _value(digits, matches, index, language)
        index += used
        tail = (found["tail"] or "").casefold() if used == 1 else ""
        word = _NEXT.match(digits, end)
        following = word["word"].casefold() if word else ""
        scale = lists.same("scale", tail) or (
            (lists.same("scale", following) or _SCALE.get(following)) if not tail else None
        )
        if scale and word and not tail:
            value, end = value * float(scale), word.end()
            word = _NEXT.match(digits, end)
            following = word["word"].casefold() if word else ""
        elif scale:
            value *= float(scale)
        share = lists.same("fractions", following)
        written = digits[found.start() : end].strip()
        if share and float(share) < 1:
            yield Quantity(value * float(share), "x", f"{written} {following}", found.start())
            continue
        unit = _unit(found["sign"] or "", tail, following, value, lists)
        if digits[: found.start("digits")].endswith("'") and 10 <= value <= 99:  # noqa: PLR2004  '92
            value += 1900
        is_word = value == 1 and not re.search(r"(?<![\d.,])1(?![\d.,])", text)
        yield Quantity(value, unit, written, found.start(), is_word)


def _part(digits: str, matches: Sequence[re.Match[str]], index: int) -> Quantity | None:
    """A fraction in words: "2 3rds", "a 3rd of"."""
    found = matches[index]
    before = digits[max(0, found.start() - 3) : found.start("digits")].casefold()
    if _TAILS.get((found["tail"] or "").casefold()) == "ordinal":
        whole = found["digits"]
        if (
            before.endswith("a ")
            and (digits[found.end() : found.end() + 3] == " of" or _BY_A.search(digits[: found.start("digits")]))
            and whole.isdigit()
            and int(whole) > 2  # noqa: PLR2004  "a 2nd of" is a place, not a half
        ):
            return Quantity(1 / int(whole), "x", found.group().strip(), found.start())
        return None
    following = matches[index + 1] if index + 1 < len(matches) else None
    if following is None or found["tail"] or _TAILS.get((following["tail"] or "").casefold()) != "ordinal":
        return None
    first, second = found["digits"], following["digits"]
    apart = digits[found.end() : following.start("digits")]
    if apart != " " or not first.isdigit() or not second.isdigit() or not 0 < int(first) < int(second) <= 100:  # noqa: PLR2004
        return None
    return Quantity(int(first) / int(second), "x", digits[found.start() : following.end()].strip(), found.start())


def _unit(sign: str, tail: str, following: str, value: float, lists: MeaningWords) -> str:
    if sign or tail == "%":
        return sign or tail
    if tail in _TAILS:
        return _TAILS[tail]
    if following.replace(" ", "") in {"percentagepoint", "percentagepoints"}:
        return "points"
    if following.replace(" ", "") == "percent":
        return "%"
    year = 1000 <= value <= 2100  # noqa: PLR2004  "1992 years" is never said of a year
    return (
        "" if year and not following else lists.same("same", following) or (following if following in "%$€£°" else "")
    )


def _value(digits: str, matches: Sequence[re.Match[str]], index: int, language: str) -> tuple[float, int, int]:
    """The number at ``index``: its value, its end, and how many matches it took.

    "19 92" is a year, "11 1000000" a count.
    """
    found = matches[index]
    value = _parsed(found["digits"], language)
    if index + 1 < len(matches) and not found["tail"]:
        following = matches[index + 1]
        between = digits[found.end() : following.start("digits")]
        second = _parsed(following["digits"], language)
        if between == " " and not following["sign"]:
            if second in _SCALES and value < second:
                return value * second, following.end(), 2
            if 13 <= value <= 20 and 10 <= second <= 99 and not following["tail"]:  # noqa: PLR2004  years, spoken
                return value * 100 + second, following.end(), 2
    return value, found.end("digits") if not found["tail"] else found.end(), 1


def _parsed(digits: str, language: str) -> float:
    style = _GROUPED["en" if language in {"en", ""} else ""]
    if style.match(digits) or _GROUPED["en"].match(digits):
        grouped, point = (",", ".") if not style.match(digits) or language == "en" else (".", ",")
        return float(digits.replace(grouped, "").replace(point, "."))
    text = digits.replace(",", ".") if language != "en" or digits.count(",") == 0 else digits.replace(",", "")
    return float(text) if text.count(".") <= 1 else float(text.replace(".", ""))


def dates(text: str, language: str) -> set[str]:
    """Months and days of the week that a text names, each in full and in lower case."""
    lists = meaning_words(language)
    named = set()
    for found in re.finditer(r"[^\W\d_]+", text):
        word = found.group().casefold()
        full = lists.same("months", word) or word
        # "may" is a verb and "March" may be one: months are capitalised in English, and stand beside a number.
        ambiguous = word in {"may", "march", "sat", "sun", "mar", "jan", "dec", "sept"} and not (
            found.group()[0].isupper()
        )
        if (full in lists.sets["months"] or full in lists.sets["days"]) and not ambiguous:
            named.add(full)
    months = sorted(lists.sets["months"])
    if months and language.startswith("en"):
        ordered = "january february march april may june july august september october november december".split()
        named |= {ordered[int(month) - 1] for _, month, _ in _ISO.findall(text) if 1 <= int(month) <= 12}  # noqa: PLR2004
    return named | _days_told(text.casefold(), language)


def rates(folded: str) -> set[str]:
    """The times in which an English text counts: "a year", "weekly"."""
    return {found["a"] or _RATES[found["ly"]] for found in _RATE.finditer(folded)}


def _days_told(folded: str, language: str) -> set[str]:
    """Days and times told from the day of speaking, such as "tomorrow" and "last month"; English alone."""
    if not language.startswith("en"):
        return set()
    named = {_SAME_DAY.get(found.group(), found.group()) for found in _DAY_TOLD.finditer(folded)}
    for found in _TIME_TOLD.finditer(folded):
        way = "last" if found["way"] in {"last", "previous", "past"} else "next"
        named.add(f"{way} {found['time']}")
    for found in _AGO.finditer(folded):
        named.add(f"last {found['time']}")
    return named
