"""One thing that ``doctor`` looked at, and how a server is asked without breaking the network rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from autointel.app import reachability
from autointel.app.run_context import NetworkAccess
from autointel.settings import Settings

OK: Final = "ok"
NOT_ASKED: Final = "not asked"
ONLINE: Final = "without --offline and fetch.offline, it is"
SILENCE: Final = "is it running, and is the address right?"


@dataclass(frozen=True)
class Check:
    """One part: its ``state`` in a word, ``detail``, and a ``verdict``. ``ok`` is False where something is amiss.

    A part that is merely not there is ok; its ``hint`` says how to have it.
    """

    part: str
    state: str
    detail: str
    verdict: str = OK
    ok: bool = True
    hint: str = ""


def asked(settings: Settings, address: str, ask: Callable[[], reachability.Answer]) -> reachability.Answer:
    """The server's answer, unless it may not be asked offline."""
    if NetworkAccess(settings).may_ask(address):
        return ask()
    return reachability.Answer(urlsplit(address).netloc.rpartition("@")[2], NOT_ASKED, hint=ONLINE)


def silent(part: str, state: str, place: str) -> Check:
    """A server that took the question and did not answer in time."""
    return Check(part, state, place, "no answer", ok=False, hint=SILENCE)
