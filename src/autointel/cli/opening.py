"""The page in the reader's browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from pathlib import Path

from autointel.cli.output import PAGE, to_page
from autointel.cli.request import Request
from autointel.domain.report import Report
from autointel.domain.results import Results

Browse = Callable[[str], bool]


def open_page(request: Request, home: Path, report: Report, results: Results, browse: Browse = webbrowser.open) -> str:
    """Open the page, and say where it is: in the folder of ``--out``, else among the run's artifacts in the home.

    Raises AutointelError where it cannot be written. That no browser could be opened is said, and is no failure.
    """
    folder = request.out or home / "runs" / report.run_id
    path = folder / PAGE
    if not request.out:
        to_page(folder, report, results)
    try:
        opened = browse(path.absolute().as_uri())
    except webbrowser.Error:
        opened = False
    return f"page {path}" if opened else f"No browser could be opened. The page is {path}"
