"""What a sentence says that its quotes do not: a negation, quantifier, cause, direction, comparison or modality.

Each check is a rule over words, not an understanding: it finds a turn of meaning that leaves the other words alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from autointel.text.statement import Statement, shared
from autointel.text.stems import Word, stem

Check: TypeAlias = Callable[[Statement, Statement, Statement], str | None]
"""Of the sentence, its quotes as one text, and the quotes with their neighbours; what is wrong, or None."""


def negation(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """A denial on one side only. Each negator of the sentence needs one of the quote that denies the same."""
    del around
    return _denies_more(sentence, quotes) or _denies_less(sentence, quotes)


def _denies_more(sentence: Statement, quotes: Statement) -> str | None:
    free = [*quotes.denied, *quotes.failed]
    for scope in sentence.denied:
        best = max(free, key=lambda other: shared(scope, frozenset(other)), default=None)
        if best is not None and (not scope or not best or shared(scope, frozenset(best))):
            free.remove(best)
        elif not _has_opposite(scope, quotes, sentence):
            return "the quote does not deny it"
    if sentence.idle_negators > quotes.idle_negators:
        return "the quote does not deny it"
    return None


def _denies_less(sentence: Statement, quotes: Statement) -> str | None:
    ours = [*sentence.denied, *sentence.failed]
    for scope in sorted(quotes.denied, key=lambda other: -shared(other, sentence.content_stems)):
        if not shared(scope[:_NEAREST], sentence.content_stems):
            continue
        best = max(ours, key=lambda other: shared(other, frozenset(scope)), default=None)
        if best is not None and (not best or shared(best, frozenset(scope))):
            ours.remove(best)
        elif not _has_opposite(scope, sentence, quotes):
            return "the quote denies it"
    return None


_NEAREST: Final = 2  # what a negator denies first


def quantifier(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """All for some, most for few, or a "some" that is gone."""
    del around
    classes = {
        name: _quantifiers(sentence, words) for name, words in sentence.lists.quantifiers.items() if name != "none"
    }
    there = {name: _quantifiers(quotes, words) for name, words in quotes.lists.quantifiers.items()}
    for name, words in classes.items():
        if not words or there.get(name) or _LOOSE.get(name, frozenset()) & quotes.folded_words:
            continue
        if name != "some" or any(there.values()):  # "some water" claims no more than "water"
            return f"the quote does not say {min(words)}"
    ours, theirs = _counted(sentence), _counted(quotes)
    for stem_, names in ours.items():
        if stem_ in theirs and not names & theirs[stem_]:
            return f"the quote says {min(theirs[stem_])} where the sentence says {min(names)}"
    if any(classes.values()) or sentence.is_negative:
        return None
    return next(
        (
            f"the quote says {name}"
            for stem_, names in theirs.items()
            if stem_ in sentence.content_stems
            for name in names & {"few", "most", "some"}
        ),
        None,
    )


def _quantifiers(statement: Statement, words: frozenset[str]) -> set[str]:
    """Those of a class; neither "each other" nor "a few billion"."""
    following = {word.folded: statement.words[index + 1] for index, word in enumerate(statement.words[:-1])}
    return {
        word.folded
        for word in statement.words
        if word.folded in words
        and not (
            word.folded in {"each", "few", "every", "some"}
            and word.folded in following
            and (
                following[word.folded].folded == "other"
                or following[word.folded].is_number
                or statement.lists.same("scale", following[word.folded].folded)
            )
        )
    }


def _counted(statement: Statement) -> dict[str, set[str]]:
    """By what is counted, its quantifiers' classes: "few of the years" counts "year"."""
    found: dict[str, set[str]] = {}
    for index, word in enumerate(statement.words):
        for name, words in statement.lists.quantifiers.items():
            if name == "none" or word.folded not in words:
                continue
            if word.folded == "few" and index and statement.words[index - 1].folded == "a":
                name = "some"  # noqa: PLW2901  "a few" are some
            following = [other for other in statement.words[index + 1 : index + 4] if other.clause == word.clause]
            if following and following[0].is_number:
                continue
            said = [other.stem for other in following if other in statement.content]
            if said:
                found.setdefault(said[0], set()).add(name)
    return found


_LOOSE: Final = {
    "some": frozenset("certain few partly couple various sometimes often handful part".split()),
    "few": frozenset("barely".split()),
    "many": frozenset("lot lots thousands millions hundreds much countless most all dozens".split()),
    "only": frozenset("just nothing but except sole".split()),
    "all": frozenset("both any anybody anyone nobody no none whatever wherever total".split()),
    "most": frozenset("generally typically normally more".split()),
}


def cause(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """A cause that the quote does not give, or one turned round."""
    ours = list(_causes(sentence))
    if not ours:
        return None
    theirs = list(_causes(quotes))
    for effect, reason in ours:
        if 2 * shared(reason, around.stems) < len(reason):
            return "the quote does not give that cause"
        if not theirs:
            said = any(shared(reason, r) for _, r in _causes(around)) or not (reason and effect)
            if not said and not quotes.has("loose_causes"):
                return "the quote gives no cause"
            continue
        straight = max(shared(effect, e) + shared(reason, r) for e, r in theirs)
        crossed = max(shared(effect, r) + shared(reason, e) for e, r in theirs)
        if crossed > straight and "since" not in sentence.folded_words:
            return "cause and effect have changed places"
    return None


def _causes(statement: Statement) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Effect and cause on the two sides of each marker."""
    for start, end in statement.lists.backward_causes.spans(statement.folded):
        if statement.folded[start:end] == "since" and not _is_reason(statement, end):
            continue
        before, after = _sides(statement, start, end)
        if not before and "," in statement.folded[end:]:  # "Because of that, this"
            comma = statement.folded.index(",", end)
            after, before = _between(statement, end, comma), _between(statement, comma, len(statement.folded))
        yield before, after
    spoken = [found.span() for found in _SO.finditer(statement.folded)] if statement.language.startswith("en") else []
    for start, end in (*statement.lists.forward_causes.spans(statement.folded), *spoken):
        before, after = _sides(statement, start, end)
        if " by" in statement.folded[end : end + 4]:  # "was caused by"
            before, after = after, before
        yield after, before


_SO: Final = re.compile(r"(?<=[,;] )so (?!that\b|far\b|much\b|many\b)")


def _is_reason(statement: Statement, end: int) -> bool:
    """Whether "since" is no time: what follows is a clause, not a date or a noun alone."""
    following = [word for word in statement.words if word.start >= end][:3]
    return (
        bool(following)
        and not any(w.is_number or w.folded in statement.dates for w in following)
        and following[0].folded in _SUBJECTS
    )


_SUBJECTS: Final = frozenset("we they he she it you i there people this that these those".split())


def _between(statement: Statement, start: int, end: int) -> frozenset[str]:
    return frozenset(word.stem for word in statement.content if start <= word.start < end)


def _sides(statement: Statement, start: int, end: int) -> tuple[frozenset[str], frozenset[str]]:
    """What stands before, and what stands after in the same clause."""
    following = [word for word in statement.words if word.start >= end]
    clause = following[0].clause if following else 0
    last = max((word.start + 1 for word in following if word.clause == clause), default=len(statement.folded))
    return _between(statement, 0, start), _between(statement, end, last) or _between(
        statement, end, len(statement.folded)
    )


def direction(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """Rose for fell, support for oppose, best for worst."""
    del around
    opposites, spelt = _pairs(sentence)
    if len(sentence.denied) != len(quotes.denied) and sentence.is_negative != quotes.is_negative:
        return None  # "not cheap" for "expensive" is for the negation to judge
    ours, theirs = (Counter(word.stem for word in text.words) for text in (sentence, quotes))
    for mine in sentence.stems & opposites.keys():
        if ours[mine] <= theirs[mine]:
            continue
        for other in opposites[mine] & quotes.stems:
            if mine in _SMALL and not _neighbours(sentence, mine) & _neighbours(quotes, other):
                continue
            if theirs[other] > ours[other] and not (theirs[mine] and len(quotes.words) > 2 * len(sentence.words)):
                return f"the quote says {spelt.get(other, other)}"
    return None


# Words of every sentence: opposites only where they stand beside the same word.
_SMALL: Final = frozenset(
    "for against up down befor after over under abov below first last more less fewer insid outsid in out".split()
)


def _neighbours(statement: Statement, stem_: str) -> set[str]:
    """The content words right before and right after a word."""
    found = set[str]()
    for word in statement.words:
        if word.stem == stem_:
            found.update(w.stem for w in [w for w in statement.content if w.start < word.start][-1:])
            found.update(w.stem for w in [w for w in statement.content if w.start > word.start][:1])
    return found


_PAIRS: Final[dict[str, tuple[dict[str, frozenset[str]], dict[str, str]]]] = {}


def _pairs(statement: Statement) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """Opposites by stem, and a spelling for each stem."""
    language = statement.language
    if language not in _PAIRS:
        found: dict[str, set[str]] = {}
        spelt: dict[str, str] = {}
        for first, second in (*statement.lists.opposites, *_movements(statement)):
            one, other = stem(first, language), stem(second, language)
            found.setdefault(one, set()).add(other)
            spelt[one] = first
        _PAIRS[language] = {one: frozenset(others) for one, others in found.items()}, spelt
    return _PAIRS[language]


def _movements(statement: Statement) -> Iterator[tuple[str, str]]:
    """Every word for a rise against every word for a fall, both ways."""
    for rise in statement.lists.sets.get("rising", ()):
        for fall in statement.lists.sets.get("falling", ()):
            yield rise, fall
            yield fall, rise


def _has_opposite(scope: Sequence[str], there: Statement, here: Statement) -> bool:
    """Whether "not cheap" here stands against "expensive" there."""
    pairs, _ = _pairs(there)
    return any(pairs.get(one, frozenset()) & there.stems - here.stems for one in scope)


def comparison(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """Sides of a "than" that have changed places; a superlative of our own."""
    ours, theirs = _compared(sentence), _compared(quotes)
    if ours and theirs:
        straight = shared(ours[0], theirs[0]) + shared(ours[1], theirs[1])
        crossed = shared(ours[0], theirs[1]) + shared(ours[1], theirs[0])
        same = bool(sentence.stems & quotes.stems & _degrees(quotes))
        if crossed > straight and same:
            return "the two sides of the comparison have changed places"
    for word in sentence.words:
        if _is_superlative(word) and word.stem not in around.stems and not around.folded_words & _TOPS:
            return f"the quote does not say {word.folded}"
    return None


_TOPS: Final = frozenset(
    "most best worst least first top record highest lowest greatest biggest largest number leading ever only".split()
)
_NOT_SUPERLATIVE: Final = frozenset(
    """interest west forest request honest modest test guest protest contest invest suggest arrest harvest rest forrest
    latest closest manifest digest almost tempest conquest inquest budapest priest midwest northwest southwest everest
    crest chest nest pest quest vest zest ernest""".split()
)
_SHORTEST: Final = 6


def _is_superlative(word: Word) -> bool:
    return (
        word.folded.endswith("est")
        and len(word.folded) >= _SHORTEST
        and word.folded not in _NOT_SUPERLATIVE
        and not (word.is_capitalised and not word.opens)
    )


def _compared(statement: Statement) -> tuple[frozenset[str], frozenset[str]] | None:
    at = next((word for word in statement.words if word.folded in {"than", "als", "que"}), None)
    if at is None or (
        statement.language[:2] in {"es", "fr"} and not statement.folded_words & {"más", "menos", "plus", "moins"}
    ):
        return None
    return _sides(statement, at.start, at.start + len(at.text))


def _degrees(statement: Statement) -> frozenset[str]:
    return frozenset(
        w.stem
        for w in statement.words
        if w.folded in {"more", "less", "fewer", "better", "worse", "más", "menos", "plus", "moins", "mehr", "weniger"}
        or w.folded.endswith("er")
    )


def modality(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """What may be told as what is, what must be as what is done, and the other way round."""
    del around
    for kinds, soft, wrong in _MODALITIES:
        if not _has_modal(quotes, (*kinds, soft)) and sentence.has(*kinds):
            return wrong
        theirs = _after_modals(quotes, (*kinds, soft))
        for said in _after_modals(sentence, kinds):
            # The quote says it too, and there no such word stands before it.
            if said[0] in quotes.content_stems and not any(said[0] in other for other in theirs):
                return wrong
    if not sentence.has("possible", "likely", "soft", "reporting") and _is_said(
        quotes, ("possible", "likely"), sentence
    ):
        return "the quote says that it may be so"
    if not sentence.has("soft", "reporting") and not _has_modal(sentence, ("duty", "duty_soft")):
        return "the quote says that it should be so" if _is_said(quotes, ("duty",), sentence) else None
    return None


_MODALITIES: Final = (
    (("possible", "likely"), "soft", "the quote has no such doubt"),
    (("duty",), "duty_soft", "the quote demands nothing"),
)
_OBLIGED: Final = re.compile(
    r"\b(?:have|has|had|having|got|ought|need|needs|want|wants|is|are) (?:got )?to\b|\bgotta\b"
)


def _has_modal(statement: Statement, kinds: Sequence[str]) -> bool:
    return statement.has(*kinds) or ("duty" in kinds and _OBLIGED.search(statement.folded) is not None)


def _after_modals(statement: Statement, kinds: Sequence[str]) -> list[tuple[str, ...]]:
    """For each modal word of the kinds the content that follows in its clause, nearest first."""
    obliged = [found.start() for found in _OBLIGED.finditer(statement.folded)] if "duty_soft" in kinds else []
    found = []
    for index, word in enumerate(statement.words):
        if not (any(statement.lists.has(kind, word.folded) for kind in kinds) or word.start in obliged):
            continue
        if word.text == "May" and (statement.dates or not word.opens):
            continue
        clause = [
            w.stem for w in statement.words[index + 1 : index + 9] if w.clause == word.clause and w in statement.content
        ]
        if clause:
            found.append(tuple(clause))
    return found


def _is_said(quotes: Statement, kinds: Sequence[str], sentence: Statement) -> bool:
    """Whether the sentence says what stands right after a modal word of the quotes."""
    return any(said[0] in sentence.content_stems for said in _after_modals(quotes, kinds))


CHECKS: Final[dict[str, Check]] = {
    "negation": negation,
    "quantifier": quantifier,
    "cause": cause,
    "direction": direction,
    "comparison": comparison,
    "modality": modality,
}
