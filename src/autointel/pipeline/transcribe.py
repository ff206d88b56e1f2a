"""Find the words, pass them through the privacy gate, cut them into passages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from anyio.to_thread import run_sync
from typing_extensions import override

from autointel.domain.passage import cut
from autointel.domain.report import Results
from autointel.domain.run import Depth, StepName
from autointel.domain.transcript import Source, Transcript
from autointel.domain.value import Value
from autointel.pipeline.step import Done, FirstStep
from autointel.ports import PrivacyGate, TranscriptSource
from autointel.render.plain_text import count
from autointel.text.language import settled_language

_PASSAGE_WORDS = {Depth.STANDARD: 120}  # every greater depth cuts finer
_FINE_PASSAGE_WORDS = 80


class Transcribed(Value):
    """A source and its words, after the gate."""

    source: Source
    transcript: Transcript


class Transcribe(FirstStep[Transcribed]):
    """The first step: nothing downstream sees what the gate removed."""

    name = StepName.TRANSCRIBE
    value = Transcribed

    def __init__(
        self,
        found: Callable[[], Awaitable[Transcribed]],
        depth: Depth = Depth.STANDARD,
    ) -> None:
        self._found = found
        self._words = _PASSAGE_WORDS.get(depth, _FINE_PASSAGE_WORDS)

    @override
    async def find(self) -> Done[Transcribed]:
        found = await self._found()
        segments, redacted = len(found.transcript.segments), sum(found.transcript.redacted.values())
        detail = count(segments, "segment") + (f", {redacted:,} redacted" if redacted else "")
        return Done(found, text=_header(found), detail=detail)

    @override
    def begin(self, value: Transcribed) -> Results:
        return Results(
            source=value.source,
            transcript=value.transcript,
            passages=cut(value.source, value.transcript, self._words),
        )


async def transcribe(
    address: str,
    language: str | None,
    source: TranscriptSource,
    gate: PrivacyGate,
    detect_language: Callable[[str], str | None],
) -> Transcribed:
    """Fetch, screen, and settle the language: the one asked for, else the one that the words are surely in."""
    found, transcript = await source.fetch(address, language)
    found, transcript = await run_sync(gate.screen, found, transcript)
    spoken, warning = language, None
    if language is None:
        spoken, warning = settled_language(transcript.language or found.language, _sample(transcript), detect_language)
    return Transcribed(
        source=found.model_copy(
            update={"language": spoken, "duration_seconds": found.duration_seconds or transcript.duration}
        ),
        transcript=transcript.model_copy(
            update={"language": spoken, "warnings": (*transcript.warnings, *((warning,) if warning else ()))}
        ),
    )


def _sample(transcript: Transcript) -> str:
    """Enough text to tell a language by, from all over the recording: openings are often jingles."""
    stride = max(1, len(transcript.segments) // 400)
    return " ".join(segment.text for segment in transcript.segments[::stride])[:20_000]


def _header(transcribed: Transcribed) -> str:
    source, transcript = transcribed.source, transcribed.transcript
    speakers = ", ".join(transcript.speakers[:30]) or "not named"
    return f"{source.title}\nlanguage: {source.language or 'unknown'}\nspeakers: {speakers}"
