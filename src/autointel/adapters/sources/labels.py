"""Speaker labels: the shapes in which transcripts name who speaks, and the words that look like names and are none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from autointel.adapters.sources.markup import INVISIBLE
from autointel.adapters.sources.spellings import TITLES, name_key, names_nobody
from autointel.adapters.sources.unspoken import is_sound_name
from autointel.text.word_lists import word_list

# They are words of clauses and months, and names or the labels of chats.
NAMES_TOO: Final = frozenset(
    "will may april june august rose grant art hope page guy faith joy summer chase mark bill grace frank jack i me "
    "you them us".split()
)
NOT_NAMES: Final = word_list("headings")
PERSONS: Final = word_list("speaking-nouns")
# A head that holds one of these is a clause, in capitals or not: "THE BOARD SAID", "And here is the thing".
CLAUSE_WORDS: Final = frozenset(
    "is are was were be been am said says say asked asks told tells wrote writes adds added has have had has did do "
    "does will would can could should must this that these those it its it's that's here's there's here there we you i "
    "he she they them us our your my his her their not no yes because but so if then than when where which who what "
    "why how by قال وقال قالت وقالت אמר אמרה reads means goes".split()
) | frozenset("with for about into in on at".split())
PREPOSITIONS: Final = frozenset("with for about into in on at of from by".split())
# Words for those who are meant by "the man from the board", "somebody in the room".
SOMEBODY: Final = frozenset(
    "audience questioner student teacher caller guest participant resident citizen voter man woman boy girl voice "
    "voices somebody someone person people member members representative delegate lady gentleman speaker brother "
    "sister mother father wife husband son daughter child crowd reporter journalist official officer observer "
    "protester heckler neighbour neighbor friend colleague men women boys girls students citizens "
    "voters protesters workers fishermen others everybody everyone several group".split()
)
# The offices whose holders speak under them: "The Minister for Ports".
_OFFICES: Final = frozenset(
    "president vice-president minister prime secretary chairman chairwoman chair chairperson speaker deputy acting "
    "vice attorney solicitor parliamentary chief lord clerk court commissioner ambassador governor mayor first "
    "acting-president under-secretary-general secretary-general".split()
)
# A transcript has a few names, each met thousands of times.
_REMEMBERED: Final = 4096
_LONGEST: Final = 48
_LONGEST_WITH_ROLE: Final = 90
# With a role and remarks behind it. To look for a name in all that stands before each time of a line takes minutes.
_LONGEST_HEAD: Final = 300
_MOST_WORDS: Final = 5
_MOST_WORDS_OF_ROLE: Final = 8
_MARK: Final = re.compile(r"[ \t]{0,40}(>>+|[-–—](?=[ \t]{0,9}[^\s\d\-–—>]))[ \t]{0,40}")
_COLON: Final = re.compile(r"[:：﹕]")
_BRACKETED: Final = re.compile(r"([\[(（【〔])([^\[\](){}（）【】〔〕]{1,60})[\])）】〕][ \t]{0,9}([:：]?)")
_TAG: Final = re.compile(r"<([^\W\d_][\w .'-]{0,40})>(.*?)(?:</\1>)?\Z", re.DOTALL)
_REMARK: Final = re.compile(r"[ \t]{0,9}[(\[（][^()\[\]（）]{0,60}[)\]）][ \t]{0,9}\Z")
_ROLE_BEHIND: Final = re.compile(r"[ \t](?:--?|–|—|/|\|)[ \t]")
_SIGNS_IN_NAMES: Final = frozenset(".'’‘&/-*+|_#·・,")
_PARTICLES: Final = frozenset("and of the de da di van von der den la le el al bin dos du y und et".split())
_ARTICLES: Final = frozenset("de el la o a il le der die".split())
# Captions name people they cannot name so; recognisers number the voices that they tell apart.
ROLE: Final = re.compile(
    r"(?:the |an? |unidentified |(?:fe)?male |recorded |computer |young |old )*"
    r"(?:man|woman|boy|girl|speaker|host|co-host|narrator|announcer|interviewer|interviewee|moderator|audience|guest"
    r"|voice|both|all|crowd|reporter|operator|chairman|chairwoman|chair|court|witness|president|participant|caller"
    r"|person|spk|(?:fe)?male|respondent|panell?ist|presenter|questioner|agent|customer|client|patient|doctor|nurse"
    r"|teacher|student|user|assistant|human|ai|bot|mom|mum|dad|mother|father|clerk|counsel|prosecutor|defen[cs]e"
    r"|facilitator|attendee|anchor|correspondent|commentator|translator|interpreter|coach|candidate|recruiter|listener|viewer)"
    r"(?: voice)?(?: member)?[ _#-]?(?:[a-z]?\d{1,3}|[a-z])?\Z|[qa]\d{0,3}\Z",
    re.IGNORECASE,
)
# "(speaker ?)" of whisper.cpp, "Unknown Speaker" of meeting tools: a label that names nobody.
_UNKNOWN: Final = re.compile(
    r"(?:(?:unknown|unidentified)(?: speaker| voice)?|(?:unintelligible|inaudible|indistinct|off-mic) (?:speaker|voice)"
    r"|speaker ?(?:\?|unknown)|\?+|-+)\Z",
    re.IGNORECASE,
)
# "[inaudible]: words" names nobody; "[inaudible] words" is what was said.
_UNHEARD: Final = re.compile(r"(?:unintelligible|inaudible|indistinct|off-mic)\Z", re.IGNORECASE)
# How assistants' pages are copied.
_ASSISTANT: Final = re.compile(r"(You|ChatGPT|Claude|Gemini|Copilot|Grok|DeepSeek|Assistant) said\Z")
# "Question 3", "Answer no. 3": the number of an exchange, and no name.
_NUMBERED: Final = re.compile(
    r"(question|answer|frage|antwort|pregunta|respuesta|pergunta|resposta|domanda|risposta|réponse|вопрос|ответ)"
    r" (?:no\.? ?|nr\.? ?|n° ?|# ?)?\d{1,3}\Z",
    re.IGNORECASE,
)
_VERB_ENDS: Final = ("说", "說", "道", "表示", "称", "认为", "言う", "言った")
# "I", "R1", "P3", "JB", "J.D.": a letter or two, and a number.
_INITIALS: Final = re.compile(r"(?:[A-Z]\.?){1,2}\d{0,3}\Z")
# "jane", "@jane", "jane_doe", "bob99": how chats and notes write names.
_HANDLE: Final = re.compile(r"@?[^\W\d_][\w.@+-]{1,38}(?:#\d{4})?\Z")
_TELEPHONE: Final = re.compile(r"\+\d[\d ()-]{6,20}\d\Z")
_ONE_WORD: Final = re.compile(r"[\w@.+-]{1,40}\Z")
_MOST_WORDS_OF_SOMEBODY: Final = 7


class Shape(StrEnum):
    """How a label is set off from the words."""

    COLON = "colon"  # Name: words
    BRACKETS = "brackets"  # [Name] words
    TAG = "tag"  # <Person1>words</Person1>
    BOLD = "bold"  # **Name:** words
    TIMED = "timed"  # Name (0:15), the time being that of a recording
    LINE = "line"  # Name on a line of its own, beside a time on another
    ALONE = "alone"  # Name on a line of its own, above the words
    HABIT = "habit"  # "NAME. words", "Name - words", "Q   words" where nearly every paragraph begins so
    DOUBTFUL = "doubtful"  # Words in capitals before a colon that no rule reads as a name: they end the turn before


class Look(StrEnum):
    """What a name looks like, which says how much evidence it needs."""

    ROLE = "role"
    CAPITALS = "capitals"
    FULL = "full"
    SINGLE = "single"
    INITIALS = "initials"  # I, R1, JB
    HANDLE = "handle"  # jane, @jane, jane_doe


class Label(NamedTuple):
    """A line taken apart. ``mark`` is ">>" or a dash at its head; ``name`` is None where no label follows, and "" where
    the label says that the speaker is unknown; ``rest`` are the words after both.
    """

    mark: str
    name: str | None
    rest: str
    shape: Shape | None = None

    @property
    def key(self) -> str:
        """What spellings of one name have in common; "" where there is no name."""
        return name_key(self.name or "")

    @property
    def look(self) -> Look:
        """The look of the name; meaningless where there is none."""
        return look_of(self.name or "")


@lru_cache(maxsize=_REMEMBERED)
def look_of(name: str) -> Look:
    """The look of a name, by its letters."""
    if ROLE.match(name):
        return Look.ROLE
    if _INITIALS.match(name):
        return Look.INITIALS
    if name[:1] in {"@", "+"} or (name[:1].islower() and not _is_particle(name.split(maxsplit=1)[0])):
        return Look.HANDLE
    if name.isupper() and len(name) > 1:
        return Look.CAPITALS
    return Look.FULL if len(name.split()) > 1 else Look.SINGLE


def _is_particle(word: str) -> bool:
    """Whether a name may begin so in small letters: "van Dyke", "d'Arcy"."""
    return word in _PARTICLES - {"the", "and", "of"} or (word[1:2] in {"'", "’"} and word[2:3].isupper())


def read_label(line: str) -> Label:
    """The mark and the label that a line begins with; linear in its length."""
    line = line.strip().lstrip(INVISIBLE)
    if line[:1].isalnum() and _COLON.search(line, 0, _LONGEST_WITH_ROLE) is None:
        # Nearly all lines are words alone.
        return Label("", None, line)
    found = _MARK.match(line)
    mark, body = (found.group(1), line[found.end() :].lstrip(INVISIBLE)) if found else ("", line)
    for read in (_bracketed, _tagged, _before_colon):
        label = read(body)
        if label is not None:
            return Label(mark, label.name, label.rest, label.shape) if mark else label
    return Label(mark, None, body)


def _bracketed(body: str) -> Label | None:
    found = _BRACKETED.match(body)
    if found is None:
        return None
    if not found.group(3) and is_sound_name(found.group(2)):
        # A sound may stand before the label.
        label = _before_colon(body[found.end() :].lstrip())
        return label if label is not None and label.name and label.look is Look.CAPITALS else None
    name, colon, rest = found.group(2), found.group(3), body[found.end() :].strip()
    sure = _UNKNOWN.match(name.strip()) or (colon and _UNHEARD.match(name.strip()))
    if sure or (colon and rest and names_nobody(name)):
        return Label("", "", rest, Shape.BRACKETS if sure else Shape.DOUBTFUL)
    named = person(name) if is_name(name) else handle(name) if colon or found.group(1) == "[" else None
    # "(C) 2004", "(a) the first".
    if len(name.strip()) == 1 and name.isascii() and found.group(1) != "[" and not colon:
        return None
    if named is None or (is_sound_name(name) and not (colon and is_name(name))):
        return Label("", " ".join(name.split()), rest, Shape.DOUBTFUL) if colon and rest else None
    return Label("", named, rest, Shape.COLON if colon else Shape.BRACKETS)


def _before_colon(body: str) -> Label | None:
    colon = _COLON.search(body, 0, _LONGEST_WITH_ROLE)
    if colon is None:
        return None
    head, rest = body[: colon.start()], body[colon.end() :]
    # "10:30", "https://": no white space follows, so it is no label, except in scripts that write none.
    if rest and colon.group() == ":" and not rest[0].isspace() and (head.isascii() or not _uncased(head)):
        return None
    # "北京时间3:30", "中国队2:1", "ヨハネ3:16": a time, a score, a verse.
    if rest and (rest[0] in "/:" or (head[-1:].isdigit() and rest[0].isdigit())):
        return None
    alone = head.strip().lower() in {"unknown", "unidentified"}
    sure = not alone and (_UNKNOWN.match(head.strip()) or _UNHEARD.match(head.strip()))
    if sure or (rest and head[:1].isalpha() and names_nobody(head)):
        # "None: so be it" may be words as well, which the labels around it decide.
        return Label("", "", rest.strip(), Shape.COLON if sure else Shape.DOUBTFUL)
    assistant = _ASSISTANT.match(head.strip()) or _NUMBERED.match(head.strip())
    head = assistant[1] if assistant else head
    named = person_or_handle(head) or _somebody(head)
    if named is None:
        ends = _may_end_turn(head) if rest else _is_titled(head)
        return Label("", " ".join(head.split()), rest.strip(), Shape.DOUBTFUL) if ends else None
    return Label("", named, rest.strip(), Shape.COLON)


def _uncased(text: str) -> bool:
    return any(sign.isalpha() for sign in text) and text.lower() == text.upper()


def _somebody(head: str) -> str | None:
    """Somebody who is described and not named: "the man from the board", "Audience questioner"."""
    head = _REMARK.sub("", head.strip()).strip()
    words = head.lower().split()
    described = 1 < len(words) <= _MOST_WORDS_OF_SOMEBODY and not SOMEBODY.isdisjoint(words)
    return " ".join(head.split()) if described and (CLAUSE_WORDS - PREPOSITIONS).isdisjoint(words) else None


def _may_end_turn(head: str) -> bool:
    """Whether a head that no rule reads as a name may still name somebody: a single word, or words in capitals."""
    head = _REMARK.sub("", head.strip()).strip()
    return bool(_ONE_WORD.match(head)) or _is_titled(head)


def _is_titled(head: str) -> bool:
    """Whether two or more words all begin with a capital, as names do, and headings, and hardly any clause."""
    words = head.split()
    first = words[0].lower() if words else ""
    return (
        1 < len(words) <= _MOST_WORDS + 2
        and first[0].isalpha()
        and first not in NOT_NAMES
        and not any(word[-1] in ".!?,;" and len(word) > 3 for word in words)  # noqa: PLR2004  "Dr." and "Ph.D." are none
        and all(word[0].isupper() or word[0].isdigit() or word in _PARTICLES for word in words)
        and not head.isupper()
    )


def _tagged(body: str) -> Label | None:
    found = _TAG.match(body) if body.startswith("<") else None
    if found is None or not is_name(found.group(1)):
        return None
    return Label("", " ".join(found.group(1).split()), found.group(2).strip(), Shape.TAG)


def handle(head: str) -> str | None:
    """A name in small letters, one that is a word as well, or a telephone's number: they need more evidence."""
    head = head.strip(" \t*_~\xa0\u202f")
    if _TELEPHONE.match(head):
        return head
    folded = head.lower().lstrip("@")
    if folded in NAMES_TOO:
        return head
    if not _HANDLE.match(head) or folded in NOT_NAMES or folded in CLAUSE_WORDS or head[0].isupper():
        return None
    return head


def person_or_handle(head: str) -> str | None:
    """The name in a head, also one that needs more evidence than its own letters."""
    return person(head) or handle(head) if len(head) <= _LONGEST_HEAD else None


@lru_cache(maxsize=_REMEMBERED)
def person(head: str) -> str | None:
    """The name in a label's head, without remarks and roles: "FELD" of "FELD (on camera)" and of "FELD, HOST".

    "Lindqvist, Marta" stays whole, and of "The Minister for Ports (Jane Doe)" the name is "Jane Doe". None where the
    head cannot name anybody.
    """
    if len(head) > _LONGEST_HEAD:
        return None
    head = head.strip().strip('*_~"“”„»« \t\xa0\u202f')
    while (remark := _REMARK.search(head)) is not None and remark.start() > 0:
        inside = remark.group().strip(" \t()[]（）")
        if is_office(head[: remark.start()]) and len(inside.split()) > 1 and is_name(inside):
            return " ".join(inside.split())
        head = head[: remark.start()].strip()
    # "Jane Doe - Guest", "Jane Doe / Host".
    parted = _ROLE_BEHIND.split(head, maxsplit=1)
    if len(parted) > 1 and len(parted[0].split()) > 1 and len(parted[1].split()) <= _MOST_WORDS_OF_ROLE:
        head = parted[0]
    name, comma, role = head.partition(",")
    if comma:
        return _with_comma(name.strip(), role.strip())
    if is_office(head):
        return " ".join(head.split())
    return " ".join(head.split()) if len(head) <= _LONGEST and is_name(head) else None


def _with_comma(name: str, role: str) -> str | None:
    if not name or not role or not is_name(name):
        return None
    # "NORA FELD, HOST": two words are a whole name, so what follows is a role; it is in capitals or it is short.
    if len(name.split()) > 1 or ROLE.match(role.lower()) or role.lower() in {"byline", "host", "phd", "md", "jr"}:
        return " ".join(name.split()) if role.isupper() or len(role.split()) <= _MOST_WORDS_OF_ROLE else None
    whole = " ".join(f"{name}, {role}".split())
    return whole if len(whole) <= _LONGEST and is_name(role) else None


def is_office(head: str) -> bool:
    """Whether the head is an office under which its holder speaks: "The Minister for Ports", "Mr Speaker"."""
    words = head.lower().split()
    if not 1 < len(words) <= _MOST_WORDS + 3 or words[0] not in {"the", "mr", "mr.", "madam", "mrs", "ms"}:
        return False
    return words[1] in _OFFICES and head.split()[1][0].isupper() and head.rsplit(maxsplit=1)[-1][0].isupper()


@lru_cache(maxsize=_REMEMBERED)
def is_name(head: str) -> bool:
    """Whether these words may name somebody: a few words, each with a capital or without case, none of a clause."""
    head = _REMARK.sub("", head.strip()).strip()
    words = head.split()
    if not 1 <= len(words) <= _MOST_WORDS or len(head) > _LONGEST or not head[0].isalpha():
        return False
    if not all(
        _is_word(word.strip("\"'“”,")) or (at and (word == "&" or _is_picture(word))) for at, word in enumerate(words)
    ):
        return False
    folded = [word.lower().strip(".,'’") for word in words]
    # "Huw Irranca-Davies AM": letters after a name are no word of a clause.
    clause = (
        folded if head.isupper() else [low for low, word in zip(folded, words, strict=True) if not _is_letters(word)]
    )
    if folded == ["will"] or (len(words) == 1 and folded[0] in NAMES_TOO and words[0][0].isupper()):
        return len(folded[0]) > 3  # noqa: PLR2004 -- "I", "Me" and "You" are no names
    # "El señor PRESIDENTE", "A SRA. JOANA REIS".
    if len(words) > 2 and folded[0] in _ARTICLES and folded[1] in TITLES:  # noqa: PLR2004
        words, folded = words[1:], folded[1:]
    if len(words) > 1 and folded[0] in TITLES:
        return all(word[0].isupper() or word in _PARTICLES for word in words[1:])
    if folded[0] in NOT_NAMES or CLAUSE_WORDS.intersection(clause) or head.endswith(_VERB_ENDS):
        return False
    return bool(ROLE.match(head)) or (
        folded[0] not in {"and", "of", "y", "und", "et"}
        and all(
            not word[0].islower()
            or word.isdigit()
            or _is_particle(word)
            # "Marta's iPhone"
            or (at and (word in _PARTICLES or not word.islower()))
            for at, word in enumerate(words)
        )
    )


def _is_word(word: str) -> bool:
    # Combining marks belong to the word: Hindi, Thai and Arabic names do not match \w alone.
    return (
        bool(word)
        and word[0].isalnum()
        and all(sign.isalnum() or sign in _SIGNS_IN_NAMES or unicodedata.category(sign)[0] == "M" for sign in word)
    )


def _is_picture(word: str) -> bool:
    """Whether a word is an emoji, as people put behind their names in chats."""
    return all(unicodedata.category(sign) in {"So", "Sk", "Mn", "Cf"} for sign in word)


def _is_letters(word: str) -> bool:
    return word.isupper() and 1 < len(word.strip(".")) <= 4  # noqa: PLR2004  MP, AM, MEP, Ph.D.


def labels_change(keys: Sequence[str]) -> bool:
    """Whether hardly any label repeats the one before: such labels stand where the speaker changes."""
    return sum(before != after for before, after in pairwise(keys)) >= 0.9 * (len(keys) - 1)
