"""Read every passage once, into notes; every later step works on the notes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from typing_extensions import override

from autointel.domain.analysis import Analysis
from autointel.domain.notes import Notes
from autointel.domain.report import Results
from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.pipeline.notes_digest import digest, limit_for
from autointel.pipeline.step import Done, Work, described, digest_of
from autointel.ports import Reader


class Noted(Value):
    """Notes, and what can be said from notes alone."""

    notes: Notes
    analysis: Analysis = Analysis()


Survey = Callable[[Notes], Analysis]
"""Lays notes out as findings without judging them: the local engine's analysis."""
Related = Callable[[Results, Analysis], Awaitable[Analysis]]
"""Puts what other sources say beside the statements of an analysis."""


class Read(Work[Noted]):
    """Notes from the transcript.

    ``survey`` gives the findings that need no model; ``related`` looks up what other sources say, anew in every run.
    """

    name = StepName.READ
    value = Noted
    version = 2

    def __init__(self, reader: Reader, survey: Survey | None = None, related: Related | None = None) -> None:
        self._reader = reader
        self._survey = survey
        self.related = related

    @override
    def inputs(self, results: Results) -> str:
        return digest_of(described(results.source), results.transcript.model_dump_json())

    @override
    async def run(self, results: Results) -> Done[Noted]:
        notes = await self._reader.read(results.source, results.transcript)
        noted = Noted(notes=notes, analysis=self._survey(notes) if self._survey else Analysis())
        counts = {"key points": notes.key_points, "claims": notes.claims, "entities": notes.entities}
        detail = ", ".join(f"{len(found)} {what}" for what, found in counts.items() if found)
        return Done(
            noted,
            text=digest(notes, limit_for(results.transcript)),
            detail=f"{len(results.passages)} passages, {detail}".rstrip(", "),
            shortfall=notes.left_out,
            hint="Mend the cause and run it again; what was read is not asked again." if notes.left_out else "",
        )

    @override
    def put(self, results: Results, value: Noted) -> Results:
        return results.model_copy(update={"notes": value.notes, "analysis": value.analysis})

    @override
    async def complete(self, results: Results, value: Noted) -> Noted:
        if self.related is None:
            return value
        return value.model_copy(update={"analysis": await self.related(results, value.analysis)})
