"""What a name names: by lists, by the noun at its head, and by the words beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from autointel.domain.notes import EntityKind
from autointel.text.word_lists import word_list

_SAYS: Final = frozenset(
    "said says say told tells asked asks thinks thought wrote writes argues argued believes believed explains explained"
    " replied recalls noted warned insisted testified smiled laughed".split()
)
_ACTS: Final = frozenset(
    "announced announces launched launches acquired acquires hired hires shipped ships employs employees engineers"
    " customers shareholders ceo founder headquarters subsidiary".split()
)
_EMPLOYED: Final = frozenset(
    ("joined", "joining", "founded", "co-founded", "acquired", "acquiring", "work for", "works for", "worked for")
)
_AT_WORK: Final = frozenset(
    "work works worked working job time years role career team engineers engineer engineering folks people ceo cto"
    " director manager researcher professor founder colleagues started am i'm".split()
)
_PLACED: Final = frozenset("in from near across throughout".split())
_PARTICLES: Final = frozenset("de la von van der bin al del du da".split())
_NAME_WORDS: Final = range(2, 4)
_ACRONYM: Final = 3  # letters
_STATES: Final = frozenset(
    "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois"
    " indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri"
    " montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington"
    " wisconsin wyoming ontario quebec alberta manitoba saskatchewan".split()
)
# Products whose names are also those of persons, towns or bodies.
_PRODUCTS: Final = frozenset(
    "ajax android chrome delphi eclipse excel firefox java julia kindle kotlin perl photoshop python"
    " rails ruby rust safari"
    " scala siri swift ubuntu windows word".split()
)
_ABBREVIATED: Final = frozenset(
    "ala ariz ark calif colo conn del fla ga ill ind kan ky la mass md mich minn miss mo mont neb nev okla ore pa tenn"
    " tex va vt wash wis wyo n.c n.m n.j n.h n.d s.c s.d d.c w.va r.i n.y".split()
)


def kind_of(name: Sequence[str], before: str, after: str = "") -> EntityKind:
    """The kind of a name, by the lists; ``before`` and ``after`` are the tokens beside it."""
    folded = [token.lower().rstrip(".") if len(token) > 2 else token.lower() for token in name]  # noqa: PLR2004  initials
    whole = " ".join(folded)
    if whole in _PRODUCTS:
        return EntityKind.OTHER
    titled = before.lower() in word_list("person-titles") or before.lower().rstrip(".") in word_list("roles")
    return (
        _listed(whole, folded, name, titled=titled)
        or _headed(folded)
        or (_person(folded, before, after, titled=titled) if _spelt(name) else None)
        or _city(whole, before)
        or (EntityKind.ORGANISATION if _acts(name, after) else None)
        or EntityKind.OTHER
    )


def _acts(name: Sequence[str], after: str) -> bool:
    """Whether what follows is done by a body: it hires, or, of capitals alone ("NSPCC"), it reports."""
    reports = len(name) == 1 and name[0].isupper() and len(name[0]) >= _ACRONYM
    return after.lower() in _ACTS or (reports and after.lower() in word_list("reporting") | _SAYS)


def works_at(before: Sequence[str]) -> bool:
    """Whether the words before a name speak of somebody's place of work: "I joined", "worked at", "my time at"."""
    words = [word.lower() for word in before[-3:]]
    if words[-1:] == ["at"]:
        return bool(_AT_WORK.intersection(words[:-1]))
    return bool(words) and (words[-1] in _EMPLOYED or " ".join(words[-2:]) in _EMPLOYED)


def is_state(token: str) -> bool:
    """Whether a token after a comma says where a town lies: a state of North America, or its abbreviation."""
    folded = token.lower().rstrip(".")
    return token[:1].isupper() and (folded in _STATES or folded in _ABBREVIATED)


def _listed(whole: str, folded: Sequence[str], name: Sequence[str], *, titled: bool) -> EntityKind | None:
    """Known as they stand; "Virginia Woolf" and "Senator Lincoln" are persons all the same."""
    if "," in folded or whole in _ABBREVIATED:
        return EntityKind.PLACE
    if (whole in word_list("places") or whole in _STATES) and not titled:
        return EntityKind.PLACE
    if whole in word_list("organisations") and (whole not in word_list("function-en") or name[0].isupper()):
        return EntityKind.ORGANISATION
    return None


def _headed(folded: Sequence[str]) -> EntityKind | None:
    """By the noun at the head: the last word, or the one before "of"."""
    head = next((folded[at - 1] for at, word in enumerate(folded) if at and word in {"of", "for"}), folded[-1])
    if head in word_list("organisation-ends") and len(folded) > 1:
        return EntityKind.ORGANISATION
    for words, kind in (
        ("place-ends", EntityKind.PLACE),
        ("event-ends", EntityKind.EVENT),
        ("work-ends", EntityKind.WORK),
    ):
        if head in word_list(words) and len(folded) > 1:
            return kind
    if folded[0] in word_list("place-starts") and len(folded) > 1:
        return EntityKind.PLACE
    if len(folded) > 1 and folded[-1] in word_list("places") and folded[0] in word_list("nouns-en"):
        return EntityKind.ORGANISATION  # "Statistics Canada"
    return None


def _person(folded: Sequence[str], before: str, after: str, *, titled: bool) -> EntityKind | None:
    given = folded[0] in word_list("first-names") or folded[0] in word_list("given-names")
    if len(folded) == 1:
        alone = given or folded[0] in word_list("surnames") or folded[0] in word_list("leaders")
        town = not given or folded[0] in word_list("cities")  # "in Jordan", but "in Janet's report"
        if alone and town and before.lower() in _PLACED:
            return EntityKind.PLACE
        said = after.lower() in _SAYS and after.lower() != "say"
        return EntityKind.PERSON if titled or said or alone else None
    if titled or given:
        return EntityKind.PERSON
    if not all(word in _PARTICLES or _strange(word) for word in folded):
        return None
    if before.lower() in _PLACED - {"from"} and folded[-1] not in word_list("surnames"):
        return EntityKind.PLACE  # "in Blaenau Gwent"; from whom something is need be no place
    return EntityKind.PERSON if folded[-1] in word_list("surnames") or len(folded) in _NAME_WORDS else None


def _city(whole: str, before: str) -> EntityKind | None:
    """A city of the world; many share their name with something else, so a word must place it."""
    placed = " " in whole or before.lower() in _PLACED | {"to", "of", "at", "around", "leaving"}
    return EntityKind.PLACE if placed and whole in word_list("cities") else None


def _strange(folded: str) -> bool:
    """Whether a word is in no list of ordinary words, of places or of bodies."""
    return not any(
        folded in word_list(name)
        for name in ("verbs-en", "adjectives-en", "particles-en", "nouns-en", "function-en", "places", "organisations")
    )


def _spelt(name: Sequence[str]) -> bool:
    """As a person's name is: letters only, no acronym, no capital inside but after "Mc" and the like."""
    return all(
        re.fullmatch(
            r"(?:[A-Z]\.?){1,2}|(?:Mc|Mac|De|Di|La|Le|O['’]|D['’])?[^\W\d_][^\W\d_A-Z'’]*"
            r"(?:[-'’][^\W\d_]+)*\.?",
            token,
        )
        for token in name
    )
