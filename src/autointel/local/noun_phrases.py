"""Noun phrases of English by word classes: "public cloud" is one, "become", "is really" and "adding support" are none.

Words are of the class that they usually have (Brill's lexicon); what is not listed is a noun or a name. A verb's noun
use cannot be told from the verb, so a word that is usually a verb never makes a phrase alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from autointel.text.word_lists import word_list

# Nouns that name no subject: every talk is full of them.
_EMPTY: Final = frozenset(
    "thing things stuff kind sort way ways lot lots bit people person guy guys folks somebody anybody everybody one ones time times"
    " day days year years week month hour minute minutes moment today yesterday tomorrow tonight part parts point points"
    " question questions answer answers idea ideas case cases example reason reasons fact course side sides place end number numbers"
    " rest bunch couple deal man woman men women sense matter name word words look couldn yeah hmm mm uh um oh okay ok"
    " hundred thousand million billion percent dollars half dozen anything something nothing everything story stories lots"
    " mr mrs ms sir madam hon member members gentleman gentlemen lady ladies level levels amount piece type types terms"
    " other others second seconds third anyone everyone someone life home hand hands head face night morning problem problems"
    " issue issues situation situations area areas job talk talks episode podcast show interview conversation vuh guess".split()
)
_DEMONSTRATES: Final = ("ing",)
_GERUND_NOUNS: Final = frozenset(
    "building engineering funding training housing banking marketing pricing networking learning computing hosting planning"
    " manufacturing spending lending mining streaming gaming clothing advertising testing teaching programming staffing".split()
)


def is_noun_phrase(words: Sequence[str]) -> bool:
    """Whether neighbouring words (as written) may name a subject: modifiers and a noun, or a name."""
    folded = [word.lower().replace("’", "'") for word in words]
    last = folded[-1]
    if not _is_head(words[-1], last) or any(_joins_nothing(word) for word in folded):
        return False
    if len(words) == 1:
        return last not in word_list("common-en") or words[-1][:1].isupper()
    return all(_modifies(word, folded[at]) for at, word in enumerate(words[:-1])) and any(
        word not in word_list("common-en") for word in folded
    )


def _is_head(word: str, folded: str) -> bool:
    if folded in _EMPTY or "'" in folded:
        return False
    if word[:1].isupper() and not word.isupper():
        return folded not in word_list("verbs-en") or folded not in word_list("common-en")
    if folded.endswith(_DEMONSTRATES) and folded in word_list("verbs-en"):
        return folded in _GERUND_NOUNS
    return not any(folded in word_list(name) for name in ("verbs-en", "adjectives-en", "particles-en", "hedging"))


def _modifies(word: str, folded: str) -> bool:
    if word[:1].isupper():
        return folded not in _EMPTY
    if folded in _EMPTY or folded in word_list("particles-en"):
        return False
    return folded not in word_list("verbs-en") or folded.endswith(("ed", "en")) or folded in _GERUND_NOUNS


def _joins_nothing(folded: str) -> bool:
    return folded in word_list("function-en") or (folded in word_list("filler-en") and folded in _EMPTY)
