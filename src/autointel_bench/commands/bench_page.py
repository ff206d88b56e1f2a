"""What ``autointel bench page`` does."""

from __future__ import annotations

from pathlib import Path

from autointel_bench.commands.bench_flags import tell
from autointel_bench.results import write_page


def bench_page(folder: Path) -> int:
    """Write it. Raises UsageError where there is nothing to write of."""
    tell(f"wrote {write_page(folder)}")
    return 0
