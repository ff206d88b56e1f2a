"""A line taken apart into its time, its name and its words; lines gathered into paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.labels import Label, Shape, person_or_handle, read_label
from autointel.adapters.sources.likelihood import Likely, is_known, likely
from autointel.adapters.sources.markup import one_line
from autointel.adapters.sources.name_evidence import Names
from autointel.adapters.sources.spellings import names_nobody
from autointel.adapters.sources.text import markdown
from autointel.adapters.sources.text.timing import Stamp, named_stamp, read_stamp
from autointel.adapters.sources.unspoken import is_headline, is_imprint, is_sound

_LONGEST_HEADING: Final = 200
# "jane — Today at 10:03 AM", copied out of a chat.
_POSTED: Final = re.compile(
    r"([^\W\d_][\w .'-]{0,39}?)\s{1,4}(?:[—–•-] )?"
    r"(?:Today|Yesterday|\w{3,9}day|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}),? (?:at )?\d{1,2}:\d\d(?: ?[AP]M)?\Z"
)
# A line that only divides holds no word, and what stands below it need not be said by whoever spoke above it.
_RULE: Final = re.compile(r"[-=_*~#+]{3,}\Z")
_RULES: Final = frozenset("-=_*~#+")
# "From Jane Doe to Everyone: words", as Zoom saves its chat.
_SENDER: Final = re.compile(
    r"(?:From|Von|De|Da|Van) {1,4}([^:]{1,60}?)(?: {1,4}(?:to|an|à|para|a|aan) {1,4}[^:]{1,60}?)?"
    r"(?: ?\([^()]{1,30}\))? ?:(?:\s|\Z)"
)
# A form that must head so many lines could be a sentence's; the others are hardly anything else than labels.
_USUAL_HABIT: Final = 0.5
_TURN_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟", "۔", '"', "”", ")", "]", "—", "-", ":")
# "* jane waves", "-!- jane has left": what somebody did, in a chat.
_EVENT: Final = re.compile(r"(?:\*{1,3}|-!-|-->|<--|=+)\s")
_FEWEST_HABITS: Final = 3
_ASKED: Final = 0.1
_BEFORE_COLON: Final = frozenset({Shape.COLON, Shape.DOUBTFUL})
_SENTENCE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟", "۔", '"', "”", ")", "]")
_CAPITAL: Final = r"[^\W\d_a-zà-öø-ÿа-яё]"
_NAMED_ONE: Final = r"[^\W\d_][\w'’-]{0,30}\.?(?: [^\W\d_][\w'’-]{0,30}\.?){0,3}"
_IN_CAPITALS: Final = rf"(?:(?:MR|MS|MRS|DR|HON|SEN|REP|GEN|ST)\. )?{_CAPITAL}(?:{_CAPITAL}|['’ -]){{1,30}}"
_TITLED: Final = (
    r"(?:MM?|Mmes?|Mlles?|Le|La|Mr|Mrs|Ms|Dr|The|Madam|Senator|Representative|Secretary|Director|General"
    r"|Admiral|Judge|Justice|Governor|Mayor|Ambassador|Commissioner|Professor|Delegate|Chair(?:man|woman|person)?)"
    rf"\.? {_CAPITAL}[\w'’-]{{1,30}}(?: {_CAPITAL}[\w'’-]{{1,30}}){{0,2}}"
    # "Mme la présidente", "M. le ministre".
    r"|(?:M\.|Mme) (?:la |le |l['’])[^\W\d_][\w'’-]{2,30}"
)
_LINK: Final = "from|of|in|the|de|du|la|le|der|den|von|aus|dem"
# "Fenn", "Voice from the Floor", "Lady Harrow", "Иванов С. П.".
_WRITTEN_NAME: Final = rf"{_CAPITAL}[\w'’-]{{1,30}}(?:(?: (?:{_LINK})){{0,2}} {_CAPITAL}(?:\.|[\w'’-]{{1,30}})){{0,3}}"
_STOP: Final = r"(?: \([^()\n]{1,60}\))?(?:, [^.:?!\n]{2,80})?(?:\.|(?<= \w\.)) (?=\S)"
_ANY_NAMED: Final = re.compile(rf"({_TITLED}|{_WRITTEN_NAME}){_STOP}")
_TITLED_ONLY: Final = re.compile(rf"({_TITLED}){_STOP}")
_CAPITALS_ONLY: Final = re.compile(rf"({_IN_CAPITALS}){_STOP}")
_DASHED: Final = re.compile(rf"({_NAMED_ONE}) (?:--|—|–) (?=\S)")
_SPACED: Final = re.compile(r"([^\W\d_a-z]{1,10})(?:　+(?=\S)|(?=[「『]))")
# Forms that a sentence may have too.
_SENTENCES: Final = frozenset({_CAPITALS_ONLY, _ANY_NAMED, _TITLED_ONLY})
# Each form, and the share of all lines that must begin so.
_HABITS: Final = (
    (re.compile(r"([QA])(?:[.:]?(?:[ ]{2,}|\t)\s*|\. )(?=\S)"), 0.0),
    # "Jane Doe (S&D). – Madam President": the European Parliament's record.
    (re.compile(rf"({_NAMED_ONE})(?: \([^()\n]{{1,40}}\))?(?:, [^.:–—\n]{{2,80}})?(?:[.,]| ,) ?[–—−-] (?=\S)"), 0.3),
    # "O SR. SILVA (PT - BA) - Obrigado".
    (re.compile(rf"((?:OS?|AS?) SRA?S?\. {_IN_CAPITALS})(?: \([^()\n]{{1,80}}\))? [–—-] (?=\S)"), 0.3),
    (_CAPITALS_ONLY, 0.5),
    (_ANY_NAMED, 0.7),
    (_TITLED_ONLY, 0.15),
    (re.compile(r"<[@+%&~ ]?([^\s<>/]{1,30})>\s+(?=\S)"), 0.3),
    (_DASHED, 0.6),
    # "○議長（田中一郎君）　これより", "山田　今日は", and the columns of a chat: a nickname, a tab, words.
    (re.compile(r"[○◯〇●◆]([^\s　]{1,30})[ 　]+(?=\S)"), 0.3),
    (_SPACED, 0.6),
    (re.compile(r"[@+%&~]?([^\W\d_][^\t]{0,29})\t+ *(?=\S)"), 0.5),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line taken apart, nothing decided yet.

    ``stamp`` is a time it begins with, ``label`` the name after that, ``inner`` a time after the name, ``indent`` the
    number of spaces before all of them.
    """

    raw: str
    stamp: Stamp | None = None
    label: Label | None = None
    inner: Stamp | None = None
    heading: str | None = None
    speaker: str | None = None
    parts: tuple[Line, ...] = ()
    unknown: bool = False
    indent: int = 0

    @property
    def title(self) -> str:
        """A heading without the time that it begins with."""
        stamp = read_stamp(self.heading or "")
        return stamp.rest if stamp else self.heading or ""

    def read(self, names: Names, *, timed: bool, marked: bool = False) -> Line:
        """The line with only what is believed: names that name speakers, times if the text is timed.

        ``speaker`` is "" where the label says that the speaker is unknown; ``unknown`` marks a label that is not
        believed, whose words are nobody's; ``marked`` tells whether ">>" marks who speaks; ``parts`` are
        the lines of a header that stands on several.
        """
        if self.label is None and self.stamp is None:
            return self
        stamp = self.stamp if timed else None
        raw = stamp.rest if stamp else self.raw
        if self.heading:
            return Line("", stamp, heading=(self.title if stamp else self.heading) or None)
        if self.label is None:
            return Line(raw, stamp, None, self.inner, self.heading, self.speaker, self.parts, self.unknown)
        if self.label.name is None:
            # ">>" alone: somebody else, whom nobody names.
            return Line(self.label.rest if marked else raw, stamp, None, None, self.heading, unknown=marked)
        # Behind or before a time that is not believed, a name is only a word.
        bound = self.stamp is not None or self.label.shape is Shape.TIMED
        name = names.of(self.label)
        if name is None or (bound and not timed and self.label.shape not in {Shape.TAG, Shape.HABIT}):
            unknown = self.unknown or names.ends_turn(self.label)
            return Line(raw, stamp, None, None, self.heading, self.speaker, self.parts, unknown)
        inner = self.inner if timed else None
        rest = inner.rest if inner else self.label.rest
        return Line(rest, inner or stamp, self.label, None, self.heading, name, self.parts, self.unknown)


# Half the lines of many texts; one value serves for all of them.
EMPTY: Final = Line("")


def markdown_line(line: str) -> Line:
    """A line of Markdown taken apart, without its signs."""
    title = markdown.heading(line)
    if title is not None:
        stamp = read_stamp(title)
        shown = one_line(title, _LONGEST_HEADING) or None
        return Line("", Stamp(stamp.start, stamp.end, "") if stamp else None, heading=shown)
    if markdown.is_rule(line):
        return Line("", unknown=not line.lstrip().startswith(("`", "~")))
    called = markdown.callout(line)
    if called is not None:
        name, title = called
        return Line(title, label=Label("", name, "", Shape.TAG) if name else None)
    named = markdown.bold_name(line)
    if named is None:
        return text_line(markdown.words(line))
    name, rest = markdown.words(named[0]), markdown.words(named[1]).strip()
    shown = "" if names_nobody(name) else " ".join(name.split())
    return Line(f"{name}: {rest}", label=Label("**", shown, rest, Shape.BOLD), inner=read_stamp(rest))


def text_line(line: str) -> Line:
    """A line of plain text taken apart."""
    line = line.strip()
    if line[:1] in _RULES and _RULE.match(line):
        return Line("", unknown=True)
    posted = _POSTED.match(line) if ":" in line and line[0].isalpha() else None
    if posted is not None:
        return Line(line, label=Label("", " ".join(posted[1].split()), "", Shape.HABIT))
    stamp = read_stamp(line)
    rest = stamp.rest if stamp else line
    sender = _SENDER.match(rest) if stamp else None
    if sender is not None:
        return Line(line, stamp, Label("", " ".join(sender[1].split()), rest[sender.end() :].strip(), Shape.TAG))
    found = read_label(rest)
    if found.name is not None or found.mark.startswith(">>"):
        return Line(line, stamp, found, read_stamp(found.rest) if stamp is None else None)
    named = named_stamp(rest) if stamp is None and rest[-1:] else None
    name = (_nobody(named[0]) or person_or_handle(named[0])) if named else None
    if named and name and (inner := read_stamp(named[1])) is not None:
        return Line(line, None, Label("", name, named[1], Shape.TIMED), inner)
    return Line(line, stamp)


def _nobody(head: str) -> str | None:
    """What a tool writes before a time where it knows nobody: "Speaker ?", "?"; a dash there begins a list's line."""
    return one_line(head) if names_nobody(head[:80]) and any(sign.isalpha() or sign == "?" for sign in head) else None


def lines_are_paragraphs(lines: Sequence[str]) -> bool:
    """Whether each line stands for itself: hardly an empty one between them, and most end a sentence.

    Otherwise lines are wrapped, and an empty line ends a paragraph.
    """
    filled = [line for line in lines if line.strip()]
    if len(lines) - len(filled) > 0.02 * len(lines) + 1:
        return False
    return sum(line.rstrip().endswith(_SENTENCE_ENDS) for line in filled) > 0.6 * len(filled)


def gather(lines: Iterable[Line], *, each_line: bool, capitals: bool = False) -> Iterator[Cue | str]:
    """Paragraphs as cues, headings as texts, in order. A speaker goes on until another is named.

    ``capitals`` tells that the whole text is in capitals, so that they make no title.
    A name or a time that stands alone belongs to the paragraph that follows.
    """
    current = Cue(None, None, [])
    speaker: str | None = None
    closed, alone = True, False
    for line in lines:
        aside = (
            closed
            and line.speaker is None
            and not line.unknown
            and (_is_aside(line.raw) or (not capitals and is_headline(line.raw)))
        )
        if current.lines and (aside or alone or _ends_before(line, each_line=each_line)):
            yield current
            current = Cue(None, None, [], speaker)
        if line.heading:
            yield line.heading
        _add(line, current)
        if aside:
            # A tool's line or a clerk's does not say who speaks after it; a sound interrupts nobody.
            speaker = speaker if is_sound(line.raw) else None
            current.speaker, current.opens_turn = None, True
        elif line.speaker is not None or line.unknown:
            speaker = current.speaker
        alone = aside or (alone and not line.raw)
        closed = not line.raw or line.raw.rstrip().endswith(_SENTENCE_ENDS)
    if current.lines:
        yield current


def _is_aside(raw: str) -> bool:
    return bool(raw) and (is_sound(raw) or is_imprint(raw))


def _ends_before(line: Line, *, each_line: bool) -> bool:
    return each_line or not line.raw or line.stamp is not None or line.speaker is not None or line.unknown


def _add(line: Line, current: Cue) -> None:
    if line.stamp is not None:
        current.start, current.end = line.stamp.start, line.stamp.end
    if line.speaker is not None:
        current.speaker, current.opens_turn = line.speaker or None, True
    elif line.unknown:
        current.speaker, current.opens_turn = None, True
    if line.raw:
        current.lines.append(line.raw)


def opens(lines: Sequence[Line], index: int) -> bool:
    """Whether an empty line, or the end of a sentence, precedes a line."""
    before = lines[index - 1].raw.rstrip() if index else ""
    return not before or before.endswith(_TURN_ENDS)


def by_habit(lines: Sequence[Line]) -> list[Line]:
    """The lines with the labels that only a whole text bears out, since each alone could be a sentence.

    "NAME. words" of plays, "Q   words" and "Q. words" of courts and press rooms, "Jane Doe — words", "<jane> words".
    """
    found = list(lines)
    again = Counter(line.label.key for line in lines if line.label is not None)
    spoken = {
        index: _spoken(line)
        for index, line in enumerate(lines)
        # "Fenn. Listen: a bell": a label that is met once may be the beginning of what is said.
        if line.raw and (line.label is None or (line.label.shape in _BEFORE_COLON and again[line.label.key] == 1))
    }
    opening = [index for index in spoken if opens(lines, index)]
    filled = sum(bool(line.raw) for line in lines)
    for form, share in _HABITS:
        # Wrapped lines may begin with a name and a full stop as well; those that begin a paragraph count.
        places, whole = (opening, len(opening)) if form in _SENTENCES else (list(spoken), filled)
        matches = {index: match for index in places if (match := form.match(spoken[index]))}
        seen = Counter(match[1] for match in matches.values())
        if not _is_habit(seen, share, whole) or not _is_speech(form, seen, matches, [spoken[at] for at in places]):
            continue
        for index, match in matches.items():
            if seen[match[1]] > 1 or _is_sure(form, match[1]):
                rest = spoken[index][match.end() :].strip()
                found[index] = replace(lines[index], label=Label("", " ".join(match[1].split()), rest, Shape.HABIT))
            elif share >= _USUAL_HABIT or likely(match[1]) is not Likely.WORD:
                # It may name somebody who speaks once, or be the first sentence of whoever spoke before.
                found[index] = replace(lines[index], unknown=True)
        for index in spoken.keys() - matches.keys():
            if _EVENT.match(spoken[index]):
                found[index] = replace(lines[index], unknown=True)
        break
    return found


def _spoken(line: Line) -> str:
    return (line.stamp.rest if line.stamp else line.raw).strip()


def _is_habit(seen: Counter[str], share: float, whole: int) -> bool:
    """Whether the names that a form finds take so large a share of the lines, and come again, that they are labels."""
    matches = seen.total()
    recurring = sum(count for count in seen.values() if count > 1)
    if matches < share * whole or (len(seen) < 2 and not (share == 0 and recurring > 1)):  # noqa: PLR2004 -- two people
        return False
    usual = share >= _USUAL_HABIT
    return recurring >= max(_FEWEST_HABITS if share and usual else 2, (0.6 if usual else 0.3) * matches)


def _is_speech(
    form: re.Pattern[str], seen: Counter[str], matches: Mapping[int, re.Match[str]], words: Sequence[str]
) -> bool:
    """Whether what a form finds is talk, and no choices ("A. Oslo"), results ("Hafen – Nord 2:1") or days ("Montag.").

    Where a sentence may begin so, lists must know one of the names, or the text must ask something.
    """
    if "A" in seen and "Q" not in seen:
        return False
    if form is _DASHED:
        return 2 * sum(match.string.endswith(_TURN_ENDS) for match in matches.values()) >= len(matches)
    if form not in _SENTENCES:
        return True
    asked = sum("?" in each or "？" in each for each in words) >= _ASKED * len(words)
    persons = [name for name, count in seen.items() if count > 1 and likely(name) is not Likely.WORD]
    return any(asked or (name.isascii() and is_known(name)) for name in persons)


def _is_sure(form: re.Pattern[str], name: str) -> bool:
    """Whether a name that is met once is one, beside others in the same form."""
    if form in _SENTENCES:
        return likely(name) is Likely.NAME and (form is _CAPITALS_ONLY or is_known(name))
    return form is not _SPACED
