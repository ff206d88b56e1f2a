"""The options of ``autointel run``, ``batch`` and ``watch`` as typed, and the choice of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from autointel.domain.run import Acquisition, Engine
from autointel.errors import UsageError, not_asked
from autointel.render.plain_text import plain

if TYPE_CHECKING:
    from autointel.settings import Settings

# Options whose flag switches something off.
_SWITCHED_OFF: Final = ("memory", "graph", "fact_check", "cache", "color")
_OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Request:
    """All options, as typed. A saved request with an option that this version does not know is refused."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

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
    acquisition: Acquisition = field(default_factory=Acquisition)
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


def request_from(given: Mapping[str, Any], **otherwise: Any) -> Request:
    """The request that a command's arguments make: ``given`` holds them by name, ``otherwise`` is what they do not say.

    An option that the command does not take has its default.
    """
    switched = {name: not given[f"no_{name}"] for name in _SWITCHED_OFF if f"no_{name}" in given}
    values = {**given, **switched, **otherwise}
    way = Acquisition(**{name: values[name] for name in Acquisition.model_fields if name in values})
    named = {each.name: values[each.name] for each in fields(Request) if each.name in values}
    return Request(**{**named, "acquisition": way})


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


@dataclass(frozen=True)
class Choice:
    """The engine, and why it was chosen."""

    engine: Engine
    why: str

    def __str__(self) -> str:
        return plain(f"engine {self.engine}: {self.why}")


def choose(settings: Settings, wanted: str, *, offline: bool) -> Choice:
    """``wanted`` is auto, llm or local. Raises UsageError for an engine that is not available."""
    model, offline = settings.model, offline or settings.fetch.offline
    configured = model.is_configured
    if wanted == "local":
        return Choice(Engine.LOCAL, "as requested; no model is used")
    if wanted == "auto" and not model.file and (offline or not configured):
        return Choice(Engine.LOCAL, "no model is configured" if not configured else "offline, so no model is used")
    if not configured:
        raise UsageError(
            "The engine llm needs a model, but none is configured.",
            "autointel setup configures one; so does OPENAI_API_KEY, or --model FILE.gguf.",
        )
    if model.file is not None:
        from autointel.app.model_settings import fitted

        fitted(settings)
        return Choice(Engine.LLM, f"{model.called}, served on this machine")
    from autointel.app.run_context import NetworkAccess

    address = model.base_url or _OPENAI
    host = urlsplit(address).hostname or ""
    if not NetworkAccess(settings, offline=offline).may_ask(address):
        message, _ = not_asked(f"The model at {host}")
        raise UsageError(message, "Add the host to AUTOINTEL_FETCH__ALLOW_HOSTS, or use --engine local.")
    return Choice(Engine.LLM, f"{model.name} at {host}")
