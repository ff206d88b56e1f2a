"""What ``autointel resume`` does."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.text import Text

from autointel.cli.brief_source import closing, hand_over
from autointel.cli.exits import exit_code_of
from autointel.cli.output import prepare
from autointel.cli.progress import progress, unbroken
from autointel.cli.request import Request
from autointel.render.console import animates, console
from autointel.settings import load


def resume_run(run: str, *, json: bool, out: Path | None, quiet: bool, verbose: bool, color: bool) -> int:
    """Resume and hand over; the exit code. Raises AutointelError."""
    from autointel.app.run import resume

    settings = load().settings
    if out:
        prepare(out)
    screen = console(sys.stderr, color=color)
    with progress(screen, animated=animates(sys.stderr), quiet=quiet, verbose=verbose) as listener:
        finished = resume(settings, run, listener)
    report = finished.report
    request = Request(source=report.source.url or report.source.path or "", json=json, out=out, color=color)
    hand_over(request, finished)
    if not quiet:
        unbroken(lambda: screen.print(Text(f"run {report.run_id}"), soft_wrap=True))
        unbroken(lambda: closing(report, screen, verbose=verbose))
    return exit_code_of(report)
