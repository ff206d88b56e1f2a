"""Sources of evidence: the classes under the entry point group ``autointel.evidence``, made from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import SecretStr

from autointel.adapters.evidence.finder import Finder
from autointel.adapters.evidence.paged import Checked, PagedEvidence
from autointel.errors import SettingsError
from autointel.extensions import EVIDENCE, MEMORY_EVIDENCE, extensions
from autointel.ports import EvidenceSearch, Fetcher
from autointel.settings import Settings


def evidence_of(
    settings: Settings, fetcher: Fetcher, checked: Callable[[], Checked], memory: EvidenceSearch, *, offline: bool
) -> list[EvidenceSearch]:
    """The sources of evidence, in the order of the settings. Offline: only those that say they work offline.

    ``memory`` holds what was read before. Raises SettingsError for a source whose key or address is missing, or whose
    package cannot be loaded.
    """
    searches: list[EvidenceSearch] = []
    for name in settings.evidence.sources:
        if name == MEMORY_EVIDENCE:
            searches.append(memory)
            continue
        finder = finder_class(name)
        if finder.offline or not offline:
            made = finder.from_settings(fetcher, _complete(name, finder, settings))
            searches.append(PagedEvidence(made, fetcher, checked=checked))
    return searches


def finder_class(name: str) -> type[Finder]:
    """The class that is registered under this name. Raises SettingsError where it cannot be loaded."""
    try:
        return cast("type[Finder]", extensions(EVIDENCE)[name].load())
    except Exception as error:  # whatever the module of another package raises
        raise SettingsError(
            f"The source of evidence {name} cannot be loaded: {type(error).__name__}: {error}",
            "Repair its package, or remove it from AUTOINTEL_EVIDENCE__SOURCES.",
        ) from error


def values_of(finder: type[Finder], settings: Settings) -> dict[str, Any]:
    """Those of its settings that are set; no others, so that no source sees another's key."""
    found = {name: getattr(settings.evidence, name, None) for name in finder.settings}
    return {name: _plain(value) for name, value in found.items() if value}


def missing(finder: type[Finder], values: Mapping[str, Any]) -> str | None:
    """The variable of the first needed setting that is not set."""
    absent = (name for name, each in finder.settings.items() if each.needed and name not in values)
    return next((finder.settings[name].variable(name) for name in absent), None)


def _complete(name: str, finder: type[Finder], settings: Settings) -> dict[str, Any]:
    values = values_of(finder, settings)
    variable = missing(finder, values)
    if variable:
        raise SettingsError(
            f"The source of evidence {name} needs {variable}, which is not set.",
            f"Set it, or remove {name} from AUTOINTEL_EVIDENCE__SOURCES.",
        )
    return values


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
