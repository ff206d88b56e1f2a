"""What a sentence says that its quotes do not: the table of checks, and added details.

Each check is a rule over words, not an understanding: it finds a turn of meaning that leaves the other words alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from autointel.text.opposites import SMALL, direction, negation, opposites, quantifier
from autointel.text.quantities import Quantity
from autointel.text.roles import moved_by_another
from autointel.text.sentence_form import condition, intention, modality
from autointel.text.statement import Statement, means, shared
from autointel.text.vocabulary import Word, is_general
from autointel.text.word_lists import base_language, in_lists, word_list

Check: TypeAlias = Callable[[Statement, Statement, Statement], str | None]
"""Of the sentence, its quotes as one text, and the quotes with their neighbours; what is wrong, or None."""
_Link: TypeAlias = tuple[frozenset[str], frozenset[str]]
"""Stems of an effect and of its cause; an empty side is a pronoun or what was said before."""
# Beside "led to" or the like they stand for a cause that was said before.
_POINTING: Final = frozenset("this that which it these those what".split())
# Each begins at a word of its own or at a part of a sentence, so that a text without full stops is read once.
_PATTERNS: Final = (
    re.compile(r"\breason (?:why |that |for )?(?P<effect>.{1,300}?) (?:is|was)\b (?!because)"),
    re.compile(
        r"(?:^|(?<=[,.;]))(?P<reason>[^,.;]*)\b(?:led|prompt(?:s|ed)|forced|drove|inspired) (?!by\b)(?:\w+ ){1,5}?to\b"
    ),
    re.compile(r"\bblam(?:es?|ed) (?P<reason>[^,.;]{1,300}?) for\b"),
    re.compile(r"\bcredit(?:s|ed) (?P<reason>[^,.;]{1,300}?) (?:with|for)\b"),
    re.compile(r"\battribut(?:es?|ed) (?P<effect>[^,.;]{1,300}?) to\b"),
)
_SO: Final = re.compile(
    r"(?:(?<=[,;.] )|(?<=^))so,? (?!that\b|far\b|much\b|many\b|will\b|would\b|do\b|did\b|is\b|are\b|was\b|can\b)"
    r"|(?<!more )so (?=(?:i|we|he|she|it|they|there|the|his|her|our|my|their|its)\b)"
)
# What opens a clause: "since" before it gives a reason and no time.
_SUBJECTS: Final = frozenset("we they he she it you i there people this that these those nobody everybody".split())
_ONE_OF: Final = re.compile(r"\bone of (?:the|our|my|your|his|her|their|its)\b")
_PARTITIVE: Final = re.compile(r"\b(?:among|amongst|some of|part of|counts? as|one of|among the)\b")
_TOPS: Final = frozenset(
    "most best worst least first top record highest lowest greatest biggest largest number leading ever only".split()
)
_NOT_SUPERLATIVE: Final = frozenset(
    """interest west forest request honest modest test guest protest contest invest suggest arrest harvest rest forrest
    latest closest manifest digest almost tempest conquest inquest budapest priest midwest northwest southwest everest
    crest chest nest pest quest vest zest ernest""".split()
)
_SHORTEST: Final = 6  # letters of a superlative
_SLACK: Final = 12  # characters by which a place in the digits' text may be off
_MORE: Final = frozenset("more longer bigger larger greater higher".split())
_LESS: Final = frozenset("less fewer shorter smaller lower".split())
_AS: Final = re.compile(r"\bas (?:\w+ ){1,6}?as\b")
_BEFORE_NOUNS: Final = frozenset(
    "a an the his her its their our my your with by from of on in at near under through".split()
)
_PART: Final = 4  # letters of a word that is part of another
_OWN_KINDS: Final = ("reporting", "intent", "months", "days")  # checked elsewhere, or the note's frame
_SUMMING_UP: Final = ("empty-nouns-en", "framing-en")  # word lists
_TAILS: Final = ("time", "wide")  # "wartime" of "war"
# "At a wedding" at the end of a sentence is an event or a place of its own, however common the word.
_TAIL: Final = re.compile(r"\b(?:at|on|during|from|under|after|near|by) an? (?:\w+ )?(?P<head>\w+)\W*$")


def cause(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """A cause that the quote does not give for that effect, or cause and effect exchanged."""
    theirs = list(_causes(quotes))
    own, beside = [*theirs, *_loose_causes(quotes)], [*_causes(around), *_loose_causes(around)]
    for effect, reason in _causes(sentence):
        if 2 * sum(means(stem, around) for stem in reason) < len(reason):
            return "the quote does not give that cause"
        if not any(_joins(effect, reason, link, sentence.language, least=0) for link in own) and not any(
            _joins(effect, reason, link, sentence.language) for link in beside
        ):
            return "the quote gives no cause"
        straight = max((shared(effect, e) + shared(reason, r) for e, r in theirs), default=0)
        crossed = max((_crossing(effect, reason, e - r, r - e) for e, r in theirs), default=0)
        if crossed > straight and "since" not in sentence.folded_words:
            return "cause and effect have changed places"
    named = [link for link in beside if link[1]]
    return moved_by_another(sentence, around, lambda effect, by: any(_joins(effect, by, link, "en") for link in named))


def _joins(effect: frozenset[str], reason: frozenset[str], link: _Link, language: str, *, least: float = 0.5) -> bool:
    """Whether a link is between the same two things: ``least`` of their words; half, where it names only one."""
    for ours, theirs in zip((effect - SMALL or effect, reason - SMALL or reason), link, strict=True):
        needed = max(1, len(ours) * (least if all(link) else 0.5))
        if ours and theirs and shared(ours, theirs, language) < needed:
            return False
    return True


def _crossing(effect: frozenset[str], reason: frozenset[str], e: frozenset[str], r: frozenset[str]) -> int:
    """How many words have changed sides; 0 unless some have on both sides."""
    one, other = shared(effect - reason, r), shared(reason - effect, e)
    return one + other if one and other else 0


def _causes(statement: Statement) -> Iterator[_Link]:
    """Effect and cause on the two sides of each marker; what stands in the sentence before is no side."""
    opening = [word.start for word in statement.words if word.opens]
    for start, end in statement.lists.backward_causes.spans(statement.folded):
        if statement.folded[start:end] == "since" and not _is_reason(statement, end):
            continue
        if statement.folded[:start].endswith(("not ", "not just ", "never ")):
            continue  # "not because of the cost" gives no cause
        before, after = _sides(statement, start, end, opening)
        if not before and "," in statement.folded[end:]:  # "Because of that, this"
            comma = statement.folded.index(",", end)
            after, before = statement.between(end, comma), statement.between(comma, len(statement.folded))
        yield before, after
    spoken = list[tuple[int, int]]()
    if base_language(statement.language) == "en":
        yield from _other_causes(statement)
        spoken = [found.span() for found in _SO.finditer(statement.folded)]
    for start, end in (*statement.lists.forward_causes.spans(statement.folded), *spoken):
        before, after = _sides(statement, start, end, opening)
        if " by" in statement.folded[end : end + 4]:  # "was caused by"
            before, after = after, before
        yield after, before


def _other_causes(statement: Statement) -> Iterator[_Link]:
    """Effect and cause of wordings in more than one piece: "blames this for that"."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(statement.folded):
            rest = (found.end(), len(statement.folded))
            sides = {"effect": rest, "reason": rest} | {side: found.span(side) for side in found.groupdict()}
            yield statement.between(*sides["effect"]), statement.between(*sides["reason"])


def _sides(statement: Statement, start: int, end: int, opening: Sequence[int]) -> _Link:
    """What stands before a marker in its sentence, and what stands after it."""
    before, after = statement.sides(start, end)
    return before & statement.between(max((at for at in opening if at <= start), default=0), start), after


def _loose_causes(statement: Statement) -> Iterator[_Link]:
    """The sentences with a word that may join cause and effect, as both sides; "that made" has its cause before."""
    for index, word in enumerate(statement.words):
        if statement.lists.has("loose_causes", word.folded):
            own = statement.sentence_at(word.start) or statement.content_stems
            before = statement.words[max(0, index - 2) : index + 1]
            start = max((at for at, w in enumerate(before) if w.opens), default=0)
            refers = word.opens or {w.folded for w in before[start:]} & _POINTING
            yield own, frozenset() if refers else own


def _is_reason(statement: Statement, end: int) -> bool:
    """Whether "since" is no time: what follows is a clause, not a date or a noun alone."""
    following = [word for word in statement.words if word.start >= end][:3]
    return (
        bool(following)
        and not any(w.is_number or w.folded in statement.dates for w in following)
        and following[0].folded in _SUBJECTS
    )


def comparison(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """The sides of a "than" exchanged, a bound turned round, or a superlative that the quote does not have."""
    ours, theirs = _compared(sentence), _compared(quotes)
    if ours and theirs and (sentence.stems & quotes.stems & _degrees(quotes) or _times(sentence) & _times(quotes)):
        straight = shared(ours[0], theirs[0]) + shared(ours[1], theirs[1])
        ours = (_without_times(ours[0], sentence), _without_times(ours[1], sentence))
        there, back = shared(ours[0], theirs[1]), shared(ours[1], theirs[0])
        named = {w.stem for w in sentence.words if w.is_capitalised} & ours[1]
        turned = shared(named, theirs[0]) and not shared(ours[1], theirs[1]) and not theirs[1] - ours[0]
        if (there and back and there + back > straight) or turned:
            return "the two sides of the comparison have changed places"
    return _turned_bound(sentence, quotes) or _superlative(sentence, quotes, around)


def _turned_bound(sentence: Statement, quotes: Statement) -> str | None:
    """A bound turned round: "at most" for "at least", of the same number."""
    for ours, theirs in (("upper", "lower"), ("lower", "upper")):
        for start, _ in sentence.lists.bounds[ours].spans(sentence.folded):
            if _bounded(sentence, start, quotes, theirs, ours):
                return f"the quote gives {'a lower' if theirs == 'lower' else 'an upper'} bound"
    return None


def _superlative(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """The first or worst of all where the quote names one of several, or gives no such rank."""
    told = [word for word in sentence.words if _is_superlative(word) or word.folded in _TOPS]
    tops = {w.stem for w in quotes.words if _is_superlative(w) or w.folded in _TOPS}
    one_of = _ONE_OF.search(quotes.folded) and not _PARTITIVE.search(sentence.folded)
    if one_of and any(word.stem in tops for word in told):
        return "the quote says that it is one of them"
    ranked = any(_is_superlative(w) or w.folded in _TOPS for w in around.words)
    for word in filter(_is_superlative, sentence.words):
        if not ranked or (word.stem not in around.stems and not around.folded_words & _TOPS):
            return f"the quote does not say {word.folded}"
    return None


def _is_superlative(word: Word) -> bool:
    """Whether a word has the form of a superlative."""
    return (
        word.folded.endswith("est")
        and len(word.folded) >= _SHORTEST
        and word.folded not in _NOT_SUPERLATIVE
        and not (word.is_capitalised and not word.opens)
    )


def _bounded(sentence: Statement, start: int, quotes: Statement, wanted: str, ours: str) -> bool:
    """Whether the quote bounds the same number from the other side only."""
    after = _quantity_after(sentence, start)
    if after is None:
        return False
    bounds = {side: [_quantity_after(quotes, place) for place, _ in quotes.lists.bounds[side].spans(quotes.folded)]
              for side in (wanted, ours)}  # fmt: skip
    same = {side: any(other is not None and other.is_same(after) for other in found) for side, found in bounds.items()}
    return same[wanted] and not same[ours]


def _quantity_after(statement: Statement, start: int) -> Quantity | None:
    # Places are in the digits' text, which is near enough where the bound stands right before.
    following = [q for q in statement.quantities if q.start >= start - _SLACK and q.unit not in {"ordinal", "decade"}]
    return min(following, key=lambda q: q.start, default=None)


def _compared(statement: Statement) -> tuple[frozenset[str], frozenset[str]] | None:
    """What stands before "than", or the second "as", and what stands after it."""
    at = next((word for word in statement.words if word.folded in {"than", "als", "que"}), None)
    if at is None and base_language(statement.language) == "en":
        found = _AS.search(statement.folded)
        return statement.sides(found.end() - 2, found.end()) if found else None
    if at is None or (
        statement.language[:2] in {"es", "fr"} and not statement.folded_words & {"más", "menos", "plus", "moins"}
    ):
        return None
    return statement.sides(at.start, at.start + len(at.text))


def _is_inverted(sentence: Statement, quotes: Statement) -> bool:
    """Whether the sentence compares the same two things from the other side: "fewer than" for "more than"."""
    ours, theirs = _compared(sentence), _compared(quotes)
    if not ours or not theirs:
        return False
    there, back = shared(ours[0] - theirs[0], theirs[1]), shared(ours[1] - theirs[1], theirs[0])
    if not (there and back and there + back > shared(ours[1], theirs[1])):
        return False
    mine, other = sentence.folded_words, quotes.folded_words
    if any(mine & one and other & two for one, two in ((_MORE, _LESS), (_LESS, _MORE))):
        return True
    return any(opposites(degree, quotes) & _degrees(quotes) for degree in _degrees(sentence))


def _without_times(side: frozenset[str], statement: Statement) -> frozenset[str]:
    times = {w.stem for w in statement.words if statement.lists.same("same", w.folded) or w.folded == "last"}
    return side - times


def _times(statement: Statement) -> frozenset[str]:
    """Words for how many times as much."""
    return statement.folded_words & {"twice", "double", "half", "times", "thrice", "triple", "many", "much"}


def _degrees(statement: Statement) -> frozenset[str]:
    return frozenset(
        w.stem
        for w in statement.words
        if w.folded in {"more", "less", "fewer", "better", "worse", "más", "menos", "plus", "moins", "mehr", "weniger"}
        or w.folded.endswith("er")
    )


def added(said: Statement, around: Statement, own: frozenset[str]) -> str | None:
    """The first word for a thing that neither the quotes nor their neighbours have; English alone.

    A verb, an adjective and what sums up may be the note's own. ``own`` are names of those who speak, in lower case.
    """
    if base_language(said.language) != "en":
        return None
    tail = _TAIL.search(said.folded)
    closing = tail.group("head") if tail else ""
    return next(
        (word.folded for word in said.content
         if (_is_thing(word, said) or (word.folded == closing and _is_event(word, said))) and word.folded not in own
         and not means(word.stem, around) and not _is_part(word, around)),
        None,
    )  # fmt: skip


def _is_event(word: Word, said: Statement) -> bool:
    """Whether a noun after such a preposition is none that sums up, and no length of time."""
    noun = word.folded in word_list("nouns-en") and not in_lists(word.folded, *_SUMMING_UP)
    return noun and said.lists.same("same", word.folded) is None


def _is_thing(word: Word, said: Statement) -> bool:
    """Whether a word names something particular; names inside a sentence are checked as names."""
    lists = said.lists
    # The first word's capital tells nothing; a plural there mostly says in a noun whom the quote calls "you" or "they".
    if (word.is_capitalised and (word.start or word.folded.endswith("s"))) or word.folded.endswith("ed"):
        return False
    # A note sums up with such words, and every talk has some.
    if any(in_lists(form, "common-en", *_SUMMING_UP) for form in (word.folded, word.folded.removesuffix("s"))):
        return False
    if any(lists.has(kind, word.folded) for kind in _OWN_KINDS):
        return False
    if lists.same("same", word.folded) is not None or lists.same("decades", word.folded) is not None:
        return False
    root = lists.same("irregular", word.folded) or word.folded
    return not is_general(root, said.language, noun=_is_head(word, said))


def _is_head(word: Word, said: Statement) -> bool:
    """Whether a word follows an article or a preposition and no noun follows it: "by telephone", "a hammer"."""
    at = said.words.index(word)
    before, after = (said.words[at - 1] if at else None), (said.words[at + 1] if at + 1 < len(said.words) else None)
    if before is None or before.folded not in _BEFORE_NOUNS or word.folded in word_list("adjectives-en"):
        return False
    return after is None or after.clause != word.clause or after not in said.content


def _is_part(word: Word, around: Statement) -> bool:
    """Whether a word is made of one of the quote's, or one of them of it: "wartime" of "war", "bailout" of "bail"."""
    return any(
        longer != shorter and len(shorter) >= _PART and (longer.startswith(shorter) or longer.endswith(shorter))
        for other in around.content
        for shorter, longer in [sorted((word.folded, other.folded), key=len)]
    ) or any(word.folded == other.folded + tail for other in around.content for tail in _TAILS)


CHECKS: Final[dict[str, Check]] = {
    "negation": negation,
    "quantifier": lambda said, quotes, _: None if _is_inverted(said, quotes) else quantifier(said, quotes),
    "cause": cause,
    "direction": lambda said, quotes, _: None if _is_inverted(said, quotes) else direction(said, quotes),
    "comparison": comparison,
    "modality": lambda said, quotes, _: modality(said, quotes),
    "condition": lambda said, quotes, _: condition(said, quotes),
    "intention": lambda said, quotes, _: intention(said, quotes),
}
