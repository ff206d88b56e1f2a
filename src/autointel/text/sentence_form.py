"""The form of a sentence: questions, instructions and words of a prompt are no statements."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from autointel.text.names import names
from autointel.text.statement import Statement, statement


def asks(said: Statement, quotes: Statement) -> bool:
    """Whether the sentence tells that something is asked, in a word of its own."""
    return any(said.lists.has("asking", word.folded) and word.folded not in quotes.folded_words for word in said.words)


_MACHINE: Final = re.compile(
    r"\b(?:(?:previous|above|prior) (?:instructions?|prompts?)|system prompt|as an ai\b|language model"
    r"|(?:last|previous|your) answer was rejected|no sentence of the passage says|cite only what is above"
    r"|the notes it cites do not say|mended to what the passage says|^answer again\b|^the rest stands\b"
    r"|json (?:object|schema)|note ids?\b"
    r"|numbered sentences?|untrusted (?:text|source))",
    re.IGNORECASE,
)
_OBJECT: Final = frozenset(
    """the a an all any your my our this that these those it me us him her them only as to no nothing everything for in
    at with by on sure yourself each every one two three four five into out up previous instructions words der die das
    den el la los las le les un une eine einen""".split()
)


def is_question(said: Statement) -> bool:
    """A question mark at the end, or the word order of a question."""
    stripped = said.plain.rstrip(" \"'”)]")
    if stripped.endswith("?"):
        return True
    if len(said.words) < 2:  # noqa: PLR2004
        return False
    first, second = said.words[0].folded, said.words[1].folded
    if not said.lists.has("questions", first) or not said.language.startswith("en"):
        return False
    if first in {"who", "what", "when", "where", "why", "how", "which", "whose", "whom"}:
        return (second in _AUXILIARIES and first in {"why", "how", "where"} and stripped[-1:] not in ".!") or (
            first == "why" and stripped[-1:] not in ".!"
        )
    return second in _SUBJECTS and stripped[-1:] not in ".!"


_AUXILIARIES: Final = frozenset("is are was were do does did can could will would should have has".split())
_SUBJECTS: Final = frozenset("i you he she it we they this that there the these those".split())


def is_instruction(said: Statement) -> bool:
    """An imperative with its object, or a sentence about prompts and their rules."""
    if _MACHINE.search(said.plain):
        return True
    words = [
        word for word in said.words[:4] if word.folded not in {"please", "now", "then", "also", "and", "bitte", "just"}
    ]
    if len(words) < 2 or not said.lists.has("orders", words[0].folded):  # noqa: PLR2004
        return False
    return words[1].folded in _OBJECT or words[0].folded in {"let", "let's", "ignore", "please", "ignoriere", "ignorez"}


def says_nothing(said: Statement, known: Collection[str] = ()) -> str:
    """Why a sentence states nothing: one word, names alone, "X is a person", or the same of the same; else empty."""
    if _NO_SPACES.search(said.text):
        return ""
    if len(said.words) < 2 or not (said.content or said.quantities or said.dates):  # noqa: PLR2004
        return "it has no word of its own" if said.words[1:] else "it is one word"
    named = names(said, known)
    if said.content and all(word in named for word in said.content) and not said.has("auxiliaries"):
        return "it is a list of names"
    copula = _COPULA.search(said.folded)
    return _equates(said, copula) if copula else ""


def _equates(said: Statement, copula: re.Match[str]) -> str:
    """Whether the two sides of "is" are the same, or a bare name and "a person"."""
    before = [word.folded for word in said.words if word.start < copula.start()]
    after = {word.folded for word in said.words if word.start >= copula.end()} - _ARTICLES
    if after and after <= set(before):
        return "it says the same of the same"
    bare = 0 < len(before) <= _NAME
    return "it says only that somebody is somebody" if bare and _SOMEBODY.search(said.folded) else ""


_NAME: Final = 4  # words
# Thai, Lao, Khmer, Japanese, Chinese: no spaces part their words.
_NO_SPACES: Final = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_COPULA: Final = re.compile(r"\b(?:is|are|was|were|ist|sind|war|es|son|est|sont)\b")
_ARTICLES: Final = frozenset("a an the just simply der die das ein eine el la los las un une le les".split())
_SOMEBODY: Final = re.compile(
    r"\b(?:is|was) (?:just )?(?:an?|the|one) (?:person|man|woman|human|human being|individual|speaker|participant|name"
    r"|thing|entity|place|topic|subject)(?: (?:in|of|on|at) (?:the|this|a) (?:debate|talk|discussion|passage|text"
    r"|transcript|conversation|video|podcast|source))?\W*$"
)


def is_copied(said: Statement, prompt: Statement) -> bool:
    """Whether half of its runs of four words stand in the prompt."""
    words = [word.folded for word in said.words]
    if len(words) < 4:  # noqa: PLR2004
        return False
    runs = {" ".join(words[at : at + 4]) for at in range(len(words) - 3)}
    return 2 * len(runs & _runs(prompt.text)) >= len(runs)


@lru_cache(maxsize=16)
def _runs(text: str) -> frozenset[str]:
    words = [word.folded for word in statement(text, "en").words]
    return frozenset(" ".join(words[at : at + 4]) for at in range(len(words) - 3))
