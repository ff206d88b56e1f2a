"""Terms that only call somebody: a speaker's name, or a role in place of it ("Council member, what does it cost?")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from autointel.local.terms import Found
from autointel.text.word_lists import word_list

# A term is an address if this share of its mentions is set off by marks as one.
_MOSTLY: Final = 0.5
_WORD: Final = re.compile(r"\w+")


def subjects(ranked: Sequence[Found], texts: Sequence[str], speakers: Iterable[str | None]) -> list[Found]:
    """The terms that speak of something, in their order; ``texts`` are the sentences they were found in."""
    labels = [speaker for speaker in speakers if speaker]
    names = {word for speaker in labels for word in _WORD.findall(speaker.lower())}
    return [
        term
        for term in ranked
        if not names.issuperset(_words(term)) and not _calls(term, texts) and not _is_part(term.text, labels)
    ]


def _is_part(text: str, labels: Iterable[str]) -> bool:
    """Whether scripts without spaces write a speaker's family name so: "佐藤" of "佐藤健一"."""
    return not text.isascii() and any(text != label and label.startswith(text) and " " not in label for label in labels)


def _words(term: Found) -> list[str]:
    return _WORD.findall(" ".join(term.key))


def _calls(term: Found, texts: Sequence[str]) -> bool:
    if not _may_be_role(term.text):
        return False
    said = re.escape(term.text)
    address = re.compile(rf"(?:^|, ){said}(?=,)|, {said}(?=[.?!])", re.IGNORECASE)
    calls = sum(
        any(found[0].lstrip(", ")[:1].isupper() for found in address.finditer(texts[sentence]))
        for sentence in term.sentences
    )
    return calls >= _MOSTLY * term.count


def _may_be_role(text: str) -> bool:
    """A role is written "Council member" or is a title; "Tallinn" and "New York" are called by nobody."""
    words = text.split()
    titles = all(word.lower() in word_list("person-titles") for word in words)
    return titles or (len(words) > 1 and text[:1].isupper() and words[-1].islower())
