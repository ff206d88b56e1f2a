"""Who does what to whom: a light reading of English clauses, by word lists and word order.

A clause is a verb with what stands before and after it. No parser for English can be installed without a model, and the
checks need no more than heads: whose verb it is, what it is done to, and what hangs on a preposition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from autointel.text.statement import Statement
from autointel.text.vocabulary import Word
from autointel.text.word_lists import base_language, word_list

_LONG: Final = 5  # letters: a longer word in -ed or -ing may be a verb that no list has
_NEAR: Final = 4  # words between "was" and its participle
_PARTICIPLES: Final = ("ing", "ed", "en", "wn", "ne")
_BE: Final = frozenset("is are was were be been being am get gets got getting".split())
_HELPING: Final = _BE | frozenset(
    "has have had having do does did will would must should can could may might shall".split()
)
_PRONOUNS: Final = frozenset(
    """i me you he him she her it we us they them this that these those who everybody everyone somebody someone nobody
    anybody anyone something anything nothing one mine yours his hers ours theirs myself themselves himself""".split()
)
_POINTING: Final = frozenset("his her this that these those one".split())  # before a noun they are its determiners
_NOMINATIVE: Final = frozenset("i you he she it we they who".split())
_PERFECT: Final = frozenset("has have had".split())  # before a participle that is no passive
_ACCUSATIVE: Final = frozenset("me him us them".split())
_DETERMINERS: Final = frozenset(
    "a an the my your his her its our their some any no every each all both several many most few another".split()
)
_WHEN: Final = frozenset(
    "yesterday today tomorrow tonight years year months month weeks week days day hours hour minutes minute".split()
)
_FLOATING: Final = frozenset("both all each".split())
_BARE_FOLLOWS: Final = frozenset("to will would must should can could may might shall let do does did".split())
_BASE_FOLLOWS: Final = _BARE_FOLLOWS | _NOMINATIVE - {"it"}
PLURALS: Final = frozenset("people men women children".split())
_ADVERBS: Final = frozenset(
    """not never also now then just already once twice soon still even always often again here there very so too well
    ever yet only almost away together back up down off perhaps maybe instead however""".split()
)
_RELATIVE: Final = frozenset("that who which".split())
_SAYS: Final = frozenset(
    "say says said think thinks thought know knows knew believe believes believed means mean".split()
)
SAYING: Final = frozenset(
    """say think know believ mean hope suggest suppos guess feel argu claim state see find show fear expect wish
    bet""".split()
)
# "want somebody to do it": he does it, and not who wants it.
_LEAVES_OBJECT: Final = frozenset(
    "want ask allow tell need help expect let caus forc get enabl order urg permit".split()
)


@dataclass(frozen=True)
class Phrase:
    """A noun with its companions: ``heads`` are its last noun, or all words of a name, or a pronoun."""

    heads: tuple[Word, ...]
    words: tuple[Word, ...]
    preposition: str = ""

    @property
    def is_pronoun(self) -> bool:
        """Whether the phrase names nobody by itself."""
        return self.heads[0].folded in _PRONOUNS


@dataclass(frozen=True)
class Clause:
    """A verb, what does it (None where nothing does) and what follows it up to the next verb."""

    verb: Word
    agent: Phrase | None
    rest: tuple[Phrase, ...]
    is_passive: bool

    @property
    def object(self) -> Phrase | None:
        """The object or complement: the first phrase after the verb, where no preposition stands before it."""
        return next((p for p in self.rest[:1] if not p.preposition and p.heads[0].folded not in _WHEN), None)


@lru_cache(maxsize=2048)
def clauses(text: Statement) -> tuple[Clause, ...]:
    """The clauses of an English text in order; empty for other languages. Linear in its words."""
    return tuple(_clauses(_pieces(text.words))) if base_language(text.language) == "en" else ()


class _Kind(Enum):
    """The part that a word plays in its clause."""

    NOUN = auto()
    VERB = auto()
    ADVERB = auto()
    PREPOSITION = auto()
    TO = auto()
    AND = auto()
    THAT = auto()  # begins a clause of its own
    WHO = auto()  # begins a clause of the noun before it
    BREAK = auto()  # a comma or the like


_MARKS: Final[dict[str, _Kind]] = {
    **dict.fromkeys(
        """in on at by for from of with without under over about into through between against among during before after
        since towards toward across behind beyond despite than like unlike as per via near around above below
        except within upon onto out""".split(),
        _Kind.PREPOSITION,
    ),
    **dict.fromkeys(
        "because if when while although though unless until whether where why how what which whose".split(), _Kind.THAT
    ),
    **dict.fromkeys("and or nor but".split(), _Kind.AND),
    "to": _Kind.TO,
    **dict.fromkeys(_HELPING, _Kind.VERB),
}


@dataclass(frozen=True)
class _Mark:
    """A verb, or what stands between phrases."""

    kind: _Kind
    word: Word
    is_passive: bool = False


_Piece: TypeAlias = Phrase | _Mark


def _pieces(words: Sequence[Word]) -> list[_Piece]:
    """Phrases, verbs and marks in order; adverbs left out."""
    found: list[_Piece] = []
    run: list[Word] = []
    preposition = ""
    for index, word in enumerate(words):
        kind = _kind(words, index)
        breaks = index > 0 and word.clause != words[index - 1].clause
        if run and (breaks or (kind is _Kind.NOUN and _begins(word, run)) or kind not in {_Kind.NOUN, _Kind.ADVERB}):
            found.append(Phrase(_heads(run), tuple(run), preposition))
            run, preposition = [], ""
        if breaks:
            preposition = ""  # "which they asked for. Fares rose"
            found.append(_Mark(_Kind.BREAK, word))
        if kind is _Kind.NOUN:
            run.append(word)
        elif kind is _Kind.PREPOSITION or (kind is _Kind.TO and not _is_infinitive(words, index)):
            preposition = word.folded
        elif kind is not _Kind.ADVERB:
            preposition = ""
            found.append(_Mark(kind, word, kind is _Kind.VERB and _is_passive(words, index)))
    if run:
        found.append(Phrase(_heads(run), tuple(run), preposition))
    return found


def _begins(word: Word, run: Sequence[Word]) -> bool:
    """Whether a word begins another phrase than the one before it."""
    return word.folded in _DETERMINERS or word.folded in _PRONOUNS or run[-1].folded in _PRONOUNS - _POINTING


def _heads(run: Sequence[Word]) -> tuple[Word, ...]:
    nouns = [word for word in run if word.folded not in _DETERMINERS | _POINTING] or list(run)
    last = nouns[-1]
    if last.is_capitalised and not (last.opens and len(nouns) == 1):
        return tuple(word for word in nouns if word.is_capitalised)
    return (last,)


def _kind(words: Sequence[Word], index: int) -> _Kind:
    folded = words[index].folded
    if folded in _RELATIVE and index + 1 < len(words) and (relative := _relative(words, index)):
        return relative
    if folded in _MARKS:
        return _MARKS[folded]
    if _is_adverb(folded) or (index and _floats(words, index)):
        return _Kind.ADVERB
    if folded in _PRONOUNS or folded in _DETERMINERS:
        return _Kind.NOUN
    return _Kind.VERB if _is_verb(words, index) else _Kind.NOUN


def _relative(words: Sequence[Word], index: int) -> _Kind | None:
    """What "that", "who" or "which" begins; None where "that" only points."""
    following, before = words[index + 1], words[index - 1].folded if index else ""
    opens = following.folded in _PRONOUNS or following.folded in _DETERMINERS or following.is_capitalised
    if following.folded in _HELPING or (words[index].folded != "that" and not opens):
        return _Kind.WHO if before and before not in _SAYS else _Kind.NOUN
    if opens or (following.folded.endswith("s") and before in word_list("verbs-en")):
        return _Kind.THAT
    known = following.folded in word_list("verbs-en") and following.folded not in word_list("nouns-en")
    return _Kind.WHO if known else None


def _is_adverb(folded: str) -> bool:
    return folded in _ADVERBS or (folded.endswith("ly") and folded not in word_list("nouns-en"))


def _is_infinitive(words: Sequence[Word], index: int) -> bool:
    """Whether a verb follows "to", and no noun."""
    following = next((w for w in words[index + 1 : index + 3] if w.folded not in _ADVERBS), None)
    if following is None or following.folded in _PRONOUNS | _DETERMINERS or following.is_capitalised:
        return False
    folded = following.folded
    return folded in word_list("verbs-en") or not (folded.endswith("s") or folded in PLURALS or following.is_number)


def _is_verb(words: Sequence[Word], index: int) -> bool:
    word = words[index]
    folded = word.folded
    if word.is_number or (word.is_capitalised and not word.opens):
        return False
    before = _before(words, index)
    plural = folded.endswith("s") and not folded.endswith("ss")
    if before in _BASE_FOLLOWS:
        return (_may_be_verb(folded) or folded not in word_list("adjectives-en")) and not (
            plural and before in _BARE_FOLLOWS
        )
    # "make promises": a plural right after a verb is no verb.
    beside = plural and index and words[index - 1].clause == word.clause and words[index - 1].folded
    if (
        before in _DETERMINERS
        or before[:1].isdigit()
        or before in word_list("adjectives-en")
        or beside in word_list("verbs-en")
    ):
        return False
    if _MARKS.get(before) is _Kind.PREPOSITION:
        return folded.endswith("ing")
    if before in _BE:
        return folded in word_list("past-irregular") or (folded.endswith(_PARTICIPLES) and _may_be_verb(folded))
    return _may_be_verb(folded)


def _may_be_verb(folded: str) -> bool:
    if folded in word_list("verbs-en") or folded in word_list("past-irregular"):
        return True
    formed = folded.endswith(("ed", "ing")) and len(folded) > _LONG
    return formed and folded not in word_list("adjectives-en") and folded not in word_list("nouns-en")


def _before(words: Sequence[Word], index: int) -> str:
    """The word before in the same clause, adverbs and "both" after a pronoun left out."""
    clause = words[index].clause
    at = index - 1
    while at >= 0 and _is_adverb(words[at].folded):
        at -= 1
    if at > 0 and _floats(words, at):
        at -= 1
    return words[at].folded if at >= 0 and words[at].clause == clause else ""


def _floats(words: Sequence[Word], index: int) -> bool:
    """Whether "both" or the like stands behind its noun: "Anna and Peter both"."""
    before = words[index - 1]
    return words[index].folded in _FLOATING and (before.is_capitalised or before.folded in _NOMINATIVE)


def _is_passive(words: Sequence[Word], index: int) -> bool:
    """Whether a verb is said of what it is done to: "was sued", "sued by"."""
    folded = words[index].folded
    if not (folded.endswith(_PARTICIPLES[1:]) or folded in word_list("past-irregular")):
        return False
    for before in reversed(words[max(0, index - _NEAR) : index]):
        if before.folded in _BE:
            return True
        if not _is_adverb(before.folded):
            break
    after = next((word.folded for word in words[index + 1 :] if not _is_adverb(word.folded)), "")
    return after == "by" and (index == 0 or words[index - 1].folded not in _NOMINATIVE | _PERFECT)


def _clauses(pieces: Sequence[_Piece]) -> Iterator[Clause]:
    previous: Clause | None = None
    for at, piece in enumerate(pieces):
        if isinstance(piece, Phrase) or piece.kind is not _Kind.VERB or _helps(pieces, at):
            continue
        agent, rest, passive = _agent(pieces, at, previous), tuple(_rest(pieces, at)), piece.is_passive
        folded = piece.word.folded
        if folded.endswith("ing") and not (at and _helps(pieces, at - 1)):
            agent = None  # "by looking at it": whoever looks
        elif folded.endswith("ed") and previous and agent and (not rest or rest[0].preposition):
            # "things included in a bill"
            passive = passive or any(agent.heads == phrase.heads for phrase in previous.rest)
        previous = Clause(piece.word, agent, rest, passive)
        yield previous


def _helps(pieces: Sequence[_Piece], at: int) -> bool:
    """Whether a piece is "is", "have" or "do" and only helps the verb after it."""
    piece, following = pieces[at], pieces[at + 1] if at + 1 < len(pieces) else None
    return isinstance(piece, _Mark) and piece.word.folded in _HELPING and _is_kind(following, _Kind.VERB)


def _is_kind(piece: _Piece | None, *kinds: _Kind) -> bool:
    return isinstance(piece, _Mark) and piece.kind in kinds


def _agent(pieces: Sequence[_Piece], at: int, previous: Clause | None) -> Phrase | None:
    """The phrase whose verb it is: before it, past "who" and what hangs on prepositions, or that of the verb before."""
    found: Phrase | None = None
    infinitive = False
    place = at
    while place > 0:
        place -= 1
        piece = pieces[place]
        if isinstance(piece, Phrase):
            found = None if piece.heads[0].folded in _ACCUSATIVE else piece
            if found and not found.preposition:
                break
        elif piece.kind is _Kind.WHO:
            return _with_companions(pieces, place - 1)
        elif _ends_search(pieces, place, found):
            break
        infinitive = infinitive or _is_kind(piece, _Kind.TO)
    if found is None or found.preposition:
        return previous.agent if previous else found
    if infinitive and previous and found in previous.rest and previous.verb.stem not in _LEAVES_OBJECT:
        return previous.agent
    return _with_companions(pieces, place)


def _ends_search(pieces: Sequence[_Piece], place: int, found: Phrase | None) -> bool:
    """Whether the doer of a verb is not to be looked for before a mark; ``found`` is the phrase found behind it."""
    if _is_kind(pieces[place], _Kind.VERB):
        return not _helps(pieces, place)
    if _is_kind(pieces[place], _Kind.BREAK):
        return found is not None and not found.preposition
    return _is_kind(pieces[place], _Kind.AND) or (_is_kind(pieces[place], _Kind.THAT) and found is not None)


def _with_companions(pieces: Sequence[_Piece], place: int) -> Phrase | None:
    """The last phrase up to a place that has no preposition, with the one that "and" joins to it."""
    while place >= 0 and isinstance(piece := pieces[place], Phrase) and piece.preposition:
        place -= 1
    last = pieces[place] if place >= 0 else None
    if not isinstance(last, Phrase):
        return None
    first = pieces[place - 2] if place > 1 and _is_kind(pieces[place - 1], _Kind.AND) else None
    governed = place > 1 and _is_kind(pieces[max(0, place - 3)], _Kind.VERB, _Kind.TO)
    if not isinstance(first, Phrase) or governed:
        return last
    return Phrase((*first.heads, *last.heads), (*first.words, *last.words), last.preposition)


def _rest(pieces: Sequence[_Piece], at: int) -> Iterator[Phrase]:
    verb = pieces[at]
    says = isinstance(verb, _Mark) and verb.word.stem in SAYING
    for before, piece, following in _with_neighbours(pieces[at:]):
        if isinstance(piece, _Mark):
            if piece.kind not in {_Kind.AND, _Kind.ADVERB}:
                return
        elif following is not None and _is_kind(following, _Kind.VERB) and (
            says or _is_kind(before, _Kind.AND) or piece.heads[0].folded in _NOMINATIVE
        ):  # fmt: skip
            return  # "and property owners pay", "I hope the rest belongs to you"
        else:
            yield piece


def _with_neighbours(pieces: Sequence[_Piece]) -> Iterator[tuple[_Piece, _Piece, _Piece | None]]:
    """Each piece but the first, the one before it, and the next that is no phrase on a preposition."""
    for index, (before, piece) in enumerate(pairwise(pieces), start=1):
        after = (other for other in pieces[index + 1 :] if isinstance(other, _Mark) or not other.preposition)
        yield before, piece, next(after, None)
