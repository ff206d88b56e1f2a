"""Words that turn what a sentence says, by language: negators, quantifiers, causes, opposites, modality, speech, units.

English, German, Spanish and French have lists (``words/meaning-*.toml``). Any other language is read with empty ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from autointel.text.word_lists import base_language

LANGUAGES: Final = ("en", "de", "es", "fr")
_NOT_DENIED: Final = r"(?<!\bno )(?<!\bnot )"  # "no more than" is no lower bound


@dataclass(frozen=True)
class Phrases:
    """Expressions of one or more words, found as whole words."""

    pattern: re.Pattern[str] | None

    def spans(self, folded: str) -> list[tuple[int, int]]:
        """Where the expressions stand in a text in lower case."""
        return [found.span() for found in self.pattern.finditer(folded)] if self.pattern else []


@dataclass(frozen=True)
class Phrasal:
    """A verb of more words, such as "pick up", and the one word that stands for it."""

    stem: str
    particle: str
    pattern: re.Pattern[str]
    verb: str


@dataclass(frozen=True)
class MeaningWords:
    """The lists of one language; all in lower case."""

    sets: Mapping[str, frozenset[str]]
    phrasals: Sequence[Phrasal]
    maps: Mapping[str, Mapping[str, str]]
    quantifiers: Mapping[str, frozenset[str]]
    opposites: frozenset[tuple[str, str]]
    idioms: Phrases
    set_phrases: Phrases
    backward_causes: Phrases
    forward_causes: Phrases
    conditions: Phrases
    bounds: Mapping[str, Phrases]

    def in_one_word(self, text: str) -> str:
        """The text with one word for each verb of more words."""
        folded = text.casefold()
        for phrasal in self.phrasals:
            # A search for letters costs a twentieth of a search for the pattern, and fails nearly always.
            if phrasal.particle in folded and phrasal.stem in folded:
                text = phrasal.pattern.sub(phrasal.verb, text)
                folded = text.casefold()
        return text

    def has(self, kind: str, word: str) -> bool:
        """Whether a word in lower case is of a kind, such as "negators"."""
        return word in self.sets.get(kind, frozenset())

    def same(self, kind: str, word: str) -> str | None:
        """What a word in lower case stands for, such as "may" for "mai" among months; None where unknown."""
        return self.maps.get(kind, {}).get(word)


@cache
def meaning_words(language: str) -> MeaningWords:
    """The lists for a language code; "en-GB" finds English."""
    base = base_language(language)
    table: dict[str, Any] = {}
    if base in LANGUAGES:
        table = tomllib.loads((files("autointel.text") / "words" / f"meaning-{base}.toml").read_text(encoding="utf-8"))
    speech, modality, dates = table.get("speech", {}), table.get("modality", {}), table.get("dates", {})
    units, names, causes, opposites = (table.get(key, {}) for key in ("units", "names", "causes", "opposites"))
    top = {
        key: value
        for key, value in table.items()
        if isinstance(value, str) and key not in {"idioms", "conditions", "set_phrases"}
    }
    flat = {**top, **speech, **modality, "loose_causes": causes.get("loose", "")}
    flat |= {key: dates.get(key, "") for key in ("months", "days", "last")}
    mapped = {"months": dates.get("short", ""), "decades": dates.get("decades", ""), **units}
    mapped |= {"names": names.get("same", ""), "irregular": opposites.get("irregular", "")}
    flat |= {key: opposites.get(key, "") for key in ("rising", "falling")}
    pairs = _mapping_pairs(opposites.get("pairs", ""))
    return MeaningWords(
        sets={key: frozenset(value.replace("_", " ").split()) for key, value in flat.items()},
        phrasals=tuple(_phrasal(*pair) for pair in _mapping_pairs(table.get("phrasals", {}).get("same", ""))),
        maps={key: dict(_mapping_pairs(value)) for key, value in mapped.items()},
        quantifiers={key: frozenset(value.split()) for key, value in table.get("quantifiers", {}).items()},
        opposites=frozenset(pairs) | {(second, first) for first, second in pairs},
        idioms=_phrases(table.get("idioms", "")),
        set_phrases=_phrases(table.get("set_phrases", "")),
        backward_causes=_phrases(causes.get("backward", "")),
        forward_causes=_phrases(causes.get("forward", "")),
        conditions=_phrases(table.get("conditions", "")),
        bounds={side: _phrases(table.get("bounds", {}).get(side, ""), _NOT_DENIED) for side in ("upper", "lower")},
    )


def _mapping_pairs(text: str) -> list[tuple[str, str]]:
    return [(first, second) for entry in text.split() for first, _, second in [entry.partition("/")]]


def _phrasal(words: str, one: str) -> Phrasal:
    """A verb of more words in its regular forms, its particle right behind it."""
    verb, *rest = words.split("_")
    stem, particle = verb.removesuffix("e"), f" {' '.join(rest)}"
    forms = f"{re.escape(stem)}(?:e|s|es|ed|ing|{verb[-1]}ing)?"
    pattern = re.compile(rf"\b{forms}{re.escape(particle)}\b", re.IGNORECASE)
    return Phrasal(stem.casefold(), particle.casefold(), pattern, one)


def _phrases(text: str, before: str = "") -> Phrases:
    entries = sorted((" ".join(entry.split()) for entry in text.split("|")), key=len, reverse=True)
    wanted = "|".join(re.escape(entry) for entry in entries if entry)
    return Phrases(re.compile(rf"(?<!\w){before}(?:{wanted})(?!\w)") if wanted else None)
