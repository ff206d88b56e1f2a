"""Names in English text: runs of capitals, with small gazetteers to tell their kind.

Low confidence by nature: a capital is a convention of
writing, and automatic captions keep it badly. Where a text has no use of capitals, nothing is found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from autointel.domain.notes import EntityKind
from autointel.text.word_lists import word_list

# Small words that names hold inside them, never at an end.
_INSIDE: Final = frozenset({"of", "the", "de", "la", "von", "van", "der", "bin", "al", "del", "du", "da"})
# Marks after which a sentence goes on.
_GOES_ON: Final = frozenset({",", "&", "'", "’", "-", "(", "/"})
# A line in which this share of the words is capitalised is a headline or a shout: its capitals say nothing.
_HEADLINE: Final = 0.7
_HEADLINE_WORDS: Final = 4
# Writing has 2 to 6% capitals; captions without case have none, or (but for names) a handful, or all.
_LEAST_UPPER: Final = 0.003
_MOST_UPPER: Final = 0.5
_FEW_LETTERS: Final = 40
_DOTTED: Final = re.compile(r"(?:[A-Z]\.){2,}[A-Z]?")
_INITIAL: Final = re.compile(r"[A-Z]\.?")
_ACRONYM: Final = range(2, 6)
_LONGEST: Final = 6
_SUM_DIGITS: Final = 3


@dataclass(frozen=True)
class EntitySpan:
    """Tokens ``first`` to ``last`` (excluded) of a sentence name something."""

    first: int
    last: int
    kind: EntityKind


@dataclass(frozen=True)
class _Evidence:
    """How the whole text writes each word where it has a choice: inside a sentence."""

    upper: Counter[str]
    lower: Counter[str]

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]]) -> _Evidence:
        upper: Counter[str] = Counter()
        lower: Counter[str] = Counter()
        for tokens in sentences:
            if _is_headline(tokens):
                continue
            for index, token in enumerate(tokens):
                if token[:1].islower():
                    lower[token] += 1
                elif token[:1].isupper() and not _opens(tokens, index):
                    upper[token.lower()] += 1
        return cls(upper, lower)

    def is_name(self, token: str) -> bool:
        """Whether the text capitalises the word more often than not."""
        return self.upper[token.lower()] > self.lower[token.lower()]


def find_entities(sentences: Sequence[Sequence[str]]) -> list[list[EntitySpan]]:
    """The names in each sentence (a list of tokens), left to right; one text at a time, since words are compared.

    Boundary F1 .54 (precision .63, recall .47) on WNUT17's development set, where runs of capitals alone have .341.
    """
    evidence = _Evidence.of(sentences)
    return [list(_in_sentence(tokens, evidence)) for tokens in sentences]


def uses_capitals(text: str) -> bool:
    """Whether the text has both cases in the proportions of ordinary writing; a very short text is not blamed."""
    upper = sum(map(str.isupper, text))
    lower = sum(map(str.islower, text))
    return upper + lower < _FEW_LETTERS or _LEAST_UPPER < upper / (upper + lower) < _MOST_UPPER


def _in_sentence(tokens: Sequence[str], evidence: _Evidence) -> Iterable[EntitySpan]:
    headline = _is_headline(tokens)
    index = 0
    while index < len(tokens):
        last = _run_end(tokens, index, evidence, headline=headline)
        if last == index:
            index += 1
            continue
        yield EntitySpan(index, last, kind_of(tokens[index:last], tokens[index - 1] if index else ""))
        index = last


def _run_end(tokens: Sequence[str], first: int, evidence: _Evidence, *, headline: bool) -> int:
    """Where the name that begins at ``first`` ends; ``first`` itself if none does."""
    if not _may_begin(tokens, first, evidence, headline=headline):
        return first
    last = first + 1
    while last < len(tokens) and last - first < _LONGEST:
        reach = last + 2 if _joins(tokens[first:last], tokens[last]) else last + 1
        if reach > len(tokens) or not _may_go_on(tokens, reach - 1, headline=headline):
            break
        last = reach
    return last


def _joins(name: Sequence[str], small: str) -> bool:
    """Whether a small word may stand inside this name: "for" only in a body's, as "Department for Transport"."""
    if small == "of" and len(name) > 1 and name[0].lower() in word_list("first-names"):
        return False  # "John Haas of Trinity College" are two; "Joan of Arc" is one
    if small == "the":  # "Alexander the Great", not "Maria Lopez the Centre"
        return len(name) == 1
    return small in _INSIDE or (small == "for" and name[-1].lower() in word_list("organisation-ends"))


def _may_begin(tokens: Sequence[str], index: int, evidence: _Evidence, *, headline: bool) -> bool:
    token = tokens[index]
    following = tokens[index + 1] if index + 1 < len(tokens) else ""
    if _is_listed(f"{token} {following}"):  # "New York", "White House"
        return token[:1].isupper() and following[:1].isupper()
    if not _is_capitalised(token) or token.lower().rstrip(".") in word_list("not-names"):
        return False
    if headline or _is_listed(token):
        return _is_listed(token)
    if _is_common(token):
        return False
    if _opens(tokens, index):
        return evidence.is_name(token) or (_is_capitalised(following) and not _is_common(following))
    return evidence.lower[token.lower()] <= evidence.upper[token.lower()]


def _may_go_on(tokens: Sequence[str], index: int, *, headline: bool) -> bool:
    token = tokens[index]
    if headline:
        return _is_listed(token)
    if _INITIAL.fullmatch(token):  # "John F. Kennedy"
        return index + 1 < len(tokens) and _is_capitalised(tokens[index + 1])
    # "Windows 7", "Apollo 13": a year or a sum is longer.
    return (_is_capitalised(token) and not _is_common(token)) or (token.isdigit() and len(token) < _SUM_DIGITS)


def _is_common(token: str) -> bool:
    """Whether English uses the word for other things than names."""
    folded = token.lower()
    return folded in word_list("function-en") or folded in word_list("filler-en")


def _is_capitalised(token: str) -> bool:
    if not token[:1].isupper():
        return False
    if _DOTTED.fullmatch(token):  # "U.S."
        return True
    if any(map(str.islower, token)):
        return True
    return token.isalpha() and (len(token) in _ACRONYM or token.lower() in word_list("organisations"))


def _is_listed(token: str) -> bool:
    folded = token.lower()
    return any(folded in word_list(name) for name in ("first-names", "places", "organisations"))


def _is_headline(tokens: Sequence[str]) -> bool:
    words = [token for token in tokens if token[:1].isalpha()]
    small = [word for word in words if not word[:1].isupper()]
    if len(words) < _HEADLINE_WORDS or len(small) > (1 - _HEADLINE) * len(words):
        return False
    # "Dr. John O'Neill works at Trinity College." is full of names, but a headline has no full stop.
    return not (small and tokens[-1] == ".")


def _opens(tokens: Sequence[str], index: int) -> bool:
    """Whether a capital at ``index`` is owed to the place and not to the word."""
    if index == 0:
        return True
    before = tokens[index - 1]
    return not before[-1:].isalnum() and before not in _GOES_ON and before.lower() not in word_list("person-titles")


def kind_of(name: Sequence[str], before: str) -> EntityKind:
    """The kind of a name, by the lists; ``before`` is the token in front of it."""
    folded = [token.lower() for token in name]
    whole = " ".join(folded)
    if whole in word_list("places"):
        return EntityKind.PLACE
    if whole in word_list("organisations"):
        return EntityKind.ORGANISATION
    if before.lower() in word_list("person-titles") or folded[0] in word_list("first-names"):
        return EntityKind.PERSON
    if _body_of(folded):
        return EntityKind.ORGANISATION
    for words, kind in (
        ("place-ends", EntityKind.PLACE),
        ("organisation-ends", EntityKind.ORGANISATION),
        ("event-ends", EntityKind.EVENT),
    ):
        if len(folded) > 1 and folded[-1] in word_list(words):
            return kind
    return EntityKind.OTHER


def _body_of(folded: Sequence[str]) -> bool:
    """What stands before the small word says what it is: "Department for Transport", "Bank of England"."""
    return any(
        word in {"of", "for"} and folded[place - 1] in word_list("organisation-ends")
        for place, word in enumerate(folded)
        if place
    )
