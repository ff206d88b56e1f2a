"""Read every passage once; every later step works on the notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from typing_extensions import override

from autointel.domain.analysis import Analysis
from autointel.domain.notes import Notes
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.ports import Reader
from autointel.steps.digest import digest, limit_for
from autointel.steps.step import Done, Work, described, digest_of


class Read(Work[Notes]):
    """Notes from the transcript, and what can be said from notes alone."""

    name: ClassVar = StepName.READ
    value: ClassVar = Notes

    def __init__(self, reader: Reader, survey: Callable[[Notes], Analysis]) -> None:
        self._reader = reader
        self._survey = survey

    @override
    def inputs(self, results: Results) -> str:
        return digest_of(described(results.source), results.transcript.model_dump_json())

    @override
    async def run(self, results: Results) -> Done[Notes]:
        notes = await self._reader.read(results.source, results.transcript)
        counts = {"key points": notes.key_points, "claims": notes.claims, "entities": notes.entities}
        detail = ", ".join(f"{len(found)} {what}" for what, found in counts.items() if found)
        return Done(
            notes,
            text=digest(notes, limit_for(results.transcript)),
            detail=f"{len(results.passages)} passages, {detail}".rstrip(", "),
        )

    @override
    def put(self, results: Results, value: Notes) -> Results:
        return results.model_copy(update={"notes": value, "analysis": self._survey(value)})
