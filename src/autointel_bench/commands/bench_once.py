"""One run that a benchmark watches: the product's own command, with a record of it written beside."""

from __future__ import annotations

from pathlib import Path

from autointel.cli.brief_source import brief_source
from autointel.cli.request import Request
from autointel_bench.flags.inside import watched
from autointel_bench.profiles import world_of


def once(source: str, depth: str, record: Path, *, profile: str | None, namespace: str) -> int:
    """Run it as ``autointel run --json --quiet`` does, and give that one's exit code."""
    request = Request(source=source, depth=depth, namespace=namespace, json=True, quiet=True)
    return brief_source(request, watched(record, world_of(profile) if profile else None))
