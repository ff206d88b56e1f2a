"""Whether a server answers, asked once and for two seconds at most."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

_PATIENCE: Final = 2.0  # seconds
_OPENAI: Final = "https://api.openai.com/v1"
_BOLT: Final = 7687
_REFUSED: Final = (401, 403)
_SERVER_ERROR: Final = 500


@dataclass(frozen=True)
class Answer:
    """``place`` is host and port, with the time it took where it answered."""

    place: str
    verdict: str = "ok"
    ok: bool = True
    hint: str = ""


def model_server(base_url: str | None, key: SecretStr | None) -> Answer:
    """Its list of models: free of charge, and it tells whether the key is taken."""
    headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    return page((base_url or _OPENAI).rstrip("/") + "/models", headers, key_setting="AUTOINTEL_MODEL__API_KEY")


def speech_server(base_url: str, key: SecretStr | None) -> Answer:
    """Its list of models, which most have, and which costs nothing."""
    headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    return page(base_url.rstrip("/") + "/models", headers, key_setting="AUTOINTEL_SPEECH__API_KEY")


def vector_server(url: str, key: SecretStr | None) -> Answer:
    """Its list of collections."""
    headers = {"api-key": key.get_secret_value()} if key else {}
    return page(url.rstrip("/") + "/collections", headers, key_setting="AUTOINTEL_QDRANT__API_KEY")


def page(url: str, headers: Mapping[str, str] | None = None, key_setting: str = "") -> Answer:
    """Anything but a refusal or a breakdown counts as an answer."""
    import httpx

    place = urlsplit(url).netloc.rpartition("@")[2]
    began = perf_counter()
    try:
        status = httpx.get(url, headers=headers, timeout=_PATIENCE).status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return Answer(place, "no answer", ok=False, hint="is it running, and is the address right?")
    if status in _REFUSED:
        return Answer(place, "refused", ok=False, hint=f"check {key_setting}" if key_setting else "it wants a key")
    if status >= _SERVER_ERROR:
        return Answer(place, f"answers {status}", ok=False, hint="its own log says why")
    return Answer(f"{place}, {(perf_counter() - began) * 1000:.0f} ms")


def port(uri: str) -> Answer:
    """Whether somebody listens; signing in is not tried."""
    parts = urlsplit(uri)
    host, number = parts.hostname or "", parts.port or _BOLT
    try:
        with socket.create_connection((host, number), _PATIENCE):
            return Answer(f"{host}:{number}", "listens")
    except OSError:
        return Answer(f"{host}:{number}", "no answer", ok=False, hint="is it running?")
