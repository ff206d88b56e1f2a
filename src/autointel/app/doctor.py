"""What ``doctor`` checks: what is configured, whether it answers, and what each missing part costs.

CrewAI is not loaded and nothing is written. A configured model is asked one small question.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from autointel.app import reachability
from autointel.app.doctor_check import NOT_ASKED, OK, ONLINE, Check, asked, silent
from autointel.app.doctor_stores import (
    check_artifacts,
    check_catalogue,
    check_graph,
    check_home,
    check_memory,
    check_outbox,
    of_catalogue,
)
from autointel.app.job_queue import named_broker, queued, shared_limits
from autointel.app.run_context import NetworkAccess
from autointel.app.sources import LOCAL_MODEL, SERVER_MODEL, finder_class, missing, values_of
from autointel.domain.catalogue import JobState
from autointel.errors import AutointelError, HomeUnusable, SettingsError
from autointel.extensions import MEMORY_EVIDENCE, how_to_install, how_to_upgrade
from autointel.settings import Settings

_OLD: Final = 90  # days; YouTube changes about as often
_NEEDED: Final = ("model.bin", "tokenizer.json")  # of a speech model
# yt-dlp's own minimums.
_RUNTIMES: Final = {"deno": (2, 3), "node": (22, 0), "bun": (1, 2)}
_WAIT: Final = 2.0  # seconds for a program that is asked for its version
Found = Callable[[str], object]
"""Whether a library is installed: None if it is not."""


def diagnose(settings: Settings) -> list[Check]:
    """Every part, in the order of a run. Asks servers side by side, each for 2 s at most; raises nothing.

    A model is asked one small question, which may take longer, most of all where it is in a file.
    """
    looks: list[Callable[[Settings], list[Check]]] = [_engine, check_home, check_catalogue, check_artifacts, speech]
    looks += [video_sites, javascript, _embedder, check_memory, check_graph, check_outbox, _evidence, _queue]
    with ThreadPoolExecutor(len(looks)) as pool:
        return [check for found in pool.map(lambda look: look(settings), looks) for check in found]


def _engine(settings: Settings) -> list[Check]:
    model = settings.model
    if not model.is_configured:
        hint = "autointel setup; or set OPENAI_API_KEY or AUTOINTEL_MODEL__BASE_URL"
        return [Check("engine", "local", "no model configured", verdict="declines what needs one", hint=hint)]
    if model.file is not None:
        return [_model_file(settings)]
    address = model.base_url or reachability.OPENAI
    answer = asked(settings, address, lambda: reachability.model_server(address, model.api_key))
    if answer.ok and answer.verdict != NOT_ASKED:
        answer = _tried(settings, answer)
    return [Check("engine", "llm", f"{model.name} at {answer.place}", answer.verdict, answer.ok, answer.hint)]


def _tried(settings: Settings, answer: reachability.Answer) -> reachability.Answer:
    """One small question with a schema: some 200 tokens. A model in a file is loaded for it."""
    from autointel.app.setup import tried

    try:
        verdict = tried(settings, lambda _: None)
    except AutointelError as error:
        return replace(answer, verdict=error.message, ok=False, hint=error.hint)
    return replace(answer, verdict=verdict)


def _model_file(settings: Settings) -> Check:
    from autointel.app.model_settings import fitted

    try:
        model, _ = fitted(settings)
    except SettingsError as error:
        return Check("engine", "llm", settings.model.called, error.message, ok=False, hint=error.hint)
    detail = f"{model.name}, {model.size / 1_000_000_000:.1f} GB, served here"
    answer = _tried(settings, reachability.Answer(detail))
    return Check("engine", "llm", detail, answer.verdict, answer.ok, answer.hint)


def _embedder(settings: Settings) -> list[Check]:
    name = settings.memory.embedder
    return [Check("embedder", name, f"version {version(name)}")]


def _evidence(settings: Settings) -> list[Check]:
    if not settings.model.is_configured:
        return [Check("evidence", "unused", "verdicts need a model", verdict=NOT_ASKED)]
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
        return Check("evidence", name, probe.detail, verdict=OK if finder.offline else NOT_ASKED)
    address = probe.address
    answer = asked(settings, address, lambda: reachability.page(address))
    return Check("evidence", name, answer.place, answer.verdict, answer.ok, answer.hint)


def _queue(settings: Settings) -> list[Check]:
    """The broker and the shared limits, where they are configured, and what waits."""
    queue, access = settings.queue, NetworkAccess(settings)
    checks: list[Check] = []
    looks: tuple[tuple[SecretStr | None, str, str, Callable[[], Callable[[], str]], Callable[[], str]], ...] = (
        (queue.broker_url, "queue", "rabbitmq", lambda: named_broker(settings).check, lambda: _waiting(settings)),
        (queue.limits_url, "limits", "redis", lambda: partial(shared_limits, settings), lambda: OK),
    )
    for url, part, state, client, verdict in looks:
        if url is None:
            continue
        host = urlsplit(url.get_secret_value()).hostname or ""
        if not access.may_ask(url.get_secret_value()):
            checks.append(Check(part, state, host, NOT_ASKED, hint=ONLINE))
        else:
            checks.append(_answering(part, state, host, client, verdict()))
    return checks


def _answering(part: str, state: str, host: str, client: Callable[[], Callable[[], str]], verdict: str) -> Check:
    try:
        place = client()  # loads a library, which is not the server's time
        return Check(part, state, reachability.in_time(place), verdict)
    except AutointelError as error:
        return Check(part, state, error.message, "no answer", ok=False, hint=error.hint)
    except TimeoutError:
        return silent(part, state, host)


def _waiting(settings: Settings) -> str:
    try:
        counts = of_catalogue(settings, lambda catalogue: queued(catalogue) if catalogue else Counter())
    except (HomeUnusable, SettingsError):
        return "what waits cannot be read"
    return f"{counts.get(JobState.WAITING, 0)} waiting, {counts.get(JobState.RUNNING, 0)} under way"


def speech(settings: Settings, found: Found = find_spec) -> list[Check]:
    """Who listens to recordings."""
    wanted = settings.speech
    if wanted.base_url:
        url = wanted.base_url
        answer = asked(settings, url, lambda: reachability.speech_server(url, wanted.api_key))
        detail = f"{wanted.model or SERVER_MODEL} at {answer.place}"
        return [Check("asr", "server", detail, answer.verdict, answer.ok, answer.hint)]
    if found("faster_whisper") is None:
        return [Check("asr", "missing", "transcripts and captions only", "no recordings", hint=how_to_install("asr"))]
    return [_model(wanted.model or LOCAL_MODEL)]


def _model(name: str) -> Check:
    folder = Path(name)
    if folder.is_dir():
        missing = " and ".join(file for file in _NEEDED if not (folder / file).is_file())
        hint = "set AUTOINTEL_SPEECH__MODEL to the folder of a whole model"
        return Check(
            "asr", "folder", name, f"lacks {missing}" if missing else "ok", not missing, hint if missing else ""
        )
    if _is_cached(name):
        return Check("asr", "installed", f"model {name} is on this machine")
    return Check("asr", "installed", f"model {name} not here yet", hint="fetched when it is first needed")


def _is_cached(name: str) -> bool:
    """Whether the hub's client has it. Whoever published a model by this name, its folder's name ends with it."""
    from huggingface_hub.constants import HF_HUB_CACHE

    known = name.replace("/", "--")
    return any(Path(HF_HUB_CACHE).glob(f"models--*{known}/snapshots/*/model.bin"))


def video_sites(_: Settings, today: date | None = None) -> list[Check]:
    """yt-dlp and its age: sites change, and it follows."""
    return [_aged(version("yt-dlp"), today or date.today())]  # noqa: DTZ011  to a day, and a day more or less does not matter


def _aged(found: str, today: date) -> Check:
    year, month, day = (int(part) for part in (*found.split("."), "1", "1")[:3])
    days = (today - date(year, month, day)).days
    hint = f"if a site fails: {how_to_upgrade('yt-dlp')}" if days > _OLD else ""
    return Check("videos", "yt-dlp", f"{found}, {days} days old" if days > 0 else found, hint=hint)


def javascript(_: Settings, found: Found = find_spec) -> list[Check]:
    """YouTube gives its recordings to nobody without one; captions do without."""
    for name, least in _RUNTIMES.items():
        installed = _version_of(name)
        if installed is None:
            continue
        if tuple(int(part) for part in installed.split(".")[:2]) < least:
            return [Check("js", name, f"{installed} is too old", hint=_wanted())]
        if found("yt_dlp_ejs") is None:
            return [Check("js", name, f"{installed}, without yt-dlp-ejs", hint=how_to_upgrade("yt-dlp-ejs"))]
        return [Check("js", name, installed)]
    return [Check("js", "missing", "YouTube: captions only", hint=_wanted())]


def _wanted() -> str:
    return "deno 2.3 or node 22, for videos that have no captions"


def _version_of(name: str) -> str | None:
    path = shutil.which(name)
    if path is None:
        return None
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_WAIT, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\d+\.\d+(?:\.\d+)?", asked.stdout)
    return found.group() if found else None
