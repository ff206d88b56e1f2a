"""How far a sentence sounds like a statement of fact: a hand-weighted rule, and a linear model beside it.

Each part is a reason why a statement could be looked up: it names a quantity, a past event, what somebody said or
decided, a change, a comparison, a person or a body, something counted in public life. Each penalty is a reason why it
could not: it asks, hedges, urges, promises, or only keeps the conversation going. The kinds of reason are those of
ClaimBuster's features (Hassan et al., 2017); the weights are ours. The linear model's weights stand beside this file;
``scripts/train_claim_weights.py`` made them from the ClaimBuster data (CC BY 4.0).

Measured (``autointel eval claims``): MAP .18 on five debates and speeches of CLEF CheckThat! 2019, where the rule alone
has .17 and the model alone .12. The rule's weights were looked at on those five, so expect less elsewhere; and most of
what sounds factual was never checked by anybody (precision in the top hundred is a few percent).
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from autointel.text.word_lists import pattern_list, weight_list, word_list

WEIGHTS: Final = Path(__file__).with_name("claim_weights.tsv")
BIAS: Final = "(bias)"
_TOKEN: Final = re.compile(r"[a-z]+(?:'[a-z]+)?|\d[\d,.]*|[$%?]")
_WORD: Final = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?|\d[\d,.]*")
_QUANTITY: Final = re.compile(
    r"[$€£]\s?\d|\b\d[\d,.]*\s*(?:%|percent\b|per cent\b)|\b(?:millions?|billions?|trillions?|hundreds|thousands?"
    r"|dozens|percent)\b",
    re.IGNORECASE,
)
# "[01:02:03]", "[laughs]": neither a number nor a deed.
_ASIDE: Final = re.compile(r"\[[^\[\]]{0,60}\]")
_HEDGE: Final = re.compile(
    r"^\W*(?:and |but |so )?(?:maybe|perhaps|probably|hopefully)\b"
    r"|\b(?:i|we) (?:just |kind of |also )?"
    r"(?:think|believe|guess|hope|feel|suppose|imagine|wonder|assume|don['’]t know)\b",
    re.IGNORECASE,
)
# Plans, wishes, conditions, addresses, memories of one's own and matters of taste: nobody can look them up.
_NO_FACT: Final = pattern_list("no-fact")
_SHORT: Final = 5
_LONG: Final = 30
_ED: Final = 5
# Word list -> weight, for lists that count once however many of their words occur.
_LISTS: Final = {
    "reporting": 1.0,
    "change": 0.7,
    "superlative": 0.6,
    "sweeping": 0.3,
    "hedging": -0.4,
    "urging": -0.6,
    "courtesy": -0.7,
}
_NUMBERS: Final = frozenset(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety"
    " hundred thousand million billion trillion half third quarter double percent doubled tripled halved".split()
)
_NO_NAMES: Final = frozenset("i i'm i've i'll i'd mr mrs ms chair madam speaker minister sir".split())
_MODALS: Final = frozenset({"will", "would", "should", "must", "shall", "can", "could", "ought"})
_THIRD: Final = frozenset({"he", "she", "they", "his", "her", "their", "him", "them"})
_FIRST: Final = frozenset({"i", "my", "me", "i'm", "i've", "i'd"})
# A speaker one in five of whose sentences is a question leads the conversation: what they say is mostly framing.
_ASKING: Final = 0.2
# How much the trained model adds to the rule; chosen on three of five debates, and as good on the other two as none.
_MODEL: Final = 0.5
_ASKER_PENALTY: Final = 1.0
# Questions are damped by this many imagined plain sentences, so that a single question does not make an asker.
_PRIOR: Final = 5


def rank_statements(texts: Sequence[str], speakers: Sequence[str | None]) -> list[float]:
    """A score for each sentence of one recording: rule and model together; whoever mostly asks is lowered."""
    asked: dict[str, int] = defaultdict(int)
    said: dict[str, int] = defaultdict(int)
    for text, speaker in zip(texts, speakers, strict=True):
        asked[speaker or ""] += is_question(text)
        said[speaker or ""] += 1
    # One nameless voice for everybody tells nothing about anybody.
    share = {name: min(1.0, asked[name] / (said[name] + _PRIOR) / _ASKING) if name else 0.0 for name in said}
    return [
        statement_score(text) + _MODEL * claim_logit(text) - _ASKER_PENALTY * share[speaker or ""]
        for text, speaker in zip(texts, speakers, strict=True)
    ]


def statement_score(text: str) -> float:
    """A score of the wording: higher sounds more factual; about -2 to 8, 0 for an ordinary remark."""
    text = _ASIDE.sub(" ", text)
    original = tuple(_WORD.findall(text))
    folded = tuple(word.lower().replace("’", "'") for word in original)
    words = _Words(original, folded, frozenset(folded))
    return _quantities(text, words) + _events(words) + _wording(words) + _form(text, words)


@dataclass(frozen=True)
class _Words:
    """A sentence taken apart once."""

    original: tuple[str, ...]
    folded: tuple[str, ...]
    distinct: frozenset[str]


def _quantities(text: str, words: _Words) -> float:
    numbers = any(word[0].isdigit() for word in words.folded)
    return 1.5 * bool(_QUANTITY.search(text)) + 1.2 * numbers


def _events(words: _Words) -> float:
    """Past forms, three at most; names after the first word, four at most."""
    irregular = word_list("past-irregular")
    past = sum(word in irregular or (len(word) >= _ED and word.endswith("ed")) for word in words.folded)
    names = sum(word[0].isupper() and word != "I" and not word.startswith(("I'", "I’")) for word in words.original[1:])
    return 1.5 * min(past, 3) / 3 + 0.7 * min(names, 4) / 4


def _wording(words: _Words) -> float:
    listed = sum(weight for name, weight in _LISTS.items() if words.distinct & word_list(name))
    public = min(len(words.distinct & word_list("public")), 2) / 2
    return listed + public + 0.2 * bool(words.distinct & _THIRD) - 0.1 * bool(words.distinct & _FIRST)


def _form(text: str, words: _Words) -> float:
    modal = bool(words.distinct & _MODALS) or any(word.endswith("'ll") for word in words.folded)
    length = 0.5 * min(len(words.folded), _LONG) / _LONG
    return length - 0.5 * (len(words.folded) < _SHORT) - 1.5 * is_question(text) - 0.1 * modal


def claim_logit(text: str) -> float:
    """Log odds that the sentence states a fact worth a check, as far as its wording tells; about -5 to 5."""
    weights = weight_list(WEIGHTS)
    names = [name for name in features(text) if name in weights]
    return weights[BIAS] + sum(weights[name] for name in names) / math.sqrt(max(1, len(names)))


def features(text: str) -> list[str]:
    """Words and pairs of neighbours in lower case; all numbers are one word."""
    found = _TOKEN.findall(text.lower().replace("’", "'"))
    words = ["#" if word[0].isdigit() else word for word in found]
    return [*words, *(f"{one} {other}" for one, other in pairwise(["^", *words]))]


def probability_like(score: float) -> float:
    """A score in 0..1 that keeps the order. It is not a probability: no calibration stands behind it."""
    return 1.0 / (1.0 + math.exp(2.0 - score))


def is_checkable(text: str) -> bool:
    """Whether somebody could look up a sentence: no hedge, question, wish, plan, condition or opinion of taste."""
    return not (is_hedged(text) or is_question(text) or _NO_FACT.search(text))


def is_specific(text: str) -> bool:
    """Whether something in it can be looked up: a number or date, a name, or who comes first in what."""
    words = _WORD.findall(text)
    folded = [word.lower() for word in words]
    numbers = any(word[0].isdigit() or word in _NUMBERS for word in folded)
    names = any(word[0].isupper() and low not in _NO_NAMES for word, low in zip(words[1:], folded[1:], strict=True))
    known = any(word in word_list("known-names") or word in word_list("places") for word in folded)
    return numbers or names or known or not word_list("superlative").isdisjoint(folded)


def is_hedged(text: str) -> bool:
    """Whether the speaker hedges: "I think", or "Maybe" first."""
    return _HEDGE.search(text) is not None


def is_question(text: str) -> bool:
    """Whether a sentence ends as a question does."""
    return text.rstrip(" \"'”’)").endswith(("?", "？", "؟", "՞", "፧"))
