"""Lines that stand beside the words: who speaks and when, on lines of their own; titles; a list of chapters.

Teams, Otter, Webex, Premiere and Zoom write the name and the time of a turn on one line or two, in either order. Such
lines are candidates here; whether the names are people is decided over the whole text, as for every label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import Final

from autointel.adapters.sources.evidence import Names
from autointel.adapters.sources.labels import Label, Shape, handle, person, person_or_handle
from autointel.adapters.sources.spellings import name_key
from autointel.adapters.sources.text.paragraphs import EMPTY, Line
from autointel.adapters.sources.text.timing import Stamp
from autointel.adapters.sources.unspoken import is_imprint
from autointel.domain.transcript import word_count

_LONGEST_TITLE: Final = 60
_LEAST: Final = 3
# A form that must head so many lines could be a sentence's; the others are hardly anything else than labels.
_USUAL_HABIT: Final = 0.5
_MOST_TITLE_WORDS: Final = 8
_ONE_LINE_EACH: Final = 0.7
_SENTENCE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟", "۔", ",", ";")
_TURN_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟", "۔", '"', "”", ")", "]", "—", "-", ":")
_LONGEST_ROLE: Final = 120
_INDENTED: Final = 6
_USUAL: Final = 0.8
_NUMBERED: Final = re.compile(r"[ \t]{0,9}(\d{1,2})(?:[ \t]|\Z)(?!\d)")
_COURT: Final = re.compile(r"[ \t]{0,9}\d{1,2}[ \t]+(?:[QA][. \t]|[A-Z][A-Z .'-]{2,40}:)")
_NUMBERED_LINES: Final = 8
_DASH: Final = re.compile(r"\s+(?:--?|–|—|\|)\s+")
_ROLE_WORD: Final = re.compile(
    r"\b(?:officer|president|analyst|director|chief|chair\w*|minister|manager|partner|vice|head of|editor|professor|"
    r"founder|co-founder|ceo|cfo|coo|cto|investor relations|secretary|counsel|economist|reporter|correspondent)\b",
    re.IGNORECASE,
)
# "Mar 5, 2024, 10:03 AM", below the name of who sent a message.
_DATED: Final = re.compile(
    r"(?:\w{3,9}\.?,? )?(?:\w{3,9}\.? \d{1,2},?|\d{1,2}\.? \w{3,9}\.?) (?:\d{4},? )?(?:at )?"
    r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?\Z",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(r"speaker:\s{0,4}([^\W_][\w .'-]{0,39})\Z", re.IGNORECASE)
# "* jane waves", "-!- jane has left": what somebody did, in a chat.
_EVENT: Final = re.compile(r"(?:\*{1,3}|-!-|-->|<--|=+)\s")
_VOICE: Final = re.compile(r"[A-Z]?\d{0,3}\Z")
_PRINTED: Final = re.compile(r"\[\d{2}:\d{2}[\d:.,]* --> \d{2}:\d{2}[\d:.,]*\]|\[\d+(?:\.\d+)?s -> \d+(?:\.\d+)?s\]")
_PROGRAM: Final = re.compile(
    r"(?:whisper|ggml|gguf|main|system_info|load_backend|output|read_audio|register_backend)\w*\s?:.*[=:('./]"
    r"|Detect(?:ing|ed) language\b|Processing audio with duration\b|.{0,200}(?:Future|User|Deprecation)Warning:"
    r"|\s{2,}warnings\.warn\(|\s{0,4}\d{1,3}%\|"
)
_HEAD_LINES: Final = 8
_SWITCHED: Final = re.compile(r"(.{2,60}) (?:started|stopped) transcription\Z")
_TOOLS: Final = re.compile(
    r"(?:Transcribed by )?(?:https?://)?(?:www\.)?(?:otter\.ai|clovanote\.naver\.com|turboscribe\.ai|tactiq\.io|notta\.ai)/?\Z"
    r"|\(Transcribed by TurboScribe\.ai\. Go Unlimited to remove this message\.\)\Z"
    r"|(?:Meeting|Transcription) ended after \d{1,2}:\d\d:\d\d(?: \U0001F44B)?\Z"
    r"|This editable transcript was computer generated and might contain errors\. People can also change the text after"
    r" it was created\.\Z"
)
_WORD_TRANSCRIPT: Final = re.compile(r"(?:full |the )?transcript:?\Z", re.IGNORECASE)


def joined(lines: Sequence[Line]) -> list[Line]:
    """The lines with each header on several lines as one line, which holds them in ``parts``."""
    lines = _with_heads(lines)
    names = [_name(line) for line in lines]
    heads = _heads(lines, names)
    found: list[Line] = []
    index = 0
    while index < len(lines):
        header, size = _header(lines, names, index, heads)
        found.append(header or lines[index])
        index += size
    return found


def _header(
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
    if _time_alone(line) and index + 1 < len(lines) and (name_after := names[index + 1]) and _words(after):
        return _at(line.stamp, name_after, line, following), 2
    if line.stamp is not None and line.label is None and _words(following):
        rest = line.stamp.rest
        named = (person(rest) or (rest if rest in heads or rest == "I" else None)) if rest else None
        if named is not None:
            return _at(line.stamp, named, line), 1
    if name and name_key(name) in heads and _opens(lines, index):
        below = _is_role(following) or _DATED.match(following.raw.strip()) is not None
        size = 2 if below and (_words(after) or not after.raw) else 1
        if _holds_words(lines, names, index + size, heads):
            return _at(None, name, *lines[index : index + size], shape=Shape.ALONE), size
    return None, 1


def _heads(lines: Sequence[Line], names: Sequence[str | None]) -> frozenset[str]:
    """The keys of lines that may be names above words; empty where none stands alone twice."""
    keys = Counter(name_key(name) for index, name in enumerate(names) if name and _opens(lines, index))
    found = frozenset(keys) if len(keys) > 1 and max(keys.values()) > 1 else frozenset()
    return found | _nicknames(lines)


def _nicknames(lines: Sequence[Line]) -> frozenset[str]:
    """Names in small letters behind times, where nearly each time has one, as chats write who sends a message."""
    stamped = [line.stamp.rest for line in lines if line.stamp is not None and line.label is None]
    nicknames = [rest for rest in stamped if rest and handle(rest) and " " not in rest]
    usual = len(nicknames) >= _LEAST and len(nicknames) >= 0.8 * len(stamped)
    return frozenset(nicknames) if usual and len(set(nicknames)) <= len(nicknames) / 2 else frozenset()


def with_fields(lines: Sequence[str]) -> list[str]:
    """The lines with "SPEAKER: S1" above the words as "S1:", where such lines name several voices again and again."""
    found = [_FIELD.match(line) for line in lines]
    values = Counter(each[1] for each in found if each)
    fields = sum(line.lower().startswith("speaker:") for line in lines)
    if len(values) < 2 or len(values) == values.total() or fields != values.total():  # noqa: PLR2004 -- two voices
        return list(lines)
    named = [
        f"Speaker {each[1]}:" if each and _VOICE.match(each[1]) else f"{each[1]}:" if each else "" for each in found
    ]
    return [name or line for name, line in zip(named, lines, strict=True)]


def without_program_lines(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines without what whisper prints beside them on a terminal, and a note of how many there were."""
    if sum(_PRINTED.match(line) is not None for line in lines) < 2:  # noqa: PLR2004 -- one may be anything
        return list(lines), []
    kept = [line for line in lines if not _PROGRAM.match(line)]
    left_out = len(lines) - len(kept)
    return kept, [f"Lines that the speech recogniser printed of itself were left out: {left_out}."] if left_out else []


def without_tool_lines(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines without those that a meeting tool writes above and below the words, and a note of how many there were.

    Only lines that are a tool's to the letter, at the head and the end, and never all there is.
    """
    filled = [index for index, line in enumerate(lines) if line.strip()]
    head, end = filled[:_HEAD_LINES], list(takewhile(lambda at: _is_tools(lines[at]), reversed(filled)))
    out = {*end, *(at for at in head if _is_tools(lines[at]))}
    for place, at in enumerate(head[:-2]):
        listed = [lines[each].strip().lower() for each in filled[place : place + 3]]
        if listed[0] == "attendees" and listed[2] == "transcript":
            out |= {at, *filled[place + 1 : place + 3]}
    if not out or len(out) == len(filled):
        return list(lines), []
    kept = [line for at, line in enumerate(lines) if at not in out]
    return kept, [f"Lines that the meeting tool wrote of itself were left out: {len(out)}."]


def _is_tools(line: str) -> bool:
    line = line.strip()
    event = _SWITCHED.match(line)
    return person(event[1]) is not None if event else _TOOLS.match(line) is not None


def every_message(lines: Sequence[Line], names: Names) -> list[Line]:
    """Where every time has its name, also when one person goes on, what stands behind a time alone is nobody's."""
    stamped = [line for line in lines if line.stamp is not None and (line.label or line.stamp.rest)]
    keys = [line.label.key if line.label and names.of(line.label) else "" for line in stamped]
    again = any(first == second != "" for first, second in pairwise(keys))
    if not again or len(keys) - keys.count("") < _USUAL * len(keys):
        return list(lines)
    bare = {id(line) for line, key in zip(stamped, keys, strict=True) if not key}
    return [replace(line, unknown=True) if id(line) in bare else line for line in lines]


def without_line_numbers(lines: Sequence[str]) -> list[str]:
    """The lines without the numbers that courts put before each, from 1 on every page."""
    found = [(_NUMBERED.match(line) if line.strip() else None) for line in lines]
    numbers = [int(each[1]) for each in found if each]
    filled = sum(bool(line.strip()) for line in lines)
    runs = sum(second == first + 1 or second == 1 for first, second in pairwise(numbers))
    court = sum(_COURT.match(line) is not None for line in lines)
    if (
        court < _LEAST
        or len(numbers) < _NUMBERED_LINES
        or len(numbers) < _USUAL * filled
        or runs < _USUAL * (len(numbers) - 1)
    ):
        return list(lines)
    return [" " * each.end(1) + line[each.end(1) :] if each else line for each, line in zip(found, lines, strict=True)]


def with_directions(lines: Sequence[Line]) -> list[Line]:
    """The lines of a play whose words are indented, those that stand further left marked as nobody's."""
    found = list(lines)
    below: int | None = None
    above = any(line.label is not None and line.label.shape is Shape.ALONE for line in lines)
    for index, line in enumerate(lines):
        if above and line.label is None and _is_section(lines, index):
            found[index] = replace(line, unknown=True)
        elif line.label is not None and line.label.shape is Shape.ALONE and line.indent > _INDENTED:
            below = min((each.indent for each in lines[index + 1 : index + 3] if each.raw), default=None)
        elif below and line.raw and line.label is None and line.indent < below and _opens(lines, index):
            found[index] = replace(line, unknown=True)
    return found


def _with_heads(lines: Sequence[Line]) -> list[Line]:
    """Headings that are names, and of which some come again, as the names of who speaks below them."""
    names = {
        index: name for index, line in enumerate(lines) if line.heading and (name := person_or_handle(line.heading))
    }
    keys = Counter(map(name_key, names.values()))
    recurring = sum(seen for seen in keys.values() if seen > 1)
    headings = sum(bool(line.heading) for line in lines)
    if len(keys) < 2 or recurring < max(_LEAST - 1, headings / 2):  # noqa: PLR2004 -- two people
        return list(lines)
    found = list(lines)
    for index, name in names.items():
        found[index] = Line(name, None, Label("", name, "", Shape.ALONE), parts=(lines[index],))
    return found


def _opens(lines: Sequence[Line], index: int) -> bool:
    """Whether an empty line, or the end of a sentence, precedes a line."""
    before = lines[index - 1].raw.rstrip() if index else ""
    return not before or before.endswith(_TURN_ENDS)


def _holds_words(lines: Sequence[Line], names: Sequence[str | None], index: int, heads: frozenset[str]) -> bool:
    """Whether words follow a name, and no other name: a list of people is no dialogue."""
    while index < len(lines) and not lines[index].raw and not lines[index].heading:
        index += 1
    if index >= len(lines) or not _words(lines[index]) or lines[index].label is not None:
        return False
    name = names[index]
    return name is None or name_key(name) not in heads


def _is_role(line: Line) -> bool:
    """Whether a line below a name says what the person is: "Chief Executive Officer, Harbour Corp."."""
    return 0 < len(line.raw) <= _LONGEST_ROLE and line.label is None and _ROLE_WORD.search(line.raw) is not None


def _at(stamp: Stamp | None, name: str, *parts: Line, shape: Shape = Shape.LINE) -> Line:
    raw = " ".join(part.raw for part in parts)
    return Line(raw, stamp, Label("", name, "", shape), parts=parts, indent=parts[0].indent)


def _name(line: Line) -> str | None:
    raw = line.raw.strip()
    if not raw or len(raw) > _LONGEST_ROLE or line.stamp is not None or line.label is not None:
        return None
    if raw.endswith(_SENTENCE_ENDS) or is_imprint(raw):
        return None
    # "Jane Doe -- Chief Executive Officer": what follows the dash is a role.
    head = _DASH.split(raw, maxsplit=1)[0]
    return person_or_handle(head) if head[:1].isalpha() or head[:1] == "@" else None


def _time_alone(line: Line) -> bool:
    return line.stamp is not None and not line.stamp.rest and line.label is None


def _words(line: Line) -> bool:
    return bool(line.raw) and line.stamp is None


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
    """Lines between two times that are titles as headings, where each time has one line of words, as YouTube copies."""
    times = [index for index, line in enumerate(lines) if _time_alone(line)]
    if len(times) < _LEAST:
        return list(lines)
    ends = [*times[1:], len(lines)]
    sizes = [sum(bool(line.raw) for line in lines[start + 1 : end]) for start, end in zip(times, ends, strict=True)]
    if sum(size == 1 for size in sizes) < _ONE_LINE_EACH * len(sizes):
        return list(lines)
    found = list(lines)
    for index, size in zip(times, [0, *sizes], strict=False):
        before = index - 1
        # The line directly above a time is its title, if the time before has its line of words already.
        if before >= 0 and (size > 1 or index == times[0]) and _is_title(lines[before]):
            found[before] = replace(lines[before], raw="", heading=lines[before].raw.strip())
    return [Line("") if _WORD_TRANSCRIPT.match(line.raw.strip()) else line for line in found]


def _is_section(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is a title between empty lines: "Question-and-Answer Session"."""
    raw = lines[index].raw.strip()
    alone = not (index and lines[index - 1].raw) and not (index + 1 < len(lines) and lines[index + 1].raw)
    words = raw.split()
    titled = 1 < len(words) <= _MOST_TITLE_WORDS and all(not word[0].islower() or len(word) < 4 for word in words)  # noqa: PLR2004
    return alone and titled and not raw.endswith(_SENTENCE_ENDS)


def _is_title(line: Line) -> bool:
    raw = line.raw.strip()
    return 0 < len(raw) <= _LONGEST_TITLE and line.stamp is None and not raw.endswith(_SENTENCE_ENDS)


def without_chapter_list(lines: Sequence[Line]) -> tuple[list[Line], list[Stamp]]:
    """The lines without a list of chapters above the text, and the chapters that it names.

    A list: at least three lines in a row with a time and a short title, rising from the beginning; below it no line has
    a time, or the times begin anew.
    """
    timed = [index for index, line in enumerate(lines) if line.stamp is not None]
    listed = [index for place, index in enumerate(timed) if index - timed[0] == place]
    stamps = [stamp for index in listed if (stamp := lines[index].stamp) is not None]
    below = lines[timed[len(listed)]].stamp if len(timed) > len(listed) else None
    if len(stamps) < _LEAST or (below is not None and below.start >= stamps[-1].start):
        return list(lines), []
    starts = [stamp.start for stamp in stamps]
    titles = all(0 < len(stamp.rest) <= _LONGEST_TITLE and not stamp.rest.endswith(".") for stamp in stamps)
    rest = [line for line in lines[listed[-1] + 1 :] if line.raw]
    if starts != sorted(set(starts)) or starts[0] > 0 or not titles or len(rest) < 2:  # noqa: PLR2004 -- a text
        return list(lines), []
    if sum(word_count(line.raw) for line in rest) <= sum(word_count(stamp.rest) for stamp in stamps):
        return list(lines), []
    head = [line for line in lines[: listed[0]] if not line.raw.rstrip().endswith(":")]
    tail = [Line("") if _WORD_TRANSCRIPT.match(line.raw.strip()) else line for line in lines[listed[-1] + 1 :]]
    return [*head, Line(""), *tail], stamps


def by_habit(lines: Sequence[Line]) -> list[Line]:
    """The lines with the labels that only a whole text bears out, since each alone could be a sentence.

    "NAME. words" of plays, "Q   words" and "Q. words" of courts and press rooms, "Jane Doe — words", "<jane> words".
    """
    found = list(lines)
    spoken = {index: _spoken(line) for index, line in enumerate(lines) if line.label is None and line.raw}
    filled = sum(bool(line.raw) for line in lines)
    for form, share in _HABITS:
        if len(spoken) < share * filled:
            continue
        matches = {index: match for index, words in spoken.items() if (match := form.match(words))}
        seen = Counter(match[1] for match in matches.values())
        recurring = sum(count for count in seen.values() if count > 1)
        if len(seen) < 2 and not (share == 0 and recurring > 1):  # noqa: PLR2004 -- two people
            continue
        usual = share >= _USUAL_HABIT
        least = max(_LEAST if share and usual else 2, (0.6 if usual else 0.3) * len(matches))
        if recurring < least or len(matches) < share * filled:
            continue
        for index, match in matches.items():
            rest = spoken[index][match.end() :].strip()
            found[index] = replace(lines[index], label=Label("", " ".join(match[1].split()), rest, Shape.HABIT))
        for index, words in spoken.items():
            if index not in matches and _EVENT.match(words):
                found[index] = replace(lines[index], unknown=True)
        break
    return found


def _spoken(line: Line) -> str:
    return (line.stamp.rest if line.stamp else line.raw).strip()


_NAMED_ONE: Final = r"[^\W\d_][\w'’-]{0,30}\.?(?: [^\W\d_][\w'’-]{0,30}\.?){0,3}"
# Each form, and the share of all lines that must begin so.
_HABITS: Final = (
    (re.compile(r"([QA])(?:[.:]?(?:[ ]{2,}|\t)\s*|\. )(?=\S)"), 0.0),
    (re.compile(r"((?:(?:MR|MS|MRS|DR|HON|SEN|REP|GEN|ST)\. )?[^\W\d_a-z][^\W\d_a-z'’ -]{1,30})\. (?=\S)"), 0.5),
    (
        re.compile(
            r"((?:MM?|Mmes?|Mlles?|Le|La|Mr|Mrs|Ms|Dr|The|Madam|Senator|Representative|Secretary|Director|General"
            r"|Admiral|Judge|Justice|Governor|Mayor|Ambassador|Commissioner|Professor|Delegate|Chair(?:man|woman|person)?)"
            r"\.? [^\W\d_a-z][\w'’-]{1,30}"
            r"(?: [^\W\d_a-z][\w'’-]{1,30})?)\. (?=\S)"
        ),
        0.5,
    ),
    (re.compile(r"<[@+%&~ ]?([^\s<>/]{1,30})>\s+(?=\S)"), 0.3),
    # "Jane Doe (S&D). – Madam President": the European Parliament's record.
    (re.compile(rf"({_NAMED_ONE})(?: \([^()\n]{{1,40}}\))?(?:[.,]| ,) ?[–—-] (?=\S)"), 0.3),
    (re.compile(rf"({_NAMED_ONE}) (?:--|—|–) (?=\S)"), 0.6),
)
