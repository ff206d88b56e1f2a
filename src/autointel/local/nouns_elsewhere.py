"""Whether a term of another language than English names a thing, by the company that its words keep.

No lexicon stands behind this: articles and prepositions come before nouns, German writes them with a capital, Arabic
puts its article before them, and Russian verbs show their endings. What no sign speaks against is believed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from autointel.text.word_lists import stop_words

# Words after which nouns stand: articles, possessives, demonstratives, numbers, prepositions.
_BEFORE_NOUNS: Final = {
    "es": "el la los las un una unos unas del al lo su sus mi mis tu este esta estos estas ese esa cada mucha muchas"
    " muchos más menos de en con por para sin sobre entre hasta desde hacia según dos tres cuatro",
    "fr": "le la les l un une des du au aux son sa ses leur leurs mon ma mes notre nos votre vos ce cet cette ces"
    " chaque de d en à dans avec pour par sans sur entre deux trois quelques plusieurs",
    "pt": "o a os as um uma uns umas do da dos das no na nos nas ao à pelo pela seu sua seus suas este esta esse essa"
    " cada de em com por para sem sobre entre até dois três",
    "it": "il lo la i gli le l un uno una del dello della dei degli delle al allo alla ai agli alle nel nella nei nelle"
    " sul sulla dal dalla suo sua suoi questo questa ogni di in con per senza tra due tre",
    "nl": "de het een dit dat deze die zijn haar hun mijn onze ons elk van in met voor door zonder op over bij naar",
    "ca": "el la els les un una l del al dels als de en amb per sense sobre",
    "ro": "un o unui unei al a ale de în cu pentru fără pe",
}
_ARTICLES: Final = frozenset("el la los las un una unos del le les l du des o os a as um uma il lo i gli uno".split())
_ROMANCE: Final = frozenset({"es", "fr", "pt", "it", "ca"})
# Endings of deeds in Romance languages: infinitives, which are nouns only after an article, and forms that never are.
_INFINITIVE: Final = re.compile(r"[aeiê]r$|[aei]re$")
_DEED: Final = re.compile(r"(?:[aei]ría[ns]?|[aei]rán?|aron|ieron|aram|eram|iram|aba[ns]?|[ae]ndo|aient|eront)$")
_SHARE: Final = 0.5
_RUSSIAN_VERB: Final = re.compile(r"(?:[аяеу]ет|[аяу]ют|ится|ются|ться|тся|лся|лась|лись|лось|оит|аем|уем)$")
# A prefix of the present tense, and none of the endings of nouns.
_ARABIC_VERB: Final = re.compile("[تين][\u0621-\u064a]{2,5}(?<!ة)(?<!ات)(?<!ين)(?<!ون)(?<!ار)(?<!ال)")
_HINDI_VERB: Final = re.compile("(?:[एे]ग[ाी]|[एे]ंग[ेी]|ाए[ंँ]?|ूँगा|ूंगा)$")
_GERMAN_MODIFIER: Final = re.compile(r"(?:e|en|er|es|em)$")
_ARTICLE: Final = "ال"
_TOKEN: Final = re.compile(r"[^\W\d_]+")


def is_deed(word: str, language: str) -> bool:
    """Whether a word as written shows by its form that it names no thing: it parts terms as a stop word does."""
    if language in {"de", "lb"}:
        return word[:1].islower() and not _GERMAN_MODIFIER.search(word)
    if language in {"ru", "uk", "be", "bg"}:
        return _RUSSIAN_VERB.search(word.lower()) is not None
    if language == "ar":
        return _ARABIC_VERB.fullmatch(word) is not None
    if language == "hi":
        return _HINDI_VERB.search(word) is not None
    return language in _ROMANCE and _DEED.search(word.lower()) is not None


def names_thing(texts: Sequence[str], language: str) -> Callable[[str], bool]:
    """A judge of terms, as written, for texts in a language (its code without a region)."""
    if language in {"de", "lb"}:
        return _german
    if language == "zh":
        stops = stop_words("zh") or frozenset()
        return lambda term: term not in stops
    if language == "ar":
        return lambda term: any(word.startswith(_ARTICLE) for word in term.split())
    if language in _BEFORE_NOUNS:
        return _after_articles(texts, frozenset(_BEFORE_NOUNS[language].split()), romance=language in _ROMANCE)
    return lambda _: True


def _german(term: str) -> bool:
    """A noun, before it other nouns or adjectives: "Google Friend Connect", "kleine Maßnahmen"."""
    *modifiers, head = term.split()
    return head[:1].isupper() and all(word[:1].isupper() or _GERMAN_MODIFIER.search(word) for word in modifiers)


def _after_articles(texts: Sequence[str], openers: frozenset[str], *, romance: bool) -> Callable[[str], bool]:
    """A phrase is a thing if its first word mostly stands after an article or preposition."""
    seen: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    named: set[str] = set()
    for text in texts:
        for before, word in pairwise(["", *_TOKEN.findall(text.lower())]):
            seen[word] += 1
            opened[word] += before in openers
            if before in _ARTICLES:
                named.add(word)

    def judge(term: str) -> bool:
        words = _TOKEN.findall(term.lower())
        if not words or (romance and any(_INFINITIVE.search(word) and word not in named for word in words)):
            return False
        if term[:1].isupper() and seen[words[0]] > 1 and opened[words[0]]:
            return True  # a name inside a sentence needs no article
        return opened[words[0]] >= _SHARE * seen[words[0]]

    return judge
