"""Entities of a recording: counts, and which ones occur together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeVar

from autointel.domain.citation import Citation, Script
from autointel.domain.notes import EntityKind, EntityMention, RelationMention
from autointel.local.entities import EntitySpan, find_entities, is_ordinary, uses_capitals
from autointel.local.kinds import is_state, works_at
from autointel.local.noun_phrases import is_sound
from autointel.local.uncased import with_capitals, written
from autointel.text.sentences import Sentence
from autointel.text.word_lists import word_list

_T = TypeVar("_T")

MAX_ENTITIES: Final = 60
_MAX_RELATIONS: Final = 150
_CITED: Final = 3
# In a long recording a name of unknown kind that falls once is more often a slip of the captions than a subject.
_LONG: Final = 300
# A kind that fewer of the mentions bear out is a chance of the words beside them.
_BELIEVED: Final = 0.2
# Mentions from which an ordinary word with a capital is a name of its own here: "Node", "Oxide".
_OFTEN: Final = 4
_EMPLOYS: Final = 2
# "Mets-inspired", "Frankfurt-based", "CDs".
_DERIVED: Final = re.compile(
    r"^\w-[a-z]+$|-(?:inspired|based|related|led|style|driven|free|like|backed|born|era|wide|only)\b"
)
_PLURAL_ACRONYM: Final = re.compile(r"[A-Z]{2,}s")
_AFTER_NAMES: Final = frozenset("am mp ms mla msp mep md phd qc kc jr sr obe mbe cbe esq".split())
# Ways to write one name.
_SAME_NAME: Final = {
    **dict.fromkeys(("u.s", "u.s.", "us", "usa", "u.s.a.", "u.s.a", "united states of america"), "united states"),
    **dict.fromkeys(("u.k", "u.k.", "uk"), "united kingdom"),
    **dict.fromkeys(("u.n", "u.n.", "un"), "united nations"),
    **dict.fromkeys(("washington, d.c.", "washington, d.c", "washington dc", "washington d.c."), "washington"),
    "eu": "european union",
}
# A given name alone that falls so much more often than the full name may be somebody else's.
_FAR_OFTENER: Final = 6
CO_OCCURS: Final = "co-occurs with"

_TOKEN: Final = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Sen|Gov|Rep|St|Jr|Sr|Inc|Corp|Co)\.|(?:[A-Z]\.){2,}|(?<=[a-z] )[A-Z]\.(?= [A-Z][a-z])"
    r"|\w+(?:[-&](?=\w)\w+|['’](?!s\b)\w+)*|['’]s\b|[^\w\s]"
)


@dataclass
class _Name:
    """All mentions of one folded name.

    ``kinds`` counts what each mention looks like, ``employs`` the mentions that call it somebody's place of work.
    """

    surfaces: Counter[str] = field(default_factory=Counter)
    kinds: Counter[EntityKind] = field(default_factory=Counter)
    sentences: list[int] = field(default_factory=list)
    employs: int = 0

    @property
    def surface(self) -> str:
        return _most_common(self.surfaces)

    @property
    def kind(self) -> EntityKind:
        known: Counter[EntityKind] = Counter()
        known.update({kind: count for kind, count in self.kinds.items() if kind is not EntityKind.OTHER})
        best = _most_common(known) if known else EntityKind.OTHER
        if best is EntityKind.OTHER and self.employs >= _EMPLOYS:
            return EntityKind.ORGANISATION
        return best if known[best] >= _BELIEVED * sum(self.kinds.values()) else EntityKind.OTHER

    def absorb(self, other: _Name) -> None:
        """Take over another name's mentions; the own surface stays the shown one."""
        self.sentences = sorted([*self.sentences, *other.sentences])


def find_mentions(
    script: Script, sentences: Sequence[Sentence]
) -> tuple[tuple[EntityMention, ...], tuple[RelationMention, ...]]:
    """At most MAX_ENTITIES entities, most mentioned first, and their co-occurrences within a sentence, heaviest first.

    A family name alone counts for the full name where one person alone bears it here. All confidences are low.
    """
    cased = uses_capitals(script.text)
    names = _collect(sentences, cased=cased)
    labels = frozenset(_label(segment.speaker) for segment in script.segments if segment.speaker) - {""}
    names = {key: name for key, name in names.items() if key in labels or _names_something(key, name)}
    _merge_spellings(names)
    _merge_towns(names)
    _trust_speakers(names, labels)
    _merge_short_names(names, labels)
    _merge_owned(names)
    kept = _most_mentioned(names, len(sentences))
    entities = tuple(
        EntityMention(
            name=name.surface,
            kind=name.kind,
            mentions=len(name.sentences),
            citations=tuple(_cite(script, sentences[index]) for index in list(dict.fromkeys(name.sentences))[:_CITED]),
        )
        for name in kept
    )
    return entities, _relations(script, sentences, kept)


def _collect(sentences: Sequence[Sentence], *, cased: bool) -> dict[str, _Name]:
    tokens = [list(_TOKEN.finditer(sentence.text)) for sentence in sentences]
    words = [[match.group() for match in matches] for matches in tokens]
    found = find_entities(words if cased else with_capitals(words))
    names: dict[str, _Name] = defaultdict(_Name)
    for index, (sentence, matches, spans) in enumerate(zip(sentences, tokens, found, strict=True)):
        for span in spans:
            said = _surface(sentence, matches, span)
            surface = said if cased else written(said)
            name = names[_folded(surface)]
            name.surfaces[surface] += 1
            name.kinds[span.kind] += 1
            name.employs += works_at(words[index][max(0, span.first - 3) : span.first])
            name.sentences.append(index)
    return dict(names)


def _names_something(key: str, name: _Name) -> bool:
    """Not an adjective ("Welsh-medium"), an office ("Project Manager"), nor an ordinary word that is seldom so."""
    words = key.split()
    if words[-1] in word_list("roles") and words[0] not in word_list("first-names"):
        return False
    if (
        key in word_list("demonyms")
        or _DERIVED.search(key)
        or is_sound(key)
        or all(map(_PLURAL_ACRONYM.fullmatch, name.surfaces))
    ):
        return False
    parts = key.split("-")
    if len(parts) > 1 and " " not in key and any(p in word_list("demonyms") or p in word_list("places") for p in parts):
        return False
    alone = len(words) == 1 and is_ordinary(key) and name.kind is EntityKind.OTHER
    return not alone or len(name.sentences) >= _OFTEN


def _label(speaker: str) -> str:
    """A speaker's label without initials and letters after the name ("MP").

    Empty where it is an office or a part ("User Interface") and not a name.
    """
    words = [word for word in _folded(speaker).replace(".", " ").split() if len(word) > 1]
    while len(words) > 2 and words[-1] in _AFTER_NAMES:  # noqa: PLR2004  a given name and a family name
        words.pop()
    return "" if all(is_ordinary(word) or word in word_list("roles") for word in words) else " ".join(words)


def _merge_spellings(names: dict[str, _Name]) -> None:
    """Spaces, hyphens and middle initials part no names ("Open AI", "Anna B. Kask"); the spelling used most stays."""
    alike: dict[str, list[str]] = defaultdict(list)
    for key in names:
        alike[re.sub(r"(?<=\w) \w\.?(?= \w)|[\s.-]", "", key)].append(key)
    for keys in alike.values():
        first, *others = sorted(keys, key=lambda key: -len(names[key].sentences))
        for key in others:
            names[first].absorb(names.pop(key))


def _merge_towns(names: dict[str, _Name]) -> None:
    """A town with its state is the town ("El Paso, Texas"); a country's short names are the country."""
    for key in list(names):
        town, comma, state = key.partition(", ")
        if not comma:
            town, _, state = key.rpartition(" ")
        other = _SAME_NAME.get(key) or (town if is_state(state.capitalize()) else "")
        if other and other != key and other in names:
            names[other].absorb(names.pop(key))


def _merge_owned(names: dict[str, _Name]) -> None:
    """A body's own thing is one with the thing: "Google App Engine" and "App Engine"."""
    for key in list(names):
        owner, _, rest = key.partition(" ")
        if " " in rest and rest in names and owner in word_list("organisations"):
            names[rest].absorb(names.pop(key))


def _folded(name: str) -> str:
    """Names equal in this are one, whichever apostrophe they are written with."""
    return name.casefold().replace("’", "'")


def _surface(sentence: Sentence, matches: Sequence[re.Match[str]], span: EntitySpan) -> str:
    return sentence.text[matches[span.first].start() : matches[span.last - 1].end()]


def _trust_speakers(names: dict[str, _Name], labels: frozenset[str]) -> None:
    """A name that a speaker's label bears is a person's."""
    parts = labels | {part for label in labels for part in label.split()}
    for key, name in names.items():
        if key in parts:
            name.kinds[EntityKind.PERSON] += len(name.sentences)


def _merge_short_names(names: dict[str, _Name], labels: frozenset[str]) -> None:
    """A family name alone joins the full name; a given name joins a speaker's, or the only full name it begins."""
    families: dict[str, list[str]] = defaultdict(list)
    givens: dict[str, list[str]] = defaultdict(list)
    for key, name in names.items():
        parts = key.split()
        if len(parts) > 1 and name.kind is EntityKind.PERSON:
            families[parts[-1]].append(key)
            givens[parts[0]].append(key)
    speaking = {label.split()[0] for label in labels}
    for part in list(names):
        if names[part].kind not in {EntityKind.PERSON, EntityKind.OTHER}:
            continue
        # "Trump Tower" may look like a person: whose family name it is comes first.
        bearers = families.get(part) or givens.get(part, [])
        if len(bearers) != 1:
            continue
        full = bearers[0]
        theirs = part in families or full in labels
        if theirs or (part not in speaking and _is_theirs(names[full], names[part])):
            names[full].absorb(names.pop(part))


def _is_theirs(name: _Name, alone: _Name) -> bool:
    """Whether a given name alone is that of the one person named in full: named so first, or often enough."""
    first = name.sentences[0] <= alone.sentences[0] + 1 and len(alone.sentences) <= _FAR_OFTENER * len(name.sentences)
    return first or len(name.sentences) >= max(_OFTEN, len(alone.sentences) // 2)


def _most_mentioned(names: dict[str, _Name], sentences: int) -> list[_Name]:
    floor = 2 if sentences >= _LONG else 1
    kept = [name for name in names.values() if name.kind is not EntityKind.OTHER or len(name.sentences) >= floor]
    return sorted(kept, key=lambda name: (-len(name.sentences), name.sentences[0]))[:MAX_ENTITIES]


def _relations(script: Script, sentences: Sequence[Sentence], names: Sequence[_Name]) -> tuple[RelationMention, ...]:
    by_sentence: dict[int, list[int]] = defaultdict(list)
    for order, name in enumerate(names):
        for index in dict.fromkeys(name.sentences):
            by_sentence[index].append(order)
    weights: Counter[tuple[int, int]] = Counter()
    first: dict[tuple[int, int], int] = {}
    for index in sorted(by_sentence):
        for pair in combinations(sorted(by_sentence[index]), 2):
            weights[pair] += 1
            first.setdefault(pair, index)
    heaviest = sorted(weights, key=lambda pair: (-weights[pair], first[pair], pair))[:_MAX_RELATIONS]
    return tuple(
        RelationMention(
            subject=names[one].surface,
            predicate=CO_OCCURS,
            object=names[other].surface,
            weight=weights[one, other],
            citation=_cite(script, sentences[first[one, other]]),
        )
        for one, other in heaviest
    )


def _cite(script: Script, sentence: Sentence) -> Citation:
    return script.cite(sentence.start, sentence.end)


def _most_common(counts: Counter[_T]) -> _T:
    """The most frequent one; of equals the one that came first (a Counter keeps that order)."""
    return max(counts, key=lambda item: counts[item])
