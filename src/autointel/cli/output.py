"""Data leaves here: to standard output, and to files that are whole or not there."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from autointel.cli.written import written
from autointel.domain.report import Report
from autointel.domain.results import Results
from autointel.errors import AutointelError, UsageError
from autointel.render.html.page import html_page

PAGE: Final = "report.html"
_PRIVATE: Final = 0o700  # what was said in a private meeting is nobody else's business on a shared machine


def to_stdout(text: str) -> None:
    """All of it, as UTF-8 in a pipe. Raises BrokenPipeError where nobody reads on, AutointelError for a full disk."""
    if sys.stdout is None:  # the shell closed it (>&-)
        raise AutointelError("Standard output is closed.", "Leave it open, or send it to a file.")
    with suppress(AttributeError, ValueError):
        if not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a TextIOWrapper has it
    with written():
        sys.stdout.write(text)
        sys.stdout.flush()


def prepare(folder: Path) -> None:
    """Make the folder before any work is done for it. Raises UsageError where that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".autointel-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UsageError(
            f"Nothing can be written to {folder}: {error.strerror}.", "Name another folder with --out."
        ) from error


def to_folder(folder: Path, report: Report, results: Results) -> None:
    """The report, the words, the notes and both pages. Raises AutointelError."""
    transcript = [
        segment.model_dump(include={"start", "end", "speaker", "text", "paragraph"})
        for segment in results.transcript.segments
    ]
    files = {
        "report.json": report.model_dump_json(indent=2) + "\n",
        "transcript.json": json.dumps({"segments": transcript}, ensure_ascii=False, indent=2) + "\n",
        "notes.json": results.notes.model_dump_json(indent=2) + "\n",
        "briefing.md": report.briefing.markdown,
        PAGE: html_page(report, results),
    }
    _write_all(folder, files)


def to_page(folder: Path, report: Report, results: Results) -> None:
    """The page alone, into a folder that is made if need be. Raises AutointelError."""
    _write_all(folder, {PAGE: html_page(report, results)})


def _write_all(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        for name, text in files.items():
            _write(folder / name, text)
    except OSError as error:
        raise AutointelError(
            f"The files in {folder} could not be written: {error.strerror}.", "Make room, or name another folder."
        ) from error


def _write(path: Path, text: str) -> None:
    """Under another name first: whoever looks sees the old file or the new one, never half of one."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
