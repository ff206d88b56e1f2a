"""Terms that are names: a speaker's, a role in place of it ("Council member, what does it cost?"), listed entities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from autointel.domain.notes import EntityKind, EntityMention
from autointel.local.terms import Found, worth
from autointel.text.word_lists import word_list

_LISTED_AS_NAMES: Final = frozenset({EntityKind.PERSON, EntityKind.PLACE})
# What the name of a body or product counts for among terms: the page lists entities as well.
_A_NAME: Final = 0.5
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


def without_names(ranked: Sequence[Found], entities: Sequence[EntityMention]) -> list[Found]:
    """The terms without persons and places, which are listed as entities; other names count for less than subjects."""
    kinds = {" ".join(entity.name.casefold().replace("’", "'").split()): entity.kind for entity in entities}
    families = {name.split()[-1] for name, kind in kinds.items() if kind is EntityKind.PERSON}
    parts = {part for name in kinds for part in _parts(name)}
    kept = []
    for term in ranked:
        said = " ".join(term.text.casefold().replace("’", "'").split())
        kind = kinds.get(said)
        last = said.split()[-1]
        part = said in parts and term.text[:1].isupper() and not kind
        place = kind in _LISTED_AS_NAMES or said in word_list("places")  # "America" is listed as the United States
        if place or last in families or part or _is_titled(term):
            continue
        kept.append((worth(term) * (_A_NAME if kind else 1.0), term))
    return [term for _, term in sorted(kept, key=lambda pair: -pair[0])]


def _parts(name: str) -> Iterator[str]:
    """What a name of several words holds: "white house" and "visitors office" of "white house visitors office"."""
    words = name.split()
    for size in range(1, len(words)):
        for first in range(len(words) - size + 1):
            yield " ".join(words[first : first + size])


def _is_titled(term: Found) -> bool:
    """Whether it is an office and a name: "Senator Kennedy", "Vice President Nixon"."""
    first, *others = term.text.split()
    office = first.lower() in word_list("person-titles") or first.lower() in word_list("roles")
    return office and bool(others) and first[:1].isupper() and others[-1][:1].isupper()


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
