"""``run --events``: progress as JSON on standard error, an object to a line, for programs that follow a run."""

from __future__ import annotations

import json
from threading import Lock
from typing import Any, Final, TextIO

from typing_extensions import override

from autointel.cli.progress import Silent, unbroken
from autointel.domain.briefing import KeyJudgment
from autointel.domain.run import StepName, StepReport
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript

_STEP: Final = {"name", "outcome", "reason", "hint", "seconds", "model_calls", "tokens", "usd"}


class Events(Silent):
    """Each object has ``event``: source, step, progress, judgment, replaced or waiting. Steps report in threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = Lock()
        self._found = False

    @override
    def source_found(self, source: Source, transcript: Transcript) -> None:
        if self._found:  # the first step may be done again, to verify what is saved
            return
        self._found = True
        shown = source.model_dump(mode="json", include={"id", "title", "author", "published_at", "url", "language"})
        seconds = source.duration_seconds or transcript.duration
        self._write("source", **shown, duration_seconds=seconds, segments=len(transcript.segments))

    @override
    def step_started(self, name: StepName) -> None:
        self._write("step", name=name, outcome=None)

    @override
    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        self._write("progress", name=name, done=done, total=total, unit=unit)

    @override
    def step_ended(self, report: StepReport) -> None:
        self._write("step", **report.model_dump(mode="json", include=_STEP), detail=report.detail)

    @override
    def judgment(self, judgment: KeyJudgment) -> None:
        self._write("judgment", **judgment.model_dump(mode="json"))

    @override
    def replaced(self, older: Source) -> None:
        self._write("replaced", **older.model_dump(mode="json", include={"id", "title", "url", "path"}))

    @override
    def waiting(self, what: str) -> None:
        self._write("waiting", text=what)

    def _write(self, event: str, **values: Any) -> None:
        line = json.dumps({"event": event, **values}) + "\n"
        with self._lock:
            unbroken(lambda: self._put(line))

    def _put(self, line: str) -> None:
        self._stream.write(line)
        self._stream.flush()
