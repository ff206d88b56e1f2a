"""The options of ``autointel run`` as typed, before settings are read. Light: ``--help`` imports it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Acquiring:
    """The options for getting the transcript, as typed."""

    transcribe: bool = False
    episode: str | None = None
    cookies_from_browser: str | None = None
    cookies: Path | None = None
    proxy: str | None = None
    keep_media: bool = False
    refresh: bool = False


@dataclass(frozen=True)
class Request:
    """All options, as typed."""

    source: str
    engine: str = "auto"
    model: str | None = None
    verify: str | None = None
    depth: str = "standard"
    parallel: bool | None = None
    json: bool = False
    format: str | None = None
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
    privacy: str | None = None
    privacy_names: bool = False
    quiet: bool = False
    verbose: bool = False
    events: bool = False
    color: bool = True


def typed(request: Request) -> list[str]:
    """The arguments after ``autointel`` that ask for this request, for a process of its own. Its report is JSON."""
    way = request.acquisition
    given = {
        "--engine": request.engine,
        "--model": request.model,
        "--verify": request.verify,
        "--depth": request.depth,
        "--out": request.out,
        "--language": request.language,
        "--briefing-language": request.briefing_language,
        "--episode": way.episode,
        "--cookies-from-browser": way.cookies_from_browser,
        "--cookies": way.cookies,
        "--proxy": way.proxy,
        "--max-usd": request.max_usd,
        "--max-seconds": request.max_seconds,
        "--namespace": request.namespace,
        "--privacy": request.privacy,
    }
    switched = {
        "--parallel": request.parallel is True,
        "--sequential": request.parallel is False,
        "--transcribe": way.transcribe,
        "--keep-media": way.keep_media,
        "--refresh": way.refresh,
        "--no-memory": not request.memory,
        "--no-graph": not request.graph,
        "--no-fact-check": not request.fact_check,
        "--offline": request.offline,
        "--no-cache": not request.cache,
        "--privacy-names": request.privacy_names,
    }
    words = ["run", "--json", "--events" if request.events else "--verbose" if request.verbose else "--quiet"]
    # "=" binds a value that begins with a dash.
    words += [f"{name}={value}" for name, value in given.items() if value is not None]
    words += [name for name, on in switched.items() if on]
    return [*words, "--", request.source]
