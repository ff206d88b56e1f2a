"""The privacy gate as settings and options choose it, with the key of the home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from autointel.adapters.home import Home
from autointel.domain.run import Privacy
from autointel.ports import PrivacyGate

if TYPE_CHECKING:
    from autointel.domain.transcript import Source, Transcript
    from autointel.settings import Settings

_SENTENCE: Final = re.compile(r"[^.!?]{1,2000}[.!?]?")
_TOKEN: Final = re.compile(r"\w[\w'’-]*|[^\w\s]")


class OpenGate(PrivacyGate):
    """Lets everything pass: ``--privacy off``."""

    @override
    def screen(self, source: Source, transcript: Transcript) -> tuple[Source, Transcript]:
        return source, transcript

    @override
    def screen_question(self, question: str) -> str:
        return question


def gate_of(home: Home, privacy: Privacy, *, names: bool = False) -> PrivacyGate:
    """The gate for a transcript or a question. Raises HomeUnusable where the key cannot be read or made."""
    if privacy is Privacy.OFF:
        return OpenGate()
    from autointel.adapters.privacy.gate import ClosedGate  # its patterns take 40 ms to load

    return ClosedGate(home.privacy_key(), block=privacy is Privacy.BLOCK, persons=persons if names else None)


def screened(settings: Settings, question: str) -> str:
    """The question as the settings let it pass. Blocks. Raises UsageError where they block it, HomeUnusable."""
    privacy = Privacy(settings.privacy)
    if privacy is Privacy.OFF:
        return question  # without the gate's patterns, which take 30 ms to load
    gate = gate_of(Home(settings.home), privacy, names=settings.privacy_names)
    return gate.screen_question(question)


def with_privacy(settings: Settings, privacy: str | None, *, names: bool) -> Settings:
    """The settings with the options of one command."""
    chosen = {"privacy": privacy or settings.privacy, "privacy_names": names or settings.privacy_names}
    return settings.model_copy(update=chosen)


def persons(text: str) -> Iterator[str]:
    """The people that a text names, found by their capitals and a list of first names."""
    from autointel.domain.notes import EntityKind
    from autointel.local.entities import find_entities

    sentences = [_TOKEN.findall(sentence) for sentence in _SENTENCE.findall(text)]
    for tokens, spans in zip(sentences, find_entities(sentences), strict=True):
        yield from (" ".join(tokens[span.first : span.last]) for span in spans if span.kind is EntityKind.PERSON)
