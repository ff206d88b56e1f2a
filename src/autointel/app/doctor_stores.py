"""What ``doctor`` checks of the places where things are kept: home, catalogue, artifacts, memory, graph, outbox."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.app import reachability
from autointel.app.doctor_check import NOT_ASKED, ONLINE, SILENCE, Check, asked, silent
from autointel.app.run_context import NetworkAccess
from autointel.app.stores import (
    artifacts_elsewhere,
    artifacts_of,
    catalogue_elsewhere,
    catalogue_probe,
    embedder_of,
    existing_catalogue,
)
from autointel.errors import AutointelError, HomeUnusable
from autointel.pipeline.store import MEMORY
from autointel.settings import Settings

_T = TypeVar("_T")


def check_home(settings: Settings) -> list[Check]:
    """Whether it is there, or could be made, and can be written."""
    folder, hint = settings.home, "make it writable, or set AUTOINTEL_HOME to another folder"
    try:
        Home(folder).check_could_be_made()
    except HomeUnusable as error:
        return [Check("home", "unusable", _short(folder), "cannot be made", ok=False, hint=error.hint)]
    try:
        if settings.catalogue.url is None:
            Home(folder).check_catalogue()
    except HomeUnusable as error:
        return [Check("home", "unusable", _short(folder), "its catalogue is gone", ok=False, hint=error.hint)]
    if not folder.exists():
        return [Check("home", "not made yet", _short(folder))]
    if folder.is_dir() and os.access(folder, os.W_OK):
        return [Check("home", "there", _short(folder))]
    return [Check("home", "unusable", _short(folder), "cannot be written", ok=False, hint=hint)]


def _short(folder: Path) -> str:
    home = Path.home()
    return str("~" / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)


def check_catalogue(settings: Settings) -> list[Check]:
    """A catalogue in a file shows with the home and with memory."""
    try:
        if host := catalogue_elsewhere(settings):
            return [Check("catalogue", "postgres", host, NOT_ASKED, hint=ONLINE)]
        probe = catalogue_probe(settings)
        return [Check("catalogue", "postgres", reachability.in_time(probe))] if probe else []
    except TimeoutError:
        return [silent("catalogue", "postgres", _place(settings.catalogue.url))]
    except AutointelError as error:
        return [Check("catalogue", "postgres", "", error.message, ok=False, hint=error.hint)]


def of_catalogue(settings: Settings, ask: Callable[[Catalogue | None], _T]) -> _T:
    """What ``ask`` finds in the catalogue, which has 2 s where it is on a server. Raises AutointelError."""

    def look() -> _T:
        with existing_catalogue(settings) as catalogue:
            return ask(catalogue)

    if catalogue_probe(settings) is None:  # loads a library, which is not the server's time
        return look()
    try:
        return reachability.in_time(look)
    except TimeoutError as error:
        raise HomeUnusable("The catalogue does not answer.", hint=SILENCE) from error


def check_artifacts(settings: Settings) -> list[Check]:
    """A bucket is asked for the artifacts of a run that never was; others show with the catalogue."""
    try:
        if host := artifacts_elsewhere(settings):
            return [Check("artifacts", "s3", host, NOT_ASKED, hint=ONLINE)]
        bucket = artifacts_of(settings, impatient=True)
        if bucket is None:
            return []
        began = perf_counter()
        reachability.in_time(partial(bucket.names, "doctor"))
    except TimeoutError:
        return [silent("artifacts", "s3", settings.artifacts.url or "")]
    except AutointelError as error:
        return [Check("artifacts", "s3", "", error.message, ok=False, hint=error.hint)]
    return [Check("artifacts", "s3", f"{bucket.place}, {(perf_counter() - began) * 1000:.0f} ms")]


def check_memory(settings: Settings) -> list[Check]:
    """Whether it answers, is whole, and holds what the catalogue keeps."""
    if settings.qdrant.url:
        url, key = settings.qdrant.url, settings.qdrant.api_key
        answer = asked(settings, url, lambda: reachability.vector_server(url, key))
        return [Check("memory", "qdrant", answer.place, answer.verdict, answer.ok, answer.hint)]
    home = Home(settings.home)
    if settings.catalogue.url is None and not home.catalogue.exists():
        return [Check("memory", "embedded", "empty")]
    try:
        passages = of_catalogue(settings, lambda catalogue: catalogue.passages.count() if catalogue else 0)
        # Other machines fill a catalogue on a server; a search embeds what they read.
        lacking = [] if settings.catalogue.url else _without_vectors(settings, home)
    except AutointelError as error:
        if settings.catalogue.url is not None:
            return [Check("memory", "embedded", "its words are in the catalogue", "not asked")]
        return [Check("memory", "embedded", _short(home.catalogue), error.message, ok=False, hint=error.hint)]
    from autointel.adapters.vectors.sqlite import damaged

    if broken := damaged(home.memory):
        hint = f"autointel reindex --namespace {broken[0]}"
        return [Check("memory", "embedded", _short(home.memory), "cannot be read", ok=False, hint=hint)]
    whole = Check("memory", "embedded", f"{passages:,} passages, {_megabytes(home.memory)}")
    return lacking or [whole]


def _without_vectors(settings: Settings, home: Home) -> list[Check]:
    """A row for each namespace with fewer vectors than memory was to hold, the outbox aside.

    Raises AutointelError. Nothing fails for want of them.
    """
    from autointel.adapters.vectors.records import collection_name
    from autointel.adapters.vectors.sqlite import held

    fingerprint = embedder_of(settings).fingerprint
    found: list[Check] = []
    for namespace in of_catalogue(settings, lambda catalogue: catalogue.passages.namespaces() if catalogue else []):
        stored = held(home.memory, collection_name(namespace, fingerprint))
        with existing_catalogue(settings, namespace) as catalogue:
            if catalogue is None or stored is None:
                continue
            wanted = catalogue.remembered() - len(catalogue.outbox.waiting(MEMORY, namespace))
        if stored < wanted:
            detail = f"{namespace}: {stored:,} of {wanted:,} vectors"
            hint = f"searched by keyword; autointel reindex --namespace {namespace}"
            found.append(Check("memory", "embedded", detail, "searched by keyword", hint=hint))
    return found


def check_graph(settings: Settings) -> list[Check]:
    """Whether it answers, or is whole."""
    if settings.neo4j.uri:
        uri = NetworkAccess(settings).graph_server(settings.neo4j.uri)
        server = settings.neo4j.model_copy(update={"uri": uri})
        answer = asked(settings, uri, lambda: reachability.graph_server(server))
        return [Check("graph", "neo4j", answer.place, answer.verdict, answer.ok, answer.hint)]
    folder = Home(settings.home).graph
    from autointel.adapters.graph.ladybug import damaged

    if broken := damaged(folder):
        hint = f"autointel reindex --graph --namespace {broken[0]}"
        return [Check("graph", "embedded", _short(folder), "cannot be read", ok=False, hint=hint)]
    return [Check("graph", "embedded", f"ladybug {version('ladybug')}, {_megabytes(folder)}")]


def check_outbox(settings: Settings) -> list[Check]:
    """What memory and graph still have to get or to remove; no row where nothing waits."""
    waiting: dict[str, int] = {}
    with suppress(AutointelError):  # the catalogue's own row says what is wrong
        waiting = of_catalogue(settings, lambda catalogue: catalogue.outbox.counts() if catalogue else {})
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in waiting.items())
    return [Check("outbox", "waiting", kinds, "not stored yet", hint="autointel drain")] if waiting else []


def _place(url: SecretStr | None) -> str:
    return urlsplit(url.get_secret_value()).netloc.rpartition("@")[2] if url else ""


def _megabytes(folder: Path) -> str:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0
    return f"{size / 1_000_000:.1f} MB"
