"""Tables of speech: Whisper's TSV, spreadsheets saved as CSV, label tracks; columns in any order, by their headings."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final

from autointel.adapters.sources.captions.json_items import Item, Time, column_role, speaker_of, time_of
from autointel.adapters.sources.captions.json_turns import cues_of, in_one_unit
from autointel.adapters.sources.clock import frame_rate, timecode
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.transcript import SourceKind, word_count
from autointel.errors import NoTranscript

_DELIMITERS: Final = ("\t", ";", ",", "|")
# What spreadsheets write above a table to say how its cells are parted.
_SEPARATOR: Final = re.compile(r"\s*\"?sep=(.)\"?\s*\n")
_FREQUENCIES: Final = re.compile(r"^\\\t[\d.,\t-]*\n?", re.MULTILINE)
# A start and an end in one cell: "0:01.0 - 0:05.0", as NVivo writes.
_SPAN: Final = re.compile(r"\s*(\d[\d.,;]*:[\d:.,;]+)\s{0,4}(?:-{1,3}>?|–|—|→|to\b)\s{0,4}(\d[\d.,;]*:[\d:.,;]+)\s*")
_CLOCK: Final = re.compile(r"\s*\d{1,3}(?::\d\d){1,2}(?:[.,:;]\d{1,3})?\s*")
_DIVIDER: Final = re.compile(r"^\|?(?:[ \t]*:?-+:?[ \t]*\|)+[ \t:-]*$", re.MULTILINE)
_DATED: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_SAMPLE: Final = 60
_WORDS_PER_CELL: Final = 3
_FEWEST_ROWS: Final = 3
_LONGEST_HEADING: Final = 30
_FEWEST_CELLS: Final = 3
# A quoted cell that runs over more lines was never closed.
_MOST_LINES_A_CELL: Final = 60


@dataclass(frozen=True, slots=True)
class Table:
    """How a table is written. ``columns`` gives a role's place, ``width`` the number of cells in a row; ``unit`` is
    milliseconds per number, where stated.
    """

    delimiter: str
    columns: dict[str, int]
    width: int
    has_heading: bool
    unit: float | None = None


def table_of(text: str) -> Table | None:
    """The table that a text is, by its first lines; None where it is none, or none of speech."""
    lines = list(islice((line for line in _body(text[:20_000]).split("\n") if any(map(str.isalnum, line))), _SAMPLE))
    if len(lines) < 2:  # noqa: PLR2004 -- a heading and a row
        return None
    if _DIVIDER.search(text[:20_000]) and any("|" not in line for line in text.split("\n") if line.strip()):
        return None  # a table in Markdown, which is read with the paragraphs around it
    found = (_with_heading(lines, each) or _without_heading(lines, each) for each in _DELIMITERS if each in lines[0])
    return next((table for table in found if table is not None), None)


def parse_table(text: str) -> Draft:
    """The rows of a table of speech. Raises NoTranscript for a table that breaks off, or holds no speech."""
    table = table_of(text)
    if table is None:
        raise NoTranscript("The table has no column of words.", "Name its columns: speaker, start, end, text.")
    draft = Draft(SourceKind.TABLE, [])
    try:
        rows = list(_rows(_body(text).split("\n"), table, draft))
    except csv.Error as error:
        raise NoTranscript("The table cannot be read.", "Save it again as CSV or TSV.") from error
    items = list(_items(rows[1:] if table.has_heading else rows, table))
    if draft.repairs:
        draft.warnings.append(
            f"Rows whose cells are not parted or quoted as the others are, and were mended: {draft.repairs}."
        )
    if any(item.start is not None for item in items):
        items, notes = in_one_unit(items, None, spreadsheet=True)
        draft.warnings += notes
    if any(item.start is not None for item in items):
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
    named = [column_role(cell) for cell in cells]
    columns: dict[str, int] = {}
    for place, (role, _) in enumerate(named):
        if role:
            columns.setdefault(role, place)
    if "text" in columns and "start" not in columns:
        columns = (
            _clocks([row for line in lines[1:] if len(row := _cells(line, delimiter)) == len(cells)], named) | columns
        )
    if "text" not in columns and {"start", "who"} <= columns.keys():
        # Beside a time and a speaker the wordiest of the other columns is what they say, whatever its heading.
        rows = [row for line in lines[1:] if len(row := _cells(line, delimiter)) == len(cells)]
        others = [place for place, (role, _) in enumerate(named) if role is None and place not in columns.values()]
        words = {place: [row[place] for row in rows] for place in others if rows}
        said = [place for place, texts in words.items() if sum(map(word_count, texts)) >= 2 * len(rows)]
        columns |= {"text": max(said, key=lambda place: _wording(words[place]))} if said else {}
    if "text" not in columns or not ({"start", "who"} & columns.keys()) or len(_cells(lines[1], delimiter)) < 2:  # noqa: PLR2004
        return None
    unit = named[columns["start"]][1] if "start" in columns else None
    return Table(delimiter, columns, len(cells), has_heading=True, unit=unit)


def _clocks(rows: Sequence[list[str]], named: Sequence[tuple[str | None, float | None]]) -> dict[str, int]:
    """The columns of times whose headings are in words that nobody listed here: clocks or spans that never fall."""
    found: list[int] = []
    for place, (role, _) in enumerate(named):
        starts = [_SPAN.sub(r"\1", row[place]) for row in rows]
        if role is not None or len(rows) < 2 or not all(map(_CLOCK.fullmatch, starts)):  # noqa: PLR2004 -- to compare
            continue
        times = [time_of(start.strip().replace(",", ".")) for start in starts]
        if all(a and b and a.value <= b.value for a, b in pairwise(times)) and len(set(starts)) > 1:
            found.append(place)
    return dict(zip(("start", "end"), found, strict=False))


def _body(text: str) -> str:
    """The text without a spreadsheet's line that names the delimiter, and without Audacity's rows of frequencies."""
    found = _SEPARATOR.match(text)
    text = text[found.end() :] if found else text
    return _FREQUENCIES.sub("", text) if "\\\t" in text else text


def _without_heading(lines: Sequence[str], delimiter: str) -> Table | None:
    """A table that begins at once: two times and words, as label tracks are; or words with a name or time beside."""
    rows = [_cells(line, delimiter) for line in lines]
    width = min(map(len, rows))
    if width < _FEWEST_CELLS or max(map(len, rows)) > width + (delimiter != "\t"):
        return None
    columns = [[row[place].strip() for row in rows] for place in range(width)]
    if all(map(_DATED.fullmatch, columns[0])) and not any(" " in cell for cell in columns[1]):
        return None  # a chat's log, which is read with the signs beside its nicknames
    words = max(range(width), key=lambda place: _wording(columns[place]))
    if not any(map(str.isalpha, "".join(columns[words]))):
        return None
    clocks = [place for place in range(words) if all(_is_time(cell, delimiter) for cell in columns[place])]
    # A number alone may be a row's; two that grow are a start and an end.
    times = clocks if len(clocks) == 2 else [place for place in clocks if ":" in columns[place][0]][:2]  # noqa: PLR2004
    spoken = sum(map(word_count, columns[words])) >= _WORDS_PER_CELL * len(rows)
    if not spoken and not _are_spans([columns[place] for place in times], columns[words], delimiter):
        return None
    names = [place for place in range(width) if place not in {words, *times} and _are_names(columns[place])]
    if not times and (not names or delimiter != "\t"):
        return None
    found = {"text": words} | dict(zip(("start", "end"), times, strict=False))
    return Table(delimiter, found | ({"who": names[0]} if names else {}), width, has_heading=False)


def _wording(cells: Sequence[str]) -> float:
    """How much a column looks like what is said: by its letters, and by how few cells come again."""
    return sum(sum(map(str.isalpha, cell)) for cell in cells) * len(set(cells)) / len(cells)


def _are_spans(times: Sequence[Sequence[str]], words: Sequence[str], delimiter: str) -> bool:
    """Whether two columns are starts and ends that run on, beside words: a label track may hold short ones."""
    if len(times) != 2 or len(words) < _FEWEST_ROWS:  # noqa: PLR2004 -- a start and an end
        return False
    starts, ends = ([time_of(_pointed(cell, delimiter)) for cell in column] for column in times)
    pairs = [(start.value, end.value) for start, end in zip(starts, ends, strict=True) if start and end]
    run_on = all(before[0] < before[1] and before[0] <= after[0] for before, after in pairwise([*pairs, *pairs[-1:]]))
    finished = sum(cell.rstrip().endswith((".", "?", "!", "…", "。")) for cell in words) * 2 >= len(words)
    exact = all("." in cell or ":" in cell for column in times for cell in column)
    return run_on and len(pairs) == len(words) and (finished or exact)


def _are_names(cells: Sequence[str]) -> bool:
    """Whether a column holds people: few short words that begin with a letter, and come again."""
    alike = all(cell[:1].isalpha() and len(cell) <= _LONGEST_HEADING and not cell.islower() for cell in cells)
    return alike and (len(set(cells)) < len(cells) or len(cells) <= 3)  # noqa: PLR2004 -- too few to come again


def _items(rows: Sequence[list[str]], table: Table) -> Iterator[Item]:
    def cell(row: list[str], role: str) -> str:
        place = table.columns.get(role)
        return row[place].strip() if place is not None and place < len(row) else ""

    rate = frame_rate(cell(row, role) for row in rows for role in ("start", "end"))
    # Where people are named, a number in their column is a cell that slipped there from a broken row; and numbers of
    # which none comes again count the rows.
    people = [who for row in rows if (who := cell(row, "who"))]
    numbered = all(map(str.isdecimal, people)) and len(set(people)) < len(people)
    for row in rows:
        span = _SPAN.fullmatch(cell(row, "start"))
        given = (*span.groups(), "") if span else (cell(row, role) for role in ("start", "end", "for"))
        start, end, lasts = (_time(each, table, rate) for each in given)
        if end is None and start is not None and lasts is not None:
            end = Time(start.value + lasts.value, start.sure and lasts.sure)
        text, who = cell(row, "text"), cell(row, "who")
        who = who.strip("*").rstrip(" :：")
        speaker = speaker_of(who) if numbered or not who.isdecimal() else None
        yield Item(clean(text), start, end, speaker)


def _time(cell: str, table: Table, rate: float) -> Time | None:
    counted = timecode(cell, rate)
    if counted is not None:
        return Time(float(counted), sure=True)
    return time_of(_pointed(cell, table.delimiter), table.unit)


def _is_time(cell: str, delimiter: str) -> bool:
    span = _SPAN.fullmatch(cell)
    cell = span[1] if span else cell.strip()
    return cell[:1].isdigit() and (timecode(cell, 25) is not None or time_of(_pointed(cell, delimiter)) is not None)


def _pointed(cell: str, delimiter: str) -> str:
    # Where columns are not parted by commas, a comma is a decimal point.
    return cell if delimiter == "," else cell.strip().replace(",", ".")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return _read([line], delimiter)
    except csv.Error:
        return []


def _rows(lines: list[str], table: Table, draft: Draft) -> Iterator[list[str]]:
    """The rows, each with the cells of its columns; ``draft`` counts what was mended."""
    position = 0
    while position < len(lines):
        size = _lines_of_row(lines, position, table)
        record = lines[position : position + abs(size)]
        position += abs(size)
        # A row of dashes divides a table in Markdown.
        if not any(map(str.isalnum, "".join(record))):
            continue
        cells = _split(record[0], table.delimiter) if size < 0 else _read(record, table.delimiter)
        overflows = len(cells) > table.width and table.delimiter != "\t"
        draft.repairs += overflows or size < 0
        yield _rejoined(record, cells, table) if overflows else cells


def _lines_of_row(lines: Sequence[str], first: int, table: Table) -> int:
    """Over how many lines a row runs; -1 for one with a quote that is never closed, which ends with its line.

    A quoted cell may run over lines; but where the lines after a quote are rows, the quote was never closed.
    """
    if table.delimiter == "\t" or lines[first].count('"') % 2 == 0:
        return 1
    for last in range(first + 1, min(len(lines), first + _MOST_LINES_A_CELL)):
        if lines[last].count('"') % 2 == 1:
            return last - first + 1
        if _is_row(lines[last], table):
            return -1
    return -1


def _is_row(line: str, table: Table) -> bool:
    cells = _split(line, table.delimiter)
    start = table.columns.get("start")
    return len(cells) >= table.width and (start is None or _is_time(cells[start], table.delimiter))


def _read(record: list[str], delimiter: str) -> list[str]:
    if delimiter == "\t" or '"' not in record[0]:  # tables with tabs are written without quoting by most
        return _split(record[0], delimiter)
    return next(csv.reader([f"{line}\n" for line in record], delimiter=delimiter, skipinitialspace=True), [])


def _split(line: str, delimiter: str) -> list[str]:
    return [_unquoted(cell) for cell in line.split(delimiter)]


def _rejoined(record: Sequence[str], cells: list[str], table: Table) -> list[str]:
    """A row with a cell too many: the words had the delimiter in them, and nobody quoted them."""
    place, more = table.columns["text"], len(cells) - table.width
    if len(record) == 1 and '"' not in record[0]:
        whole = record[0].split(table.delimiter)
        words = table.delimiter.join(whole[place : place + more + 1])
    else:
        words = f"{table.delimiter} ".join(cells[place : place + more + 1])
    return [*cells[:place], words.strip(), *cells[place + more + 1 :]]


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    # One quote alone opens what is never closed.
    return cell[1:] if cell[:1] == '"' and cell.count('"') == 1 else cell
