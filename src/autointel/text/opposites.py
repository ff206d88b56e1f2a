"""What says the opposite or less: rose for fell, committed for uncommitted, a denial on one side only, all for some."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from autointel.text.clauses import PLURALS, clauses
from autointel.text.statement import Statement, means, shared
from autointel.text.vocabulary import Word, alike, antonyms, same_sense, stem
from autointel.text.word_lists import base_language, meaning_words, word_list

_PREFIXES: Final = ("un", "dis", "im", "ir", "il", "non", "in", "anti", "mis")
_STEM: Final = 5  # letters: "income" is not the opposite of "come"
# A prefix there denies nothing.
_NO_OPPOSITE: Final = frozenset("cover count press prison miss cours charg pose pact tent deed form vest".split())
# Words of every sentence: opposites only where they stand beside the same word.
SMALL: Final = frozenset(
    """for against up down befor after over under abov below first last more less fewer insid outsid in out come go
    give take get have man woman peopl good bad now then here there all some same other start end""".split()
)
_SET_ASIDE: Final = re.compile(r", not\b|\bnot (?:claim|say|think|believe|pretend|suggest|mean|argue)\b(?: that)?")
_ELLIPTIC: Final = re.compile(
    r"\b(?:do|does|did|will|would|should|could|can|is|are|was|were|has|have|had) not\b(?=\W*(?:$|[,.;!?]))"
)
_CONTRAST: Final = re.compile(r",(?: and| but)? not (?!only|just|merely|simply|least|even|to mention|that )")
_BEFORE_PARTS: Final = frozenset("in on at by for from of with over about through because to as under".split())
_CORRECTED: Final = re.compile(r"^(?:\W|and |it is |it's )*not (?:\w+ ){1,6}?,? ?but ")
_NEAREST: Final = 2  # what a negator denies first
_COUNTS: Final = frozenset("one two three four five six seven eight nine ten twenty thirty forty fifty hundred".split())
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


def direction(sentence: Statement, quotes: Statement) -> str | None:
    """A word in the sentence whose opposite stands in the quote, where nothing is denied on one side alone."""
    here, there = ({stem for scope in text.denied for stem in scope} for text in (sentence, quotes))
    spelt = _opposites(sentence.language).spelt
    ours, theirs = (Counter(word.stem for word in text.words) for text in (sentence, quotes))
    for mine in sentence.stems:
        if ours[mine] <= theirs[mine]:
            continue
        for other in opposites(mine, quotes):
            if (mine in here) != (other in there):
                continue  # "not cheap" for "expensive" is for the negation to judge
            if mine in SMALL and not _neighbours(sentence, mine) & _neighbours(quotes, other):
                continue
            if theirs[other] > ours[other] and not (theirs[mine] and len(quotes.words) > 2 * len(sentence.words)):
                return f"the quote says {spelt.get(other, other)}"
    return None


def opposites(mine: str, text: Statement) -> set[str]:
    """The stems of a text that say the opposite of a stem."""
    there, language = text.stems, text.language
    known = _opposites(language).pairs.get(mine, frozenset()) | antonyms(mine, language)
    found = set(known & there)
    if mine not in SMALL and base_language(language) == "en":
        describing = {word.stem for word in text.words if word.folded in word_list("adjectives-en")}
        found |= {one for other in known - SMALL for one in same_sense(other, language) & describing}
    found |= {one for other in known for one in there if len(other) > _STEM and alike(other, one) and one != mine}
    if base_language(language) == "en" and len(mine) >= _STEM:
        bare = next((mine[len(p) :] for p in _PREFIXES if mine.startswith(p)), "")
        wanted = {bare} if len(bare) >= _STEM else set[str]()
        wanted |= {prefix + mine for prefix in _PREFIXES}
        found |= {other for other in wanted & there if other not in _NO_OPPOSITE and mine not in _NO_OPPOSITE}
    return found


def _neighbours(statement: Statement, stem_: str) -> set[str]:
    """The content words right before and right after a word."""
    found = set[str]()
    for word in statement.words:
        if word.stem == stem_:
            found.update(w.stem for w in [w for w in statement.content if w.start < word.start][-1:])
            found.update(w.stem for w in [w for w in statement.content if w.start > word.start][:1])
    return found


@dataclass(frozen=True)
class _Listed:
    """Opposites of a language's own list by stem, and a spelling for each stem."""

    pairs: dict[str, frozenset[str]]
    spelt: dict[str, str]


@cache
def _opposites(language: str) -> _Listed:
    found: dict[str, set[str]] = {}
    spelt: dict[str, str] = {}
    lists = meaning_words(language)
    for first, second in (*sorted(lists.opposites), *_movements(language)):
        one, other = stem(first, language), stem(second, language)
        if one == other:
            continue
        found.setdefault(one, set()).add(other)
        spelt.setdefault(one, first)
    return _Listed({one: frozenset(others) for one, others in found.items()}, spelt)


def _movements(language: str) -> Iterator[tuple[str, str]]:
    """Every word for a rise against every word for a fall, both ways."""
    sets = meaning_words(language).sets
    for rise in sorted(sets.get("rising", ())):
        for fall in sorted(sets.get("falling", ())):
            yield rise, fall
            yield fall, rise


def negation(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """A denial on one side only. Each negator of the sentence needs one of the quote that denies the same."""
    return (
        _denies_more(sentence, quotes)
        or _denies_less(sentence, quotes)
        or _denies_the_other(sentence, quotes)
        or _is_denied_beside(sentence, quotes, around)
    )


def _denies_the_other(sentence: Statement, quotes: Statement) -> str | None:
    """Whether the quote says something of one thing and denies it of another, and the sentence does the reverse."""
    ours, theirs = (frozenset(stem for scope in text.denied for stem in scope) for text in (sentence, quotes))
    affirmed, told = quotes.content_stems - theirs, sentence.content_stems - ours
    counts = [Counter(word.stem for word in text.words) for text in (sentence, quotes)]
    twice = any(min(count[stem] for count in counts) > 1 for stem in ours & theirs)
    return "the quote denies the other" if twice and (ours - theirs) & affirmed and (theirs - ours) & told else None


def _is_denied_beside(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """Whether a neighbouring sentence denies words that no quote has, or the quote denies a verb taken from there."""
    if sentence.is_negative:
        return None
    own = {w.stem for w in sentence.content if not w.is_capitalised and not sentence.lists.has("reporting", w.folded)}
    borrowed = {stem for stem in own if stem in around.stems and not means(stem, quotes)}
    for found in _SET_ASIDE.finditer(around.folded):
        clause = next((word.clause for word in around.words if word.start >= found.end()), -1)
        denied = {w.stem for w in around.content if w.start >= found.end() and w.clause == clause}
        said = {w.stem for w in around.words if w.start < found.start() or w.clause > clause}
        if borrowed & denied - said:
            return "a neighbouring sentence denies it"
    # "I'd rather they didn't": what they did not do is told in the sentence before.
    verbs = {clause.verb.stem for clause in clauses(sentence)} if _ELLIPTIC.search(quotes.folded) else set[str]()
    return "the quote does not say it but denies it" if verbs & borrowed else None


def _denies_more(sentence: Statement, quotes: Statement) -> str | None:
    free = [*quotes.denied, *quotes.failed]
    if _denies_in_a_word(sentence, quotes, free):
        return "the quote does not deny it"
    for scope in sentence.denied:
        if _takes(scope, free, sentence.language) or _has_opposite(scope, quotes, sentence):
            continue
        if not free or not scope or means(scope[0], quotes):
            return "the quote does not deny it"
        free.pop()  # what is denied has another word in the quote
    return "the quote does not deny it" if sentence.idle_negators > quotes.idle_negators else None


def _denies_in_a_word(sentence: Statement, quotes: Statement, free: list[tuple[str, ...]]) -> bool:
    """Whether "refused" or the like reverses the quote; denials of the quote that match are taken from ``free``."""
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
        and not _has_opposite([word.stem], quotes, sentence)
        for word, scope in sentence.denying
    )


def _has_opposite(scope: Sequence[str], there: Statement, here: Statement) -> bool:
    """Whether "not cheap" here stands against "expensive" there."""
    return any(opposites(one, there) - here.stems for one in scope)


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
    if contrast := _contrasted(sentence, quotes):
        return contrast
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
        elif not _has_opposite(scope, sentence, quotes):
            return "the quote denies it"
    return _does_what_failed(sentence, quotes)


def _is_told(scope: tuple[str, ...], sentence: Statement, quotes: Statement) -> bool:
    """Whether the sentence speaks of what the quote denies there; after "not here, but" what follows is said."""
    contrast = _CONTRAST.search(quotes.folded)
    if (
        contrast
        and set(scope) <= quotes.between(contrast.end(), len(quotes.folded))
        and shared(_own_part(quotes, contrast.start()) - set(scope), sentence.content_stems)
    ):
        return False  # "by midges, not by contact": what is told is the first
    if not shared(scope[:_NEAREST], sentence.content_stems) and shared(scope, sentence.content_stems) < _NEAREST:
        return False
    corrected = _CORRECTED.search(quotes.folded)
    return corrected is None or shared(quotes.between(corrected.end(), len(quotes.folded)), sentence.content_stems) <= 1


def _contrasted(sentence: Statement, quotes: Statement) -> str | None:
    """Whether the sentence tells the second of "for this, not for that"."""
    found = _CONTRAST.search(quotes.folded)
    if found is None or sentence.is_negative:
        return None
    clause = next((word.clause for word in quotes.words if word.start >= found.end()), -1)
    denied = [w.stem for w in quotes.content if w.start >= found.end() and w.clause == clause][:_NEAREST]
    own = _own_part(quotes, found.start())
    if denied and own and shared(denied, sentence.content_stems) and not shared(own, sentence.content_stems):
        return "the quote denies it"
    return None


def _own_part(quotes: Statement, end: int) -> frozenset[str]:
    """What stands between the last preposition before a place and that place; without one, the last content word."""
    before = [word for word in quotes.words if word.start < end]
    if not before:
        return frozenset()
    before = [word for word in before if word.clause == before[-1].clause]
    at = max((n for n, word in enumerate(before) if word.folded in _BEFORE_PARTS), default=-1)
    part = [word.stem for word in before[at + 1 :] if word in quotes.content]
    return frozenset(part if at >= 0 else part[-1:])


def _does_what_failed(sentence: Statement, quotes: Statement) -> str | None:
    """Whether what the quote says "failed to" happen is told as what happened."""
    for word, scope in quotes.denying:
        following = next((other.folded for other in quotes.words if other.start > word.start), "")
        if following == "to" and scope and means(scope[0], sentence) and not sentence.is_negative:
            return f"the quote says {word.folded}"
    return None


def quantifier(sentence: Statement, quotes: Statement) -> str | None:
    """A quantifier that was changed: all for some, most for few, or a "some" that is gone."""
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
    roots = {sentence.lists.same("irregular", word.folded) or word.folded for word in sentence.words}
    fell = any(sentence.lists.has("falling", root) for root in roots)  # "fewer calls" are calls that fell
    # "Some money" is money; "some riders" are not all.
    several = {w.stem for w in quotes.words if w.folded.endswith("s") or w.folded in PLURALS}
    return next(
        (
            f"the quote says {name}"
            for stem_, names in theirs.items()
            if stem_ in sentence.content_stems
            for name in names & ({"few", "most", "some"} if stem_ in several else {"few", "most"})
            if not (name == "few" and "fewer" in quotes.folded_words and fell)
        ),
        None,
    )


def _quantifiers(statement: Statement, words: frozenset[str]) -> set[str]:
    """The quantifiers of a class; neither "each other" nor "a few billion"."""
    following = {word.folded: statement.words[index + 1] for index, word in enumerate(statement.words[:-1])}
    fixed = statement.lists.set_phrases.spans(statement.folded)
    return {
        word.folded
        for word in statement.words
        if word.folded in words
        and not any(start <= word.start < end for start, end in fixed)
        and not _counts_itself(statement, word.folded, following.get(word.folded))
    }


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


def _counted(statement: Statement) -> dict[str, set[str]]:
    """By what is counted, its quantifiers' classes: "few of the years" counts "year"."""
    found: dict[str, set[str]] = {}
    fixed = statement.lists.set_phrases.spans(statement.folded)
    for index, word in enumerate(statement.words):
        if any(start <= word.start < end for start, end in fixed):
            continue
        after = statement.words[index + 1] if index + 1 < len(statement.words) else None
        for name, words in statement.lists.quantifiers.items():
            if name == "none" or word.folded not in words or _counts_itself(statement, word.folded, after):
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
