"""Which sentences make sense on their own."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from autointel.domain.transcript import word_count
from autointel.local.gazetteer import is_given, is_office
from autointel.local.references import is_noun
from autointel.local.statements import is_question
from autointel.text.word_lists import in_lists, pattern_list, word_list

# Words of a sentence that is shown, those with a meaning of their own among them, and words that are easily read.
_MIN_WORDS: Final = 6
_MAX_WORDS: Final = 70
_MIN_CONTENT: Final = 3
_EASY: Final = range(12, 41)
# What the weight of a sentence is multiplied with.
_LEANING: Final = 0.85
_CHATTER: Final = 0.85  # it speaks of "I" somewhere
_OF_ONESELF: Final = 0.6  # it opens so
_STUTTER: Final = 0.45
_OFF_LENGTH: Final = 0.7
_STRONG: Final = 1.0
_PLAIN_POINT: Final = 0.88
_ONLY_TELLS: Final = 0.75  # it makes no point
_LEANING_ELSEWHERE: Final = 0.3  # in languages without rules here
_LEAST_WRITTEN: Final = 0.05  # worded as people chat
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# Talk about the recording, not about its subject: greetings, thanks, sponsors, housekeeping.
_HOUSEKEEPING: Final = pattern_list("housekeeping")
# A sentence that opens so leans on the one before it.
_LEANS: Final = frozenset(
    "it it's that that's this these those he he's she she's they they're him her them which who because so and but or"
    " then there there's also yeah yes no well right okay ok oh um uh exactly like anyway sure".split()
)
_ENDS: Final = frozenset(".!…。！।॥۔։።။៕")
# Thai, Lao and Khmer write no full stop.
_ENDS_SPACED: Final = re.compile("[\u0e00-\u0eff\u1780-\u17ff]\\Z")
# A Japanese or Korean question needs no question mark.
_ASKS_ELSEWHERE: Final = re.compile(r"(?:か|かね|かな|ますね|ですね|ですよね|ますよね|까|나요|가요)[。.]?\Z")
_ADDRESS: Final = re.compile(r"https?:|www\.|\.com\b|@\w")
# "I think the fare is too low" is of the subject, and not of oneself.
_OPINES: Final = frozenset("think believe say would argue expect doubt do don't".split())
_FIRST: Final = frozenset({"i", "i'm", "i've", "i'd", "i'll", "me", "my"})
# Words that give a reason, a condition, a contrast or a measure: a sentence with one makes a point.
_POINT: Final = re.compile(
    r"\b(?:because|since|therefore|means?|reason|problem|question|answer|point|evidence|risk|worth|costs?|instead|unless|if"
    r"|although|though|however|whereas|rather|yet|but|while|without|than|should|must|need|every|never|always)\b",
    re.IGNORECASE,
)
# A contrast, an enumeration, a definition: what people quote.
_STRONG_POINT: Final = pattern_list("strong-point")
_ASKS: Final = frozenset("what what's how why when where who which whose".split())
_INVERTED: Final = frozenset("is are was were do does did can could will would should have has had may".split())
_SUBJECTS: Final = frozenset("i you we they he she it there this that these those your our the".split())
_FINITE: Final = frozenset(
    "is are was were am be been has have had do does did will would can could should must may might it's that's there's"
    " i'm you're we're they're he's she's i've we've they've i'd we'd i'll we'll don't doesn't didn't isn't aren't"
    " can't won't".split()
)
# In captions without marks, words that no clause begins or ends with.
_NEVER_FIRST: Final = frozenset(
    "of than or who which to for with from by at as that's because yeah sorry okay ok um uh oh yes no".split()
)
_NEVER_LAST: Final = frozenset(
    "the a an of and or but to for with from by at as than if that because my your our their his its is are was were be"
    " i we he she they who which what when where how so very more no not will would can could should have has had do"
    " does did in on into about these those this every each some any other uh um it's i'm we're they're you're"
    " yeah okay ok".split()
)
_LINKS: Final = frozenset("so and but well now okay ok".split())
_DEPENDS: Final = frozenset("if when while unless until although since as though whereas where once".split())
_MODAL: Final = frozenset("will would should must can could may might won't wouldn't can't couldn't shouldn't".split())
# Openings of sentences of which some lack a main clause, and what opens the other clauses.
_OPENS_FRAGMENT: Final = frozenset("a an in from with".split())
_OPENS_CLAUSE: Final = frozenset("where which who whom whose when while because if how why whether".split())
_SUBJECTS_OF_CLAUSE: Final = frozenset(
    "i you he she it we they there there's it's we're they're you're he's she's i'm is was are were has have had"
    " would will can could should may might the a an this these our your their my".split()
)
# Between the parts of one verb ("has never been"), and before what is no verb.
_BETWEEN_VERBS: Final = frozenset("not also never really only just always still now actually even".split())
_NO_VERB_AFTER: Final = frozenset(
    "to the a an this that these those my your our their his her its of in on for and".split()
)
# The measure of formality: how much the shares of nouns and of pronouns count, and words of either kind.
_FORMALITY: Final = 2.5
_LONG_WORD: Final = 7  # letters
_NOMINAL: Final = frozenset(
    "the a an of in on by for from with at between among through during against within under over its their".split()
)
_DEICTIC: Final = frozenset(
    "i you he she it me him them they we us this that these those here there now then so just really very well like"
    " yeah okay ok oh uh um gonna wanna gotta stuff thing things got get going go kind sort lot actually basically"
    " maybe know mean your my what".split()
)
_STUTTERS: Final = re.compile(
    r"--| [–—-] |\w—|\.\.\.|…|\b(\w+),? \1\b|\b(\w+ \w+),? \2\b"
    r"|\b(?:uh|um|you know|i mean|kind of|sort of|basically|and so on|and stuff|or whatever|or something|i was like)\b"
    r"|, like\b|\b(?:it|that)['’]?s like\b|\b(?:gonna|wanna|yeah|okay|thingy|etcetera)\b",
    re.IGNORECASE,
)
# A sentence that opens so is the tail of another, or a list without a verb of its own.
_TAILS: Final = re.compile(
    r"(?:(?:and|but|so|or|well|yeah|yes|no|right|okay|ok|oh|um|uh|now),?\W+)*"
    r"(?:because|['’]cause|cuz|cos|like|saying|which|whose|including|especially|according to|as opposed to|rather than"
    r"|such as|(?:one|two|three|first|second|third),|not|probably not|maybe not|than|just don['’]t|exactly|plus)\b"
    r"(?! (?:only|all|every|many|everyone|one))",
    re.IGNORECASE,
)
# Slips of speech: a word begun and left ("w we", "dr--that"), a word said twice. Some doubles are meant.
_MEANT: Final = r"(?!(?:very|had|that|more|really|so|many|much|no|never|long|far|again)\b(?!['’]))"
_SLIPS: Final = re.compile(
    rf"(?i:\b{_MEANT}([^\W\d_]+(?:['’][^\W\d_]+)?),? \1\b)|(?i:\b([^\W\d_]+ [^\W\d_]+),? \2\b)"
    r"|(?<![\w'’.-])(?!I\b)[b-hj-zB-HJ-Z](?= [a-z])(?![.'’])|\w--\w|\w-- |\w- (?=\w)"
    r"|-(?:because|look|what|whether|but|well|I)\b|_"
    # "This see this-we need", "endorsed-16,500", "something like a WSH of, inside": said anew.
    r"|\b(?:this|that|said|yes|is|was|be|have|he|she|they|we)-\w|\b[a-z]{4,}-\d[\d,]{2,}"
    r"|\b(?:of|the|an?|my|your|our|their|its), (?!of course|if any|let alone|then)"
    r"|\b(?P<again>could|would|can|will|has|have|was|is) \w+, (?P=again) "
    # Letters that are no word: "th here", "wh what".
    r"|(?<![\w'’.-])(?:th|wh|sh|ch|tr|cr|gr|br|bl|pl|cl|fl|gl|sl|sp|sk|str|thr|scr|spr|kn|wr|fr|qu)"
    r"(?= [a-z])(?![\w.'’-])",
)
# "Secretary Kask, Senator Lill has said you are wrong".
_CALLS_FIRST: Final = re.compile(r"\W*((?:[A-Z][\w.'’-]+ ?){1,4}),(?= .*\byou(?:r|['’]\w+)?\b)")
# "Senator Booker, you have", "Thank you, Mark, I want to ask you".
_CALLED: Final = re.compile(
    r"\W*(?:(?:And|But|So|Now|Well|Okay|Yes|No|Yet),? )?((?:[A-Z][\w.'’-]+ ?){1,4}), "
    r"(?:(?:and|but|so|just|I want to|I['’]d like to|I would like to|as) )*(?:you|your|you['’]\w+|come|ask)\b"
)
# Sounds and turns of phrase of somebody who looks for words.
_HESITATIONS: Final = re.compile(
    r"\b(?:u[hm]+|a[h]+|er+m?|hmm*|you know|i mean|sort of|kind of)\b|, like,", re.IGNORECASE
)
# A word begun, and then said: "the ph the phone", "we could ex extract".
_BEGUN: Final = re.compile(r"\b([a-z]{2,7}),? (?:\w+ )?(?=\1[a-z]+)")
# "We are sure that the fare—.": the rest was never said.
_BREAKS_OFF: Final = re.compile(r"[—–-]\s*[.\"”'’]*\s*\Z")
# In captions without marks, where one sentence runs into the next.
_RUNS_ON: Final = re.compile(
    r"\b(?:and by the way|right okay|yeah so|okay so|yeah and|and the other thing|right so|well (?:we|i|you)['’]"
    r"|thank you|yeah yeah|sorry)\b"
)


def is_quotable(text: str, *, punctuated: bool) -> bool:
    """A whole sentence with something in it: no greeting, no sponsor, no question, no fragment, few slips."""
    words = _words(text)
    if not _MIN_WORDS <= len(words) <= _MAX_WORDS or is_question(text) or _HOUSEKEEPING.search(text):
        return False
    if _calls_somebody(text) or len(_HESITATIONS.findall(text)) > 1 or _is_reported(text):
        return False
    if _TAILS.match(text.lstrip("\"'“‘([ ")) or _slips(text) or _BREAKS_OFF.search(text):
        return False
    if words[0].endswith("ed") or (words[0] in word_list("past-irregular") and words[0] in word_list("verbs-en")):
        return False  # "Fired us up for the games.": whoever did so stands in the sentence before
    if not (_is_whole(text) and _has_verb(words) if punctuated else _is_clause(words)) or _lacks_main_clause(words):
        return False
    return len(_content(words)) >= _MIN_CONTENT


def _is_reported(text: str) -> bool:
    """Whether a sentence is a part of somebody's reported words: who says so is not shown."""
    marks = text.count('"') + text.count("“") + text.count("”")
    opens = text.lstrip()[:1] in {'"', "“"}
    ends = text.rstrip()[-2:] in {".'", ".’", "!'", "!’"} and " '" not in text and " ‘" not in text
    return marks % 2 == 1 or ends or (opens and text.rstrip()[-1:] in {'"', "”"} and marks == 2)  # noqa: PLR2004  a pair


def _lacks_main_clause(words: list[str]) -> bool:
    """Whether every verb is one of a clause that "where", "that" and the like open: "A tag that the browser reads"."""
    opened = sum(
        word in _OPENS_CLAUSE or (word == "that" and after in _SUBJECTS_OF_CLAUSE)
        for word, after in pairwise([*words, ""])
    )
    return opened > 0 and words[0] in _OPENS_FRAGMENT and _verb_groups(words) <= opened


def _verb_groups(words: list[str]) -> int:
    """Finite verbs, each with what belongs to it: "would have been" is one."""
    groups, inside = 0, False
    for before, word in pairwise(["", *words]):
        verb = word in _FINITE or word.endswith(("'s", "'re", "'ve", "'ll", "'d", "n't"))
        verb = verb or word in word_list("past-irregular") or (len(word) > 4 and word.endswith("ed"))  # noqa: PLR2004
        listed = word in word_list("verbs-en") and not word.endswith("ing") and before not in _NO_VERB_AFTER
        begins = verb and word in _FINITE and before not in _FINITE and before not in _BETWEEN_VERBS
        if (verb or listed) and (begins or not inside):
            groups += 1
        inside = verb or listed or (inside and word in _BETWEEN_VERBS)
    return groups


def _calls_somebody(text: str) -> bool:
    """Whether a sentence turns to somebody about themselves: "Senator Booker, you have said"."""
    called = _CALLED.match(text) or _CALLS_FIRST.match(text)
    if called is None:
        return False
    words = called[1].lower().replace(".", "").split()
    return any(is_office(word) or is_given(word) for word in words)


def is_whole_elsewhere(text: str, stops: frozenset[str] | None, *, punctuated: bool) -> bool:
    """A whole sentence of some length in a language without rules of its own here: no question, no web address.

    ``stops`` are the language's function words, None where there is no list.
    """
    if not _MIN_WORDS <= word_count(text) <= _MAX_WORDS or is_question(text) or _ADDRESS.search(text):
        return False
    if pattern_list("housekeeping-elsewhere").search(text) or _ASKS_ELSEWHERE.search(text.rstrip()):
        return False
    if punctuated and not _is_whole(text) and not _ENDS_SPACED.search(text):
        return False
    words = {word for word in text.lower().split() if stops is None or word.strip(".,;:!?") not in stops}
    return len(words) >= _MIN_CONTENT or word_count(text) > len(text.split())


def weight_elsewhere(text: str) -> float:
    """How well a sentence of such a language may stand alone, 0..1: by its length, and by what it opens with."""
    leaning = _LEANING_ELSEWHERE if pattern_list("leans-elsewhere").search(text) else 1.0
    return leaning * (1.0 if word_count(text) in _EASY else _OFF_LENGTH)


def weight(text: str) -> float:
    """How well a quotable sentence stands alone, 0..1: less if it leans, chats, stumbles or makes no point."""
    words = _words(text)
    leaning = _LEANING if words[:1] and words[0] in _LEANS else 1.0
    chatter = _chatter(words)
    stutter = _STUTTER if _STUTTERS.search(text) or _slips(text) else 1.0
    length = 1.0 if len(words) in _EASY else _OFF_LENGTH
    written = _LEAST_WRITTEN + (1 - _LEAST_WRITTEN) * _written_share(words)
    point = _STRONG if _STRONG_POINT.search(text) else _PLAIN_POINT if _POINT.search(text) else _ONLY_TELLS
    return leaning * chatter * stutter * length * point * written


def _written_share(words: list[str]) -> float:
    """How far a sentence is worded as people write, 0..1: articles, prepositions and nouns against pronouns and chat.

    After the measure of formality by Heylighen and Dewaele (1999).
    """
    nominal = sum(word in _NOMINAL or len(word) >= _LONG_WORD for word in words)
    deictic = sum(word in _DEICTIC or word.endswith(("'s", "'re", "'ve", "'ll", "'d", "n't")) for word in words)
    return min(1.0, max(0.0, 0.5 + _FORMALITY * (nominal - deictic) / max(1, len(words))))


def _slips(text: str) -> bool:
    return _SLIPS.search(text) is not None or any(
        not in_lists(
            begun[1],
            *("function-en", "filler-en", "verbs-en", "nouns-en", "particles-en", "adjectives-en", "known-names"),
        )
        for begun in _BEGUN.finditer(text)
    )


def _chatter(words: list[str]) -> float:
    """Less for what somebody says of themselves, least where it opens so and is no opinion."""
    opening = [word for word in words[:5] if word not in _LEANS]
    if opening[:1] and opening[0] in {"i", "i'm", "i've", "i'd", "my", "me"}:
        return _CHATTER if opening[0] == "i" and opening[1:2] and opening[1] in _OPINES else _OF_ONESELF
    return _CHATTER if _FIRST.intersection(words) else 1.0


def folded(text: str) -> str:
    """The words alone, in lower case: lines equal in this are the same line again."""
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def _has_verb(words: list[str]) -> bool:
    """Whether a word may be a finite verb: "One of the great giveaways of all time" has none."""
    return any(
        word in _FINITE
        or (word in word_list("verbs-en") and not word.endswith("ing") and before != "to")
        or word in word_list("past-irregular")
        or (word.endswith("ed") and word not in word_list("adjectives-en"))
        or word.endswith(("'re", "'ve", "'ll", "'d", "n't"))
        or (word.endswith("'s") and not (_owns(word) and is_noun(after)))
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False)
    )


def _owns(word: str) -> bool:
    """Whether "'s" after a word may mark what somebody owns: "the president's" and not "it's"."""
    return word.removesuffix("'s") not in word_list("function-en")


def _is_clause(words: list[str]) -> bool:
    """Whether words without marks may be a whole clause: no question, with a verb, not cut off in mid-phrase."""
    asking = [word for word in words[:3] if word not in _LINKS] + words[3:]  # "So what assessment have you made"
    asks = asking[0] in _ASKS or (asking[0] in _INVERTED and asking[1] in _SUBJECTS)
    verb = _has_verb(words) and not _RUNS_ON.search(" ".join(words))
    last = words[-1].split("-")[-1]
    # "... and spend another $220": of what comes next.
    cut = last in _NEVER_LAST or last.isdigit() or words[-2] in {"another", "wherever", "whenever"}
    return verb and not asks and words[0] not in _NEVER_FIRST and not cut and not _only_depends(words)


def _only_depends(words: list[str]) -> bool:
    """Whether a clause without marks opens with "if" and the like, and no main clause is told by its modal verb."""
    return words[0] in _DEPENDS and not any(word in _MODAL or word.endswith(("'ll", "'d")) for word in words[4:])


def _content(words: list[str]) -> set[str]:
    return {word for word in words if word not in word_list("function-en") and word not in word_list("filler-en")}


def _is_whole(text: str) -> bool:
    first = text.lstrip("\"'“‘([ ")[:1]
    return not first.islower() and text.rstrip("\"'”’)]»」』）】 ")[-1:] in _ENDS and not text.endswith("...")
