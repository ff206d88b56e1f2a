"""Spellings of one person's name: case, accents, titles, initials, the order of surname and first name."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

TITLES: Final = frozenset(
    "dr mr mrs ms miss prof professor sen senator rep gov sir dame hon rev fr m mme mlle herr frau heer "
    "mevrouw señor señora senor senora sr sra sras srs président présidente president präsident präsidentin".split()
)
# What tools and people write where nobody is known, and what they call whoever speaks.
_NOBODY: Final = frozenset(
    "unknown unidentified unrecognized unrecognised unnamed unk undefined null none n/a ? unbekannt "
    "unbekannte unbekannter unidentifiziert inconnu inconnue desconocido desconocida "
    "desconhecido desconhecida sconosciuto sconosciuta onbekend onbekende okand "
    "okant ukendt ukjent nieznany nieznana tuntematon неизвестный неизвестная неизвестно невідомий невідома bilinmeyen "
    "未知 未知发言人 未知说话人 未知講者 不明 話者不明 不明な話者 미확인".split()
)
_WHOEVER: Final = frozenset(
    "speaker spk voice person participant attendee user name sprecher sprecherin stimme teilnehmer teilnehmerin "
    "intervenant intervenante locuteur locutrice orateur oratrice personne voix participante hablante orador oradora "
    "interlocutor persona voz falante pessoa parlante relatore oratore voce spreker talare taler mowca puhuja спикер "
    "участник голос спікер учасник konusmacı 话者 発言者 참석자 화자".split()
)
_NOT_IDENTIFIED: Final = re.compile(r"(?:not|non|no|nao|nicht) identifi(?:ed|ee?|cad[oa]|cat[oa]|ziert)")
_UNKNOWN_IN_KOREAN: Final = ("알 수 없음", "알 수 없는 참석자", "알 수 없는 화자")
_ACCENTED: Final = re.compile("[A-Za-z\u0370-\u03ff]")


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Case, dots, accents, titles and the order of "Last, First" folded: equal for spellings of one name.

    The title stays before a surname alone: Mr. Smith is not Mrs. Smith.
    """
    last, comma, first = name.partition(",")
    folded = _without_accents(f"{first} {last}" if comma else name).casefold().replace(".", "")
    words = folded.split()
    while len(words) > 2 and words[0] in TITLES:  # noqa: PLR2004 -- a title, a name, a surname
        words = words[1:]
    return " ".join(words)


def _without_accents(text: str) -> str:
    """The text without the accents of Latin and Greek letters; in other scripts marks are vowels."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    kept: list[str] = []
    for sign in parts:
        if unicodedata.category(sign) == "Mn" and kept and _ACCENTED.match(kept[-1]):
            continue
        kept.append(sign)
    return unicodedata.normalize("NFKC", "".join(kept))


@lru_cache(maxsize=4096)
def names_nobody(name: str) -> bool:
    """Whether a speaker's name says that nobody is known: "Unknown Speaker", "N/A", "-", "Locuteur non identifié"."""
    folded = _NOT_IDENTIFIED.sub("unknown", name_key(name))
    words = [word.strip("[](){}<>#") or word for word in re.split(r"[\s_:-]+", folded) if word]
    if not any(map(str.isalnum, name)) or " ".join(words) in _UNKNOWN_IN_KOREAN:
        return True
    words = ["?" if set(word) == {"?"} else word for word in words]
    return not _NOBODY.isdisjoint(words) and all(word in _NOBODY or word in _WHOEVER for word in words)


def short_forms(names: Sequence[str]) -> dict[str, str]:
    """Short forms of a name to the whole one, where exactly one whole name fits and was met first.

    FELD, MS. FELD and N. FELD are NORA FELD, if no other Feld speaks; Mr. and Mrs. Feld are two people.
    """
    place: dict[str, int] = {}
    for index, name in enumerate(names):
        place.setdefault(name_key(name), index)
    owners: defaultdict[str, set[str]] = defaultdict(set)
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for key in place:
        first, *_, last = key.split() if " " in key else ("", key)
        if first in TITLES:
            titles[last].add(first)
        elif len(first) > 1 and len(last) > 1 and not last.isdigit():
            # A first name alone is short for the whole, as a surname is.
            owners[last].add(key)
            owners[first].add(key)
            # "JB" is Jane Brandt, where no other name has these initials.
            owners["".join(word[0] for word in key.split())].add(key)
    found = {key: _whole_name(key, owners, titles) for key in place}
    return {key: whole for key, whole in found.items() if whole and whole != key and place[whole] < place[key]}


def _whole_name(key: str, owners: Mapping[str, set[str]], titles: Mapping[str, set[str]]) -> str | None:
    """The one whole name that a short form can mean; None where there is none, or several."""
    words = key.split()
    last = words[-1]
    if len(words) > 2 or len(owners.get(last, ())) != 1:  # noqa: PLR2004 -- a title or an initial, and a surname
        return None
    whole = next(iter(owners[last]))
    one_of_them = len(titles.get(last, ())) < 2 or whole.split()[0] == last  # noqa: PLR2004 -- Mr. and Mrs.
    if len(words) == 1 or words[0] in TITLES:
        return whole if one_of_them else None
    return whole if len(words[0]) == 1 and whole.startswith(words[0]) else None
