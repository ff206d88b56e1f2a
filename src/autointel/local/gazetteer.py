"""What the lists say of a name: its kind, and its capitals in a text without any."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from autointel.domain.notes import EntityKind
from autointel.text.word_lists import in_lists, word_list

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
    "ajax android chrome delphi eclipse excel firefox java julia kindle kotlin perl photoshop python rails ruby rust"
    " safari scala siri swift ubuntu windows word".split()
)
_ABBREVIATED: Final = frozenset(
    "ala ariz ark calif colo conn del fla ga ill ind kan ky la mass md mich minn miss mo mont neb nev okla ore pa tenn"
    " tex va vt wash wis wyo n.c n.m n.j n.h n.d s.c s.d d.c w.va r.i n.y".split()
)
_TITLES: Final = frozenset(
    "mr mrs ms miss dr doctor senator governor president secretary congressman congresswoman professor prof judge"
    " justice mayor minister premier chancellor general captain queen king prince sir lady lord ambassador".split()
)
_ACRONYMS: Final = frozenset(
    "abc amd aol bbc bmw cbs cia cnn epa espn eu faa fbi fcc fda fema gao gchq hbo hp hsbc ibm imf irs isis isro kgb lg"
    " mit msnbc nasa nato nbc nhs nih noaa npr nsa nyt oecd opec pbs rcmp sap sec tsmc ubs uk un unesco unicef us usa"
    " usaid usda wto".split()
)
# Acronyms that are words as well.
_WORDS_TOO: Final = frozenset({"us", "un", "sap", "sec", "hp"})
# Names with a capital inside.
_SPELT: Final = {
    name.lower(): name
    for name in (
        "LinkedIn GitHub GitLab YouTube JavaScript TypeScript PayPal OpenAI DeepMind FedEx WhatsApp TikTok SpaceX"
        " WikiLeaks PlayStation BlackBerry AstraZeneca BioNTech MasterCard McKinsey DC O'Rourke O'Neill O'Brien"
        " O'Connor DeSantis DeLay LaGuardia"
    ).split()
}
_SMALL: Final = frozenset("of the for and de la von van der al".split())
_MOST_WORDS: Final = 3
_SHORTEST: Final = 4
# Mentions after a title that make an ordinary word a name.
_CALLED: Final = 2


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


def is_given(folded: str) -> bool:
    """Whether a word in lower case is a given name."""
    return in_lists(folded, "first-names", "given-names")


def is_office(folded: str) -> bool:
    """Whether a word in lower case is an office or a title before a name: "senator", "mr"."""
    return in_lists(folded, "roles", "person-titles")


def is_ordinary(folded: str) -> bool:
    """Whether a word in lower case is in the lexicon, whatever its class."""
    return in_lists(folded, "verbs-en", "adjectives-en", "particles-en", "nouns-en", "function-en")


def _listed(whole: str, folded: Sequence[str], name: Sequence[str], *, titled: bool) -> EntityKind | None:
    """The kind of a name that is listed as a whole; "Senator Lincoln" is a person all the same."""
    if "," in folded or whole in _ABBREVIATED:
        return EntityKind.PLACE
    if (whole in word_list("places") or whole in _STATES) and not titled:
        return EntityKind.PLACE
    if whole in word_list("organisations") and (whole not in word_list("function-en") or name[0].isupper()):
        return EntityKind.ORGANISATION
    return None


def _headed(folded: Sequence[str]) -> EntityKind | None:
    """The kind by the noun at the head: the last word, or the one before "of"."""
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
    given = is_given(folded[0])
    if len(folded) == 1:
        alone = given or folded[0] in word_list("surnames") or folded[0] in word_list("leaders")
        town = not given or folded[0] in word_list("cities")  # "in Jordan", but "in Janet's report"
        if alone and town and before.lower() in _PLACED:
            return EntityKind.PLACE
        said = after.lower() in _SAYS and after.lower() != "say"
        return EntityKind.PERSON if titled or said or alone else None
    if titled or given:
        return EntityKind.PERSON
    if not all(word in _PARTICLES or _is_unlisted(word) for word in folded):
        return None
    if before.lower() in _PLACED - {"from"} and folded[-1] not in word_list("surnames"):
        return EntityKind.PLACE  # "in Blaenau Gwent"; from whom something is need be no place
    return EntityKind.PERSON if folded[-1] in word_list("surnames") or len(folded) in _NAME_WORDS else None


def _city(whole: str, before: str) -> EntityKind | None:
    """A city of the world; many share their name with something else, so a word must place it."""
    placed = " " in whole or before.lower() in _PLACED | {"to", "of", "at", "around", "leaving"}
    return EntityKind.PLACE if placed and whole in word_list("cities") else None


def _is_unlisted(folded: str) -> bool:
    """Whether a word is in no list of ordinary words, of places or of bodies."""
    return not (is_ordinary(folded) or in_lists(folded, "places", "organisations"))


def _spelt(name: Sequence[str]) -> bool:
    """Whether words are spelt as a person's name: letters, no acronym, no capital inside but after "Mc" or the like."""
    return all(
        re.fullmatch(
            r"(?:[A-Z]\.?){1,2}|(?:Mc|Mac|De|Di|La|Le|O['’]|D['’])?[^\W\d_][^\W\d_A-Z'’]*"
            r"(?:[-'’][^\W\d_]+)*\.?",
            token,
        )
        for token in name
    )


def with_capitals(sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """The sentences (lists of tokens) in lower case, with capitals where a name stands; linear in the tokens."""
    folded = [[token.lower() for token in tokens] for tokens in sentences]
    called = _called(folded)
    return [_cased(tokens, called) for tokens in folded]


def written(name: str) -> str:
    """A name as writing would have it: "John F Kennedy", "NATO", "Bank of England"."""
    words = name.split()
    return " ".join(
        word.upper() if word.lower() in _ACRONYMS else word.lower() if at and word.lower() in _SMALL else _capital(word)
        for at, word in enumerate(words)
    )


def _capital(word: str) -> str:
    return _SPELT.get(word.lower()) or "-".join(_part(part.lower()) for part in word.split("-"))


def _part(folded: str) -> str:
    if folded.startswith("mc") and len(folded) > _SHORTEST:
        return f"Mc{folded[2:].capitalize()}"
    return folded[:1].upper() + folded[1:]


def _called(sentences: Sequence[Sequence[str]]) -> frozenset[str]:
    """Words that follow a title or a given name so often that the text has somebody of that name."""
    counts: Counter[str] = Counter()
    for tokens in sentences:
        for before, word in pairwise(tokens):
            if (
                (before.rstrip(".") in _TITLES or is_given(before))
                and word.isalpha()
                and not (_is_small(word) or _is_deed(word))
            ):
                counts[word] += 1
    return frozenset(
        word
        for word, count in counts.items()
        if count >= _CALLED or word in word_list("surnames") or _is_unknown_word(word)
    )


def _is_deed(word: str) -> bool:
    """Whether "donald thinks" says what somebody does and not what he is called."""
    return word.endswith("s") and word in word_list("verbs-en") and word not in word_list("surnames")


def _cased(tokens: Sequence[str], called: frozenset[str]) -> list[str]:
    names: set[int] = set()
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        introduced = before.rstrip(".") in _TITLES or (at - 1 in names and is_given(before))
        if _is_name(token) or (introduced and token in called):
            names.add(at)
        for end in range(at + 2, min(len(tokens), at + _MOST_WORDS) + 1):
            whole = " ".join(tokens[at:end])
            if in_lists(whole, "places", "organisations"):
                names.update(range(at, end))
    return [written(token) if at in names else token for at, token in enumerate(tokens)]


def _is_name(token: str) -> bool:
    """Whether a word is listed as a name, and as nothing else."""
    if token in _ACRONYMS:
        return token not in _WORDS_TOO
    if _is_small(token) or not _is_unknown_word(token):
        return False
    lists = ("places", "organisations", "first-names", "given-names", "surnames", "known-names", "leaders")
    # Of three letters more are slips of the captions than names.
    return len(token) >= _SHORTEST and in_lists(token, *lists)


def _is_small(token: str) -> bool:
    return in_lists(token, "function-en", "filler-en", "common-en", "roles", "demonyms")


def _is_unknown_word(token: str) -> bool:
    """Whether no lexicon of ordinary words has it."""
    return not in_lists(token, "verbs-en", "adjectives-en", "particles-en", "nouns-en", "not-names")
