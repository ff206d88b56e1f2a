"""Where evidence is sought, as settings say; a source without its key or address is named, not left out in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydantic import SecretStr

from autointel.adapters.evidence.brave import BraveFinder
from autointel.adapters.evidence.folder import FolderFinder
from autointel.adapters.evidence.google_fact_check import GoogleFactCheckFinder
from autointel.adapters.evidence.independence import Checked
from autointel.adapters.evidence.paged import PagedEvidence
from autointel.adapters.evidence.search_hit import Finder
from autointel.adapters.evidence.searxng import SearxngFinder
from autointel.adapters.evidence.tavily import TavilyFinder
from autointel.adapters.evidence.wikipedia import WikipediaFinder
from autointel.errors import SettingsError
from autointel.ports import EvidenceSearch, Fetcher
from autointel.settings import Settings

_MISSING: Final = "Set it, or take the source out of AUTOINTEL_EVIDENCE__SOURCES."


def evidence_of(
    settings: Settings, fetcher: Fetcher, checked: Callable[[], Checked], memory: EvidenceSearch, *, offline: bool
) -> list[EvidenceSearch]:
    """The sources of evidence, in the order of the settings. Offline: only what is on this machine or allow-listed.

    ``memory`` is what was read before.

    Raises SettingsError for one whose key or address is missing.
    """
    wanted = settings.evidence.sources
    if offline:
        wanted = tuple(name for name in wanted if name in {"folder", "searxng", "memory"})
    return [
        memory if name == "memory" else PagedEvidence(_finder(name, settings, fetcher), fetcher, checked=checked)
        for name in wanted
    ]


def _finder(name: str, settings: Settings, fetcher: Fetcher) -> Finder:
    evidence = settings.evidence
    if name == "wikipedia":
        return WikipediaFinder(fetcher, contact=evidence.contact or "")
    if name == "searxng":
        return SearxngFinder(fetcher, _needed(evidence.searxng_url, "SEARXNG_URL"))
    if name == "tavily":
        return TavilyFinder(fetcher, _key(evidence.tavily_api_key, "TAVILY_API_KEY"))
    if name == "brave":
        return BraveFinder(fetcher, _key(evidence.brave_api_key, "BRAVE_API_KEY"))
    if name == "google-fact-check":
        return GoogleFactCheckFinder(fetcher, _key(evidence.google_fact_check_api_key, "GOOGLE_FACT_CHECK_API_KEY"))
    if evidence.folder is None:
        raise _unset("FOLDER")
    return FolderFinder(evidence.folder)


def _key(secret: SecretStr | None, name: str) -> str:
    return _needed(secret.get_secret_value() if secret else None, name)


def _needed(value: str | None, name: str) -> str:
    if not value:
        raise _unset(name)
    return value


def _unset(name: str) -> SettingsError:
    return SettingsError(f"A source of evidence needs AUTOINTEL_EVIDENCE__{name}, and it is not set.", _MISSING)
