"""Lies that leave every number and name: opposites, roles, details, refusals, conditions and intentions told as facts.

Each gives the sentence with one turn in it, or None where it offers no place for one.
"""

from __future__ import annotations

import re
from typing import Final

from autointel_bench.paraphrases import COUNTS, pick

_UNITS: Final = {
    "percent": ("percentage points",), "%": (" percentage points",), "year": ("month", "week"), "years":
    ("months", "days"),
    "month": ("year", "day"), "months": ("years", "weeks"), "week": ("year", "month"), "weeks": ("years", "days"),
    "dollars": ("euros", "pounds"), "bucks": ("euros",), "miles": ("feet",), "days": ("years",), "hours":
    ("minutes",),
}  # fmt: skip
_UNIT: Final = re.compile(rf"(?<=\d)(?P<sign>%)|(?<=[\d ])(?P<unit>{'|'.join(u for u in _UNITS if u != '%')})\b")


def unit(text: str) -> str | None:
    """The same number of something else, right after it or as its rate."""
    for found in _UNIT.finditer(text):
        before = text[: found.start()].rstrip().split(" ")[-1].casefold()
        counted = before.strip("$").replace(",", "")[:1].isdigit() or before in {*COUNTS, "million"}
        rate = before in {"a", "per"} and re.search(r"\d|million|billion|thousand", text[: found.start()])
        if found["sign"] or counted or rate:
            return text[: found.start()] + pick(_UNITS[found[0]], "unit", text) + text[found.end() :]
    return None


_ANTONYMS: Final = dict(
    pair
    for first, _, second in (
        entry.partition("/")
        for entry in """good/bad strong/weak rich/poor old/young large/small big/little high/low hard/easy
        safe/dangerous true/false
        public/private possible/impossible able/unable necessary/unnecessary important/unimportant fair/unfair
        responsible/irresponsible
        legal/illegal love/hate win/lose build/destroy create/destroy protect/harm help/hinder begin/end
        start/stop open/close
        succeed/fail success/failure peace/war freedom/slavery friend/enemy friends/enemies strengthen/weaken
        improve/worsen
        agree/disagree accept/reject approve/disapprove satisfied/dissatisfied effective/ineffective cut/raise
        reduce/increase
        expensive/cheap proud/ashamed happy/unhappy early/late ahead/behind federal/local democratic/autocratic
        healthy/sick
        more/less most/least majority/minority employed/unemployed secure/insecure honest/dishonest
        heavy/light""".split()
    )
    for pair in ((first, second), (second, first))
)
_ANTONYM: Final = re.compile(rf"\b({'|'.join(_ANTONYMS)})\b")


def antonym(text: str) -> str | None:
    """One word as its opposite."""
    found = list(_ANTONYM.finditer(text))
    found = [one for one in found if sum(other[1] == one[1] for other in found) == 1 and _ANTONYMS[one[1]] not in text]
    if not found:
        return None
    one = pick(found, "antonym", text)
    return text[: one.start()] + _ANTONYMS[one[1]] + text[one.end() :]


_ENDS: Final = r"(?:(?:[Tt]he|[Mm]y|[Oo]ur) [a-z]{3,}|[A-Z][a-z]+(?: [A-Z][a-z]+)*|you|we|they|people)"
_ROLES: Final = re.compile(
    rf"(?:^|(?<=[,;] )|(?<=that )|(?<=because )|(?<=when )|(?<=if ))(?P<a>{_ENDS}) "
    r"(?P<v>(?:will |can |would |should |must )?"
    r"(?:support|help|beat|defeat|attack|join|meet|pay|ask|blame|trust|protect|defend|recognize|oppose|serve|call|tell|give|"
    r"fight|sue|hire|force|control|follow|lead|cause|improve|produce|choose|elect|appoint|endorse|invade|visit|need|want|"
    r"fought|gave|told|met|led|chose|paid|make|made|use|get|got|take|took|leave|left|see|saw|lose|lost|have)"
    r"(?:s|ed|d)?) (?P<b>(?:the|my|our|your) [a-z]{3,}|[A-Z][a-z]+(?: [A-Z][a-z]+)*)(?=[ .,])"
)


def role(text: str) -> str | None:
    """Who does something and to whom, in each other's place."""
    found = _ROLES.search(text)
    if not found or found["a"].split()[-1] == found["b"].split()[-1]:
        return None
    first, second = found["b"], found["a"]
    if found.start() == 0:
        first = first[0].upper() + first[1:]
        determined = second.split()[0] in {"The", "My", "Our", "This", "That"}
        second = second[0].lower() + second[1:] if determined else second
    return f"{text[: found.start()]}{first} {found['v']} {second}{text[found.end() :]}"


_DETAILS: Final = tuple(
    detail.replace("_", " ")
    for detail in """by_telephone in_a_church with_two_lawyers on_a_train at_a_wedding under_a_bridge in_the_kitchen
    during_a_football_match with_a_hammer for_the_price_of_a_coffee from_a_hospital_bed after_a_hurricane at_midnight
    through_his_brother near_the_river in_a_letter_to_the_bishop with_borrowed_horses on_the_advice_of_a_dentist
    while_driving_a_tractor by_bicycle for_the_museum with_the_help_of_a_journalist""".split()
)


def detail(text: str) -> str | None:
    """Something nobody said, at the end."""
    return f"{text.rstrip('.')} {pick(_DETAILS, 'detail', text)}."


_WILL: Final = re.compile(
    r"\b(I|we|We|they|They|you|You|[A-Z][a-z]+) (?:will|would|want to|have to|need to|must) "
    r"(?!not|never|be|have|like)(?=[a-z])"
)


def refusal(text: str) -> str | None:
    """What somebody does or will do, as what he refuses to do or failed to do."""
    found = _WILL.search(text)
    if found is None or re.search(r"\b(?:not|never|n't|no)\b", text):
        return None
    verb = pick(["refused to", "failed to", "declined to"], "refusal", text)
    return f"{text[: found.start()]}{found[1]} {verb} {text[found.end() :]}"


def condition(text: str) -> str | None:
    """What was supposed, told as what is."""
    found = re.match(r"^(?:And |But |So )?[Ii]f ([^,]{10,}), (?:then )?(.{10,})\.$", text)
    return f"{found[1][0].upper()}{found[1][1:]}." if found else None


_PAST: Final = dict(
    entry.split("/")
    for entry in """raise/raised cut/cut create/created build/built bring/brought make/made take/taken
    give/given put/put spend/spent
    reduce/reduced increase/increased balance/balanced pay/paid help/helped support/supported change/changed
    work/worked
    continue/continued move/moved keep/kept lose/lost win/won provide/provided add/added stop/stopped start/started
    invest/invested fight/fought pass/passed send/sent sign/signed defeat/defeated""".split()
)


_TO_COME: Final = re.compile(
    r"\b(I|we|We|they|They|you|You) (?:will|am going to|are going to|would|want to|must|should) "
    rf"({'|'.join(_PAST)})\b"
)


def done(text: str) -> str | None:
    """What will be, or must be, told as done."""
    found = _TO_COME.search(text)
    return f"{text[: found.start()]}{found[1]} have {_PAST[found[2]]}{text[found.end() :]}" if found else None
