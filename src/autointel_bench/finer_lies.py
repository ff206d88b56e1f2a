"""Lies that leave every number and name: opposites, roles, details, refusals, conditions and intentions told as facts.

Each gives the sentence with one turn in it, or None where it offers no place for one.
"""

from __future__ import annotations

import re
from typing import Final

from autointel.text.clauses import Phrase, clauses
from autointel.text.statement import statement
from autointel_bench.paraphrases import COUNTS, pick

_UNITS: Final = {
    "percent": ("percentage points",), "%": (" percentage points",), "year": ("month", "week"), "years":
    ("months", "days"),
    "month": ("year", "day"), "months": ("years", "weeks"), "week": ("year", "month"), "weeks": ("years", "days"),
    "dollars": ("euros", "pounds"), "bucks": ("euros",), "miles": ("feet",), "days": ("years",), "hours":
    ("minutes",),
}  # fmt: skip
_UNIT: Final = re.compile(rf"(?<=\d)(?P<sign>%)|(?<=[\d ])(?P<unit>{'|'.join(u for u in _UNITS if u != '%')})\b")
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
_AS_OBJECT: Final = {"i": "me", "we": "us", "they": "them", "he": "him", "she": "her"}
_AS_SUBJECT: Final = {"me": "I", "us": "we", "them": "they", "him": "he", "her": "she"}
_ARTICLES: Final = frozenset("the my our your his her their a an".split())
# Exchanged, these make no sentence that anybody would believe, or the same one.
_NO_DEED: Final = frozenset(
    """be have get do take make go come say think know see mean want need like let lose require believ hope
    suggest""".split()
)
_WILL: Final = re.compile(
    r"\b(I|we|We|they|They|you|You|[A-Z][a-z]+) (?:will|would|want to|have to|need to|must) "
    r"(?!not|never|be|have|like)(?=[a-z])"
)
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
_DETAILS: Final = tuple(
    words.replace("_", " ")
    for words in """by_telephone in_a_church with_two_lawyers on_a_train at_a_wedding under_a_bridge in_the_kitchen
    during_a_football_match with_a_hammer for_the_price_of_a_coffee from_a_hospital_bed after_a_hurricane at_midnight
    through_his_brother near_the_river in_a_letter_to_the_bishop with_borrowed_horses on_the_advice_of_a_dentist
    while_driving_a_tractor by_bicycle for_the_museum with_the_help_of_a_journalist""".split()
)


def unit(text: str) -> str | None:
    """The same number with another unit, right after it or as its rate."""
    for found in _UNIT.finditer(text):
        before = text[: found.start()].rstrip().split(" ")[-1].casefold()
        counted = before.strip("$").replace(",", "")[:1].isdigit() or before in {*COUNTS, "million"}
        rate = before in {"a", "per"} and re.search(r"\d|million|billion|thousand", text[: found.start()])
        if found["sign"] or counted or rate:
            return text[: found.start()] + pick(_UNITS[found[0]], "unit", text) + text[found.end() :]
    return None


def antonym(text: str) -> str | None:
    """One word as its opposite."""
    found = list(_ANTONYM.finditer(text))
    found = [one for one in found if sum(other[1] == one[1] for other in found) == 1 and _ANTONYMS[one[1]] not in text]
    if not found:
        return None
    one = pick(found, "antonym", text)
    return text[: one.start()] + _ANTONYMS[one[1]] + text[one.end() :]


def role(text: str) -> str | None:
    """Who does something and to whom, in each other's place."""
    said = statement(text, "en")
    for clause in clauses(said):
        first, second = clause.agent, clause.object
        if first is None or second is None or clause.is_passive or clause.verb.stem in _NO_DEED:
            continue
        if first.words[-1].start > clause.verb.start or {w.stem for w in first.heads} & {w.stem for w in second.heads}:
            continue
        if not (_is_somebody(first) and _is_somebody(second)):
            continue
        if first.is_pronoun and second.is_pronoun:
            continue  # "we" and "they" may be anybody
        one, other = (_span(phrase) for phrase in (first, second))
        agent, object_ = (said.plain[start:end] for start, end in (one, other))
        agent = (
            agent if first.heads[0].is_capitalised and first.heads[0].folded != "i" else agent[0].lower() + agent[1:]
        )
        told = f"{said.plain[: one[0]]}{_AS_SUBJECT.get(object_, object_)}{said.plain[one[1] : other[0]]}"
        told = f"{told}{_AS_OBJECT.get(agent, agent)}{said.plain[other[1] :]}"
        return told[0].upper() + told[1:]
    return None


def _is_somebody(phrase: Phrase) -> bool:
    """Whether a phrase can do something and have it done to it: a name, a person's pronoun, a noun with its article."""
    head = phrase.heads[-1]
    if phrase.is_pronoun:
        return head.folded in {*_AS_SUBJECT, *(agent.casefold() for agent in _AS_OBJECT)}
    return not phrase.preposition and (head.is_capitalised or phrase.words[0].folded in _ARTICLES)


def _span(phrase: Phrase) -> tuple[int, int]:
    return phrase.words[0].start, phrase.words[-1].start + len(phrase.words[-1].text)


def detail(text: str) -> str | None:
    """Something nobody said, at the end."""
    return f"{text.rstrip('.')} {pick(_DETAILS, 'detail', text)}."


def refusal(text: str) -> str | None:
    """A deed as one that was refused or failed."""
    found = _WILL.search(text)
    if found is None or re.search(r"\b(?:not|never|n't|no)\b", text):
        return None
    verb = pick(["refused to", "failed to", "declined to"], "refusal", text)
    return f"{text[: found.start()]}{found[1]} {verb} {text[found.end() :]}"


def condition(text: str) -> str | None:
    """A supposition as a fact."""
    found = re.match(r"^(?:And |But |So )?[Ii]f ([^,]{10,}), (?:then )?(.{10,})\.$", text)
    return f"{found[1][0].upper()}{found[1][1:]}." if found else None


def done(text: str) -> str | None:
    """Something planned or demanded as done."""
    found = _TO_COME.search(text)
    return f"{text[: found.start()]}{found[1]} have {_PAST[found[2]]}{text[found.end() :]}" if found else None
