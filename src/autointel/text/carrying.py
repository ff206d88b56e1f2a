"""Whether quotes carry a sentence: everything the sentence says stands in its quotes, their neighbours or the speaker.

Rules over words, no understanding. Numbers, dates, names, negations, quantifiers, causes, directions, comparisons,
modality and attribution must agree; the content words must overlap (``THRESHOLD``, measured by ``autointel eval
support``). A true sentence in quite other words than its quote is lost; a false one in the quote's own words is found
where a rule knows the turn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import permutations
from typing import Final, TypeAlias

from autointel.text.meaning_checks import CHECKS, added
from autointel.text.names import (
    People,
    abbreviated,
    attribution,
    is_first_name,
    name_parts,
    names,
    replaced_opening,
    stands_in,
)
from autointel.text.quantities import Quantity, quantities, rates
from autointel.text.roles import Speaking, crossed, exchanged
from autointel.text.sentence_form import asks, is_instruction, is_question, says_nothing
from autointel.text.statement import Statement, means, statement
from autointel.text.vocabulary import Word
from autointel.text.word_lists import base_language

Weight: TypeAlias = Callable[[str], float]
"""Of a stem; rarer words of the source weigh more. 1 is usual."""
# Share of a sentence's content, by weight, that must stand in its quotes. What it finds and loses: docs/evaluation.md.
THRESHOLD: Final = 0.4
AROUND: Final = 0.6  # a content word that only a neighbouring sentence has
FAMILY: Final = 0.9  # another word of the same family, or one that may stand in its place
_LIGHT: Final = 0.2  # "said", "argues": the note's own frame
_CLOSE: Final = 1e-6  # numbers this close are equal
_MOST_RECKONED: Final = 12  # numbers of which pairs are reckoned with
_SHARES: Final = frozenset({"%", "points", "x"})
_WINDOW: Final = 45  # characters around a number in which stands what it counts
# In them a speaker speaks of the own nation.
_OURS: Final = frozenset(
    "we us our ours country nation here wir uns unser unsere nosotros nuestro nuestra país nous notre nos pays".split()
)
_REFERRING: Final = frozenset("they them their it its this that these those he she him her his".split())


class Fault(StrEnum):
    """What is wrong with a sentence that its quotes do not carry."""

    QUESTION = "question"
    EMPTY = "says nothing"
    INSTRUCTION = "instruction"
    PROMPT = "prompt text"
    NUMBER = "number"
    RECKONED = "reckoned number"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    QUANTIFIER = "quantifier"
    CAUSE = "cause"
    DIRECTION = "direction"
    COMPARISON = "comparison"
    MODALITY = "modality"
    CONDITION = "condition"
    INTENTION = "intention"
    ROLE = "role"
    DETAIL = "detail"
    ATTRIBUTION = "attribution"
    CONTENT = "content"


# A paraphrase hardly ever has one of these: 3% of 495 by hand. The other faults are found in a quarter of them, where
# words that a rule does not know say the same, so they are a doubt and no proof.
FIRM: Final = frozenset(
    {Fault.QUESTION, Fault.EMPTY, Fault.INSTRUCTION, Fault.PROMPT, Fault.NUMBER, Fault.DATE, Fault.NAME}
)


@dataclass(frozen=True)
class Reason:
    """One fault, and the words or the rule."""

    fault: Fault
    detail: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.detail}"


@dataclass(frozen=True)
class Ground:
    """What a sentence may rest on.

    ``quotes`` carry it. ``around`` are their neighbouring sentences: numbers and names may stand there. ``names`` are
    those of the whole source, in lower case; ``prompt`` is the text that asked for the sentence. ``others`` are the
    people who speak just before and after: "you" and "he" may be one of them. ``before`` are some sentences more, of
    whose things "they" and "it" may be said.
    """

    quotes: tuple[str, ...]
    around: tuple[str, ...] = ()
    speaker: str | None = None
    said_on: date | None = None
    names: Collection[str] = field(default_factory=frozenset)
    prompt: str = ""
    language: str = "en"
    others: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Carried:
    """The outcome: the quotes carry the sentence if there are no ``reasons``. ``overlap`` is in 0..1."""

    overlap: float
    reasons: tuple[Reason, ...] = ()

    def __bool__(self) -> bool:
        return not self.reasons

    @property
    def is_doubtful(self) -> bool:
        """Whether only rules speak against the sentence that true paraphrases break as well (not ``FIRM``)."""
        return bool(self.reasons) and all(reason.fault not in FIRM for reason in self.reasons)


def equal_weight(weight: str) -> float:
    """Every stem weighs the same."""
    del weight
    return 1.0


def carried(text: str, ground: Ground, *, weight: Weight = equal_weight, threshold: float = THRESHOLD) -> Carried:
    """Whether the quotes carry the text, and if not, why. Linear in the lengths; some 0.2 ms a sentence."""
    said = statement(text, ground.language)
    quotes = statement(" ".join(ground.quotes), ground.language)
    nearby = [*ground.around, *([f"{ground.speaker}."] if ground.speaker else [])]
    around = statement(" ".join([quotes.text, *nearby]), ground.language)
    reasons = [*_not_a_statement(said, quotes, ground)]
    if not reasons:
        reasons += _numbers(said, quotes, around, ground.said_on)
        reasons += _rates(said, around)
        reasons += [Reason(Fault.DATE, day) for day in sorted(said.dates - around.dates)]
        reasons += _names(said, quotes, around, ground)
        for kind, check in CHECKS.items():
            wrong = check(said, quotes, around)
            if wrong:
                reasons.append(Reason(Fault(kind), wrong))
        for fault, wrong in (
            (Fault.ATTRIBUTION, attribution(said, quotes, around, People(ground.speaker, ground.others))),
            (Fault.ROLE, exchanged(said, quotes, Speaking(name_parts(ground.speaker), _parts(ground.others)))),
            (Fault.ROLE, crossed(said, quotes)),
            (
                Fault.DETAIL,
                added(said, _spoken_of(quotes, around, ground), _parts((*ground.others, ground.speaker or ""))),
            ),
        ):
            if wrong:
                reasons.append(Reason(fault, wrong))
    overlap = content_overlap(said, quotes, around, weight)
    if overlap < threshold:
        reasons.append(Reason(Fault.CONTENT, f"{overlap:.0%} of its words stand in the quote"))
    elif not reasons and _shares_only_names(said, quotes, ground):
        reasons.append(Reason(Fault.CONTENT, "the quote has none of its words but names"))
    return Carried(overlap, tuple(reasons))


def _shares_only_names(said: Statement, quotes: Statement, ground: Ground) -> bool:
    """Whether the quotes have only the names: the rest stands at best in a neighbour, which may be of others."""
    named = {word.stem for word in names(said, ground.names)}
    own = [stem for stem in said.content_stems if stem not in named and not said.lists.has("reporting", stem)]
    return len(own) > 1 and not said.quantities and not any(stem in quotes.stems or means(stem, quotes) for stem in own)


def content_overlap(said: Statement, quotes: Statement, around: Statement, weight: Weight = equal_weight) -> float:
    """Share of the sentence's content, by weight, that the quotes have; 1 where it has no content of its own."""
    total = found = 0.0
    for stem, heavy in weights(said, weight):
        total += heavy
        if stem in quotes.stems:
            found += heavy
        elif means(stem, quotes):
            found += heavy * FAMILY
        elif stem in around.stems:
            found += heavy * AROUND
    return found / total if total else 1.0


def weights(said: Statement, weight: Weight) -> Iterator[tuple[str, float]]:
    """The stems of a sentence's content, and how much each weighs in it."""
    for stem in said.content_stems:
        yield stem, weight(stem) * (_LIGHT if said.lists.has("reporting", stem) else 1.0)


def _not_a_statement(said: Statement, quotes: Statement, ground: Ground) -> Iterator[Reason]:
    if not said.words:
        yield Reason(Fault.CONTENT, "it says nothing")
    elif ground.prompt and _is_copied(said, statement(ground.prompt, "en")):
        yield Reason(Fault.PROMPT, "its words are the prompt's")
    elif nothing := says_nothing(said, ground.names):
        yield Reason(Fault.EMPTY, nothing)
    elif is_question(said):
        yield Reason(Fault.QUESTION, "a question is no claim")
    elif is_instruction(said):
        yield Reason(Fault.INSTRUCTION, "an instruction is no claim")
    elif not asks(said, quotes) and all(is_question(statement(quote, ground.language)) for quote in ground.quotes):
        yield Reason(Fault.QUESTION, "the quote asks and does not say it")


def _is_copied(said: Statement, prompt: Statement) -> bool:
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


def _numbers(said: Statement, quotes: Statement, around: Statement, said_on: date | None) -> Iterator[Reason]:
    derived = quantities(around.plain, around.language, said_on)[len(around.quantities) :] if said_on else []
    for quantity in said.quantities:
        if quantity.is_word and quantity.unit in {"", "ordinal"}:
            continue
        if quantity.unit in _SHARES and not any(other.unit in _SHARES for other in around.quantities):
            yield Reason(Fault.NUMBER, quantity.text)  # 24 generals are not 24 percent of them
            continue
        if any(_matches(quantity, other, said) for other in quotes.quantities):
            continue
        if any(quantity.is_same(other) for other in derived):
            continue
        nearby = [other for other in around.quantities if _matches(quantity, other, said)]
        if not any(_same_thing(quantity, said, other, around) for other in nearby):
            yield Reason(Fault.RECKONED if _is_reckoned(quantity, around.quantities) else Fault.NUMBER, quantity.text)


def _is_reckoned(quantity: Quantity, others: Sequence[Quantity]) -> bool:
    """Whether a number is the sum, the difference or the share of two others, which a note may work out."""
    counted = [other for other in others if other.unit in {"", quantity.unit} or quantity.unit in {"", "x"}]
    return any(
        abs(value - quantity.value) < _CLOSE
        for first, second in permutations(counted[:_MOST_RECKONED], 2)
        for value in ((first.value / second.value,) if quantity.unit == "x" and second.value else ())
        + (first.value - second.value, first.value + second.value)
    )


def _rates(said: Statement, around: Statement) -> Iterator[Reason]:
    """A time in which something is counted, where the quote counts in another."""
    if base_language(said.language) == "en" and said.quantities:
        theirs = rates(around.folded)
        yield from (Reason(Fault.NUMBER, f"a {rate}") for rate in sorted(rates(said.folded) - theirs) if theirs)


def _matches(quantity: Quantity, other: Quantity, said: Statement) -> bool:
    if not quantity.unit and other.unit in {"%", "points"}:
        return False  # 46 teachers are not 46 percent of them
    return quantity.is_same(other) or (said.has("approximate") and quantity.rounds(other))


def _same_thing(quantity: Quantity, said: Statement, other: Quantity, around: Statement) -> bool:
    """Whether a number from a neighbouring sentence counts the same thing there: a content word near it is shared."""
    return bool(_near(quantity, said) & _near(other, around)) or not _near(quantity, said)


def _near(quantity: Quantity, text: Statement) -> frozenset[str]:
    # The place is one in the digits' text: close enough for a window of words.
    return frozenset(w.stem for w in text.content if abs(w.start - quantity.start) <= _WINDOW)


def _names(said: Statement, quotes: Statement, around: Statement, ground: Ground) -> Iterator[Reason]:
    own = statement(ground.speaker or "", ground.language)
    opening = replaced_opening(said, quotes)
    beside = opening is not None and _is_beside(opening, quotes, ground) and _keeps_names(said, quotes, ground)
    if opening is not None and not stands_in(opening, own) and not beside:
        yield Reason(Fault.NAME, opening.text)
    for word in names(said, ground.names):
        if stands_in(word, quotes) or stands_in(word, own) or abbreviated(said, word, around):
            continue
        if is_first_name(said, word, quotes) or (
            _is_own_country(word, quotes, ground) and _keeps_names(said, quotes, ground)
        ):
            continue
        if stands_in(word, around) and _refers_back(said, quotes, ground):
            continue
        if _is_beside(word, quotes, ground) and _keeps_names(said, quotes, ground):
            continue
        yield Reason(Fault.NAME, word.text)


def _is_own_country(word: Word, quotes: Statement, ground: Ground) -> bool:
    """Whether a name is that of a nation the source speaks of, and the quote says "we" or "this country"."""
    nation = quotes.lists.same("names", word.folded) or word.folded
    nations = set(quotes.lists.maps.get("names", {}).values())
    spoken = {quotes.lists.same("names", name) or name for name in ground.names}
    return nation in nations and nation in spoken and bool(quotes.folded_words & _OURS)


def _refers_back(said: Statement, quotes: Statement, ground: Ground) -> bool:
    """Whether a name may come from a neighbour: the quote has a pronoun, and no name that the sentence lacks."""
    return quotes.has("pronouns") and _keeps_names(said, quotes, ground)


def _spoken_of(quotes: Statement, around: Statement, ground: Ground) -> Statement:
    """The quotes and their neighbours; with what was said before, where the quote refers to it."""
    if not ground.before or not quotes.folded_words & _REFERRING:
        return around
    return statement(" ".join([*ground.before, around.text]), ground.language)


def _parts(people: Sequence[str]) -> frozenset[str]:
    return frozenset(part for name in people for part in name_parts(name))


def _is_beside(word: Word, quotes: Statement, ground: Ground) -> bool:
    """Whether a name is that of somebody who speaks just before or after, and whom the quote calls "you" or "he"."""
    people = (*ground.others, *([ground.speaker] if ground.speaker else []))
    parts = frozenset().union(*(name_parts(other) for other in people if word.folded in name_parts(other)))
    return bool(parts) and (quotes.has("persons", "honours") or not parts.isdisjoint(quotes.folded_words))


def _keeps_names(said: Statement, quotes: Statement, ground: Ground) -> bool:
    """Whether every name of the quote stands in the sentence, by itself or by another part of a speaker's name."""
    people = [name_parts(name) for name in (*ground.others, ground.speaker) if name]
    return all(
        stands_in(word, said) or any(word.folded in parts and parts & said.folded_words for parts in people)
        for word in names(quotes, ground.names)
        if not word.opens
    )
