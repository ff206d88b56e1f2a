"""Turns: a label opens one, and the turn lasts until the next label, for every format.

Cues come in as their file cut them, with labels still in their lines; they go out cut at each change of speaker, with
the speaker in ``speaker``, the label out of the words, and ``opens_turn`` where somebody else begins to speak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from autointel.adapters.sources.draft import Cue
from autointel.adapters.sources.labels import Label, Shape, labels_change, person_or_handle, read_label
from autointel.adapters.sources.likelihood import Sighting
from autointel.adapters.sources.name_evidence import Names, believed_names, ends_sentence
from autointel.adapters.sources.spellings import name_key, names_nobody
from autointel.adapters.sources.unspoken import is_imprint, is_sound

# ">>" is a change of speaker after the end of a sentence; "x >> 2" and "cout >> x" are what somebody says.
_CHEVRON: Final = re.compile(r"""(?<=[.!?…。？！"”'’)\]♪,;:—–-])\s{1,9}(?=>>)""")
# In a text that marks changes of speaker so, captions without signs have them in the middle, before a word.
_HABITUAL_CHEVRON: Final = re.compile(r"\s{1,9}(?=>>+\s?(?:[^\W\d_][^\W\d_'’]|[^\W\d_]['’]|[AIaiàyéo]\b|[\[(\"“]|\Z))")
# What follows a single one at the head of a caption, in a text without full stops.
_WORD: Final = re.compile(r"[^\W\d_]{2}")
_INNER_DASH: Final = re.compile(r"(?<=[.!?…])[ \t]{1,9}(?=[-–—][ \t]{0,9}[^\s\d\-–—])")
_TITLE: Final = r"(?:Dr|Mr|Mrs|Ms|Prof|Sen|Rep|Gov|Hon|St)"
_INNER_LABEL: Final = re.compile(
    rf"(?<=[.!?…\"”)])(?<!\b[A-Z]\.)(?<!\bDr\.)(?<!\bM[rs]\.)(?<!\bMrs\.)[ \t]{{1,9}}"
    rf"(?=(?:{_TITLE}\. ?)?[^\W\d_](?:[^:：.!?]|(?<=[A-Z])\.){{0,60}}[:：]\s)"
    r"|(?<=[。！？])\s{0,9}(?=[^\W\d_][^:：.!?。！？，]{0,20}：)"
)
# whisper.cpp (tinydiarize) and NeMo write it behind the words of whoever spoke.
SPEAKER_TURN: Final = re.compile(r"[ \t]{0,9}\[SPEAKER[_ ]TURN\][ \t]{0,9}", re.IGNORECASE)
_LONE_DASH: Final = re.compile(r"\s*[-–—]\s*\Z")
_NO_NAME_ENDS: Final = (".", "?", "!", "…", ",", ";", "-", "—")
_DASHES: Final = ("-", "–", "—")
# A longer line is no caption; to look for people in it costs more than it tells.
_LONGEST_LINE: Final = 4000
_LONGEST_LABEL: Final = 120
_OFTEN: Final = 4
_SPREAD: Final = 0.1


def with_speakers(cues: Sequence[Cue], *, inherit: bool = False) -> list[Cue]:
    """The cues cut into turns, each with its speaker where the file as a whole says who it is.

    ``inherit``: the format's own speakers (``<v Name>``) may stand only where the speaker changes, as in Podcasting
    2.0. Linear in the words.
    """
    cues = _at_marks(cues)
    rows = _rows(cues, habitual=_are_chevrons_marks(cues))
    sightings = [
        Sighting(piece.label, piece.after_end) for row in rows for piece in row if piece.label.name is not None
    ]
    spoken = [row for cue, row in zip(cues, rows, strict=True) if cue.text and not is_sound(cue.text)]
    names = believed_names(
        sightings,
        (cue.text for cue in cues),
        stretches=len(spoken),
        first=[spoken[0][0].label] if spoken and spoken[0][0].label.name else [],
        timed=True,
        given={cue.speaker: None for cue in cues if cue.speaker and not names_nobody(cue.speaker)},
    )
    if names.spelled:
        rows = [[part for piece in row for part in _cut_inside(piece, names)] for row in rows]
    turns = list(_Policy(cues, rows, names, inherit=inherit).turns())
    before: str | None = None
    for cue in turns:
        # A name repeated on every cue is one turn; what nobody is named for may be anybody's at each mark.
        cue.opens_turn = cue.opens_turn and (cue.speaker is None or cue.speaker != before)
        before = cue.speaker
    return turns


def _at_marks(cues: Sequence[Cue]) -> Sequence[Cue]:
    """The cues without a recogniser's marks of another speaker, each of which opens a turn."""
    if not any("[SPEAKER" in line for cue in cues for line in cue.lines):
        return cues
    found: list[Cue] = []
    opens = False
    for cue in cues:
        parts = SPEAKER_TURN.split("\n".join(cue.lines))
        for number, part in enumerate(parts):
            if part.strip() or number == 0:
                found.append(replace(cue, lines=part.split("\n"), opens_turn=cue.opens_turn or opens or number > 0))
                opens = False
        opens = len(parts) > 1 and not parts[-1].strip()
    return found


def _rows(cues: Sequence[Cue], *, habitual: bool) -> list[list[_Piece]]:
    rows: list[list[_Piece]] = []
    before = ""
    for cue in cues:
        row: list[_Piece] = []
        lines = cue.lines
        dashed = any(line.lstrip()[:1] in _DASHES for line in lines)
        if dashed:
            lines = [line for line in lines if not _LONE_DASH.match(line)]
            dashed = any(line.lstrip()[:1] in _DASHES for line in lines)
        above = _name_above(lines)
        if above is not None:
            row.append(_Piece(above, lines[0].strip(), [""], ends_sentence(before)))
            lines = lines[1:]
        for line in lines:
            for part in _parts(line, dashed=dashed, habitual=habitual):
                label = read_label(part)
                if row and not label.mark and label.name is None:
                    row[-1].lines.append(part)
                else:
                    row.append(_piece(label, part, after_end=ends_sentence(before)))
                before = part
        rows.append(row)
    return rows


@dataclass(slots=True)
class _Piece:
    """Lines of one cue that one person says, and the label before them."""

    label: Label
    head: str
    lines: list[str]
    after_end: bool

    @property
    def whole(self) -> list[str]:
        """The lines with their label, for a label that is not believed."""
        return [self.head + self.lines[0], *self.lines[1:]] if self.head else self.lines


def _name_above(lines: Sequence[str]) -> Label | None:
    """The name that the first of several lines may be, as meeting tools put it above the words."""
    if len(lines) < 2 or lines[0].rstrip().endswith(_NO_NAME_ENDS):  # noqa: PLR2004 -- the name and the words
        return None
    name = person_or_handle(lines[0]) if lines[0].strip()[:1].isalnum() and ":" not in lines[0] else None
    return Label("", name, "", Shape.ALONE) if name else None


def _parts(line: str, *, dashed: bool, habitual: bool) -> Sequence[str]:
    if len(line) > _LONGEST_LINE or not (dashed or ">>" in line):
        return (line,)
    pieces = filter(str.strip, at_chevrons(line, habitual=habitual)) if ">>" in line else (line,)
    return [part for piece in pieces for part in (_INNER_DASH.split(piece) if dashed else (piece,))]


def _piece(label: Label, part: str, *, after_end: bool) -> _Piece:
    part = part.strip()
    return _Piece(label, part[: len(part) - len(label.rest)], [label.rest], after_end)


def _are_chevrons_marks(cues: Sequence[Cue]) -> bool:
    """Whether ">>" marks changes of speaker in the text as a whole: more than one line begins with it."""
    return sum(line.lstrip().startswith(">>") for cue in cues for line in cue.lines if ">>" in line) > 1


def _cut_inside(piece: _Piece, names: Names) -> Iterator[_Piece]:
    """A piece cut at the labels inside its lines: "And the quay? PAVEL: Closed." where PAVEL is known."""
    if not any(":" in line or "：" in line for line in piece.lines):
        yield piece
        return
    current = piece
    lines, piece.lines = piece.lines, []
    for line in lines:
        first, *others = inner_labels(line, names)
        current.lines.append(first)
        for part in others:
            yield current
            current = _piece(read_label(part), part, after_end=True)
    yield current


class _Policy:
    """How far a label reaches in this file, and the cues that come of it."""

    def __init__(self, cues: Sequence[Cue], rows: list[list[_Piece]], names: Names, *, inherit: bool) -> None:
        self._cues, self._rows, self._names = cues, rows, names
        self._inherit = inherit
        marked = [piece for row in rows for piece in row if piece.label.mark.startswith(">>")]
        # One in the middle of a sentence is a word of it, where the text says where its sentences end.
        is_punctuated = any(piece.after_end for row in rows[1:] for piece in row)
        self._chevrons = len(marked) > 1 or any(
            piece.after_end or (not is_punctuated and _WORD.match(piece.label.rest)) for piece in marked
        )
        self._dashes = _are_dashes_marks(rows, names)
        self._carries = not self._dashes and (self._chevrons or self._labels_open_turns())

    def _labels_open_turns(self) -> bool:
        keys: list[str] = []
        labelled, spoken, first = 0, 0, None
        for cue, row in zip(self._cues, self._rows, strict=True):
            if not cue.text or is_sound(cue.text):
                continue
            found = [key for piece in row if (key := name_key(self._names.of(piece.label) or ""))]
            given = cue.speaker if self._inherit else None
            found = found or ([name_key(given)] if given else [])
            first = bool(found) if first is None else first
            keys += found
            labelled, spoken = labelled + bool(found), spoken + 1
        if len(set(keys)) < 2:  # noqa: PLR2004 -- nobody to change to
            return False
        share = labelled / max(1, spoken)
        if labels_change(keys):
            return bool(first) or (len(keys) >= _OFTEN and share >= _SPREAD)
        # A name on nearly every cue: one without has another reason. A name now and then from the start: paragraphs.
        return bool(first) and share < 0.5  # noqa: PLR2004 -- half of all

    def turns(self) -> Iterator[Cue]:
        """The cues, cut and named. A label that stands alone in a cue names the next cue at least."""
        carried: str | None = None
        waiting: str | None = None
        for cue, row in zip(self._cues, self._rows, strict=True):
            given = cue.speaker
            if given is not None:
                carried, waiting = (given if self._inherit else None), None
            elif cue.opens_turn:
                carried = waiting = None
            speaker = given or waiting or (carried if self._carries else None)
            waiting = None
            if is_sound(cue.text) and not any(self._names.of(piece.label) for piece in row):
                yield replace(cue, speaker=given)
                continue
            if is_imprint(cue.text) and given is None:
                carried = None
                yield replace(cue, speaker=None, opens_turn=True)
                continue
            parts = self._parts(cue, row, speaker)
            carried = parts[-1].speaker
            if not parts[-1].text:
                waiting = carried
            spoken = [part for part in parts if part.text]
            yield from spoken or parts[-1:]

    def _parts(self, cue: Cue, row: list[_Piece], speaker: str | None) -> list[Cue]:
        parts: list[Cue] = []
        for piece in row:
            part = self._part(cue, piece, parts[-1].speaker if parts else speaker)
            if parts and not part.opens_turn and part.speaker == parts[-1].speaker:
                parts[-1].lines += part.lines
            else:
                parts.append(part)
        return parts or [_part_of(cue, [], speaker)]

    def _part(self, cue: Cue, piece: _Piece, speaker: str | None) -> Cue:
        label, name = piece.label, self._names.of(piece.label)
        if name is not None:
            return _part_of(cue, piece.lines, name or None, opens=True)
        if (label.mark.startswith(">>") and self._chevrons) or (self._dashes and label.mark[:1] in _DASHES):
            first, *others = piece.whole
            unmarked = first.lstrip()[len(label.mark) :].lstrip()
            return _part_of(cue, [unmarked, *others], None, opens=True)
        if self._names.ends_turn(label) and piece.after_end and cue.speaker is None:
            # A label that is not believed stays in the words, and whoever spoke before does not get them.
            return _part_of(cue, piece.whole, None, opens=True)
        return _part_of(cue, piece.whole, speaker)


def _are_dashes_marks(rows: list[list[_Piece]], names: Names) -> bool:
    """Whether dashes without names mark two people in one cue, as subtitles write dialogue."""
    # One such cue may be a list; two are a habit.
    return sum(len(row) > 1 and sum(_anonymous_dash(piece, names) for piece in row) > 1 for row in rows) > 1


def _anonymous_dash(piece: _Piece, names: Names) -> bool:
    return piece.label.mark[:1] in _DASHES and not names.of(piece.label)


def _part_of(cue: Cue, lines: list[str], speaker: str | None, *, opens: bool | None = None) -> Cue:
    # dataclasses.replace takes ten times as long, and a file may have a million parts.
    opens = cue.opens_turn if opens is None else opens
    return Cue(cue.start, cue.end, lines, speaker, cue.estimated, opens, cue.place, cue.continues)


def at_chevrons(line: str, *, habitual: bool) -> list[str]:
    """The line cut before each ">>" inside it that changes the speaker; ``habitual`` where the text as a whole marks
    changes so.
    """
    if ">>" not in line:
        return [line]
    pieces = _CHEVRON.split(line)
    return [part for piece in pieces for part in _HABITUAL_CHEVRON.split(piece)] if habitual else pieces


def inner_labels(text: str, names: Names) -> list[str]:
    """The text cut before each label inside it that the whole text bears out."""
    if ":" not in text and "：" not in text:
        return [text]
    pieces: list[str] = []
    begin = 0
    for found in _INNER_LABEL.finditer(text):
        label = read_label(text[found.end() : found.end() + _LONGEST_LABEL])
        # "Dr. Novak: welcome" is said to him.
        said_to = label.rest[:1].islower() and (label.name or "")[:1].isupper()
        if label.shape in {Shape.COLON, Shape.DOUBTFUL} and names.of(label) and not said_to:
            pieces.append(text[begin : found.start()])
            begin = found.end()
    return [*pieces, text[begin:]]
