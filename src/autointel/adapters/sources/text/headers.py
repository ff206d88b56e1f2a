"""What stands beside the words of a text: headers of turns, titles, chat notices, stage directions.

Teams, Otter, Webex, Premiere and Zoom write the name and the time of a turn on one line or two, in either order. Such
lines are candidates here; whether the names are people is decided over the whole text, as for every label.

plain.py calls ``with_fields``, ``without_chapter_list``, ``joined``, ``is_chat`` and
``without_left_out``; then, once names are believed, ``parted``, ``with_titles``, ``with_directions`` and
``with_bare_times_marked``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.labels import (
    CLAUSE_WORDS,
    PREPOSITIONS,
    Label,
    Shape,
    handle,
    is_name,
    is_office,
    person,
    person_or_handle,
    read_label,
)
from autointel.adapters.sources.name_evidence import Names
from autointel.adapters.sources.spellings import name_key
from autointel.adapters.sources.text.paragraphs import EMPTY, Line, opens
from autointel.adapters.sources.text.timing import Stamp
from autointel.adapters.sources.unspoken import is_app_notice, is_imprint, is_left_out, is_sound_name
from autointel.domain.transcript import word_count

_LONGEST_TITLE: Final = 60
_LEAST_SIGNS: Final = 3  # lines of one form; fewer are chance
# The other times of a chat belong to lines of its program: who joined, who left.
_MOST_MESSAGES: Final = 0.6
_MOST_TITLE_WORDS: Final = 8
_ONE_LINE_EACH: Final = 0.7
_CLAUSE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟", "۔", ",", ";")
_LONGEST_ROLE: Final = 120
_INDENTED: Final = 6
_USUAL: Final = 0.8
_DASH: Final = re.compile(r"\s+(?:--?|–|—|\|)\s+")
_ROLE_WORD: Final = re.compile(
    r"\b(?:officer|president|analyst|director|chief|chair\w*|minister|manager|partner|vice|head of|editor|professor|"
    r"founder|co-founder|ceo|cfo|coo|cto|investor relations|secretary|counsel|economist|reporter|correspondent)\b",
    re.IGNORECASE,
)
_SEAT: Final = re.compile(r"\(([^()]{2,60})\)(?: \([^()]{2,30}\))?\Z")
# "Mar 5, 2024, 10:03 AM", below the name of who sent a message.
_DATED: Final = re.compile(
    r"(?:\w{3,9}\.?,? )?(?:\w{3,9}\.? \d{1,2},?|\d{1,2}\.? \w{3,9}\.?) (?:\d{4},? )?(?:at )?"
    r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?\Z",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(r"speaker:\s{0,4}([^\W_][\w .'-]{0,39})\Z", re.IGNORECASE)
_NUMBERED_HEAD: Final = re.compile(r"([^\W\d_][^,\n]{1,50}?)(?:,\s.{0,150})?\s{2,}\[(\d{1,4})\]\s*\Z")
_COUNTED: Final = re.compile(r"\s{0,8}(?:Anf|Anförande|Nr|Innlegg)\.? (\d{1,4})[ \t]+([^\W\d_][^:\n]{1,100}):")
_VOICE: Final = re.compile(r"[A-Z]?\d{0,3}\Z")
_EDITED: Final = re.compile(r"\s*\u200e<[^<>]{5,60}>\s*\Z")
_WORD_TRANSCRIPT: Final = re.compile(r"(?:full |the )?transcript:?\Z", re.IGNORECASE)


def joined(lines: Sequence[Line]) -> list[Line]:
    """The lines with each header on several lines as one line, which holds them in ``parts``."""
    lines = _with_heading_names(lines)
    names = [_name(line, following) for line, following in zip(lines, [*lines[1:], EMPTY], strict=True)]
    heads = _keys_of_heads(lines, names)
    found: list[Line] = []
    index = 0
    while index < len(lines):
        header, size = _header_at(lines, names, index, heads)
        found.append(header or lines[index])
        index += size
    return found


def _with_heading_names(lines: Sequence[Line]) -> list[Line]:
    """Headings that are names, and of which some come again, as the names of who speaks below them."""
    names = {index: name for index, line in enumerate(lines) if line.heading and (name := _name_in_heading(line.title))}
    keys = Counter(map(name_key, names.values()))
    recurring = sum(seen for seen in keys.values() if seen > 1)
    headings = sum(bool(line.heading) for line in lines)
    if len(keys) < 2 or recurring < max(_LEAST_SIGNS - 1, headings / 2):  # noqa: PLR2004 -- two people
        return list(lines)
    found = list(lines)
    for index, name in names.items():
        stamp = lines[index].stamp
        shape = Shape.LINE if stamp else Shape.ALONE
        found[index] = Line(name, stamp, Label("", name, "", shape), parts=(lines[index],))
    return found


def _name_in_heading(title: str) -> str | None:
    """The name that a heading is, or that it ends in a colon: "Jane Doe", "ChatGPT said:"."""
    return read_label(title).name or None if title.endswith(":") else person_or_handle(title)


def _name(line: Line, following: Line) -> str | None:
    """The name that a line alone may be; an office is its holder's, who may stand in brackets below."""
    raw = line.raw.strip()
    if not raw or len(raw) > _LONGEST_ROLE or line.stamp is not None or line.label is not None:
        return None
    if raw.endswith(_CLAUSE_ENDS) or is_imprint(raw):
        return None
    # "Jane Doe -- Chief Executive Officer": what follows the dash is a role.
    head = _DASH.split(raw, maxsplit=1)[0]
    if is_office(raw) and _is_seat(following):
        return person(f"{raw} {following.raw.strip()}")
    return person_or_handle(head) if head[:1].isalpha() or head[:1] == "@" else None


def _is_seat(line: Line) -> bool:
    """Whether a line holds only remarks in brackets that are no sounds: "(Dr Mary Coleman)", and not "(quietly)"."""
    found = _SEAT.match(line.raw.strip())
    return found is not None and found[1][0].isupper() and not is_sound_name(found[1])


def _keys_of_heads(lines: Sequence[Line], names: Sequence[str | None]) -> frozenset[str]:
    """The keys of lines that may be names above words; empty where none stands alone twice."""
    keys = Counter(name_key(name) for index, name in enumerate(names) if name and opens(lines, index))
    found = frozenset(keys) if len(keys) > 1 and max(keys.values()) > 1 else frozenset()
    return found | _nicknames(lines)


def _nicknames(lines: Sequence[Line]) -> frozenset[str]:
    """Names in small letters behind times, where nearly each time has one, as chats write who sends a message."""
    stamped = [line.stamp.rest for line in lines if line.stamp is not None and line.label is None]
    nicknames = [rest for rest in stamped if rest and handle(rest) and " " not in rest]
    usual = len(nicknames) >= _LEAST_SIGNS and len(nicknames) >= _USUAL * len(stamped)
    return frozenset(nicknames) if usual and len(set(nicknames)) <= len(nicknames) / 2 else frozenset()


def _header_at(
    lines: Sequence[Line], names: Sequence[str | None], index: int, heads: frozenset[str]
) -> tuple[Line | None, int]:
    line, following = lines[index], lines[index + 1] if index + 1 < len(lines) else EMPTY
    after = lines[index + 2] if index + 2 < len(lines) else EMPTY
    name = names[index]
    if name and _time_alone(following):
        return _at(following.stamp, name, line, following), 2
    if name and following.stamp is not None and following.label is None:
        # "Jane Doe", and below it "(0:15) words".
        return _at(None, name, line), 1
    if _time_alone(line) and index + 1 < len(lines) and (name_after := names[index + 1]) and _has_words(after):
        return _at(line.stamp, name_after, line, following), 2
    if line.stamp is not None and line.label is None and _has_words(following):
        rest = line.stamp.rest
        named = (person(rest) or (rest if rest in heads or rest == "I" else None)) if rest else None
        if named is not None:
            return _at(line.stamp, named, line), 1
    if name and name_key(name) in heads and opens(lines, index):
        below = _is_role(following) or _DATED.match(following.raw.strip()) is not None
        size = 2 if below and (_has_words(after) or not after.raw) else 1
        if _holds_words(lines, names, index + size, heads):
            return _at(None, name, *lines[index : index + size], shape=Shape.ALONE), size
    return None, 1


def _time_alone(line: Line) -> bool:
    return line.stamp is not None and not line.stamp.rest and line.label is None


def _at(stamp: Stamp | None, name: str, *parts: Line, shape: Shape = Shape.LINE) -> Line:
    raw = " ".join(part.raw for part in parts)
    return Line(raw, stamp, Label("", name, "", shape), parts=parts, indent=parts[0].indent)


def _has_words(line: Line) -> bool:
    return bool(line.raw) and line.stamp is None


def _is_role(line: Line) -> bool:
    """Whether a line below a name says what the person is: "Chief Executive Officer", "(Glasgow Central) (SNP)"."""
    if not 0 < len(line.raw) <= _LONGEST_ROLE:
        return False
    spoken = line.raw.endswith(("?", "!")) or not (CLAUSE_WORDS - PREPOSITIONS).isdisjoint(line.raw.lower().split())
    return _is_seat(line) or (line.label is None and not spoken and _ROLE_WORD.search(line.raw) is not None)


def _holds_words(lines: Sequence[Line], names: Sequence[str | None], index: int, heads: frozenset[str]) -> bool:
    """Whether words follow a name, and no other name: a list of people is no dialogue."""
    while index < len(lines) and not lines[index].raw and not lines[index].heading:
        index += 1
    if index >= len(lines) or not _has_words(lines[index]) or lines[index].label is not None:
        return False
    name = names[index]
    return name is None or name_key(name) not in heads


def with_fields(lines: Sequence[str]) -> list[str]:
    """The lines with names in four other notations written as labels, "Jane Doe:", where the notation recurs.

    The notations: "SPEAKER: S1" above the words; "speaker" alone above a name; "Jane Doe,  Harbour Corp. - CFO    [3]",
    counted from one; "Anf. 12  ANNA HOLM (S):", counted from line to line.
    """
    lines = _with_names_below(_with_numbered_heads(_with_counted_labels(lines)))
    found = [_FIELD.match(line) for line in lines]
    values = Counter(each[1] for each in found if each)
    fields = sum(line.lower().startswith("speaker:") for line in lines)
    if len(values) < 2 or len(values) == values.total() or fields != values.total():  # noqa: PLR2004 -- two voices
        return list(lines)
    named = [
        f"Speaker {each[1]}:" if each and _VOICE.match(each[1]) else f"{each[1]}:" if each else "" for each in found
    ]
    return [name or line for name, line in zip(named, lines, strict=True)]


def _with_names_below(lines: Sequence[str]) -> Sequence[str]:
    """The lines with the word "speaker" alone above each name as "name:"."""
    below = {at + 1 for at, line in enumerate(lines[:-1]) if line.strip().lower() in {"speaker", "speaker:"}}
    if len(below) < _LEAST_SIGNS or sum(person(lines[at]) is not None for at in below) < _USUAL * len(below):
        return lines
    named = [_as_label(line.strip()) if at in below else line for at, line in enumerate(lines)]
    return ["" if at + 1 in below else line for at, line in enumerate(named)]


def _as_label(name: str) -> str:
    """A name that its surroundings have told for sure, as the tag that says so in a line."""
    return f"<{name}>" if is_name(name) else f"{name}:"


def _with_numbered_heads(lines: Sequence[str]) -> Sequence[str]:
    """The lines with "Jane Doe,  Harbour Corp. - CFO    [3]" as "Jane Doe:", where such numbers count up from one."""
    heads = {at: head for at, line in enumerate(lines) if (head := _NUMBERED_HEAD.match(line))}
    if len(heads) < _LEAST_SIGNS or [int(head[2]) for head in heads.values()] != list(range(1, len(heads) + 1)):
        return lines
    below = {at + 1 for at in heads if at + 1 < len(lines) and set(lines[at + 1].strip()) <= {"-", "="}}
    return ["" if at in below else _as_label(heads[at][1]) if at in heads else line for at, line in enumerate(lines)]


def _with_counted_labels(lines: Sequence[str]) -> Sequence[str]:
    """The lines with "Anf. 12  ANNA HOLM (S):" as "ANNA HOLM (S):", where such numbers count up from line to line."""
    heads = {at: head for at, line in enumerate(lines) if (head := _COUNTED.match(line))}
    numbers = [int(head[1]) for head in heads.values()]
    if len(heads) < 2 or any(after != before + 1 for before, after in pairwise(numbers)):  # noqa: PLR2004 -- to count
        return lines
    return [f"{heads[at][2]}:{line[heads[at].end() :]}" if at in heads else line for at, line in enumerate(lines)]


def is_chat(lines: Sequence[Line]) -> bool:
    """Whether nearly every time has a name behind it, and some name comes again, as chats write their messages."""
    stamped = [line for line in lines if line.stamp is not None and not _is_notice(line)]
    keys = Counter(line.label.key for line in stamped if line.label is not None and line.label.name)
    return keys.total() >= max(_LEAST_SIGNS, _MOST_MESSAGES * len(stamped)) and max(keys.values()) > 1


def _is_notice(line: Line) -> bool:
    return line.stamp is not None and line.label is None and is_app_notice(line.stamp.rest)


def without_left_out(lines: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """A chat's messages without those that are only pictures or withdrawn, and without the program's own notices.

    The notes give how many of each were left out.
    """
    kept: list[Line] = []
    pictures = notices = 0
    for line in lines:
        if line.label is not None and is_left_out(line.label.rest):
            pictures += 1
        elif _is_notice(line):
            notices += 1
        else:
            kept.append(_unedited(line))
            continue
        kept.append(EMPTY)
    notes = [f"Messages that are no words, such as pictures, were left out: {pictures}."] if pictures else []
    return kept, [*notes, f"Notices of the chat program were left out: {notices}."] if notices else notes


def _unedited(line: Line) -> Line:
    """A message without the note that it was edited."""
    if line.label is None or "\u200e<" not in line.label.rest:
        return line
    label = line.label
    return replace(line, label=Label(label.mark, label.name, _EDITED.sub("", label.rest), label.shape))


def with_bare_times_marked(lines: Sequence[Line], names: Names, *, chat: bool = False) -> list[Line]:
    """The lines, those behind a time without a name marked as nobody's, where each turn states its name.

    A text does so that names the same speaker twice in a row, and every chat.
    """
    stamped = [line for line in lines if line.stamp is not None and (line.label or line.stamp.rest)]
    keys = [line.label.key if line.label and names.of(line.label) else "" for line in stamped]
    again = any(first and first == second for first, second in pairwise(keys))
    if not chat and (not again or len(keys) - keys.count("") < _USUAL * len(keys)):
        return list(lines)
    bare = {id(line) for line, key in zip(stamped, keys, strict=True) if not key}
    return [replace(line, unknown=True) if id(line) in bare else line for line in lines]


def with_directions(lines: Sequence[Line]) -> list[Line]:
    """The lines, stage directions and titles of sections marked as nobody's, where names stand alone above words.

    A direction stands further left than the indented words of a play; a title stands between empty lines.
    """
    found = list(lines)
    indent_of_words: int | None = None
    names_stand_above = any(line.label is not None and line.label.shape is Shape.ALONE for line in lines)
    for index, line in enumerate(lines):
        if names_stand_above and line.label is None and _is_section(lines, index):
            found[index] = replace(line, unknown=True)
        elif line.label is not None and line.label.shape is Shape.ALONE and line.indent > _INDENTED:
            indent_of_words = min((each.indent for each in lines[index + 1 : index + 3] if each.raw), default=None)
        elif (
            indent_of_words
            and line.raw
            and line.label is None
            and line.indent < indent_of_words
            and opens(lines, index)
        ):
            found[index] = replace(line, unknown=True)
    return found


def _is_section(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is a title between empty lines: "Question-and-Answer Session"."""
    raw = lines[index].raw.strip()
    alone = not (index and lines[index - 1].raw) and not (index + 1 < len(lines) and lines[index + 1].raw)
    words = raw.split()
    titled = 1 < len(words) <= _MOST_TITLE_WORDS and all(not word[0].islower() or len(word) < 4 for word in words)  # noqa: PLR2004
    return alone and titled and not raw.endswith(_CLAUSE_ENDS)


def parted(lines: Sequence[Line], names: Names) -> Iterator[Line]:
    """The lines again, headers whose name is not believed as the lines that they were."""
    for line in lines:
        if line.parts and line.label is not None and names.of(line.label) is None:
            first, *others = line.parts
            yield replace(first, unknown=first.unknown or names.ends_turn(line.label))
            yield from others
        else:
            yield line


def with_titles(lines: Sequence[Line]) -> list[Line]:
    """The lines, titles between two times as headings, where each time has one line of words, as YouTube copies them.

    A line that is only "Transcript" is then emptied.
    """
    times = [index for index, line in enumerate(lines) if _time_alone(line)]
    if len(times) < _LEAST_SIGNS:
        return list(lines)
    ends = [*times[1:], len(lines)]
    sizes = [sum(bool(line.raw) for line in lines[start + 1 : end]) for start, end in zip(times, ends, strict=True)]
    if sum(size == 1 for size in sizes) < _ONE_LINE_EACH * len(sizes):
        return list(lines)
    found = list(lines)
    for index, size_before in zip(times, [0, *sizes[:-1]], strict=True):
        before = index - 1
        # The line directly above a time is its title, if the time before has its line of words already.
        if before >= 0 and (size_before > 1 or index == times[0]) and _is_title(lines[before]):
            found[before] = replace(lines[before], raw="", heading=lines[before].raw.strip())
    return [EMPTY if _WORD_TRANSCRIPT.match(line.raw.strip()) else line for line in found]


def _is_title(line: Line) -> bool:
    raw = line.raw.strip()
    return 0 < len(raw) <= _LONGEST_TITLE and line.stamp is None and not raw.endswith(_CLAUSE_ENDS)


def without_chapter_list(lines: Sequence[Line]) -> tuple[list[Line], list[Stamp]]:
    """The lines without a list of chapters above the text, and the chapters that it names.

    A list: at least three lines in a row with a time and a short title, rising from the beginning; below it no line has
    a time, or the times begin anew.
    """
    timed = [index for index, line in enumerate(lines) if line.stamp is not None]
    listed = [index for place, index in enumerate(timed) if index - timed[0] == place]
    stamps = [stamp for index in listed if (stamp := lines[index].stamp) is not None]
    below = lines[timed[len(listed)]].stamp if len(timed) > len(listed) else None
    if len(stamps) < _LEAST_SIGNS or (below is not None and below.start >= stamps[-1].start):
        return list(lines), []
    starts = [stamp.start for stamp in stamps]
    titles = all(0 < len(stamp.rest) <= _LONGEST_TITLE and not stamp.rest.endswith(".") for stamp in stamps)
    rest = [line for line in lines[listed[-1] + 1 :] if line.raw]
    if starts != sorted(set(starts)) or starts[0] > 0 or not titles or len(rest) < 2:  # noqa: PLR2004 -- a text
        return list(lines), []
    if sum(word_count(line.raw) for line in rest) <= sum(word_count(stamp.rest) for stamp in stamps):
        return list(lines), []
    head = [line for line in lines[: listed[0]] if not line.raw.rstrip().endswith(":")]
    tail = [EMPTY if _WORD_TRANSCRIPT.match(line.raw.strip()) else line for line in lines[listed[-1] + 1 :]]
    return [*head, EMPTY, *tail], stamps
