"""Read every passage once; every later step works on the notes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from typing_extensions import override

from autointel.domain.analysis import Analysis
from autointel.domain.notes import Notes
from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.domain.source import Source
from autointel.domain.value import Value
from autointel.ports import Reader
from autointel.steps.digest import digest, limit_for
from autointel.steps.step import Done, Work, described, digest_of


class Noted(Value):
    """Notes, and what can be said from notes alone."""

    notes: Notes
    analysis: Analysis = Analysis()


Survey = Callable[[Results, Notes], Awaitable[Analysis]]


async def no_survey(results: Results, notes: Notes) -> Analysis:
    """Nothing: the analysts will say it."""
    del results, notes
    return Analysis()


class Read(Work[Noted]):
    """Notes from the transcript. ``beyond`` is a digest of whatever else the survey looks at, for a given source."""

    name: ClassVar = StepName.READ
    value: ClassVar = Noted

    def __init__(
        self, reader: Reader, survey: Survey = no_survey, beyond: Callable[[Source], str] = lambda _: ""
    ) -> None:
        self._reader = reader
        self._survey = survey
        self._beyond = beyond

    @override
    def inputs(self, results: Results) -> str:
        source = results.source
        return digest_of(described(source), results.transcript.model_dump_json(), self._beyond(source))

    @override
    async def run(self, results: Results) -> Done[Noted]:
        notes = await self._reader.read(results.source, results.transcript)
        noted = Noted(notes=notes, analysis=await self._survey(results, notes))
        counts = {"key points": notes.key_points, "claims": notes.claims, "entities": notes.entities}
        detail = ", ".join(f"{len(found)} {what}" for what, found in counts.items() if found)
        return Done(
            noted,
            text=digest(notes, limit_for(results.transcript)),
            detail=f"{len(results.passages)} passages, {detail}".rstrip(", "),
            shortfall=notes.left_out,
            hint="Run it again: what was read is not asked again." if notes.left_out else "",
        )

    @override
    def put(self, results: Results, value: Noted) -> Results:
        return results.model_copy(update={"notes": value.notes, "analysis": value.analysis})
