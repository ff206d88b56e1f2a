"""Several sources side by side: what they agree on, where they differ, and what only one of them says.

Rules over words: two statements are on one matter where they share their rare words. What agrees or differs in other
words is not seen, and the comparison says so.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from autointel.domain.analysis import CheckedClaim, Verdict
from autointel.domain.citation import Citation, Script
from autointel.domain.transcript import Source, Transcript
from autointel.domain.value import Value
from autointel.memory.differences import difference, have_other_subjects
from autointel.memory.ledger import verdict_on
from autointel.memory.moments import likely_sentences
from autointel.memory.question import telling
from autointel.text.advertisements import advertisement_sentences
from autointel.text.clauses import SAYING, Phrase, clauses
from autointel.text.names import names
from autointel.text.sentences import Sentence
from autointel.text.statement import Statement as Words
from autointel.text.statement import means
from autointel.text.statement import statement as said_in

_NOT_SAID: Final = re.compile(r"\[[^][]{0,60}\]|\{[^{}]{0,60}\}")
"""What a transcriber notes: [unintelligible 02:15:09], {vocalsound}."""
_FEWEST: Final = 5
"""Telling words of a statement that can be compared."""
_COMMON: Final = 4
_ON_ONE_MATTER: Final = 0.45
"""Share of the lighter statement's weight, by rarity, that both have."""
_OF_BOTH: Final = 0.4
"""Cosine by rarity from which that holds: five common words of a long sentence are no matter of a short one."""
_ALONE: Final = 0.25
_SAID: Final = 2
"""Words in common beside names: who is spoken of is not yet what is said."""
_MOST_PAIRS: Final = 2_000
"""Pairs that are looked at for what recurs, the most alike first."""
_TOO_COMMON: Final = 60
"""Statements with a word, from which it joins nothing."""
REMARK: Final = (
    "Compared by rules over words: what the sources agree or differ on in other words is not judged without a model."
)


class Said(Value):
    """A statement of one of the sources; ``source`` is its number in the comparison, from 1.

    ``verdict`` is that of a checked claim that the statement makes.
    """

    source: int
    speaker: str | None
    citation: Citation
    verdict: Verdict | None = None


class Pair(Value):
    """Two statements on one matter; ``what`` says how they differ, empty where no rule sees a difference."""

    first: Said
    second: Said
    what: str = ""


class Recurring(Value):
    """A statement of several sources: the first by the sources' dates, and where it is said again."""

    first: Said
    again: tuple[Said, ...]

    @property
    def verdict_changed(self) -> bool:
        """Whether it was judged differently from one source to another."""
        return len({each.verdict for each in (self.first, *self.again) if each.verdict}) > 1


class Comparison(Value):
    """``recurring`` are statements of two or more sources between which no rule sees a difference.

    ``numbers`` are those differences that are of numbers or years; ``alone`` is what one source says by itself.
    """

    titles: tuple[str, ...]
    recurring: tuple[Recurring, ...] = ()
    agreements: tuple[Pair, ...] = ()
    numbers: tuple[Pair, ...] = ()
    differences: tuple[Pair, ...] = ()
    alone: tuple[Said, ...] = ()
    remark: str = REMARK


@dataclass(frozen=True)
class _Statement:
    source: int
    script: Script
    span: tuple[int, int]
    words: frozenset[str]
    language: str
    claims: Sequence[CheckedClaim] = ()

    @property
    def text(self) -> str:
        return self.script.text[slice(*self.span)]

    def said(self) -> Said:
        citation = self.script.cite(*self.span)
        verdict = verdict_on(citation.quote, self.claims)
        return Said(source=self.source, speaker=citation.speaker, citation=citation, verdict=verdict)


def compare(
    read: Sequence[tuple[Source, Transcript]], limit: int, claims: Mapping[str, Sequence[CheckedClaim]] | None = None
) -> Comparison:
    """Up to ``limit`` of each kind, the most telling first. Blocks: some 0.2 s for two talks of an hour.

    ``claims`` are the checked ones by source id.
    """
    checked = claims or {}
    statements = [
        each
        for number, (source, transcript) in enumerate(read, 1)
        for each in _of(number, source, transcript, checked.get(source.id, ()))
    ]
    counts = Counter(word for each in statements for word in each.words)
    weight = {word: math.log(1 + len(statements) / count) for word, count in counts.items()}
    pairs = sorted(_pairs(statements, weight), key=lambda pair: (-pair[0], pair[1], pair[2]))
    kept: dict[str, list[Pair]] = {"agreements": [], "numbers": [], "differences": []}
    used: set[int] = set()
    for share, one, other in pairs:
        if share < _ON_ONE_MATTER or one in used or other in used:
            continue
        what = difference(statements[one].text, statements[other].text) or ""
        if not what and not _say_the_same(statements[one], statements[other]):
            continue
        used |= {one, other}
        kind = "agreements" if not what else "numbers" if what.startswith("different") else "differences"
        kept[kind].append(Pair(first=statements[one].said(), second=statements[other].said(), what=what))
    alike = [(one, other) for share, one, other in pairs[:_MOST_PAIRS] if share >= _ON_ONE_MATTER]
    return Comparison(
        recurring=tuple(_recurring(statements, alike, [source for source, _ in read]))[:limit],
        titles=tuple(source.title for source, _ in read),
        **{kind: tuple(found[:limit]) for kind, found in kept.items()},
        alone=tuple(_alone(statements, pairs, counts, limit, len(read))),
    )


def _recurring(
    statements: Sequence[_Statement], alike: Sequence[tuple[int, int]], sources: Sequence[Source]
) -> Iterator[Recurring]:
    """Groups of statements that are joined by agreeing pairs, those of most sources first."""

    def when(at: int) -> tuple[bool, date, int]:
        day = sources[statements[at].source - 1].published_at
        return day is None, day or date.min, at

    agreeing = [
        (one, other)
        for one, other in alike
        if _say_the_same(statements[one], statements[other])
        and not difference(statements[one].text, statements[other].text)
    ]
    # A speaker who repeats herself says it once.
    once = ({statements[at].source: at for at in sorted(places, reverse=True)} for places in _joined(agreeing))
    found = (sorted(places.values(), key=when) for places in once)
    for first, *again in sorted(found, key=lambda places: (-len(places), places[0])):
        yield Recurring(first=statements[first].said(), again=tuple(statements[at].said() for at in again))


def _say_the_same(one: _Statement, other: _Statement) -> bool:
    """Whether the words in common are of what is said, and not only names of whom it is said of.

    In English also whether a verb of one stands in the other, with a like object where both have one, and the verbs
    are about the same. A verb in other words is not seen: fewer pairs are shown, and no wrong one.
    """
    here, there = said_in(one.text, one.language), said_in(other.text, other.language)
    named = {word for each in (here, there) for name in names(each, ()) for word in telling(name.text)}
    if len((one.words & other.words) - named) < _SAID or have_other_subjects(one.text, other.text):
        return False
    ours, theirs = _deeds(here), _deeds(there)
    if not ours or not theirs:
        return True
    return any(_is_done(deed, thing, there, theirs) for deed, thing in ours) or any(
        _is_done(deed, thing, here, ours) for deed, thing in theirs
    )


def _deeds(text: Words) -> list[tuple[str, frozenset[str]]]:
    """The stem of each verb that tells a deed, with the stems of its object.

    A pronoun or a number is no object.
    """
    verbs = (each for each in clauses(text) if telling(each.verb.folded) and each.verb.stem not in SAYING)
    return [(clause.verb.stem, _thing(clause.object)) for clause in verbs]


def _thing(phrase: Phrase | None) -> frozenset[str]:
    if phrase is None or phrase.is_pronoun or any(word.is_number for word in phrase.heads):
        return frozenset()
    return frozenset(word.stem for word in phrase.heads)


def _is_done(deed: str, thing: frozenset[str], there: Words, theirs: Sequence[tuple[str, frozenset[str]]]) -> bool:
    """Whether the other text has the deed, done to a like thing: as a verb, or as a noun ("endorsement")."""
    if not means(deed, there):
        return False
    things = [other for verb, other in theirs if verb == deed]
    return not thing or not all(things) or any(means(stem, there) for stem in thing)


def _joined(pairs: Sequence[tuple[int, int]]) -> Iterator[set[int]]:
    """Groups that are connected by pairs."""
    near: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)
    while near:
        group, ahead = set(), [next(iter(near))]
        while ahead:
            at = ahead.pop()
            group.add(at)
            ahead += near.pop(at, set()) - group
        yield group


def _of(number: int, source: Source, transcript: Transcript, claims: Sequence[CheckedClaim]) -> Iterator[_Statement]:
    script = Script.of(source, transcript)
    sentences = [Sentence(start, end, script.text[start:end]) for start, end in likely_sentences(script)]
    advertised = advertisement_sentences(script, sentences)
    for index, each in enumerate(sentences):
        words = frozenset(telling(_NOT_SAID.sub(" ", each.text)))
        if index not in advertised and len(words) >= _FEWEST and not each.text.endswith(("?", "？")):
            yield _Statement(number, script, (each.start, each.end), words, transcript.language or "en", claims)


def _pairs(statements: Sequence[_Statement], weight: dict[str, float]) -> Iterator[tuple[float, int, int]]:
    """Statements of different sources that share rare words: how alike they are, from 0 to 1, and both places."""
    having: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(statements):
        for word in each.words:
            having[word].append(at)
    near = {
        pair
        for places in having.values()
        if len(places) <= _TOO_COMMON
        for pair in combinations(places, 2)
        if statements[pair[0]].source != statements[pair[1]].source
    }
    total = [sum(weight[word] for word in each.words) for each in statements]
    for one, other in near:
        common = statements[one].words & statements[other].words
        if len(common) >= _COMMON:
            shared = sum(weight[word] for word in common)
            share, cosine = shared / min(total[one], total[other]), shared / math.sqrt(total[one] * total[other])
            yield share if cosine >= _OF_BOTH else min(share, cosine), one, other


def _alone(
    statements: Sequence[_Statement],
    pairs: Sequence[tuple[float, int, int]],
    counts: Counter[str],
    limit: int,
    sources: int,
) -> Iterator[Said]:
    """For each source the statements with most of its own recurring words, words that no other source has."""
    near = {at for share, *both in pairs if share >= _ALONE for at in both}
    owners: dict[str, set[int]] = defaultdict(set)
    for each in statements:
        for word in each.words:
            owners[word].add(each.source)

    def own(at: int) -> float:
        words = [word for word in statements[at].words if len(owners[word]) == 1 and counts[word] > 1]
        # Neither what is said once nor what is said throughout, as the names of those who speak.
        weight = sum(math.log(counts[word]) * math.log(len(statements) / counts[word]) for word in words)
        return weight / math.sqrt(len(statements[at].words))

    for number in range(1, sources + 1):
        places = [at for at, each in enumerate(statements) if each.source == number and at not in near]
        best = sorted(places, key=lambda at: (-own(at), at))[: max(1, limit // sources)]
        yield from (statements[at].said() for at in sorted(best) if own(at) > 0)
