"""Noun phrases of English by word classes: "public cloud" is one, "become", "is really" and "adding support" are none.

Words are of the class that they usually have (Brill's lexicon); what is not listed is a noun or a name. A verb's noun
use cannot be told from the verb, so a word that is usually a verb never makes a phrase alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from autointel.text.word_lists import word_list

# "Mm-hmm", "Uh-huh", "Nuh": sounds, however they are spelt.
_SOUND: Final = re.compile(r"(?:[mhu]+|u+h+|n?u+h+|a+h+|o+h+|h+[au]+h*)(?:-(?:[mhu]+|u+h+|h+u+h+|n))*")


_NUMBER: Final = re.compile(r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|half|two|three|four|one)-")
# "Long-term", "high-quality", "data-driven" say how something is.
_MODIFIER: Final = re.compile(
    r"^(?:long|short|mid|near|high|low|full|part|well|self|state|first|real|large|small|open|so|one|two|non|cross|multi|year"
    r"|middle|hard|first|best|better|cost|evidence)-|-(?:term|time|based|driven|level|wide|made|led|free|friendly|like|old"
    r"|class|run|scale|size|related|round|end|quality|ed|ing)$"
)
_TIMES: Final = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday christmas easter".split()
)


def is_noun_phrase(words: Sequence[str]) -> bool:
    """Whether neighbouring words (as written) may name a subject: modifiers and a noun, or a name."""
    folded = [word.lower().replace("’", "'") for word in words]
    if any(word.endswith("'s") for word in folded[:-1]):  # "Moore's law", but nobody's law is none
        folded = [word.removesuffix("'s") for word in folded[:-1]] + folded[-1:]
    last = folded[-1]
    if not _is_head(words[-1], last) or any(
        _joins_nothing(word) or is_sound(word) or _NUMBER.match(word) for word in folded
    ):
        return False
    if all(word.rstrip("s") in word_list("roles") or word in word_list("generic-names") for word in folded):
        return len(words) == 1 and words[0].islower() and last not in word_list("common-en") and not _is_role(last)
    if len(words) == 1:
        if last in word_list("demonyms") or last in _TIMES:
            return False
        return last not in word_list("common-en") or words[-1][:1].isupper()
    # "Attack Mosul", "support Canadians": a deed and whom it meets.
    if _is_role(last) or (words[-2].islower() and words[-1][:1].isupper() and _is_placed(last)):
        return False
    return all(_modifies(word, folded[at]) for at, word in enumerate(words[:-1])) and any(
        word not in word_list("common-en") for word in folded
    )


def is_sound(word: str) -> bool:
    """Whether a word in lower case is a sound that people make while they think."""
    return _SOUND.fullmatch(word) is not None


def _is_placed(folded: str) -> bool:
    return any(
        word in word_list(name)
        for word in (folded, folded.removesuffix("s"))
        for name in ("places", "cities", "demonyms")
    )


def _is_role(folded: str) -> bool:
    return folded in word_list("roles") or folded.removesuffix("s") in word_list("roles")


def _is_head(word: str, folded: str) -> bool:
    if folded in word_list("empty-nouns-en") or "'" in folded or word[:1].isdigit():
        return False
    if word.islower() and _MODIFIER.search(folded):
        return False
    if word[:1].isupper() and not word.isupper():
        ordinary = folded in word_list("verbs-en") or folded in word_list("adjectives-en")
        return not (ordinary and folded in word_list("common-en")) and folded not in word_list("particles-en")
    if folded.endswith("ing") and folded in word_list("verbs-en"):
        return folded in word_list("gerund-nouns-en")
    return not any(folded in word_list(name) for name in ("verbs-en", "adjectives-en", "particles-en", "hedging"))


def _modifies(word: str, folded: str) -> bool:
    if word[:1].isupper():
        return folded not in word_list("empty-nouns-en")
    if folded.endswith("est") and folded in word_list("adjectives-en"):
        return False  # "earliest customers"
    if folded in word_list("empty-nouns-en") or folded in word_list("particles-en"):
        return False
    return (
        folded not in word_list("verbs-en") or folded.endswith(("ed", "en")) or folded in word_list("gerund-nouns-en")
    )


def _joins_nothing(folded: str) -> bool:
    return folded in word_list("function-en") or (
        folded in word_list("filler-en") and folded in word_list("empty-nouns-en")
    )
