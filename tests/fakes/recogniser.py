"""A recogniser that hears what it is told to, and remembers what it was given."""

from __future__ import annotations

from pathlib import Path

from autointel.domain.transcript import Origin, Segment, Transcript, Trust
from autointel.ports import SpeechRecogniser


class DeafRecogniser(SpeechRecogniser):
    """Writes ``words`` down, whatever the recording."""

    def __init__(self, words: str = "What was said.") -> None:
        self.words = words
        self.heard: list[bytes] = []
        self.paths: list[Path] = []

    async def recognise(self, recording: Path, language: str | None) -> Transcript:
        """One segment of a second."""
        self.heard.append(recording.read_bytes())  # noqa: ASYNC240 - a few bytes
        self.paths.append(recording)
        return Transcript(
            segments=(Segment(text=self.words, start=0.0, end=1.0),),
            origin=Origin.SPEECH_RECOGNITION,
            trust=Trust.LOW,
            language=language or "en",
        )
