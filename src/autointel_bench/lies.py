"""Lies of the finer kind: a true sentence with one thing changed.

Written without a look at the checker's word lists, so that each tests the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from autointel_bench.finer_lies import antonym, condition, detail, done, refusal, role, unit
from autointel_bench.paraphrases import COUNT, COUNTS, pick, reported

_DIGITS: Final = re.compile(r"(?<![\w.,-])\$?(\d+(?:,\d{3})*(?:\.\d+)?)(?![\w-])")
_MAGNITUDE: Final = re.compile(r"\b(thousand|million|billion|trillion)\b")
_YEAR: Final = re.compile(r"(?<![\w$.,])(1[89]\d\d|20[0-3]\d)(?!\w)")
_MONTHS: Final = "January February March April June July August September October November December".split()
_DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_NAME: Final = re.compile(r"(?<=[a-z,] )([A-Z][a-z]+(?: [A-Z][a-z]+)*)")
_AUXILIARY: Final = re.compile(
    r"\b(is|are|was|were|will|would|can|could|should|has|have|had|does|do|did|must|may)\b(?! not| n't|n't)"
)
_NOT: Final = re.compile(
    r"\b(do|does|did) (?:not|n't) |\b(is|are|was|were|will|would|can|could|should|has|have|had|must) not "
    r"|(?<=[a-z])n't\b|n’t\b",
    re.IGNORECASE,
)
_BASE_VERB: Final = re.compile(r"\b(?:I|we|they|you|people|who) ([a-z]+)\b")
_QUANTIFIERS: Final[Mapping[str, Sequence[str]]] = {
    word: tuple(new.replace("_", " ") for new in others.split(","))
    for word, _, others in (
        entry.partition("/")
        for entry in """all/some,few,most every/hardly_any,some most/few,all,some many/all,few some/all,most
        few/most,many
        always/sometimes,rarely often/always,rarely everyone/hardly_anyone everybody/hardly_anybody several/all,few
        sometimes/always usually/always,rarely each/hardly_any only/hardly,never majority/minority
        both/neither_of_the""".split()
    )
}
_PLURAL: Final = re.compile(
    r"^(?:The )?((?!His|This|Does|Was|Is|As|Has|Its|Yes|Thus|Perhaps|Sometimes|Always)[A-Z][a-z]{3,}s) (?=[a-z])"
)
_WAYS: Final = dict(
    pair
    for first, _, second in (
        entry.partition("/")
        for entry in """rose/fell rise/fall rising/falling increase/decrease increased/decreased increasing/decreasing
        grow/shrink grew/shrank growth/decline more/less higher/lower raise/lower raising/lowering up/down better/worse
        best/worst won/lost win/lose support/oppose for/against before/after first/last increases/decreases
        warmer/cooler warming/cooling stronger/weaker rich/poor""".split()
    )
    for pair in ((first, second), (second, first))
)
_WAY: Final = re.compile(
    rf"\b({'|'.join(w for w in _WAYS if w not in {'for', 'first', 'last', 'after', 'before', 'up', 'down'})})\b"
)
_BOUNDS: Final = {
    "more than": "less than",
    "less than": "more than",
    "at least": "at most",
    "over": "under",
    "under": "over",
}
_MODAL: Final[Mapping[str, Sequence[str]]] = {
    "will": ("may", "might"),
    "may": ("will",),
    "might": ("will",),
    "could": ("will",),
    "must": ("may",),
    "is": ("may be", "should be"),
    "are": ("may be", "should be"),
    "was": ("may have been",),
    "were": ("may have been",),
}
_INVERTED: Final = re.compile(
    r"^(?P<v>Is|Are|Was|Were|Can|Could|Will|Would|Should|Has|Have|Does|Do|Did) "
    r"(?P<s>(?:the |a |our |your |my |this |that )?[\w']+) (?P<r>.+)\?$"
)


class Lie(StrEnum):
    """The kind of change."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    QUANTIFIER = "quantifier"
    CAUSE = "cause"
    ATTRIBUTION = "attribution"
    DIRECTION = "direction"
    COMPARISON = "comparison"
    MODALITY = "modality"
    QUESTION = "question as a claim"
    PROMPT = "prompt text"
    ELSEWHERE = "another sentence"
    UNIT = "unit"
    ANTONYM = "antonym"
    ROLE = "roles"
    DETAIL = "added detail"
    REFUSAL = "refusal"
    CONDITION = "condition dropped"
    DONE = "intention as fact"


@dataclass(frozen=True)
class Stock:
    """The material of lies: names, speakers and sentences of the source, and the prompt's own sentences."""

    names: Sequence[str]
    speakers: Sequence[str]
    sentences: Sequence[str]
    prompt: Sequence[str]


def tell(lie: Lie, text: str, stock: Stock, speaker: str | None = None) -> str | None:
    """The sentence with that lie in it; None where it offers no place for one."""
    told = _LIES[lie](text, stock, speaker)
    return None if told is None or told.casefold() == text.casefold() else told


def _number(text: str) -> str | None:
    changes: list[str] = []
    for found in _DIGITS.finditer(text):
        if _YEAR.fullmatch(found[1]):
            continue
        value = float(found[1].replace(",", ""))
        new = pick([value + 1, value * 2, value * 10, value + 7, value * 3], "number", text)
        written = f"{new:,.0f}" if new == int(new) else f"{new:.1f}"
        changes.append(text[: found.start(1)] + written + text[found.end(1) :])
    for found in COUNT.finditer(text):
        others = [count for count in COUNTS if count != found[1].casefold()]
        changes.append(text[: found.start()] + pick(others, "count", text) + text[found.end() :])
    for found in _MAGNITUDE.finditer(text):
        others = [size for size in ("thousand", "million", "billion", "trillion") if size != found[1]]
        changes.append(text[: found.start()] + pick(others, "size", text) + text[found.end() :])
    return pick(changes, "which", text) if changes else None


def _date(text: str) -> str | None:
    year = _YEAR.search(text)
    if year:
        other = int(year[1]) + pick([-30, -11, -4, -1, 1, 2, 8, 10], "year", text)
        return text[: year.start()] + str(other) + text[year.end() :]
    for words in (_MONTHS, _DAYS):
        found = re.search(rf"\b({'|'.join(words)})\b", text)
        if found:
            others = [word for word in words if word != found[1]]
            return text[: found.start()] + pick(others, "day", text) + text[found.end() :]
    return None


def _name(text: str, stock: Stock, speaker: str | None) -> str | None:
    del speaker
    found = [match for match in _NAME.finditer(text) if match[1] in stock.names]
    others = [name for name in stock.names if all(part not in text for part in name.split())]
    if not found or not others:
        return None
    place = pick(found, "place", text)
    return text[: place.start()] + pick(others, "name", text) + text[place.end() :]


def _negation(text: str) -> str | None:
    found = _NOT.search(text)
    if found:
        kept = next((group for group in found.groups() if group and group.casefold() not in {"do", "does", "did"}), "")
        return (
            text[: found.start()] + (f"{kept} " if kept else "") + text[found.end() :].lstrip()
            if found[0].strip().casefold() not in {"n't", "n’t"}
            else text[: found.start()] + text[found.end() :]
        )
    gone = re.search(r"\b(never|no longer) |\b(no) (?=[a-z])", text)
    if gone:
        return text[: gone.start()] + text[gone.end() :]
    verb = _AUXILIARY.search(text)
    if verb:
        return text[: verb.end()] + " not" + text[verb.end() :]
    plain = _BASE_VERB.search(text)
    return text[: plain.start(1)] + "never " + text[plain.start(1) :] if plain else None


def _quantifier(text: str) -> str | None:
    found = re.search(rf"\b({'|'.join(_QUANTIFIERS)})\b", text, re.IGNORECASE)
    if found:
        new = pick(_QUANTIFIERS[found[1].casefold()], "quantifier", text)
        return text[: found.start()] + (new.capitalize() if found[1][0].isupper() else new) + text[found.end() :]
    plural = _PLURAL.match(text)
    if plural:
        return (
            f"{pick(['All', 'Most', 'Few'], 'all', text)} {plural[1][0].lower()}{plural[1][1:]}{text[plural.end(1) :]}"
        )
    return None


def _cause(text: str, stock: Stock, speaker: str | None) -> str | None:
    """A cause nobody gave, or cause and effect in each other's place."""
    del speaker
    body = text.rstrip(".")
    given = re.search(r"^(.{15,}?),? because (?!of\b)(.{15,})$", body)
    if given:
        return f"{given[2][0].upper()}{given[2][1:]} because {given[1][0].lower()}{given[1][1:]}."
    joined = re.search(r"^(.{20,}?),? and ((?:he|she|they|we|it|the|I) .{12,})$", body)
    if joined:
        return f"{joined[1]} because {joined[2]}."
    other = pick([s for s in stock.sentences if s not in text], "cause", text).rstrip(".")
    if re.search(r"\b(because|therefore|caused?|due to|why|so)\b", body):
        return None
    return f"{body} because {other[0].lower()}{other[1:]}."


def _attribution(text: str, stock: Stock, speaker: str | None) -> str | None:
    own = (speaker or "").split()
    others = [name for name in stock.speakers if not set(name.split()) & set(own) and name.split()[-1] not in text]
    return reported(text, pick(others, "who", text).split()[-1]) if others and speaker else None


def _direction(text: str) -> str | None:
    found = _WAY.search(text) or re.search(r"(?<=\b(?:went|goes|gone) )(up|down)\b", text)
    return text[: found.start()] + _WAYS[found[1]] + text[found.end() :] if found else None


def _comparison(text: str) -> str | None:
    bound = re.search(
        r"\b(more than|less than|at least|over|under)(?= \$?\d| [a-z]+ (?:million|thousand|hundred|percent))", text
    )
    if bound:
        return text[: bound.start()] + _BOUNDS[bound[1]] + text[bound.end() :]
    found = re.search(
        r"^(?:And |But )?(?P<a>(?:The |the )?[\w' -]{3,40}?) (?P<v>is|are|was|were|has|have|had|spends?|costs?)"
        r"(?P<m> [\w' -]*?\b(?:more|less|fewer|\w+er)\b[\w' -]*?) than (?P<b>[\w' -]{3,60})\.$",
        text,
    )
    if found:
        first, second = found["b"], found["a"]
        return f"{first[0].upper()}{first[1:]} {found['v']}{found['m']} than {second[0].lower()}{second[1:]}."
    return None


def _modality(text: str) -> str | None:
    found = re.search(r"(?<!if we )\b(will|may|might|could|must|is|are|was|were)\b(?! not|n't)", text)
    return text[: found.start()] + pick(_MODAL[found[1]], "modal", text) + text[found.end() :] if found else None


def _question(text: str) -> str | None:
    """A question as it stands, without its mark, or in the order of a statement."""
    if not text.endswith("?"):
        return None
    inverted = _INVERTED.match(text)
    if inverted:
        verb = inverted["v"].lower()
        middle = "" if verb in {"do", "does", "did"} else f"{verb} "
        return f"{inverted['s'][0].upper()}{inverted['s'][1:]} {middle}{inverted['r']}."
    return pick([text[:-1] + ".", text + " ", text[:-1]], "question", text)


def _prompt(text: str, stock: Stock, speaker: str | None) -> str | None:
    del speaker
    return pick(stock.prompt, "prompt", text)


def _elsewhere(text: str, stock: Stock, speaker: str | None) -> str | None:
    del speaker
    return pick([sentence for sentence in stock.sentences if sentence not in text], "elsewhere", text)


_Teller: TypeAlias = Callable[[str, Stock, str | None], str | None]


def _plain(tell_one: Callable[[str], str | None]) -> _Teller:
    """A lie that needs nothing but the sentence."""
    return lambda text, _stock, _speaker: tell_one(text)


_LIES: Final[Mapping[Lie, _Teller]] = {
    Lie.NUMBER: _plain(_number),
    Lie.DATE: _plain(_date),
    Lie.NAME: _name,
    Lie.NEGATION: _plain(_negation),
    Lie.QUANTIFIER: _plain(_quantifier),
    Lie.CAUSE: _cause,
    Lie.ATTRIBUTION: _attribution,
    Lie.DIRECTION: _plain(_direction),
    Lie.COMPARISON: _plain(_comparison),
    Lie.MODALITY: _plain(_modality),
    Lie.QUESTION: _plain(_question),
    Lie.PROMPT: _prompt,
    Lie.ELSEWHERE: _elsewhere,
    Lie.UNIT: _plain(unit),
    Lie.ANTONYM: _plain(antonym),
    Lie.ROLE: _plain(role),
    Lie.DETAIL: _plain(detail),
    Lie.REFUSAL: _plain(refusal),
    Lie.CONDITION: _plain(condition),
    Lie.DONE: _plain(done),
}
