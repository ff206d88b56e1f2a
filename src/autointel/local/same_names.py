"""Which names of a recording are one: spellings, towns, acronyms, short names and family names.

Also what is left out: a given name of nobody knows whom is no entity.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from autointel.domain.notes import EntityKind
from autointel.local.gazetteer import is_given, is_ordinary, is_state
from autointel.text.sentences import Sentence
from autointel.text.word_lists import in_lists, word_list

_T = TypeVar("_T")
# Mentions from which a name is spoken of often: of somebody in full, or of an ordinary word with a capital.
OFTEN: Final = 4
# A kind that fewer of the mentions bear out is a chance of the words beside them.
_BELIEVED: Final = 0.2
_EMPLOYS: Final = 2
# Ways to write one name.
_SAME_NAME: Final = {
    **dict.fromkeys(
        ("u.s", "u.s.", "us", "usa", "u.s.a.", "u.s.a", "united states of america", "america"), "united states"
    ),
    **dict.fromkeys(("u.k", "u.k.", "uk", "britain", "great britain"), "united kingdom"),
    **dict.fromkeys(("u.n", "u.n.", "un"), "united nations"),
    **dict.fromkeys(("washington, d.c.", "washington, d.c", "washington dc", "washington d.c."), "washington"),
    "eu": "european union",
}
_TOLD: Final = 3
# People known by a single name that is a given name too.
_ONE_NAME: Final = frozenset(
    "adele aristotle beyonce cher homer jesus madonna mohammed moses muhammad napoleon oprah".split()
)
# A person of this name who falls so much more often than others of the name is meant by the name alone.
_CLEARLY: Final = 2
_SMALL_WORDS: Final = frozenset("of for the and in on de".split())
_ACRONYM: Final = re.compile(r"[A-Z]{2,7}")
_PLAIN_WORD: Final = re.compile(r"[a-z]{3,}")
# A phrase that the text says so often in ordinary words is what its initials stand for ("further education", "FE").
_SPELT_OUT: Final = 3
# A given name alone that falls more than so many times as often as the full name may be somebody else's.
_MOST_ALONE: Final = 6


@dataclass
class Name:
    """All mentions of one folded name.

    ``kinds`` counts what each mention looks like, ``employs`` the mentions that call it somebody's place of work,
    ``titled`` those after a title or an office, ``told`` those that tell what somebody did or has.
    """

    surfaces: Counter[str] = field(default_factory=Counter)
    kinds: Counter[EntityKind] = field(default_factory=Counter)
    sentences: list[int] = field(default_factory=list)
    employs: int = 0
    titled: int = 0
    told: int = 0

    @property
    def surface(self) -> str:
        """The spelling used most."""
        return most_common(self.surfaces)

    @property
    def kind(self) -> EntityKind:
        """What most mentions of a known kind look like."""
        known: Counter[EntityKind] = Counter()
        known.update({kind: count for kind, count in self.kinds.items() if kind is not EntityKind.OTHER})
        best = most_common(known) if known else EntityKind.OTHER
        if best is EntityKind.OTHER and self.employs >= _EMPLOYS:
            return EntityKind.ORGANISATION
        return best if known[best] >= _BELIEVED * sum(self.kinds.values()) else EntityKind.OTHER

    def absorb(self, other: Name) -> None:
        """Take over another name's mentions; the own surface stays the shown one."""
        self.sentences = sorted([*self.sentences, *other.sentences])


def merge_names(names: dict[str, Name], speakers: Mapping[str, str], sentences: Sequence[Sentence]) -> None:
    """Join in place what is one; the keys are folded names.

    ``speakers`` are the folded names of those who speak, and how each is shown.
    """
    labels = frozenset(speakers)
    _merge_spellings(names)
    _merge_towns(names)
    _merge_acronyms(names, sentences)
    _trust_speakers(names, labels)
    _trust_families(names)
    _merge_short_names(names, speakers)
    _merge_owned(names)
    _drop_given_names(names, labels)


def _merge_spellings(names: dict[str, Name]) -> None:
    """Spaces, hyphens and middle initials part no names ("Open AI", "Anna B. Kask"); the spelling used most stays."""
    alike: dict[str, list[str]] = defaultdict(list)
    for key in names:
        alike[re.sub(r"(?<=\w) \w\.?(?= \w)|[\s.-]", "", key)].append(key)
    for keys in alike.values():
        first, *others = sorted(keys, key=lambda key: -len(names[key].sentences))
        for key in others:
            names[first].absorb(names.pop(key))


def _merge_towns(names: dict[str, Name]) -> None:
    """A town with its state is the town ("El Paso, Texas"); the names of one country are one."""
    alike: dict[str, list[str]] = defaultdict(list)
    for key in list(names):
        town, comma, state = key.partition(", ")
        if not comma:
            town, _, state = key.rpartition(" ")
        if is_state(state.capitalize()) and town in names:
            names[town].absorb(names.pop(key))
        else:
            alike[_SAME_NAME.get(key, key)].append(key)
    for whole, keys in alike.items():
        first = whole if whole in names else max(keys, key=lambda key: len(names[key].sentences))
        for key in keys:
            if key != first:
                names[first].absorb(names.pop(key))


def _merge_acronyms(names: dict[str, Name], sentences: Sequence[Sentence]) -> None:
    """The body that a name spells out is named in full; initials of an ordinary phrase ("FE") name nothing."""
    wholes = {initials: key for key in names if " " in key for initials in _initials(key)}
    common = _common_initials(sentence.text for sentence in sentences)
    for key in list(names):
        if not _ACRONYM.fullmatch(names[key].surface):
            continue
        whole = wholes.get(key)
        if whole in names:
            names[whole].absorb(names.pop(key))
        elif names[key].kind is EntityKind.OTHER and common[key] >= _SPELT_OUT:
            del names[key]


def _initials(name: str) -> set[str]:
    """Of "higher education funding council for wales" "hefcw" and "hefcfw"; none of one telling word."""
    words = [word for word in re.split(r"[\s-]+", name) if word[:1].isalpha()]
    telling = [word[0] for word in words if word not in _SMALL_WORDS]
    return {"".join(telling), "".join(word[0] for word in words)} if len(telling) > 1 else set()


def _common_initials(texts: Iterable[str]) -> Counter[str]:
    """How often phrases of two to five plain words have these initials, counting one phrase for each of them.

    A function word is in none of them, unless it opens the phrase as an adjective does: "further education", not "of
    which".
    """
    phrases: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = [word if _PLAIN_WORD.fullmatch(word) else "" for word in re.findall(r"\w+", text)]
        opens = [bool(word) and (not _is_loose(word) or word in word_list("adjectives-en")) for word in words]
        loose = [not word or _is_loose(word) for word in words]
        for size in range(2, 6):
            phrases.update(
                tuple(words[at : at + size])
                for at in range(len(words) - size + 1)
                if opens[at] and not any(loose[at + 1 : at + size])
            )
    best: Counter[str] = Counter()
    for phrase, count in phrases.items():
        initials = "".join(word[0] for word in phrase)
        best[initials] = max(best[initials], count)
    return best


def _is_loose(word: str) -> bool:
    return in_lists(word, "function-en", "filler-en")


def _merge_owned(names: dict[str, Name]) -> None:
    """A part of a name beside the whole name.

    A body's own thing is one with the thing ("Google App Engine", "App Engine"), a body with its short name ("Hofstra
    University", "Hofstra"), several with one of them ("Reid Reviews").
    """
    for key in [*names]:
        if key not in names:
            continue
        owner, _, rest = key.partition(" ")
        if " " in rest and rest in names and owner in word_list("organisations"):
            names[rest].absorb(names.pop(key))
        elif " " in key and key.endswith("s") and key[:-1] in names:
            often, seldom = sorted((key, key[:-1]), key=lambda one: (-len(names[one].sentences), one))
            names[often].absorb(names.pop(seldom))
    # In order, so that the few that begin as a name does are found without a look at all.
    bodies = sorted(key for key in names if key.split()[-1] in word_list("organisation-ends"))
    for key, kind in [(key, name.kind) for key, name in names.items()]:
        if kind not in {EntityKind.OTHER, EntityKind.ORGANISATION}:
            continue
        first = key.split(maxsplit=1)[0]
        alike = bodies[bisect_left(bodies, first) : bisect_left(bodies, first + "\U0010ffff")]
        wholes = [whole for whole in alike if whole != key and whole in names and _is_short_for(key, whole, kind)]
        if len(wholes) == 1:
            names[wholes[0]].absorb(names.pop(key))


def _is_short_for(part: str, whole: str, kind: EntityKind) -> bool:
    """Whether a name is the beginning of a body's name: "Hofstra" or "Cardiff Met" of a university."""
    words, all_words = part.split(), whole.split()
    if all_words[-1] not in word_list("organisation-ends") or len(words) > len(all_words):
        return False
    if len(words) == 1:
        return kind is EntityKind.OTHER and len(all_words) == len(words) + 1 and all_words[0] == part
    pairs = list(zip(all_words, words, strict=False))
    return all(one.startswith(other) for one, other in pairs) and any(one != other for one, other in pairs)


def _trust_speakers(names: dict[str, Name], labels: frozenset[str]) -> None:
    """A name that a speaker's label bears is a person's."""
    parts = labels | {part for label in labels for part in label.split()}
    for key, name in names.items():
        if key in parts:
            name.kinds[EntityKind.PERSON] += len(name.sentences)


def _trust_families(names: dict[str, Name]) -> None:
    """Two words of which the last is a person's family name are a person: "Melania Trump" beside "Donald Trump"."""
    people = {key for key, name in names.items() if " " in key and name.kind is EntityKind.PERSON}
    families = {key.split()[-1] for key in people}
    for key, name in names.items():
        parts = key.split()
        if len(parts) == 2 and parts[1] in families and not is_ordinary(parts[0]) and parts[0].isalpha():  # noqa: PLR2004  given, family
            name.kinds = Counter({EntityKind.PERSON: len(name.sentences)})


def _merge_short_names(names: dict[str, Name], speakers: Mapping[str, str]) -> None:
    """A family name alone joins the full name; a given name joins a speaker's, or the only full name it begins."""
    families: dict[str, list[str]] = defaultdict(list)
    givens: dict[str, list[str]] = defaultdict(list)
    spoken = [key for key in speakers if " " in key and key not in names]
    for key in [*(key for key, name in names.items() if name.kind is EntityKind.PERSON), *spoken]:
        parts = key.split()
        if len(parts) > 1:
            families[parts[-1]].append(key)
            givens[parts[0]].append(key)
    speaking = {label.split()[0] for label in speakers}
    for part in list(names):
        if names[part].kind not in {EntityKind.PERSON, EntityKind.OTHER}:
            continue
        # "Trump Tower" may look like a person: whose family name it is comes first.
        full = _bearer(families.get(part, []), names, speakers) or _bearer(givens.get(part, []), names, speakers)
        if not full or full == part:
            continue
        theirs = part in families or full in speakers
        if theirs or (part not in speaking and _is_theirs(names[full], names[part])):
            alone = names.pop(part)
            if full not in names:
                names[full] = Name(Counter({speakers[full]: 1}), Counter({EntityKind.PERSON: len(alone.sentences)}))
            names[full].absorb(alone)


def _bearer(bearers: Sequence[str], names: Mapping[str, Name], speakers: Mapping[str, str]) -> str:
    """The full name that a part of it means: the only one, the only speaker's, or the one named by far most often."""
    speaking = [key for key in bearers if key in speakers]
    if len(bearers) == 1 or len(speaking) == 1:
        return (speaking or bearers)[0]
    ranked = sorted(bearers, key=lambda key: (-_count(names, key), key))
    clear = len(ranked) > 1 and _count(names, ranked[0]) >= _CLEARLY * _count(names, ranked[1])
    return ranked[0] if clear else ""


def _count(names: Mapping[str, Name], key: str) -> int:
    return len(names[key].sentences) if key in names else 0


def _drop_given_names(names: dict[str, Name], labels: frozenset[str]) -> None:
    """Leave out given names of nobody knows whom; those that the text tells of, as a story does, stay."""
    for key, name in list(names.items()):
        if " " in key or key in labels or key in _ONE_NAME or name.titled or name.told >= _TOLD:
            continue
        if is_given(key) and not in_lists(key, "places", "cities", "organisations"):
            del names[key]


def _is_theirs(name: Name, alone: Name) -> bool:
    """Whether a given name alone is that of the one person named in full: named so first, or often enough."""
    first = name.sentences[0] <= alone.sentences[0] + 1 and len(alone.sentences) <= _MOST_ALONE * len(name.sentences)
    return first or len(name.sentences) >= max(OFTEN, len(alone.sentences) // 2)


def most_common(counts: Counter[_T]) -> _T:
    """The most frequent one; of equals the one that came first (a Counter keeps that order)."""
    return max(counts, key=lambda item: counts[item])
