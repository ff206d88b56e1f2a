"""Whether an English sentence refers to something outside itself: "before then", "that", "it" without a noun before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from autointel.text.word_lists import in_lists, pattern_list, word_list

_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[,;:.?!]|--")
# Openers that a reader skips to find the subject.
_LINKS: Final = frozenset("and but so or well now okay ok yeah yes no look listen right actually again also".split())
_PERSONS: Final = frozenset("he he's he'd he'll she she's she'd she'll him her his hers himself herself".split())
_MANY: Final = frozenset("they they're they've they'd they'll them their theirs themselves".split())
_IT: Final = frozenset("it it's it'd it'll its itself".split())
_THIS: Final = frozenset("this that that's these those".split())
# What may follow a pronoun that stands for all that was said: "about that because".
_AFTER: Final = frozenset("because if when as is was for in with to".split())
# Nouns that everybody has in mind: "this year" points at nothing.
_TIMES: Final = frozenset(
    "year years month months week weeks day days morning afternoon evening night time country nation world election"
    " debate century decade talk hour moment planet industry city committee government parliament house meeting"
    " administration province state continent conference panel session hearing book generation age era summer winter"
    " spring kind sort way part point".split()
)
_PREPOSITIONS: Final = frozenset("about of like with after before to for from by in on at than into over".split())
# Whom "he" and "she" may stand for, names and offices apart.
_HUMANS: Final = frozenset(
    "man woman person people child children boy girl baby friend husband wife son daughter brother patient worker"
    " driver farmer soldier neighbour neighbor client customer employee candidate voter player everyone everybody"
    " someone somebody anyone nobody one who whoever guy lawyer artist victim opponent colleague partner owner"
    " parent".split()
)
# Before "that", which then stands for all that was said: "do that".
_DOING: Final = frozenset(
    "answer answered do did does done doing say said saying know knew believe make made get got see saw"
    " mean meant want wanted hear"
    " heard handle fix address resolve change tell told explain understand solve call think love hate".split()
)
# "One was a bill": one of what stands before.
_COUNTED: Final = frozenset("one another others neither both some many most several each few none two three".split())
_VERBS: Final = frozenset("is was are were has had have will would can could may might does did do".split())
# Verbs and adjectives after which "that" opens a clause and points at nothing.
_THINKING: Final = frozenset(
    "say says said saying think thinks thought know knows knew known believe believes believed mean means meant hope"
    " hopes feel feels felt see sees saw seen show shows showed shown find finds found argue argues argued understand"
    " understands understood realise realize realised realized suggest suggests suggested ensure ensures ensuring tell"
    " tells told learn learned remember forget agree agreed admit admitted claim claims claimed note noted notes"
    " report reported reports require requires demand propose proposed recommend recommended decide decided insist"
    " insisted guess suppose assume assumed imagine wish expect expected explain explained announce announced promise"
    " promised warn warned prove proved proves conclude concluded hear heard read indicate indicates indicated"
    " acknowledge recognise recognize recognised recognized appreciate doubt fear concerned is was are were be been am"
    " so sure clear true happy sorry glad aware confident certain likely worried afraid important essential such given"
    " provided things things everything anything something nothing all".split()
)
_GIVES_REASON: Final = frozenset({"because", "since", "although", "though", "unless"})
_BREAKS: Final = frozenset(",;:.?!") | {"--"}
# "It is clear that", "it takes a year to": the word stands for what follows.
_EXPLETIVE: Final = re.compile(
    r"\bit(?:['’]s|['’]ll| is| was| will be| would be| has been| takes| took| turns out| seems| appears| makes sense)\b"
    r"(?!\W+(?:\w+\W+)?(?:an?|the|my|our|your)\W+(?!fact|pity|shame|matter|question|\w+ (?:thing|idea)|mistake|year))"
    r"(?:\W+\w+){0,6}?\W+(?:that|to|when|if|whether)\b",
    re.IGNORECASE,
)
_ELSEWHERE: Final = pattern_list("refers-elsewhere")
_OPINION: Final = re.compile(
    r"(?:i|we|you) (?:(?:do not|don't|didn't|just|really|also|certainly|would|do|still) )*"
    r"(?:think|believe|guess|mean|know|suppose|feel|hope|thought|said|say)(?= )(?: that(?= (?:it|they|he|she|this)))?"
)
_QUOTED: Final = re.compile(r"[\"“][^\"“”]{0,200}[\"”]")


def resolved_share(text: str) -> float:
    """How far the sentence can be read alone: 1.0 nothing is missing, 0.5 something small, 0.0 its subject is."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(_QUOTED.sub(" quote ", text))]
    first = _subject_at(words)
    if first >= len(words) or _opens_elsewhere(words, first, text):
        return 0.0
    missing = _missing_later(words, first, text)
    if missing > 1 or (missing and _ELSEWHERE.search(text)):
        return 0.0
    if missing or _ELSEWHERE.search(text) or words[-2:][:1] in (["too"], ["either"], ["instead"], ["then"]):
        return 0.25
    return 0.8 if first and words[0] in _LINKS else 1.0


def _subject_at(words: Sequence[str]) -> int:
    """The first word that is no connective."""
    index = 0
    while index < len(words) and (words[index] in _LINKS or words[index] in _BREAKS):
        index += 1
    return _after_opinion(words, index)


def _after_opinion(words: Sequence[str], index: int) -> int:
    """The place after "I don't think", where a pronoun follows: "I don't think that's extreme"."""
    opinion = _OPINION.match(" ".join(words[index : index + 6]))
    if opinion is None:
        return index
    after = index + len(opinion[0].split())
    following = words[after] if after < len(words) else ""
    pronoun = following in _PERSONS | _MANY | _IT | (_THIS - {"that"}) or words[after : after + 2] in (
        ["that", "is"],
        ["that", "was"],
    )
    return after if pronoun else index


def _opens_elsewhere(words: Sequence[str], first: int, text: str) -> bool:
    word, after = words[first], words[first + 1] if first + 1 < len(words) else ""
    if (
        word in _PERSONS
        or word in _MANY
        or word in {"which", "who", "because", "such", "then", "there", "there's", "same"}
    ):
        return not (word in {"there", "there's", "because"} and _has_subject(words, first))
    if word in _COUNTED and (after in _VERBS or after in _BREAKS):
        return True
    if word in _IT:
        return not _EXPLETIVE.search(text)
    if word in _THIS:
        return not (after in _TIMES or (word in {"those", "that"} and after in {"who", "of"}))
    return False


def _has_subject(words: Sequence[str], first: int) -> bool:
    """Whether nouns follow "there" or "because" within the next words."""
    return any(is_noun(word) for word in words[first + 1 : first + 6])


def _missing_later(words: Sequence[str], first: int, text: str) -> int:
    """Pronouns after the opening with no noun before them that they could stand for."""
    missing = nouns = things = 0
    people = _people(text, words)
    for index in range(first, len(words)):
        word = words[index]
        after = words[index + 1] if index + 1 < len(words) else ""
        before = words[index - 1] if index else ""
        someone = word in _PERSONS and not people.intersection(words[:index])
        something = (word in _MANY and not nouns) or (word in _IT and not things and not _EXPLETIVE.search(text))
        clause = word in _THIS and index > first and _stands_for_a_clause(before, word, after)
        clause = clause or (word == "that's" and index > first and before in _GIVES_REASON)
        pointed = word in _THIS and index > first and _points_at(words, index)
        missing += clause or pointed or someone or something
        nouns += is_noun(word) and word not in _TIMES
        things += (is_noun(word) and not _is_plural(word)) or word in people  # "General Motors", a name in any case
    return missing


def _is_plural(word: str) -> bool:
    """Whether "it" can hardly stand for the noun: "papers", not "crisis" or "news"."""
    return word.endswith("s") and not word.endswith(("ss", "us", "is", "news", "ics", "'s"))


def _people(text: str, words: Sequence[str]) -> frozenset[str]:
    """The words of a sentence (in lower case) that "he" or "she" may stand for: names, offices, kinds of people."""
    capitals = {found.lower() for found in re.findall(r"(?<=[\w,;:’'\"“] )[A-Z][\w.'’-]+", text)}
    opening = words[0] if words and words[0] not in word_list("function-en") else ""
    named = {word for word in words if in_lists(word, "roles", "known-names", "surnames")}
    return frozenset(capitals | named | {opening} | _HUMANS.intersection(words)) - {""}


def _points_at(words: Sequence[str], index: int) -> bool:
    """Whether a noun is pointed at that the sentence did not name before: "from that group", "this drug"."""
    word, before = words[index], words[index - 1]
    after = words[index + 1] if index + 1 < len(words) else ""
    if word == "that" and before not in _PREPOSITIONS and before not in _BREAKS and not _is_done(before):
        return False
    following = next((other for other in words[index + 1 : index + 4] if is_noun(other) or other in _BREAKS), "")
    if not is_noun(following) or after in {"who", "of", "we", "i", "you", "they", "he", "she", "is", "are", "was"}:
        return False
    return following not in _TIMES and following.rstrip("s") not in {other.rstrip("s") for other in words[:index]}


def _is_done(word: str) -> bool:
    """Whether a word is a deed after which "that" points at a thing: "making that velocity"."""
    return word in word_list("verbs-en") and word not in _THINKING and not is_noun(word) and word not in _LINKS


def _stands_for_a_clause(before: str, word: str, after: str) -> bool:
    """Whether nothing is named, as in "about that." or "do that"."""
    if word == "that" and before not in _PREPOSITIONS and before not in _DOING:
        return False
    if word in {"this", "these"} or before in _PREPOSITIONS or before in _DOING:
        ends = not after or after in _BREAKS or after in _LINKS or after in _AFTER
        return ends and not (before in _DOING and after in {"is", "was"} and word == "that")
    return False


def is_noun(word: str) -> bool:
    """Whether an English word (in lower case) is usually a noun or a name."""
    if len(word) < 3 or not word[0].isalpha():  # noqa: PLR2004  no noun of two letters stands for anything
        return False
    return not in_lists(word, "verbs-en", "adjectives-en", "particles-en", "function-en") and "'" not in word
