"""What recordings and video sites need, as ``doctor`` tells it: is it there, and what does it cost if it is not."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from autointel.app import reachability
from autointel.app.check import Check
from autointel.app.speech import LOCAL_MODEL, SERVER_MODEL
from autointel.settings import Settings

_OLD: Final = 90  # days; YouTube changes about as often
_INSTALL: Final = "make setup EXTRAS=asr"
_NEEDED: Final = ("model.bin", "tokenizer.json")
# yt-dlp's own minimums.
_RUNTIMES: Final = {"deno": (2, 3), "node": (22, 0), "bun": (1, 2)}
_SECONDS: Final = 2.0

Found = Callable[[str], object]
"""Whether a library is installed: None if it is not."""


def speech(settings: Settings, found: Found = find_spec) -> list[Check]:
    """Who listens to recordings."""
    wanted = settings.speech
    if wanted.base_url:
        answer = reachability.speech_server(wanted.base_url, wanted.api_key)
        detail = f"{wanted.model or SERVER_MODEL} at {answer.place}"
        return [Check("asr", "server", detail, answer.verdict, answer.ok, answer.hint)]
    if found("faster_whisper") is None:
        return [Check("asr", "missing", "transcripts and captions only", "no recordings", hint=_INSTALL)]
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
    hint = "if a site fails: pip install --upgrade yt-dlp" if days > _OLD else ""
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
            return [Check("js", name, f"{installed}, without yt-dlp-ejs", hint="pip install yt-dlp-ejs")]
        return [Check("js", name, installed)]
    return [Check("js", "missing", "YouTube: captions only", hint=_wanted())]


def _wanted() -> str:
    return "deno 2.3 or node 22, for videos that have no captions"


def _version_of(name: str) -> str | None:
    path = shutil.which(name)
    if path is None:
        return None
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\d+\.\d+(?:\.\d+)?", said)
    return found.group() if found else None
