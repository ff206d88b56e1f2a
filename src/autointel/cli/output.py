"""Data to standard output and to files; remarks to standard error. A file is written whole or not at all."""

from __future__ import annotations

import fcntl
import json as as_json
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.text import Text

from autointel.cli.exits import written
from autointel.errors import AutointelError, UsageError
from autointel.ports import Listener
from autointel.render.plain_text import masked, plain, seconds
from autointel.render.terminal import FAINT, console, standard_error

if TYPE_CHECKING:
    from autointel.domain.report import Report, Results

INDENT: Final = "   "
PAGE: Final = "report.html"
INDEX: Final = "index.html"
_NO_NAME: Final = re.compile(r"[\W_]+")  # all but letters and digits, of any script
_LONGEST_NAME: Final = 60  # characters of a folder's name
_ID: Final = 6  # characters of an id after it
_PRIVATE: Final = 0o700  # on a shared machine others must not read a private meeting


# JSON leaves them as they are; some terminals obey them as they obey escape sequences. The same string in JSON.
_C1: Final = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


def to_stdout(text: str) -> None:
    """Write the text, as UTF-8 in a pipe, its control characters of 8 bits as JSON's escapes.

    Raises BrokenPipeError for a closed pipe, AutointelError for a full disk.
    """
    if sys.stdout is None:  # the shell closed it (>&-)
        raise AutointelError("Standard output is closed.", "Leave it open, or redirect it to a file.")
    with suppress(AttributeError, ValueError):
        if not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a TextIOWrapper has it
    with written():
        sys.stdout.write(text.translate(_C1))
        sys.stdout.flush()


def prepare(folder: Path) -> None:
    """Create the folder before any work is done. Raises UsageError where that is not possible."""
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(
            f"Nothing can be written to {folder}: {error.strerror}.", "Name another folder with --out."
        ) from error


def to_folder(folder: Path, report: Report, results: Results) -> None:
    """Write the report, the page, the transcript, the notes and the graph, each in its formats. Raises AutointelError.

    A source without times has no subtitles.
    """
    from autointel.render.exports import FILES

    transcript = [
        segment.model_dump(include={"start", "end", "speaker", "text", "paragraph"})
        for segment in results.transcript.segments
    ]
    files = {
        "transcript.json": as_json.dumps({"segments": transcript}, ensure_ascii=False, indent=2) + "\n",
        "notes.json": results.notes.model_dump_json(indent=2) + "\n",
        **{name: export(report, results) for name, export in FILES.items()},
    }
    _write_all(folder, {name: text for name, text in files.items() if text})


def formatted(name: str, report: Report, results: Results) -> str:
    """The run in that format (``render/exports.py``). Raises AutointelError where it would be empty."""
    from autointel.render.exports import FORMATS

    text = FORMATS[name](report, results)
    if not text:
        if name in {"srt", "vtt"}:
            raise AutointelError("The source has no times, so there are no subtitles.", "Use --format transcript.")
        raise AutointelError("No names were found in the source, so there is no graph.", "Use another format.")
    return text


def to_page(folder: Path, report: Report, results: Results) -> None:
    """Write the page alone, into a folder that is created if necessary. Raises AutointelError."""
    from autointel.render.html.page import html_page

    _write_all(folder, {PAGE: html_page(report, results)})


def title_folder(folder: Path, title: str) -> Path:
    """The name that ``named_by_title`` gives."""
    words = _NO_NAME.sub("-", plain(title).casefold())[:_LONGEST_NAME].strip("-_")
    return folder.with_name(f"{words or 'untitled'}-{folder.name[:_ID]}")


def named_by_title(folder: Path, title: str) -> Path:
    """Rename a list's folder to its title and the start of its id; an older one of that name is replaced.

    Where that fails the folder keeps its name, and is returned as it is.
    """
    named = title_folder(folder, title)
    try:
        named.mkdir(mode=_PRIVATE, exist_ok=True)
        for path in folder.iterdir():
            path.replace(named / path.name)
        folder.rmdir()
    except OSError:
        return folder
    return named


def to_index(folder: Path, briefings: Sequence[tuple[str, Report]]) -> None:
    """Write the page that lists a folder's briefings, by the names of their folders. Raises AutointelError."""
    from autointel.render.html.page import index_page

    _write_all(folder, {INDEX: index_page(briefings)})


def _write_all(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        for name, text in files.items():
            _write(folder / name, [text])
    except OSError as error:
        raise AutointelError(
            f"The files in {folder} could not be written: {error.strerror}.", "Make room, or name another folder."
        ) from error


def to_file(path: Path, pieces: Iterable[str]) -> None:
    """Write the pieces to a file that only the user may read. Raises AutointelError where that fails."""
    try:
        _write(path, pieces)
    except OSError as error:
        raise AutointelError(
            f"{path} could not be written: {error.strerror}.", "Make room, or name another file."
        ) from error


def _write(path: Path, pieces: Iterable[str]) -> None:
    """Write under another name, then rename: a reader sees the old file or the new one, never half a file.

    The other name cannot be guessed and is never a link, and only the user may read the file. It is locked meanwhile:
    a home removes unfinished files that nobody writes.
    """
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            with suppress(OSError):  # some network disks have no locks
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.writelines(pieces)
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def listener(*, color: bool) -> Listener:
    """Says on stderr when another process is being waited for."""
    from autointel.cli.progress import Lines

    return Lines(console(standard_error(), color=color))


def page(*, color: bool) -> Console:
    """The console of stdout."""
    return console(sys.stdout, color=color)


def print_lines(lines: Iterable[Text], onto: Console) -> None:
    """Print each as one line, for the terminal or the pipe."""
    with written(), onto.capture() as capture:
        for line in lines:
            onto.print(line, soft_wrap=True)
    to_stdout(capture.get())


def print_json(value: object) -> None:
    """Print one JSON value; keys keep their order."""
    to_stdout(as_json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def nothing(sentence: str, hint: str, *, json: bool, empty: Any = ()) -> int:
    """Nothing to show is not an error: two sentences on stderr, an empty JSON value on stdout, and 0."""
    aside([sentence, hint])
    if json:
        print_json(empty)
    return 0


def nothing_read(namespace: str, *, json: bool, empty: Any = ()) -> int:
    """Nothing has been read under this namespace."""
    under = "" if namespace == "default" else f" under {namespace!r}"
    return nothing(f"Nothing has been read{under} yet.", "Start with autointel run SOURCE.", json=json, empty=empty)


def aside(sentences: Sequence[str]) -> None:
    """Print sentences on stderr."""
    screen = console(standard_error())
    for sentence in sentences:
        screen.print(Text(masked(plain(sentence))), soft_wrap=True)


def times(spent: Mapping[str, float]) -> str:
    """``keyword 3 ms, dense 41 ms``."""
    return ", ".join(f"{name} {seconds(value)}" for name, value in spent.items())


def wrapped(text: Text, onto: Console, indent: str = INDENT) -> Iterable[Text]:
    """The text in lines of the console's width, indented."""
    for line in text.wrap(onto, max(20, onto.width - len(indent))):
        line.rstrip()
        yield Text(indent) + line


def faint(text: str) -> Text:
    """Text in a faint style."""
    return Text(text, style=FAINT)
