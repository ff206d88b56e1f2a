"""The words of a question: its telling words as stems, speakers and names in it, numbers, quoted phrases."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final
from unicodedata import normalize

import Stemmer

_WORD: Final = re.compile(r"[\w\u0900-\u0903\u093a-\u094f\u0981-\u0dff\u064b-\u0652]+")
_IDEOGRAPHS: Final = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_FUNCTION_WORDS: Final = frozenset(
    """
    a about after again all also always am an and any anything are as ask asked at be because been before being between
    both but by came can come could did discuss discussed do does doing done during each else ever every few first for
    from gave get give go going gone got had has have having he her here hers him his how i if in into is it its just
    kind know last like made make many me mean mention mentioned might more most much my no nor not of off on once one
    only or other our out over own people person put same said say says see seem shall she should since so some
    something still such take talk talked tell than that the their them then there these they thing things think this
    those through to told too two type under until up upon us use used very want was way we went were what when where
    whether which while who whom whose why will with would you your
    don t s d ll ve re m
    """.split()
)
# Parts of a speaker's name that are no name.
_NO_NAMES: Final = frozenset(
    "dr mr mrs ms prof professor sir dame speaker host guest interviewer moderator narrator audience chair the".split()
)
_ACCENTS: Final = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_ALIKE: Final = 6  # letters from which on two stems that begin alike are taken for one
_ROOT: Final = 4
_ENDING: Final = 2
_SHORTEST_NAME: Final = 3

_NAME: Final = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*")
_PHRASE: Final = re.compile(r'["“]([^"“”]{3,200})["”]')
SMALL_NUMBERS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_DIGITS: Final = re.compile(r"(?<![\w.,])\d{1,3}(?:,?\d{3})?(?![\w.,]?\d)")


class _Stemmers(threading.local):
    """One for each thread: a stemmer holds the word that it works on."""

    def __init__(self) -> None:
        self.english = Stemmer.Stemmer("english")


_STEMMERS: Final = _Stemmers()


def stem(word: str) -> str:
    """The word without its endings, by Snowball's English rules: "unemployed" and "unemployment" are one."""
    return str(_STEMMERS.english.stemWord(word))


def telling(text: str) -> tuple[str, ...]:
    """Stems of the words that carry a meaning, each once, in order; numbers as they stand.

    Chinese and Japanese part no words: any two neighbouring characters stand for one.
    """
    return tuple(dict.fromkeys(telling_run(text)))


def telling_run(text: str) -> tuple[str, ...]:
    """Stems as in ``telling``, each as often as the text has it."""
    return tuple(piece for word in _WORD.findall(text.lower()) for piece in _pieces(word))


# A search takes the words of some forty passages, most of them the same few thousand.
@lru_cache(maxsize=1 << 16)
def _pieces(word: str) -> tuple[str, ...]:
    if word in _FUNCTION_WORDS:
        return ()
    if word.isascii():
        return (stem(word),)
    if not _IDEOGRAPHS.search(word):
        return (stem(_bare(word)),)
    pairs = (run[at : at + 2] for run in _IDEOGRAPHS.findall(word) for at in range(max(1, len(run) - 1)))
    return *pairs, *(stem(rest) for rest in _IDEOGRAPHS.sub(" ", word).split())


def _bare(word: str) -> str:
    """The word without accents on Latin letters, as in the index: "elección" and "elecciones" begin alike."""
    return normalize("NFC", _ACCENTS.sub("", normalize("NFD", word)))


def is_held(word: str, held: Collection[str]) -> bool:
    """Whether a stem is among others, or one of its family: one begins with the other, or both begin alike.

    So "generat" is held by "generation" and, in languages whose endings nobody took off, "haus" by "hauser".
    """
    return word in held or any(_are_family(word, other) for other in held)


def _are_family(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _ALIKE:
        return longer.startswith(shorter[:_ALIKE]) and len(longer) > _ALIKE
    return len(shorter) >= _ROOT and len(longer) - len(shorter) <= _ENDING and longer.startswith(shorter)


def typed_words(question: str) -> list[str]:
    """The telling words as they are typed, but for those in quotation marks, which are looked for as they stand."""
    words = dict.fromkeys(_WORD.findall(_PHRASE.sub(" ", question)))
    return [word for word in words if word.lower() not in _FUNCTION_WORDS]


def with_spelling(question: str, respelt: Mapping[str, str]) -> str:
    """The question with other spellings for some of its words."""
    return _WORD.sub(lambda word: respelt.get(word[0], word[0]), question) if respelt else question


def as_typed(question: str, stems: Collection[str]) -> tuple[str, ...]:
    """The question's words that have one of these stems."""
    return tuple(dict.fromkeys(word for word in _WORD.findall(question) if set(_pieces(word.lower())) & set(stems)))


def forms_of(wanted: Sequence[str], held: Collection[str]) -> dict[str, str]:
    """The stems among ``held`` that are of a wanted one's family, each with that one; without the wanted ones."""
    beginning: dict[str, list[str]] = {}
    for word in wanted:
        beginning.setdefault(word[:_ROOT], []).append(word)
    found: dict[str, str] = {}
    for other in set(held).difference(wanted):
        for word in beginning.get(other[:_ROOT], ()):
            if _are_family(word, other):
                found.setdefault(other, word)
    return found


def with_numbers(question: str) -> str:
    """The question with its numbers below a million in both writings: "42 homes" also asks for "forty two"."""
    spoken = [_in_words(int(number.replace(",", ""))) for number in _DIGITS.findall(question) if not _is_year(number)]
    written: list[str] = []
    if {*SMALL_NUMBERS[2:], *TENS} & set(_WORD.findall(question.lower())):
        from autointel.text.quantities import in_digits

        written = [number for number in _DIGITS.findall(in_digits(question, "en")) if number not in question]
    return " ".join([question, *spoken, *written])


def _is_year(number: str) -> bool:
    return len(number) == 4 and "1000" <= number <= "2199"  # noqa: PLR2004


def _in_words(number: int) -> str:
    """The number in English words, without "and"."""
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {_in_words(number % size)}" if number % size else ""
            return f"{_in_words(number // size)} {name}{rest}"
    if number < len(SMALL_NUMBERS):
        return SMALL_NUMBERS[number]
    tens = TENS[number // 10 - 2]
    return f"{tens} {SMALL_NUMBERS[number % 10]}" if number % 10 else tens


def named(question: str, speakers: Iterable[str]) -> frozenset[str]:
    """The speakers of whose name the question has a part."""
    asked = set(_WORD.findall(question.lower()))
    return frozenset(speaker for speaker in speakers if asked & parts_of_name(speaker))


def without(question: str, speakers: Iterable[str]) -> str:
    """The question without the names of these speakers; as it was, if nothing else is in it.

    A name says who speaks, not what is said; in a vector of a dozen words it would drown the rest.
    """
    names = {part for speaker in speakers for part in parts_of_name(speaker)}
    kept = _WORD.sub(lambda word: "" if word[0].lower() in names else word[0], question)
    return " ".join(kept.split()) if telling(kept) else question


def coverage(question: str, texts: Iterable[frozenset[str]]) -> float:
    """The largest share of the question's telling words that one text (as stems) holds, 0..1."""
    wanted = frozenset(telling(question))
    return max((len(wanted & text) / len(wanted) for text in texts), default=0.0) if wanted else 0.0


def rarity(question: str, texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """The question's telling words with a weight that is higher for those in fewer of the texts."""
    return {
        word: math.log(1 + (len(texts) + 1) / (1 + sum(word in text for text in texts))) for word in telling(question)
    }


def parts_of_name(speaker: str) -> set[str]:
    """The parts of a name in small letters, without titles."""
    parts = _WORD.findall(speaker.lower())
    return {part for part in parts if len(part) >= _SHORTEST_NAME and part not in _NO_NAMES and not part.isdigit()}


def names_in(question: str) -> tuple[str, ...]:
    """Words in capitals inside the question, neighbours as one name. A question in capitals has none."""
    return () if question.isupper() else tuple(dict.fromkeys(_NAME.findall(question)))


def phrases_in(question: str) -> tuple[str, ...]:
    """The phrases in quotation marks, to be found word for word."""
    return tuple(dict.fromkeys(phrase.strip() for phrase in _PHRASE.findall(question) if phrase.strip()))
