"""Noun phrases: whether a term names a thing.

English goes by word classes: "public cloud" is one, "become", "is really" and "adding support" are none. In other
languages no lexicon stands behind this: articles and prepositions come before nouns, German writes them with a capital,
Arabic puts its article before them, and Russian verbs show their endings. What no sign speaks against is believed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from autointel.text.language import CAPITAL_NOUNS
from autointel.text.word_lists import in_lists, stop_words, word_list

# "Mm-hmm", "Uh-huh", "Nuh": sounds, however they are spelt.
_SOUND: Final = re.compile(r"(?:[mhu]+|u+h+|n?u+h+|a+h+|o+h+|h+[au]+h*)(?:-(?:[mhu]+|u+h+|h+u+h+|n))*")
_NUMBER: Final = re.compile(r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|half|two|three|four|one)-")
# "Long-term", "high-quality", "data-driven" say how something is.
_MODIFIER: Final = re.compile(
    r"^(?:long|short|mid|near|high|low|full|part|well|self|state|first|real|large|small|open|so|one|two|non|cross|multi|year"
    r"|middle|hard|first|best|better|cost|evidence)-|-(?:term|time|based|driven|level|wide|made|led|free|friendly|like|old"
    r"|class|run|scale|size|related|round|end|quality|ed|ing)$"
)
_TIMES: Final = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday christmas easter".split()
)
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
# What links two nouns to one thing, with an article where the language has one between: "lista de espera".
_LINKS: Final = {
    "es": "de|del|de la|de los|de las",
    "ca": "de|del|de la|dels|de les|d['’]",
    "pt": "de|do|da|dos|das",
    "fr": "de|du|des|de la|d['’]|de l['’]",
    "it": "di|del|della|dei|delle|d['’]",
}
_LEAST_LINKED: Final = 2
# Languages in which a noun and its adjective both show the plural, by their last letter.
_PLURAL: Final = {"es": "s", "ca": "s", "pt": "s", "fr": "sx"}
_RUSSIAN_VERB: Final = re.compile(r"(?:[аяеу]ет|[аяу]ют|ится|ются|ться|тся|лся|лась|лись|лось|оит|аем|уем)$")
# A prefix of the present tense, and none of the endings of nouns.
_ARABIC_VERB: Final = re.compile("[تين][\u0621-\u064a]{2,5}(?<!ة)(?<!ات)(?<!ين)(?<!ون)(?<!ار)(?<!ال)")
_HINDI_VERB: Final = re.compile("(?:[एे]ग[ाी]|[एे]ंग[ेी]|ाए[ंँ]?|ूँगा|ूंगा)$")
_GERMAN_MODIFIER: Final = re.compile(r"(?:e|en|er|es|em)$")
_ARTICLE: Final = "ال"
_TOKEN: Final = re.compile(r"[^\W\d_]+")


def is_noun_phrase(words: Sequence[str]) -> bool:
    """Whether neighbouring words (as written) may name a subject: modifiers and a noun, or a name."""
    folded = [word.lower().replace("’", "'") for word in words]
    if any(word.endswith("'s") for word in folded[:-1]):  # "Moore's law", but nobody's law is none
        folded = [word.removesuffix("'s") for word in folded[:-1]] + folded[-1:]
    last = folded[-1]
    if not _is_head(words[-1], last) or any(
        _joins_nothing(word) or is_sound(word) or _NUMBER.match(word) for word in folded
    ):
        return False
    if all(word.rstrip("s") in word_list("roles") or word in word_list("generic-names") for word in folded):
        return len(words) == 1 and words[0].islower() and last not in word_list("common-en") and not _is_role(last)
    if len(words) == 1:
        if last in word_list("demonyms") or last in _TIMES:
            return False
        return last not in word_list("common-en") or words[-1][:1].isupper()
    # "Attack Mosul", "support Canadians": a deed and whom it meets.
    if _is_role(last) or (words[-2].islower() and words[-1][:1].isupper() and _is_placed(last)):
        return False
    return all(_modifies(word, folded[at]) for at, word in enumerate(words[:-1])) and any(
        word not in word_list("common-en") for word in folded
    )


def is_sound(word: str) -> bool:
    """Whether a word in lower case is a sound that people make while they think."""
    return _SOUND.fullmatch(word) is not None


def _is_placed(folded: str) -> bool:
    return any(in_lists(word, "places", "cities", "demonyms") for word in (folded, folded.removesuffix("s")))


def _is_role(folded: str) -> bool:
    return folded in word_list("roles") or folded.removesuffix("s") in word_list("roles")


def _is_head(word: str, folded: str) -> bool:
    if folded in word_list("empty-nouns-en") or "'" in folded or word[:1].isdigit():
        return False
    if word.islower() and _MODIFIER.search(folded):
        return False
    if word[:1].isupper() and not word.isupper():
        ordinary = folded in word_list("verbs-en") or folded in word_list("adjectives-en")
        return not (ordinary and folded in word_list("common-en")) and folded not in word_list("particles-en")
    if folded.endswith("ing") and folded in word_list("verbs-en"):
        return folded in word_list("gerund-nouns-en")
    return not in_lists(folded, "verbs-en", "adjectives-en", "particles-en", "hedging")


def _modifies(word: str, folded: str) -> bool:
    if word[:1].isupper():
        return folded not in word_list("empty-nouns-en")
    if folded.endswith("est") and folded in word_list("adjectives-en"):
        return False  # "earliest customers"
    if folded in word_list("empty-nouns-en") or folded in word_list("particles-en"):
        return False
    return (
        folded not in word_list("verbs-en") or folded.endswith(("ed", "en")) or folded in word_list("gerund-nouns-en")
    )


def _joins_nothing(folded: str) -> bool:
    return folded in word_list("function-en") or (
        folded in word_list("filler-en") and folded in word_list("empty-nouns-en")
    )


def is_deed(word: str, language: str) -> bool:
    """Whether a word as written shows by its form that it names no thing: it parts terms as a stop word does."""
    if language in CAPITAL_NOUNS:
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
    if language in CAPITAL_NOUNS:
        return _german
    if language == "zh":
        stops = stop_words("zh") or frozenset()
        return lambda term: term not in stops
    if language == "ar":
        return lambda term: any(word.startswith(_ARTICLE) for word in term.split())
    if language in _BEFORE_NOUNS:
        after = _after_articles(texts, frozenset(_BEFORE_NOUNS[language].split()), romance=language in _ROMANCE)
        return lambda term: _agrees(term, language) and after(term)
    return lambda _: True


def linked_phrases(texts: Sequence[str], language: str) -> dict[str, str]:
    """Words, in lower case, that stand in one phrase of two linked nouns at least half the time, to that phrase."""
    if language not in _LINKS:
        return {}
    words: Counter[str] = Counter()
    written: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    pattern = re.compile(
        rf"(?=\b([^\W\d_]{{3,}})( (?:{_LINKS[language]})(?: |(?<=['’])))([^\W\d_]{{3,}})\b)", re.IGNORECASE
    )
    stops = stop_words(language) or frozenset()
    for text in texts:
        words.update(_TOKEN.findall(text.lower()))
        for found in pattern.findall(text):
            folded = tuple(map(str.lower, found))
            if not stops.intersection(folded):
                written[folded]["".join(found)] += 1
    whole: dict[str, str] = {}
    for (head, _, tail), forms in sorted(written.items(), key=lambda entry: -entry[1].total()):
        for word in (head, tail):
            if forms.total() >= max(_LEAST_LINKED, _SHARE * words[word]):
                whole.setdefault(word, forms.most_common(1)[0][0])
    return whole


def _agrees(term: str, language: str) -> bool:
    """Whether the words of a phrase agree in number: "urgencias crece" is a subject and what it does."""
    words = term.split()
    plural = tuple(_PLURAL.get(language, ""))
    if not plural or len(words) == 1 or not term.islower():
        return True
    return len({word.endswith(plural) for word in words}) == 1


def _german(term: str) -> bool:
    """Whether a term is a noun, before it other nouns or adjectives: "Google Friend Connect", "kleine Maßnahmen"."""
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
