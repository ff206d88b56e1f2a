"""Word lists that ship with the package: by name, stop words by language, and the words that turn what a sentence says.

Words that turn a meaning are negators, quantifiers, causes, opposites, modality, speech and units. English, German,
Spanish and French have lists of them (``words/meaning-*.toml``); any other language is read with empty ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

_BORDER: Final = r"\b"
# Both written forms of Norwegian have one list.
_SAME_LIST: Final = {"nb": "no", "nn": "no"}
STOP_WORDS: Final = frozenset(
    "a about after again all also am an and any are as at be because been before being between both but by came can"
    " come could did do does doing done down during each even ever every few for from further get given go goes had"
    " has have having he her here hers him his how i if in into is it its just know like made make many me might more"
    " most much must my no nor not now of off on once one only or other our out over own per put said same say says"
    " see she should since so some such take than that the their them then there these they this those through to too"
    " under until up us very want was way we well were what when where whether which while who whom whose why will"
    " with would yes yet you your".split()
)
_LANGUAGES: Final = ("en", "de", "es", "fr")
_NOT_DENIED: Final = r"(?<!\bno )(?<!\bnot )"  # "no more than" is no lower bound


@cache
def word_list(name: str) -> frozenset[str]:
    """The entries of ``words/<name>.txt``. White space parts them, ``_`` is a space inside one, ``#`` a comment."""
    text = (files("autointel.text") / "words" / f"{name}.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(entry.replace("_", " ") for entry in " ".join(lines).split())


def in_lists(word: str, *names: str) -> bool:
    """Whether one of the word lists of these names has the word."""
    return any(word in word_list(name) for name in names)


@cache
def pattern_list(name: str) -> re.Pattern[str]:
    """The alternatives of ``words/<name>.patterns``, one regular expression a line, as one pattern without case."""
    text = (files("autointel.text") / "words" / f"{name}.patterns").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    # One look at the border of a word for all alternatives that begin at one: three times as fast.
    begin = [line.removeprefix(_BORDER) for line in lines if line.startswith(_BORDER)]
    other = [line for line in lines if not line.startswith(_BORDER)]
    return re.compile("|".join([*([rf"{_BORDER}(?:{'|'.join(begin)})"] if begin else []), *other]), re.IGNORECASE)


@cache
def weight_list(path: Path) -> dict[str, float]:
    """The weights of a linear model, by feature: a line each in a file of the package, ``# `` for comments."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]
    return {name: float(weight) for name, weight in rows}


def stop_words(language: str | None) -> frozenset[str] | None:
    """Words of a language that carry no subject, in lower case and NFC ("de-AT" finds German); None without a list.

    The lists but the English one are stopwordsiso's, with numbers, units and courtesies of ours.
    """
    base = base_language(language or "")
    if base == "en":
        return word_list("function-en") | word_list("filler-en")
    listed = _listed(_SAME_LIST.get(base, base)) if base else None
    return listed | _fillers().get(base, frozenset()) if listed is not None else None


@cache
def _listed(code: str) -> frozenset[str] | None:
    from stopwordsiso import has_lang, stopwords

    return frozenset(normalize("NFC", word.lower()) for word in stopwords(code)) if has_lang(code) else None


@cache
def _fillers() -> dict[str, frozenset[str]]:
    """The lines of ``words/filler-elsewhere.txt`` by language."""
    text = (files("autointel.text") / "words" / "filler-elsewhere.txt").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {code: frozenset(normalize("NFC", words).split()) for code, _, words in lines}


@lru_cache(maxsize=256)
def base_language(language: str) -> str:
    """A language without its region: "en" for "en-GB"."""
    return language.lower().replace("_", "-").split("-")[0]


@dataclass(frozen=True)
class Phrases:
    """Expressions of one or more words, found as whole words."""

    pattern: re.Pattern[str] | None

    def spans(self, folded: str) -> list[tuple[int, int]]:
        """Where the expressions stand in a text in lower case."""
        return [found.span() for found in self.pattern.finditer(folded)] if self.pattern else []


@dataclass(frozen=True)
class _Phrasal:
    """A verb of more words, such as "pick up", and the one word that stands for it."""

    stem: str
    particle: str
    pattern: re.Pattern[str]
    verb: str


@dataclass(frozen=True)
class MeaningWords:
    """The lists of one language; all in lower case."""

    sets: Mapping[str, frozenset[str]]
    phrasals: Sequence[_Phrasal]
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
    if base in _LANGUAGES:
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


def _phrasal(words: str, one: str) -> _Phrasal:
    """A verb of more words in its regular forms, its particle right behind it."""
    verb, *rest = words.split("_")
    stem, particle = verb.removesuffix("e"), f" {' '.join(rest)}"
    forms = f"{re.escape(stem)}(?:e|s|es|ed|ing|{verb[-1]}ing)?"
    pattern = re.compile(rf"\b{forms}{re.escape(particle)}\b", re.IGNORECASE)
    return _Phrasal(stem.casefold(), particle.casefold(), pattern, one)


def _phrases(text: str, before: str = "") -> Phrases:
    entries = sorted((" ".join(entry.split()) for entry in text.split("|")), key=len, reverse=True)
    wanted = "|".join(re.escape(entry) for entry in entries if entry)
    return Phrases(re.compile(rf"(?<!\w){before}(?:{wanted})(?!\w)") if wanted else None)
