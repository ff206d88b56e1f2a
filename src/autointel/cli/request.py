"""What ``autointel run`` was asked for, before any setting has been read. Light: ``--help`` imports it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Acquiring:
    """How the words may be got at, as it was typed."""

    transcribe: bool = False
    episode: str | None = None
    cookies_from_browser: str | None = None
    cookies: Path | None = None
    proxy: str | None = None
    keep_media: bool = False
    refresh: bool = False


@dataclass(frozen=True)
class Request:
    """The options as they were typed."""

    source: str
    engine: str = "auto"
    depth: str = "standard"
    parallel: bool | None = None
    json: bool = False
    out: Path | None = None
    open_page: bool = False
    language: str | None = None
    briefing_language: str | None = None
    memory: bool = True
    graph: bool = True
    fact_check: bool = True
    offline: bool = False
    cache: bool = True
    acquisition: Acquiring = Acquiring()
    dry_run: bool = False
    max_usd: float | None = None
    max_seconds: float | None = None
    namespace: str = "default"
    quiet: bool = False
    verbose: bool = False
    color: bool = True
