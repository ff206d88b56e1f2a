"""The findings of all steps in one typed value, passed from step to step."""

from __future__ import annotations

from autointel.domain.analysis import Analysis
from autointel.domain.briefing import Briefing, Dropped
from autointel.domain.fact_check import CheckedClaim
from autointel.domain.notes import Notes
from autointel.domain.passage import Passage
from autointel.domain.report import ReportedGraph, ReportedMemory
from autointel.domain.run import Outcome, StepName, StepReport
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.domain.value import Value


class Results(Value):
    """All findings so far. A field has its default until its step is done."""

    source: Source
    transcript: Transcript
    passages: tuple[Passage, ...] = ()
    notes: Notes = Notes(method="unread")
    analysis: Analysis = Analysis()
    claims: tuple[CheckedClaim, ...] = ()
    memory: ReportedMemory = ReportedMemory()
    graph: ReportedGraph = ReportedGraph()
    briefing: Briefing | None = None
    dropped: Dropped = Dropped()
    simulated: bool = False
    steps: tuple[StepReport, ...] = ()

    def step(self, name: StepName) -> StepReport | None:
        """The report of a step that has ended, or None."""
        return next((report for report in self.steps if report.name is name), None)

    @property
    def incomplete(self) -> tuple[StepReport, ...]:
        """Steps that did not end ``done``, for the briefing's last section."""
        return tuple(report for report in self.steps if report.outcome is not Outcome.DONE)
