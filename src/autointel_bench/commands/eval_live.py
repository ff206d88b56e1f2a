"""``autointel eval live``: says what it would cost, asks, and measures the configured model on a folder of data."""

from __future__ import annotations

import sys
from pathlib import Path

from autointel.cli.output import aside, to_stdout
from autointel.cli.request import choose
from autointel.errors import UsageError
from autointel.settings import load
from autointel_bench.evaluation.live import estimate, score
from autointel_bench.evaluation.live_data import LiveData


def evaluate_live(folder: Path, *, yes: bool) -> int:
    """0, also where the answer is no. Raises AutointelError."""
    settings = load().settings
    choose(settings, "llm", offline=False)
    data = LiveData.of(folder)
    aside(estimate(data, settings).table().splitlines())
    if not yes and not _agreed():
        aside(["Nothing was asked."])
        return 0
    to_stdout(score(data, settings, lambda line: aside([line])).render() + "\n")
    return 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("This spends money, and there is nobody to ask whether it should.", "Add --yes.")
    sys.stderr.write("Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
