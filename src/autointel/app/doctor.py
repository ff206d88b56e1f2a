"""What is configured, whether it answers, and what each missing part costs: cheap looks, no crew, nothing written."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from autointel.adapters.home import Home
from autointel.app import reachability
from autointel.app.check import OK, Check
from autointel.app.doctor_sources import javascript, speech, video_sites
from autointel.app.evidence import finder_class, missing, values_of
from autointel.errors import HomeUnusable, SettingsError
from autointel.extensions import MEMORY_EVIDENCE
from autointel.settings import Settings


def diagnose(settings: Settings) -> list[Check]:
    """Every part, in the order of a run. Asks servers side by side, each for 2 s at most; raises nothing."""
    looks: list[Callable[[Settings], list[Check]]] = [_engine, _home, speech, video_sites, javascript]
    looks += [_embedder, _memory, _graph, _evidence]
    with ThreadPoolExecutor(len(looks)) as pool:
        return [check for found in pool.map(lambda look: look(settings), looks) for check in found]


def _engine(settings: Settings) -> list[Check]:
    model = settings.model
    if not (model.base_url or model.api_key):
        hint = "set OPENAI_API_KEY or AUTOINTEL_MODEL__BASE_URL"
        return [Check("engine", "local", "no model configured", verdict="declines what needs one", hint=hint)]
    answer = reachability.model_server(model.base_url, model.api_key)
    return [Check("engine", "llm", f"{model.name} at {answer.place}", answer.verdict, answer.ok, answer.hint)]


def _home(settings: Settings) -> list[Check]:
    folder = settings.home
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        state = "there" if folder.exists() else "not made yet"
        return [Check("home", state, _short(folder))]
    hint = "make it writable, or set AUTOINTEL_HOME to another folder"
    return [Check("home", "unusable", _short(folder), "cannot be written", ok=False, hint=hint)]


def _short(folder: Path) -> str:
    home = Path.home()
    return str("~" / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)


def _embedder(settings: Settings) -> list[Check]:
    name = settings.memory.embedder
    return [Check("embedder", name, f"version {version(name)}")]


def _memory(settings: Settings) -> list[Check]:
    if settings.qdrant.url:
        answer = reachability.vector_server(settings.qdrant.url, settings.qdrant.api_key)
        return [Check("memory", "qdrant", answer.place, answer.verdict, answer.ok, answer.hint)]
    home = Home(settings.home)
    if not home.catalogue.exists():
        return [Check("memory", "embedded", "empty")]
    try:
        passages = _passages(home.catalogue)
    except HomeUnusable as error:
        return [Check("memory", "embedded", _short(home.catalogue), error.message, ok=False, hint=error.hint)]
    return [Check("memory", "embedded", f"{passages:,} passages, {_megabytes(home.memory)}")]


def _passages(catalogue: Path) -> int:
    from autointel.adapters.catalogue.catalogue import Catalogue

    opened = Catalogue(catalogue)
    try:
        return opened.passages.count()
    finally:
        opened.close()


def _graph(settings: Settings) -> list[Check]:
    if settings.neo4j.uri:
        answer = reachability.port(settings.neo4j.uri)
        return [Check("graph", "neo4j", answer.place, answer.verdict, answer.ok, answer.hint)]
    return [Check("graph", "embedded", f"ladybug {version('ladybug')}, {_megabytes(Home(settings.home).graph)}")]


def _evidence(settings: Settings) -> list[Check]:
    if not (settings.model.base_url or settings.model.api_key):
        return [Check("evidence", "unused", "verdicts need a model", verdict="not asked")]
    if not settings.evidence.sources:
        hint = "set AUTOINTEL_EVIDENCE__SOURCES"
        return [Check("evidence", "none", "every claim stays unproven", verdict="not enough", hint=hint)]
    return [_evidence_source(name, settings) for name in settings.evidence.sources]


def _evidence_source(name: str, settings: Settings) -> Check:
    if name == MEMORY_EVIDENCE:
        return Check("evidence", name, "what was read before")
    try:
        finder = finder_class(name)
    except SettingsError as error:
        return Check("evidence", name, error.message, "broken", ok=False, hint=error.hint)
    values = values_of(finder, settings)
    variable = missing(finder, values)
    if variable:
        hint = f"set {variable}, or leave {name} out of the sources"
        return Check("evidence", name, "not set up", "missing", ok=False, hint=hint)
    probe = finder.probe(values)
    if probe.fault:
        return Check("evidence", name, probe.detail, probe.fault, ok=False, hint=probe.hint)
    if probe.address is None:
        return Check("evidence", name, probe.detail, verdict=OK if finder.offline else "not asked")
    answer = reachability.page(probe.address)
    return Check("evidence", name, answer.place, answer.verdict, answer.ok, answer.hint)


def _megabytes(folder: Path) -> str:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0
    return f"{size / 1_000_000:.1f} MB"
