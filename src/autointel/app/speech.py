"""Who listens to a recording: a server of the user's, this machine, or nobody."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Final

from autointel.app.run_context import NetworkAccess
from autointel.domain.transcript import Transcript
from autointel.errors import ModelUnavailable
from autointel.ports import SpeechRecogniser
from autointel.settings import Settings

LOCAL_MODEL: Final = "small"
SERVER_MODEL: Final = "whisper-1"


class OutOfReach(SpeechRecogniser):
    """A server that this run must not ask; ``why`` and ``cure`` are parts of sentences."""

    def __init__(self, address: str, why: str, cure: str) -> None:
        self._address, self._why, self._cure = address, why, cure

    async def recognise(self, recording: Path, language: str | None) -> Transcript:
        """Raises ModelUnavailable, before anything is sent."""
        del recording, language
        raise ModelUnavailable(
            f"The speech server {self._address} was not asked, because {self._why}.",
            f"{self._cure}, or name the host in AUTOINTEL_FETCH__ALLOW_HOSTS.",
        )


def recogniser_of(
    settings: Settings,
    outside: NetworkAccess,
    *,
    offline: bool,
    told: Callable[[str], None],
    found: Callable[[str], object] = find_spec,
    private: bool = False,
) -> SpeechRecogniser | None:
    """None where nothing can listen. ``told`` gets a sentence for each stretch that has been heard.

    With ``private`` a recording goes to no server but the user's own: nothing can be taken out of sound.
    """
    speech = settings.speech
    if speech.base_url:
        if not outside.may_ask(speech.base_url):
            return OutOfReach(speech.base_url, "this run is offline", "Leave --offline away")
        if private and not NetworkAccess(settings, offline=True).may_ask(speech.base_url):
            return OutOfReach(speech.base_url, "it would hear what --privacy keeps back", "Use --privacy off")
        from autointel.adapters.speech.openai_compatible import OpenAICompatibleSpeech

        key = speech.api_key.get_secret_value() if speech.api_key else None
        return OpenAICompatibleSpeech(speech.base_url, key, model=speech.model or SERVER_MODEL)
    if found("faster_whisper") is None:
        return None
    from autointel.adapters.speech.faster_whisper import FasterWhisper

    return FasterWhisper(speech.model or LOCAL_MODEL, offline=offline, progress=Pace(told))


class Pace:
    """Says how much has been heard, and how many times as fast as it was spoken."""

    def __init__(self, told: Callable[[str], None], clock: Callable[[], float] = monotonic) -> None:
        self._told = told
        self._clock = clock
        self._began = clock()

    def __call__(self, heard: float) -> None:
        """``heard`` seconds of the recording so far."""
        took = max(self._clock() - self._began, 0.001)
        self._told(f"Listening: {heard / 60:.1f} min heard, {heard / took:.1f} times as fast as they were spoken.")
