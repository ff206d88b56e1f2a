"""What ``autointel resume`` does: the same delivery as ``run``, for a run that was interrupted."""

from __future__ import annotations

from pathlib import Path

from autointel.cli.brief_source import deliver
from autointel.cli.output import prepare
from autointel.cli.request import Request
from autointel.settings import load


def resume_run(run: str, *, json: bool, out: Path | None, quiet: bool, verbose: bool, color: bool) -> int:
    """Resume and hand over; the exit code. Raises AutointelError."""
    from autointel.app.run import resume

    settings = load().settings
    if out:
        prepare(out)
    request = Request(source="", json=json, out=out, quiet=quiet, verbose=verbose, color=color)
    return deliver(request, lambda listener: resume(settings, run, listener), settings, names_run=True)
