"""Who does it to whom, and which word goes with which; English alone.

The doer of a sentence's verb must be the doer of that verb in the quote. Pairings are which of two opposites is meant,
and what a number counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from autointel.text.clauses import Clause, Phrase, clauses
from autointel.text.opposites import SMALL, opposites
from autointel.text.quantities import Quantity, in_digits
from autointel.text.statement import Statement, shared, statement
from autointel.text.vocabulary import Word, alike, stem, synonyms

_HE, _IT = "<he>", "<it>"  # marks of a doer that is a pronoun
_ANYBODY: Final = frozenset({_HE, _IT})
_SPEAKER: Final = frozenset({"<I>"})
# "You" and "one" may be the speaker, too; "who" and "that" may stand for "I, who".
_MAY_BE_SPEAKER: Final = frozenset("i me we us you one our who that which".split())
_HE_OR_SHE: Final = frozenset("he she".split())
_AMERICA: Final = stem("america", "en")
_SHORT: Final = 4  # letters: shorter stems are compared letter by letter
_I: Final = frozenset("i me we us mine ours myself ourselves".split())
_YOU: Final = frozenset("you yours".split())
_PERSONS: Final = frozenset("he she him her they them who himself themselves".split())
_ARTICLES: Final = frozenset("a an the my your his her its our their".split())
# Verbs whose object names the deed: "made a commitment".
_LIGHT: Final = frozenset("make do take give have get".split())
# Before whom or what a deed is done to.
_GOVERNED: Final = frozenset(["", "to", "of", "from", "for", "against", "with"])
# Nothing is done to anybody; "get" is too many verbs at once.
_STATES: Final = frozenset("be have do say think believ mean want know get argu claim state".split())
_AROUND_ANCHOR: Final = 3  # content words on either side of a number or of one of two opposites
_MOVING: Final = frozenset("cut cuts double doubled doubles halve halved lower lowered lowers triple tripled".split())
# Where another fact of the same sentence begins.
_JOINED: Final = re.compile(r"[,;] (?:and|but)\b|;")


@dataclass(frozen=True)
class Speaking:
    """Names in lower case: the speaker's, who says "I", and those of people who may be "you"."""

    own: frozenset[str]
    others: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Deed:
    """A clause as who does it (``doers``), to whom or what (``others``), by stems; ``verbs`` are words for the deed.

    ``subject`` and ``after`` are what stands before and after the verb, whether it is active or passive.
    """

    clause: Clause
    verbs: frozenset[str]
    doers: frozenset[str]
    others: frozenset[str]
    subject: frozenset[str]
    after: frozenset[str]

    @property
    def named(self) -> frozenset[str]:
        """The doers that are no pronouns."""
        return self.doers - _ANYBODY

    @property
    def told(self) -> frozenset[str]:
        """The stems of the first phrase after the verb, its article apart."""
        first = self.clause.rest[:1]
        return frozenset(w.stem for phrase in first for w in phrase.words if w.folded not in _ARTICLES)

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers after the verb."""
        return frozenset(w.folded for phrase in self.clause.rest for w in phrase.words if w.is_number)

    def is_of(self, other: _Deed) -> bool:
        """Whether both have a word for the deed in common."""
        return any(one == two or alike(one, two) for one in self.verbs for two in other.verbs)


def exchanged(sentence: Statement, quotes: Statement, speaking: Speaking) -> str | None:
    """A doer that the quote has as the one it is done to, or two doers with each other's deeds: what is wrong."""
    standing = {w.folded for clause in clauses(quotes) for phrase in _phrases(clause) for w in phrase.heads}
    own_country = frozenset({_AMERICA} - {w.stem for w in quotes.words if w.is_capitalised})
    names = _Names(speaking.own, speaking.others - standing, own_country)
    theirs = list(_deeds(quotes, names))
    for deed in _deeds(sentence, names):
        same = [other for other in theirs if deed.is_of(other)]
        if _is_anothers(deed, same, theirs, sentence) or _has_anothers_number(deed, same, theirs):
            return f"the quote says it of another ({deed.clause.verb.folded})"
        if _is_the_speakers(deed, same, speaking):
            return f"the speaker says it of himself ({deed.clause.verb.folded})"
        if _is_only_told(deed, same, speaking):
            return f"the speaker says it of another ({deed.clause.verb.folded})"
        if other := _another_kind(deed, same, quotes):
            return f"the quote says it of {other}"
        if not deed.verbs <= _STATES and _is_turned(deed, same):
            return f"who does it and to whom have changed places ({deed.clause.verb.folded})"
    return None


def _is_the_speakers(deed: _Deed, same: Sequence[_Deed], speaking: Speaking) -> bool:
    """Whether somebody who speaks beside is said to do what the quote says of "I" alone."""
    ours, beside = deed.clause.agent, speaking.others - speaking.own
    if ours is None or deed.clause.is_passive or not all(w.folded in beside for w in ours.heads):
        return False
    told = [other for other in same if deed.told & other.told or not deed.told]
    return bool(told) and all(
        other.clause.agent is not None and other.clause.agent.heads[0].folded == "i" for other in told
    )


def _is_only_told(deed: _Deed, same: Sequence[_Deed], speaking: Speaking) -> bool:
    """Whether the speaker is said to do what the speaker tells of others only."""
    ours = deed.clause.agent
    if ours is None or deed.clause.is_passive or not all(w.folded in speaking.own for w in ours.heads):
        return False
    agents = [other.clause.agent for other in same if deed.told & other.told or not deed.verbs <= _STATES]
    mine = _MAY_BE_SPEAKER | speaking.own
    return bool(agents) and all(agent and not any(w.folded in mine for w in agent.words) for agent in agents)


def _another_kind(deed: _Deed, same: Sequence[_Deed], quotes: Statement) -> str:
    """Whose it is in the quote: the Chinese offer's for the Finnish one's, or of twenty for all; else empty."""
    ours = deed.clause.agent
    agents = [other.clause.agent for other in same]
    passive = deed.clause.is_passive and deed.clause.verb.stem != "be"  # "was cheaper by a third"
    if ours is None or ours.is_pronoun or passive or not agents:
        return ""
    if all(agent and _is_count(agent) for agent in agents):
        quantifiers = frozenset().union(*quotes.lists.quantifiers.values())
        counted = not ours.heads[-1].folded.endswith("s") or any(
            _is_number(w) or w.folded in quantifiers for w in ours.words
        )
        return "" if counted or agents[0] is None else agents[0].words[0].folded
    for other, agent in zip(same, agents, strict=True):
        if agent is None or agent.heads[-1].stem != ours.heads[-1].stem or not deed.told & other.told:
            return ""
        mine, theirs = _described(ours), _described(agent)
        if not (mine - theirs and theirs - mine and mine - theirs <= quotes.stems):
            return ""
    return " ".join(w.folded for w in agents[0].words) if agents[0] else ""


def _described(phrase: Phrase) -> frozenset[str]:
    """The stems of what stands before a phrase's noun, articles and numbers apart."""
    return frozenset(
        w.stem for w in phrase.words if w != phrase.heads[-1] and w.folded not in _ARTICLES and not w.is_number
    )


def _is_count(phrase: Phrase) -> bool:
    """Whether a phrase is a bare number, "twenty"."""
    return all(_is_number(word) for word in phrase.words)


def _is_number(word: Word) -> bool:
    return word.is_number or (word.folded != "one" and in_digits(word.folded, "en") != word.folded)


def _is_turned(deed: _Deed, same: Sequence[_Deed]) -> bool:
    """Whether the quote has the doer only as the one it is done to, or the one it is done to only as the doer."""
    if deed.clause.is_passive and same and all(other.clause.is_passive for other in same):
        # Of two passives, subject and what hangs on a preposition: "used against the argument".
        return not any(_meet(deed.subject, o.subject) for o in same) and any(_meet(deed.subject, o.after) for o in same)
    if deed.clause.verb.stem in _LIGHT:
        same = [other for other in same if not other.clause.is_passive]  # "has concerns" of "is concerned"
    if any(_meet(deed.named, o.doers) or (not deed.named and _meet(deed.others, o.others)) for o in same):
        return False
    active = bool(deed.others) or deed.clause.is_passive
    if any(_is_done_by(deed, other) for other in same):
        return True
    return any(
        (active and o.doers - {_IT} and _meet(deed.named, o.others))
        or (
            deed.doers and _meet(deed.others, o.named) and not _meet(deed.others, o.others) and (deed.named or o.others)
        )
        for o in same
    )


def _is_done_by(deed: _Deed, other: _Deed) -> bool:
    """Whether one says that somebody does it to others, and the quote that it is done to that one, or the other way."""
    if deed.clause.is_passive == other.clause.is_passive:
        return False
    active, passive = (other, deed) if deed.clause.is_passive else (deed, other)
    return active.clause.object is not None and not passive.doers and _meet(active.named, passive.subject)


def _is_anothers(deed: _Deed, same: Sequence[_Deed], theirs: Sequence[_Deed], sentence: Statement) -> bool:
    """Whether what is said of a doer is word for word what the quote says of another: who is president, who vice."""
    if not (deed.named and deed.told) or deed.clause.is_passive:
        return False
    holders = [other for other in same if other.told == deed.told]
    if not holders or any(_meet(deed.named, o.doers) or not o.doers for o in holders):
        return False
    own = deed.named == _SPEAKER and not sentence.has("reporting")
    if own and all(o.clause.agent and o.clause.agent.heads[0].folded in _HE_OR_SHE for o in holders):
        return True
    # The doer does something else in the quote: two facts in one.
    return not any(o.doers & _ANYBODY for o in holders) and any(_meet(deed.named, o.doers) for o in theirs)


def _has_anothers_number(deed: _Deed, same: Sequence[_Deed], theirs: Sequence[_Deed]) -> bool:
    """Whether the doer has another number in the quote, where this one is somebody else's."""
    numbers = deed.numbers
    own = [other for other in same if other.numbers and _meet(deed.named, other.doers)] if numbers else []
    if not own or any(numbers & other.numbers for other in own):
        return False
    return any(numbers & other.numbers and other.doers and not _meet(deed.named, other.doers) for other in theirs)


@dataclass(frozen=True)
class _Names:
    """Who is "I" and "you" by name, and which nation is "we"."""

    own: frozenset[str]
    others: frozenset[str]
    nations: frozenset[str]

    def of(self, phrases: Iterable[Phrase]) -> frozenset[str]:
        """The stems of the heads, with one mark for the speaker and one for whom he speaks to."""
        return frozenset(mark for phrase in phrases for mark in self._marks(phrase))

    def _marks(self, phrase: Phrase) -> Iterator[str]:
        for word in phrase.heads:
            if word.is_number:
                continue
            if word.folded in self.own | _I or word.stem in self.nations:
                yield "<I>"
            elif word.folded in _YOU:
                yield "<you>"
            elif word.folded in _PERSONS:
                yield _HE
            elif phrase.is_pronoun:
                yield _IT
            else:
                yield word.stem
                if word.folded in self.others:
                    yield "<you>"


def _deeds(text: Statement, names: _Names) -> Iterator[_Deed]:
    for clause in clauses(text):
        verbs = {clause.verb.stem}
        thing = clause.object
        counted = thing is not None and any(word.is_number for word in thing.words)
        if clause.verb.stem in _LIGHT and thing is not None and not thing.is_pronoun and not counted:
            verbs = {word.stem for word in thing.heads}  # "made a commitment" is "committed"
        agent = (clause.agent,) if clause.agent else ()
        doers, others = names.of(agent), names.of(p for p in clause.rest if p.preposition in _GOVERNED)
        subject = doers
        by = names.of(p for p in clause.rest if p.preposition == "by")
        after = others
        if clause.is_passive:
            doers, others = by, others | doers
        yield _Deed(clause, frozenset(verbs), doers, others, subject, after)


def _phrases(clause: Clause) -> Iterator[Phrase]:
    yield from (clause.agent,) if clause.agent else ()
    yield from clause.rest


def _meet(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether a stem of one stands in the other, or one that may stand in its place."""
    return any(
        one == two or (len(one) > _SHORT and alike(one, two)) or two in synonyms(one, "en")
        for one in first - _ANYBODY
        for two in second
    )


def crossed(sentence: Statement, quotes: Statement) -> str | None:
    """Two contrasted words, or two numbers, with each other's neighbours."""
    return _swapped_opposites(sentence, quotes) or _swapped_numbers(_in_digits(sentence), _in_digits(quotes))


def _swapped_opposites(sentence: Statement, quotes: Statement) -> str | None:
    """One of two opposites that both stand in the quote, here with the other's neighbours."""
    for mine in sentence.content:
        if mine.stem in SMALL:
            continue
        for other in opposites(mine.stem, quotes) - SMALL:
            mutual = mine.stem in opposites(other, quotes)
            if mutual and _is_crossed(sentence, mine, quotes, other):
                return f"{mine.folded} stands with another word in the quote"
    return None


def _swapped_numbers(sentence: Statement, quotes: Statement) -> str | None:
    """One of two numbers of one unit in the quote, here with the other's neighbours."""
    for quantity in sentence.quantities:
        same = [q for q in quotes.quantities if q.is_same(quantity)]
        rivals = [q for q in quotes.quantities if _is_rival(q, quantity)]
        if len(same) != 1 or not rivals or quantity.is_word:
            continue
        here = _window(sentence, quantity.start)
        theirs = len(here & _window(quotes, same[0].start))
        first, own = _next(sentence, quantity.start), _next(quotes, same[0].start)
        for rival in rivals:
            more = len(here & _window(quotes, rival.start)) - theirs
            told = next((q for q in sentence.quantities if q.is_same(rival)), None)
            if told and _fits(sentence, told, quotes, rival) > _fits(sentence, told, quotes, same[0]):
                continue  # the other number stands where it should
            if more > 1 or (more >= 0 and first and own and first != own and first == _next(quotes, rival.start)):
                return f"{quantity.text} counts something else in the quote"
    return None


def _fits(sentence: Statement, quantity: Quantity, quotes: Statement, other: Quantity) -> int:
    return len(_window(sentence, quantity.start) & _window(quotes, other.start))


def _is_rival(other: Quantity, quantity: Quantity) -> bool:
    """Whether another number counts in the same unit; a year counts nothing."""
    years = [not q.unit and 1000 <= q.value <= 2100 for q in (other, quantity)]  # noqa: PLR2004
    return not (other.is_same(quantity) or other.is_word) and other.unit == quantity.unit and years[0] == years[1]


def _is_crossed(sentence: Statement, mine: Word, quotes: Statement, other: str) -> bool:
    here = set(_beside(sentence, mine)) - {mine.stem, other}
    own = {stem for word in quotes.content if word.stem == mine.stem for stem in _beside(quotes, word)}
    rival = {stem for word in quotes.content if word.stem == other for stem in _beside(quotes, word)}
    return len(here & rival) > len(here & own)


def _beside(statement: Statement, word: Word) -> list[str]:
    """The content words that follow in the clause, or where none does those before."""
    clause = [w for w in statement.content if w.clause == word.clause]
    after = [w.stem for w in clause if w.start > word.start][:_AROUND_ANCHOR]
    return after or [w.stem for w in clause if w.start < word.start][-_AROUND_ANCHOR:]


def _in_digits(text: Statement) -> Statement:
    """The same in digits, so that the places of numbers are those of words."""
    return statement(in_digits(text.plain, text.language), text.language)


def _next(statement: Statement, start: int) -> str:
    return next((w.stem for w in statement.content if w.start > start), "")


def _window(statement: Statement, start: int) -> frozenset[str]:
    before = [w.stem for w in statement.content if w.start < start][-_AROUND_ANCHOR:]
    after = [w.stem for w in statement.content if w.start > start][:_AROUND_ANCHOR]
    return frozenset((*before, *after))


def moved_by_another(
    sentence: Statement, quotes: Statement, is_cause: Callable[[frozenset[str], frozenset[str]], bool]
) -> str | None:
    """Whether a thing is said to raise or lower what in the quote rises or falls, without a word of that thing."""
    for clause in clauses(sentence):
        agent, thing = clause.agent, clause.object
        if clause.verb.folded not in _movements(sentence) or clause.is_passive or agent is None or thing is None:
            continue
        if agent.is_pronoun or any(word.is_capitalised and not word.opens for word in agent.heads):
            continue  # somebody, and no thing
        ours, moved = frozenset(word.stem for word in agent.words), frozenset(word.stem for word in thing.heads)
        for other in clauses(quotes):
            mover = {word.stem for word in other.agent.words} if other.agent else set[str]()
            less = other.object is not None and other.verb.stem == "be" and other.object.heads[0].folded.endswith("er")
            moves = less or (other.verb.folded in _movements(quotes) and other.object is None)
            if not moves or not moved & mover:
                continue
            if not shared(ours, _own_part(quotes, other.verb.start), "en") and not is_cause(moved, ours):
                return "the quote does not say what did it"
    return None


def _movements(statement: Statement) -> frozenset[str]:
    return frozenset(
        word.folded
        for word in statement.words
        for root in [statement.lists.same("irregular", word.folded) or word.folded]
        if statement.lists.has("rising", root) or statement.lists.has("falling", root) or root in _MOVING
    )


def _own_part(statement: Statement, at: int) -> frozenset[str]:
    """The content stems around a place up to the sentence's ends, and to what ", and" joins to it."""
    places = [found.start() for found in _JOINED.finditer(statement.folded)]
    start = max((place for place in places if place <= at), default=0)
    end = min((place for place in places if place > at), default=len(statement.folded))
    return statement.sentence_at(at) & statement.between(start, end)
