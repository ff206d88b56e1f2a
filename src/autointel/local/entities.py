"""Names in English text: runs of capitals, with small gazetteers and the evidence of the whole text.

Low confidence by nature: a capital is a convention of writing. ``kinds`` tells what a name names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from autointel.domain.notes import EntityKind
from autointel.local.gazetteer import is_given, is_ordinary, is_state, kind_of
from autointel.text.word_lists import in_lists, word_list

# Small words that names hold inside them, never at an end.
_INSIDE: Final = frozenset({"of"})
# Particles of family names: those that may come first, and those that follow another ("van den Berg").
_PARTICLES: Final = frozenset("van von de der di da la le al bin ibn ter zu dos du del della".split())
_MORE_PARTICLES: Final = _PARTICLES | {"den", "ten", "het"}
_MOST_PARTICLES: Final = 3
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
# "T-shirt", "X-rays".
_SHAPED: Final = re.compile(r"[A-Z]-[a-z]+")
_DATES: Final = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug"
    " sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday".split()
)


@dataclass(frozen=True)
class EntitySpan:
    """Tokens ``first`` to ``last`` (excluded) of a sentence name something."""

    first: int
    last: int
    kind: EntityKind


@dataclass(frozen=True)
class _Evidence:
    """How the whole text writes each word where it has a choice, inside a sentence; ``pairs`` are capitals in a row.

    ``led`` counts how often a particle such as "van" stands before a word with a capital.
    """

    upper: Counter[str]
    lower: Counter[str]
    pairs: Counter[tuple[str, str]]
    led: Counter[str]

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]]) -> _Evidence:
        upper: Counter[str] = Counter()
        lower: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        led: Counter[str] = Counter()
        for tokens in sentences:
            if _is_headline(tokens):
                continue
            inside = [token[:1].isupper() and not _opens(tokens, index) for index, token in enumerate(tokens)]
            lower.update(token for token in tokens if token[:1].islower())
            upper.update(token.lower() for token, name in zip(tokens, inside, strict=True) if name)
            pairs.update(
                (tokens[one].lower(), tokens[other].lower())
                for one, other in pairwise(range(len(tokens)))
                if inside[one] and inside[other]
            )
            led.update(
                name.lower() for before, name in pairwise(tokens) if before in _MORE_PARTICLES and name[:1].isupper()
            )
        return cls(upper, lower, pairs, led)

    def is_led(self, token: str) -> bool:
        """Whether a particle stands before the word most of the time."""
        return 2 * self.led[token.lower()] > self.upper[token.lower()]

    def is_name(self, token: str) -> bool:
        """Whether the text capitalises the word more often than not."""
        return self.upper[token.lower()] > self.lower[token.lower()]


def find_entities(sentences: Sequence[Sequence[str]]) -> list[list[EntitySpan]]:
    """The names in each sentence (a list of tokens), left to right; one text at a time, since words are compared.

    ``docs/evaluation.md`` has boundary F1 on WNUT17 and CoNLL04.
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
    index = end = 0
    while index < len(tokens):
        last = _run_end(tokens, index, evidence, headline=headline)
        if last == index:
            index += 1
            continue
        before = tokens[index - 1] if index else ""
        after = tokens[last] if last < len(tokens) else ""
        kind = kind_of(tokens[index:last], before, after)
        if kind in {EntityKind.PERSON, EntityKind.OTHER} and _is_listed_place(tokens, index, last):
            kind = EntityKind.PLACE
        led = kind in {EntityKind.PERSON, EntityKind.OTHER} and evidence.is_led(tokens[index])
        yield EntitySpan(index - _led_by(tokens[end:index]) if led else index, last, kind)
        index = end = last


def _led_by(tokens: Sequence[str]) -> int:
    """How many particles of a family name end the tokens before a name: 2 in "said van der (Berg)"."""
    for count in range(min(_MOST_PARTICLES, len(tokens)), 0, -1):
        if _particles(tokens, len(tokens) - count) == count and tokens[len(tokens) - count - 1 : -count] != ["et"]:
            return count
    return 0


def _particles(tokens: Sequence[str], index: int) -> int:
    """How many particles of a family name stand in a row from ``index`` on."""
    count = 0
    while index + count < len(tokens) and tokens[index + count] in (_MORE_PARTICLES if count else _PARTICLES):
        count += 1
    return count if count <= _MOST_PARTICLES else 0


def _is_listed_place(tokens: Sequence[str], first: int, last: int) -> bool:
    """Whether a word stands in a row of places, or before the country it lies in: "Preston, Victoria, Australia"."""
    folded = tokens[first].lower()
    if last - first > 1 or folded not in word_list("cities"):
        return False
    before = tokens[first - 1].lower() if first else ""
    joined = before in {",", "and", "or"} and first > 1 and _is_place(tokens[first - 2])
    follows = tokens[last : last + 1] == [","] and last + 1 < len(tokens) and _is_place(tokens[last + 1])
    return joined or (follows and folded not in word_list("first-names")) or (follows and before == ",")


def _is_place(token: str) -> bool:
    return token[:1].isupper() and (token.lower() in word_list("places") or is_state(token))


def _run_end(tokens: Sequence[str], first: int, evidence: _Evidence, *, headline: bool) -> int:
    """Where the name that begins at ``first`` ends; ``first`` itself if none does."""
    if not _may_begin(tokens, first, evidence, headline=headline):
        return first
    last = first + 1
    while last < len(tokens) and last - first < _LONGEST and not _is_title(tokens, last, first):
        small = _particles(tokens, last) or int(_joins(tokens[first:last], tokens, last))
        reach = last + small + 1
        if reach > len(tokens) or not _may_go_on(tokens, reach - 1, evidence, headline=headline):
            break
        last = reach
    if last == first + 1 and _says_little(tokens[first]):
        return first
    # "Richmond, Virginia" is one place.
    if tokens[last : last + 1] == [","] and last + 1 < len(tokens) and is_state(tokens[last + 1]):
        kind = kind_of(tokens[first:last], "", ",")
        last += 2 if kind in {EntityKind.PLACE, EntityKind.OTHER} and last - first < _SUM_DIGITS else 0
    return last


def _is_title(tokens: Sequence[str], index: int, first: int) -> bool:
    """Whether an office before a name parts two names: "National Congress | President | Vinicio Villar".

    After a given name alone it is a family name: "Martin Luther King Jr.".
    """
    if not _is_office(tokens[index]) or not _is_capitalised("".join(tokens[index + 1 : index + 2])):
        return False
    before = tokens[index - 1].lower()
    return not is_given(before) or index - first > _LONGEST // 2


def _is_office(token: str) -> bool:
    return token.lower().rstrip(".") in word_list("roles") or token.lower() in word_list("person-titles")


def _says_little(token: str) -> bool:
    """Whether a single word is a kind of thing and not a thing: "Committee", "Appendix", "CEO"."""
    folded = token.lower()
    kind = in_lists(folded, "generic-names", "organisation-ends", "place-ends", "event-ends")
    return kind and folded not in word_list("organisations")


def _joins(name: Sequence[str], tokens: Sequence[str], index: int) -> bool:
    """Whether a small word may stand inside this name.

    "of" follows what a thing is ("Bank of England", not "John Haas of Trinity College"), "for" and "and" belong to a
    body's name.
    """
    small, last = tokens[index], name[-1].lower()
    if small == "of":
        return _is_noun(last) and last not in word_list("roles")
    if small == "the":
        return len(name) == 1 and tokens[index + 1 : index + 2] in (["Great"], ["Third"], ["Second"], ["First"])
    if small == "and":
        rest, ends = _capitals_from(tokens, index + 1), word_list("organisation-ends")
        if len(name) == len(rest) == 1 and _says_little(name[0]) and _says_little(rest[0]):
            return False  # "House and Senate"
        return _is_noun(last) and last not in ends and bool(rest) and rest[-1].lower() in ends
    return small in _INSIDE or (small == "for" and last in word_list("organisation-ends"))


def _capitals_from(tokens: Sequence[str], index: int) -> list[str]:
    run: list[str] = []
    while index < len(tokens) and _is_capitalised(tokens[index]) and len(run) < _LONGEST:
        run.append(tokens[index])
        index += 1
    return run


def _may_begin(tokens: Sequence[str], index: int, evidence: _Evidence, *, headline: bool) -> bool:
    token = tokens[index]
    folded = token.lower().rstrip(".")
    following = tokens[index + 1] if index + 1 < len(tokens) else ""
    if _is_listed(f"{token} {following}"):  # "New York", "White House"
        return token[:1].isupper() and following[:1].isupper()
    if headline or not _is_capitalised(token):
        return token[:1].isupper() and _is_listed(token) and not is_ordinary(folded)
    demonym = folded in word_list("demonyms")
    if demonym or folded in word_list("not-names") or _is_office(token):
        # "And Kansas City" is the city alone.
        return folded not in word_list("function-en") and _goes_on_as_body(tokens, index, least=1 if demonym else 2)
    if _is_common(token):
        body = folded not in word_list("function-en") and _goes_on_as_body(tokens, index)
        return body or (token.isupper() and _is_listed(token))
    if not _opens(tokens, index):
        listed = _is_listed(token) or evidence.lower[folded] <= evidence.upper[folded]
        return listed or _goes_on_as_body(tokens, index)
    return _may_open(token, following, evidence)


def _may_open(token: str, following: str, evidence: _Evidence) -> bool:
    """Whether a word at the start of a sentence, which has a capital in any case, opens a name."""
    folded = token.lower()
    if _is_listed(token) and not is_ordinary(folded):
        return True
    if evidence.is_name(token) or (folded, following.lower()) in evidence.pairs:
        return True
    if not _is_capitalised(following) or _is_common(following) or following.lower() in word_list("roles"):
        return False
    if folded in word_list("first-names"):  # "Will Smith", not "Will Canada"
        return not is_ordinary(folded) or following.lower() not in word_list("places")
    return not (in_lists(folded, "verbs-en", "particles-en"))


def _goes_on_as_body(tokens: Sequence[str], index: int, least: int = 1) -> bool:
    """Whether a common word opens the name of a body: "French Government", "American Express", "Life Magazine"."""
    rest = [token.lower() for token in _capitals_from(tokens, index + 1)]
    if len(rest) < least:
        return False
    ends = word_list("organisation-ends") | word_list("place-ends") | word_list("event-ends")
    return rest[-1] in ends or f"{tokens[index].lower()} {rest[0]}" in word_list("organisations")


def _may_go_on(tokens: Sequence[str], index: int, evidence: _Evidence, *, headline: bool) -> bool:
    token, before = tokens[index], tokens[index - 1]
    if headline:
        return _is_listed(token)
    # A date, or a new sentence of captions without marks.
    if token.lower().rstrip(".") in _DATES or token == before:
        return False
    if _INITIAL.fullmatch(token):  # "John F. Kennedy"
        return index + 1 < len(tokens) and _is_capitalised(tokens[index + 1])
    if _is_common(token) or not _is_capitalised(token):
        # "Windows 7", "Apollo 13": a year or a sum is longer.
        numbered = token.isdigit() and len(token) < _SUM_DIGITS and before[:1].isupper()
        return numbered or _is_common_part(tokens, index, evidence)
    return True


def _is_common_part(tokens: Sequence[str], index: int, evidence: _Evidence) -> bool:
    """Whether a common word goes on with a name: "Brigham Young", "Panama City", "Liberation Day Committee"."""
    folded, before = tokens[index].lower(), tokens[index - 1].lower()
    if not _is_capitalised(tokens[index]) or folded in word_list("function-en"):
        return False
    given = is_given(before)
    often = evidence.pairs[before, folded] > 1  # "Flying Start", where the text writes both so more than once
    town = folded == "city" and before in word_list("places")
    return given or often or town or _goes_on_as_body(tokens, index)


def _is_common(token: str) -> bool:
    """Whether English uses the word for other things than names."""
    folded = token.lower()
    return in_lists(folded, "function-en", "filler-en")


def _is_noun(folded: str) -> bool:
    return in_lists(folded, "nouns-en", "organisation-ends")


def _is_capitalised(token: str) -> bool:
    if not token[:1].isupper() or _SHAPED.fullmatch(token):
        return False
    if _DOTTED.fullmatch(token):  # "U.S."
        return True
    if any(map(str.islower, token)):
        return True
    return token.isalpha() and (len(token) in _ACRONYM or token.lower() in word_list("organisations"))


def _is_listed(token: str) -> bool:
    folded = token.lower()
    if folded in word_list("function-en"):  # "Who" opens a question, "WHO" is a body
        return token.isupper() and folded in word_list("organisations")
    return in_lists(folded, "first-names", "places", "organisations")


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
