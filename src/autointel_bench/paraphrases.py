"""Paraphrases by rules: changes that a careful note may make to a true sentence without a lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, TypeVar

T = TypeVar("T")
COUNTS: Final = (
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty "
    "ninety"
).split()
COUNT: Final = re.compile(rf"(?<![\w-])({'|'.join(COUNTS)})(?![\w-])", re.IGNORECASE)
_THIRD: Final = tuple(
    (rf"\b{first.replace('_', ' ')}\b", third.replace("_", " "))
    for first, _, third in (
        entry.partition("/")
        for entry in """I_am/he_is I'm/he_is I've/he_has I'd/he_would I'll/he_will I_have/he_has I_do/he_does
        I_don't/he_doesn't I/he my/his me/him myself/himself""".split()
    )
)
_OPENERS: Final = frozenset(
    """the this that these those it there we they he she in on at for when if what as no not all every most some many a
    an our my his her their because by from with one two after before now""".split()
)
_SYNONYMS: Final = dict(
    entry.split("/")
    for entry in """
    big/large begin/start began/started help/assist jobs/employment country/nation kids/children money/funds
    buy/purchase needs/requires need/require think/believe give/provide gave/provided show/demonstrate
    shows/demonstrates
    problem/issue important/significant large/big end/finish wrong/mistaken
    quickly/rapidly nearly/almost also/too however/though city/town""".split()
)
_EXPANDED: Final = (
    (r"\bcan't\b", "cannot"),
    (r"\bwon't\b", "will not"),
    (r"n't\b", " not"),
    (r"'re\b", " are"),
    (r"'ve\b", " have"),
    (r"'ll\b", " will"),
)
_OPENING: Final = re.compile(
    r"^(?:(?:And|But|So|Well|Now|Look|Secondly|Thirdly|First of all|Of course|You know|Finally|Right now)\b,? )+"
    r"|^(?:I (?:think|believe|would say|must say|know) (?:that )?)(?=[A-Za-z])"
)
_DIGIT_OF: Final = dict(
    zip(
        COUNTS,
        "2 3 4 5 6 7 8 9 10 11 12 15 20 30 40 50 60 70 80 90".split(),
        strict=True,
    )
)


def pick(options: Sequence[T], *seed: object) -> T:
    """One of them, always the same for the same seed."""
    digest = sha256("\x1f".join(map(str, seed)).encode()).digest()
    return options[int.from_bytes(digest[:6], "big") % len(options)]


def third_person(text: str) -> str:
    """Words in the first person as another person would put them; rough in their endings."""
    for pattern, new in _THIRD:
        text = re.sub(pattern, new, text)
    return text


def reported(text: str, who: str) -> str:
    """The sentence as somebody's words: that "who" says it."""
    body = third_person(re.sub(r"^(?:And|But|So|Well|Now|Look),? ", "", text))
    first = body.split(" ")[0]
    small = (
        body
        if first.isupper() or not first.istitle() or first.casefold() not in _OPENERS
        else body[0].lower() + body[1:]
    )
    return f"{who} {pick(['says', 'said', 'argues', 'claims'], 'verb', text)} that {small}"


def paraphrase(text: str, speaker: str | None) -> str | None:
    """The same in somewhat other words, by rules: openings off, contractions open, numbers respelt, reported speech.

    At most one word in eight becomes a synonym; what the sentence says is not. None where no rule applies.
    """
    changed = text
    for pattern, new in _EXPANDED:
        changed = re.sub(pattern, new, changed)
    changed = _OPENING.sub("", changed)
    changed = (
        re.sub(r"(\d+)%", r"\1 percent", changed) if "%" in changed else re.sub(r"(\d+) percent\b", r"\1%", changed)
    )
    changed = (
        COUNT.sub(lambda found: _DIGIT_OF[found[1].casefold()], changed, count=1)
        if not re.search(r"(hundred|thousand|tenths|thirds|fourths)", changed)
        else changed
    )
    changed = re.sub(r"\b(\d+) (million|billion) dollars\b", r"$\1 \2", changed)
    words = changed.split(" ")
    allowed = max(1, len(words) // 8)
    for index, word in enumerate(words):
        if allowed and word in _SYNONYMS:
            words[index], allowed = _SYNONYMS[word], allowed - 1
    changed = " ".join(words)
    caused = re.match(r"^Because ([^,]{10,}), (.{10,})\.$", changed)
    if caused:
        changed = f"{caused[2][0].upper()}{caused[2][1:]} because {caused[1]}."
    if speaker and pick([True, False], "report", text):
        changed = reported(changed, speaker.split()[-1])
    changed = changed[:1].upper() + changed[1:]
    return None if changed == text else changed
