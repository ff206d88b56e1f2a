"""A request as it would be typed, for a process of its own. Its report comes back as JSON."""

from __future__ import annotations

from autointel.cli.request import Request


def typed(request: Request) -> list[str]:
    """The words after ``autointel``."""
    way = request.acquisition
    given = {
        "--engine": request.engine,
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
    }
    words = ["run", "--json", "--verbose" if request.verbose else "--quiet"]
    # "=" binds a value that begins with a dash.
    words += [f"{name}={value}" for name, value in given.items() if value is not None]
    words += [name for name, on in switched.items() if on]
    return [*words, "--", request.source]
