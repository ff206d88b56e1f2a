"""Choose the engine, once, before a run: a run never changes its engine and never spends money unasked."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from autointel.domain.run import Engine
from autointel.errors import UsageError
from autointel.settings import Settings

_OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Choice:
    """The engine, and why it was chosen."""

    engine: Engine
    why: str

    def __str__(self) -> str:
        return f"engine {self.engine}: {self.why}"


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
    host = urlsplit(model.base_url or _OPENAI).hostname or ""
    if offline and not (_is_loopback(host) or host in settings.fetch.allow_hosts):
        raise UsageError(
            f"The model is at {host}, which --offline does not allow.",
            "Add the host to AUTOINTEL_FETCH__ALLOW_HOSTS, or use --engine local.",
        )
    return Choice(Engine.LLM, f"{model.name} at {host}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
