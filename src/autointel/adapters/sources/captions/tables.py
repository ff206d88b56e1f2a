"""Tables of speech: Whisper's TSV, spreadsheets saved as CSV, label tracks; columns in any order, by their headings."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from autointel.adapters.sources.captions.json_items import Item, Time, speaker_of, time_of
from autointel.adapters.sources.captions.json_turns import cues_of, in_one_unit
from autointel.adapters.sources.captions.timecode import frame_rate, timecode
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind
from autointel.errors import NoTranscript

_DELIMITERS: Final = ("\t", ";", ",", "|")
_HEADINGS: Final = {
    "text": "text transcript transcription content sentence sentences subtitle subtitles utterance words caption "
    "captions line dialogue dialog speech message translation texte texto inhalt wortlaut testo",
    "start": "start starttime begin begintime from timestamp timestamps time timecode timecodein tcin in timein offset "
    "starttimecode beginn anfang zeit von debut inicio inizio",
    "end": "end endtime to stop finish timecodeout tcout out timeout endtimecode ende bis fin final fine",
    "for": "duration dur length dauer duree duracion",
    "who": "speaker speakername speakerid speakerlabel who name person character actor participant role voice "
    "sprecher sprecherin intervenant locuteur hablante orador parlante",
}
_ROLES: Final = {heading: role for role, headings in _HEADINGS.items() for heading in headings.split()}
_UNIT: Final = re.compile(r"(ms|millis|milliseconds|s|sec|secs|seconds|hhmmss\w*|hmmss\w*)\Z")
_PER_UNIT: Final = {"ms": 1.0, "millis": 1.0, "milliseconds": 1.0, "s": 1000.0, "sec": 1000.0, "seconds": 1000.0}
_ACCENTS: Final = str.maketrans("éèêóíáú", "eeeoiau")
_SAMPLE: Final = 60
_WORDS_PER_CELL: Final = 3
_LONGEST_HEADING: Final = 30
_FEWEST_CELLS: Final = 3


@dataclass(frozen=True, slots=True)
class Table:
    """How a table is written. ``columns`` gives a role's place; ``unit`` is milliseconds per number, where stated."""

    delimiter: str
    columns: dict[str, int]
    has_heading: bool
    unit: float | None = None


def table_of(text: str) -> Table | None:
    """The table that a text is, by its first lines; None where it is none, or none of speech."""
    lines = list(islice((line for line in text[:20_000].split("\n") if line.strip()), _SAMPLE))
    if len(lines) < 2:  # noqa: PLR2004 -- a heading and a row
        return None
    found = (_with_heading(lines, each) or _without_heading(lines, each) for each in _DELIMITERS if each in lines[0])
    return next((table for table in found if table is not None), None)


def parse_table(text: str) -> Draft:
    """The rows of a table of speech. Raises NoTranscript for a table that breaks off, or holds no speech."""
    table = table_of(text)
    if table is None:
        raise NoTranscript("The table has no column of words.", "Name its columns: speaker, start, end, text.")
    try:
        rows = list(_rows(text.split("\n"), table.delimiter))
    except csv.Error as error:
        raise NoTranscript("The table cannot be read.", "Save it again as CSV or TSV.") from error
    items = list(_items(rows[1:] if table.has_heading else rows, table))
    draft = Draft(SourceKind.TABLE, [])
    if any(item.start is not None for item in items):
        items, draft.warnings = in_one_unit(items, None)
        draft.cues, lost = cues_of(items, words=False)
        draft.blocks_left_out = lost
        if lost:
            draft.warnings.append(f"Rows left out because they state no time that can be read: {lost}.")
    else:
        draft.cues = [Cue(None, None, [item.text.strip()], item.speaker) for item in items if item.says_something]
    if "who" not in table.columns:
        draft.cues = with_speakers(draft.cues)
    return draft


def _with_heading(lines: Sequence[str], delimiter: str) -> Table | None:
    cells = _cells(lines[0], delimiter)
    named = [_heading(cell) for cell in cells]
    columns: dict[str, int] = {}
    for place, (role, _) in enumerate(named):
        if role:
            columns.setdefault(role, place)
    if "text" not in columns or not ({"start", "who"} & columns.keys()) or len(_cells(lines[1], delimiter)) < 2:  # noqa: PLR2004
        return None
    unit = named[columns["start"]][1] if "start" in columns else None
    return Table(delimiter, columns, has_heading=True, unit=unit)


def _heading(cell: str) -> tuple[str | None, float | None]:
    """What a column's heading stands for, and the unit it names."""
    if len(cell) > _LONGEST_HEADING:
        return None, None
    name = re.sub(r"[^a-z]", "", cell.strip().casefold().translate(_ACCENTS))
    if name in _ROLES:
        return _ROLES[name], None
    bare = _UNIT.sub("", name)
    return _ROLES.get(bare), _PER_UNIT.get(name[len(bare) :])


def _without_heading(lines: Sequence[str], delimiter: str) -> Table | None:
    """A table that begins at once: two times and words, as label tracks are; or words with a name or time beside."""
    rows = [_cells(line, delimiter) for line in lines]
    width = min(map(len, rows))
    if width < _FEWEST_CELLS or max(map(len, rows)) > width + (delimiter != "\t"):
        return None
    columns = [[row[place].strip() for row in rows] for place in range(width)]
    words = max(range(width), key=lambda place: sum(map(len, columns[place])))
    if sum(len(cell.split()) for cell in columns[words]) < _WORDS_PER_CELL * len(rows):
        return None
    clocks = [place for place in range(words) if all(_is_time(cell, delimiter) for cell in columns[place])]
    # A number alone may be a row's; two that grow are a start and an end.
    times = clocks if len(clocks) == 2 else [place for place in clocks if ":" in columns[place][0]][:2]  # noqa: PLR2004
    names = [place for place in range(width) if place not in {words, *times} and _are_names(columns[place])]
    if not times and (not names or delimiter != "\t"):
        return None
    found = {"text": words} | dict(zip(("start", "end"), times, strict=False))
    return Table(delimiter, found | ({"who": names[0]} if names else {}), has_heading=False)


def _are_names(cells: Sequence[str]) -> bool:
    """Whether a column holds people: few short words that begin with a letter, and come again."""
    alike = all(cell[:1].isalpha() and len(cell) <= _LONGEST_HEADING and not cell.islower() for cell in cells)
    return alike and (len(set(cells)) < len(cells) or len(cells) <= 3)  # noqa: PLR2004 -- too few to come again


def _items(rows: Sequence[list[str]], table: Table) -> Iterator[Item]:
    def cell(row: list[str], role: str) -> str:
        place = table.columns.get(role)
        return row[place].strip() if place is not None and place < len(row) else ""

    rate = frame_rate(cell(row, role) for row in rows for role in ("start", "end"))
    for row in rows:
        start, end, lasts = (_time(cell(row, role), table, rate) for role in ("start", "end", "for"))
        if end is None and start is not None and lasts is not None:
            end = Time(start.value + lasts.value, start.sure and lasts.sure)
        yield Item(clean(cell(row, "text")), start, end, speaker_of(cell(row, "who")))


def _time(cell: str, table: Table, rate: float) -> Time | None:
    counted = timecode(cell, rate)
    if counted is not None:
        return Time(float(counted), sure=True)
    return time_of(_pointed(cell, table.delimiter), table.unit)


def _is_time(cell: str, delimiter: str) -> bool:
    cell = cell.strip()
    return cell[:1].isdigit() and (timecode(cell, 25) is not None or time_of(_pointed(cell, delimiter)) is not None)


def _pointed(cell: str, delimiter: str) -> str:
    # Where columns are not parted by commas, a comma is a decimal point.
    return cell if delimiter == "," else cell.strip().replace(",", ".")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(_rows([line], delimiter), [])
    except csv.Error:
        return []


def _rows(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    if delimiter == "\t":  # written without quoting by most
        for line in lines:
            if line.strip():
                yield [_unquoted(cell) for cell in line.split("\t")]
        return
    # A quoted cell may run over lines; one that never ends would run to the end of the file.
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    yield from (row for row in reader if any(cell.strip() for cell in row))


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"') if quoted else cell
