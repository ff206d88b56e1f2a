"""Who speaks, where a caption or a line says so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from autointel.adapters.sources.draft import Cue

_LONGEST: Final = 48
_MOST_WORDS: Final = 5
_MARK: Final = re.compile(r"\s*(>>+|[-–—](?=\s*\S))\s*")
_WORD: Final = re.compile(r"[^\W_][\w.'’&()/-]*\Z")
_PARTICLES: Final = frozenset("and of the de da di van von der den la le el al bin dos du y".split())
# Captions name people they cannot name so.
_ROLES: Final = re.compile(
    r"(?:(?:fe)?male |recorded |computer |young |old )*"
    r"(?:man|woman|boy|girl|speaker|host|narrator|announcer|interviewer|interviewee|moderator|audience|guest|voice|both|all)"
    r"(?: voice)?(?: ?\w?\d{0,2})?\Z",
    re.IGNORECASE,
)
# They stand before a colon in prose.
_NOT_NAMES: Final = frozenset(
    "note notes warning example examples update summary tip tips ps question answer remember translation source "
    "sources subject date time title transcript chapter part step section http https mailto url link links "
    "disclaimer caution important hint today tomorrow yesterday first second third finally however".split()
)


@dataclass(frozen=True, slots=True)
class Label:
    """A line taken apart: ``mark`` is what makes a name sure (">>", a dash, bold, a time), ``name`` what stands before
    the colon, ``rest`` after it.
    """

    mark: str
    name: str | None
    rest: str


def label(line: str) -> Label:
    """The line's mark and the name it may begin with; ``name`` is None where it has none."""
    marked = _MARK.match(line)
    mark, body = (marked.group(1), line[marked.end() :]) if marked else ("", line.strip())
    head, colon, rest = body[: _LONGEST + 1].partition(":")
    # WhisperX writes "[SPEAKER_00]: ".
    name = head.strip()[1:-1] if head.strip().startswith("[") and head.strip().endswith("]") else head
    if not colon or not is_name(name, lax=bool(mark)):
        return Label(mark, None, body)
    rest = body[len(head) + 1 :]
    # "10:30", "https://": no white space follows, so it is no label.
    if rest and not rest[0].isspace():
        return Label(mark, None, body)
    return Label(mark, " ".join(name.split()), rest.strip())


def is_name(head: str, *, lax: bool = False) -> bool:
    """Whether these words may name a speaker; ``lax`` where a mark already says that somebody begins to speak."""
    # A remark may follow the name, as in JOHN (on the phone).
    head = head.strip()
    words = (head.partition("(")[0] if head.endswith(")") else head).split()
    if not 1 <= len(words) <= _MOST_WORDS or words[0].lower().strip(".") in _NOT_NAMES:
        return False
    if not all(_WORD.match(word.strip("\"'“”")) for word in words) or head[0].isdigit():
        return False
    if lax or _ROLES.match(head):
        return True
    return all(not word[0].islower() or word in _PARTICLES for word in words)


def trusted_names(labels: Iterable[Label], paragraphs: int) -> frozenset[str]:
    """Those names that do name speakers.

    A name is believed if it is marked, is in capitals, is a role, or comes twice; or if half of all paragraphs have
    one. A single "Tallinn: …" is prose.
    """
    counts: Counter[str] = Counter()
    sure: set[str] = set()
    for found in labels:
        if found.name is None:
            continue
        counts[found.name] += 1
        if found.mark or (found.name.isupper() and len(found.name) > 1) or _ROLES.match(found.name):
            sure.add(found.name)
    if counts.total() * 2 >= paragraphs:
        return frozenset(counts)
    return frozenset(sure | {name for name, count in counts.items() if count > 1})


def name_speakers(cues: list[Cue]) -> list[Cue]:
    """The cues, cut where another speaker begins inside one, with names moved from text to ``speaker``.

    Where a file marks a change of speaker with ">>", whoever was named goes on until the next mark.
    """
    labels = [[label(line) for line in cue.lines] for cue in cues]
    names = trusted_names((found for row in labels for found in row), len(cues))
    chevrons = any(found.mark.startswith(">>") for row in labels for found in row)
    if not names and not chevrons:
        return cues
    named: list[Cue] = []
    carried: str | None = None
    for cue, row in zip(cues, labels, strict=True):
        parts = _parts(cue, row, names, cue.speaker or (carried if chevrons else None))
        named.extend(parts)
        carried = parts[-1].speaker if parts else carried
    return named


def _parts(cue: Cue, row: list[Label], names: frozenset[str], speaker: str | None) -> list[Cue]:
    parts = [Cue(cue.start, cue.end, [], speaker, cue.estimated)]
    for line, found in zip(cue.lines, row, strict=True):
        if found.name in names:
            parts.append(Cue(cue.start, cue.end, [found.rest], found.name, cue.estimated))
        elif found.mark.startswith(">>"):
            parts.append(Cue(cue.start, cue.end, [found.rest if found.name is None else line], None, cue.estimated))
        else:
            parts[-1].lines.append(line)
    # A name may stand alone on its line or cue: it says who goes on.
    return parts if len(parts) == 1 else [part for part in parts if part.text] or parts[-1:]
