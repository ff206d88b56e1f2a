"""What a sentence says that its quotes do not: the table of checks, and added details.

Each check is a rule over words, not an understanding: it finds a turn of meaning that leaves the other words alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, TypeAlias

from autointel.text.opposites import direction, has_opposite
from autointel.text.roles import comparison
from autointel.text.sentence_form import condition, intention, modality
from autointel.text.statement import Statement, means, shared
from autointel.text.stems import Word
from autointel.text.synonyms import is_general
from autointel.text.word_lists import base_language, word_list

Check: TypeAlias = Callable[[Statement, Statement, Statement], str | None]
"""Of the sentence, its quotes as one text, and the quotes with their neighbours; what is wrong, or None."""


def negation(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """A denial on one side only. Each negator of the sentence needs one of the quote that denies the same."""
    del around
    return _denies_more(sentence, quotes) or _denies_less(sentence, quotes)


def _denies_more(sentence: Statement, quotes: Statement) -> str | None:
    free = [*quotes.denied, *quotes.failed]
    if _denies_in_a_word(sentence, quotes, free):
        return "the quote does not deny it"
    for scope in sentence.denied:
        if _takes(scope, free, sentence.language) or has_opposite(scope, quotes, sentence):
            continue
        if not free or not scope or means(scope[0], quotes):
            return "the quote does not deny it"
        free.pop()  # what is denied has another word in the quote
    return "the quote does not deny it" if sentence.idle_negators > quotes.idle_negators else None


def _denies_in_a_word(sentence: Statement, quotes: Statement, free: list[tuple[str, ...]]) -> bool:
    """Whether "refused" or the like turns what the quote says; what answers for one is taken from ``free``."""
    for word, scope in sentence.denying:
        theirs = [said for other, said in quotes.denying if other.stem == word.stem and said in free]
        if theirs:
            shares = [shared(scope, frozenset(said)) for said in theirs]
            free.remove(theirs[shares.index(max(shares))])
    known = {other.stem for other, _ in quotes.denying}
    return any(
        word.stem not in known
        and not _takes(scope, free, sentence.language, strictly=True)
        and (word.stem in quotes.stems or not means(word.stem, quotes))
        and shared(scope[:_NEAREST], quotes.content_stems) > 0
        and not has_opposite([word.stem], quotes, sentence)
        for word, scope in sentence.denying
    )


def _takes(scope: tuple[str, ...], free: list[tuple[str, ...]], language: str, *, strictly: bool = False) -> bool:
    """Whether one of the quote's denials denies the same; it can answer for one of the sentence's only."""
    best = max(free, key=lambda other: shared(scope, frozenset(other), language), default=None)
    if best is not None and strictly and not shared(scope[:_NEAREST], frozenset(best), language):
        return False
    if best is None or not (not scope or shared(scope, frozenset(best), language)):
        return False
    free.remove(best)
    return True


def _denies_less(sentence: Statement, quotes: Statement) -> str | None:
    ours = [*sentence.denied, *sentence.failed]
    used: list[tuple[str, ...]] = []
    for scope in sorted(quotes.denied, key=lambda other: -shared(other, sentence.content_stems)):
        if not _is_told(scope, sentence, quotes):
            continue
        best = max(ours, key=lambda other: shared(other, frozenset(scope), sentence.language), default=None)
        if best is not None and (not best or shared(best, frozenset(scope), sentence.language)):
            ours.remove(best)
            used.append(best)
        elif any(shared(other, frozenset(scope)) >= _NEAREST for other in used):
            continue  # "not PAC money, not foreign money" denied together
        elif ours and not any(means(said[0], quotes) for said in ours if said):
            ours.pop()  # what is denied has another word in the quote
        elif not has_opposite(scope, sentence, quotes):
            return "the quote denies it"
    return _does_what_failed(sentence, quotes)


def _is_told(scope: tuple[str, ...], sentence: Statement, quotes: Statement) -> bool:
    """Whether the sentence speaks of what the quote denies there; after "not here, but" what follows is said."""
    if not shared(scope[:_NEAREST], sentence.content_stems) and shared(scope, sentence.content_stems) < _NEAREST:
        return False
    corrected = _CORRECTED.search(quotes.folded)
    return corrected is None or shared(quotes.between(corrected.end(), len(quotes.folded)), sentence.content_stems) <= 1


def _does_what_failed(sentence: Statement, quotes: Statement) -> str | None:
    """Whether what the quote says "failed to" happen is told as what happened."""
    for word, scope in quotes.denying:
        following = next((other.folded for other in quotes.words if other.start > word.start), "")
        if following == "to" and scope and means(scope[0], sentence) and not sentence.is_negative:
            return f"the quote says {word.folded}"
    return None


_CORRECTED: Final = re.compile(r"^(?:\W|and |it is |it's )*not (?:\w+ ){1,6}?,? ?but ")
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
    # "Some money" is money; "some riders" are not all.
    several = {w.stem for w in quotes.words if w.folded.endswith("s") or w.folded in _PLURALS}
    return next(
        (
            f"the quote says {name}"
            for stem_, names in theirs.items()
            if stem_ in sentence.content_stems
            for name in names & ({"few", "most", "some"} if stem_ in several else {"few", "most"})
        ),
        None,
    )


def _quantifiers(statement: Statement, words: frozenset[str]) -> set[str]:
    """Those of a class; neither "each other" nor "a few billion"."""
    following = {word.folded: statement.words[index + 1] for index, word in enumerate(statement.words[:-1])}
    fixed = statement.lists.set_phrases.spans(statement.folded)
    return {
        word.folded
        for word in statement.words
        if word.folded in words
        and not any(start <= word.start < end for start, end in fixed)
        and not _counts_itself(statement, word.folded, following.get(word.folded))
    }


def _after(statement: Statement, index: int) -> Word | None:
    return statement.words[index + 1] if index + 1 < len(statement.words) else None


def _counts_itself(statement: Statement, quantifier: str, following: Word | None) -> bool:
    """Whether the word quantifies nothing: in "each other", "a few billion", "every week", "only 3"."""
    if following is None:
        return False
    if quantifier in {"majority", "minority"}:
        return following.folded != "of"
    if quantifier in {"every", "each"} and statement.lists.same("same", following.folded):
        return True
    if quantifier in {"only", "all"} and (following.is_number or following.folded in _COUNTS):
        return quantifier == "only"
    return quantifier in {"each", "few", "every", "some"} and (
        following.folded == "other"
        or following.is_number
        or statement.lists.same("scale", following.folded) is not None
    )


_COUNTS: Final = frozenset("one two three four five six seven eight nine ten twenty thirty forty fifty hundred".split())


def _counted(statement: Statement) -> dict[str, set[str]]:
    """By what is counted, its quantifiers' classes: "few of the years" counts "year"."""
    found: dict[str, set[str]] = {}
    fixed = statement.lists.set_phrases.spans(statement.folded)
    for index, word in enumerate(statement.words):
        if any(start <= word.start < end for start, end in fixed):
            continue
        for name, words in statement.lists.quantifiers.items():
            if (
                name == "none"
                or word.folded not in words
                or _counts_itself(statement, word.folded, _after(statement, index))
            ):
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


_PLURALS: Final = frozenset("people men women children".split())
_LOOSE: Final = {
    "some": frozenset("those there certain few partly couple various sometimes often handful part".split()),
    "few": frozenset("barely".split()),
    "many": frozenset(
        """tremendous huge great large big enormous massive vast lot lots thousands millions hundreds much countless
        most all dozens""".split()
    ),
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
        if 2 * sum(means(stem, around) for stem in reason) < len(reason):
            return "the quote does not give that cause"
        if not theirs:
            said = any(shared(reason, r) for _, r in _causes(around)) or not (reason and effect)
            if not said and not quotes.has("loose_causes"):
                return "the quote gives no cause"
            continue
        straight = max(shared(effect, e) + shared(reason, r) for e, r in theirs)
        crossed = max(_crossing(effect, reason, e - r, r - e) for e, r in theirs)
        if crossed > straight and "since" not in sentence.folded_words:
            return "cause and effect have changed places"
    return None


def _crossing(effect: frozenset[str], reason: frozenset[str], e: frozenset[str], r: frozenset[str]) -> int:
    """How many words have changed sides, where some have from each."""
    one, other = shared(effect - reason, r), shared(reason - effect, e)
    return one + other if one and other else 0


def _causes(statement: Statement) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Effect and cause on the two sides of each marker."""
    for start, end in statement.lists.backward_causes.spans(statement.folded):
        if statement.folded[start:end] == "since" and not _is_reason(statement, end):
            continue
        before, after = statement.sides(start, end)
        if not before and "," in statement.folded[end:]:  # "Because of that, this"
            comma = statement.folded.index(",", end)
            after, before = statement.between(end, comma), statement.between(comma, len(statement.folded))
        yield before, after
    reason = _REASON.search(statement.folded)
    if reason:
        effect = statement.between(reason.start("effect"), reason.end("effect"))
        yield effect, statement.between(reason.end(), len(statement.folded))
    spoken = [found.span() for found in _SO.finditer(statement.folded)] if statement.language.startswith("en") else []
    for start, end in (*statement.lists.forward_causes.spans(statement.folded), *spoken):
        before, after = statement.sides(start, end)
        if " by" in statement.folded[end : end + 4]:  # "was caused by"
            before, after = after, before
        yield after, before


_REASON: Final = re.compile(r"\breason (?:why |that |for )?(?P<effect>.+?) (?:is|was)\b (?!because)")
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


CHECKS: Final[dict[str, Check]] = {
    "negation": negation,
    "quantifier": quantifier,
    "cause": cause,
    "direction": direction,
    "comparison": comparison,
    "modality": modality,
    "condition": condition,
    "intention": intention,
}


_BEFORE_NOUNS: Final = frozenset(
    "a an the his her its their our my your with by from of on in at near under through".split()
)
_PART: Final = 4  # letters
_OWN_KINDS: Final = ("reporting", "intent", "months", "days")  # checked elsewhere, or the note's frame
_TAILS: Final = ("time", "wide")


def added(said: Statement, around: Statement, own: frozenset[str]) -> str | None:
    """The first word for a thing that neither the quotes nor their neighbours have; English alone.

    A verb, an adjective and what sums up may be the note's own. ``own`` are names of those who speak, in lower case.
    """
    if base_language(said.language) != "en":
        return None
    return next(
        (word.folded for word in said.content if _is_thing(word, said) and word.folded not in own
         and not means(word.stem, around) and not _is_part(word, around)),
        None,
    )  # fmt: skip


def _is_thing(word: Word, said: Statement) -> bool:
    """Whether a word names something particular; names inside a sentence are checked as names."""
    lists = said.lists
    # The first word's capital tells nothing; a plural there mostly says in a noun whom the quote calls "you" or "they".
    if (word.is_capitalised and (word.start or word.folded.endswith("s"))) or word.folded.endswith("ed"):
        return False
    if {word.folded, word.folded.removesuffix("s")} & _framing():
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


@cache
def _framing() -> frozenset[str]:
    """English words with which a note sums up what was said, and those that every talk has."""
    return word_list("common-en") | word_list("empty-nouns-en") | word_list("framing-en")
