"""A listener for runs that nobody watches."""

from __future__ import annotations

from autointel.domain.analysis import KeyJudgment
from autointel.domain.run import StepName, StepReport
from autointel.domain.transcript import Source, Transcript
from autointel.ports import Listener


class Quiet(Listener):
    """Says nothing."""

    def source_found(self, source: Source, transcript: Transcript) -> None:
        """See Listener; so below."""

    def step_started(self, name: StepName) -> None:
        """Nothing."""

    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        """Nothing."""

    def step_ended(self, report: StepReport) -> None:
        """Nothing."""

    def judgment(self, judgment: KeyJudgment) -> None:
        """Nothing."""

    def waiting(self, what: str) -> None:
        """Nothing."""

    def replaced(self, older: Source, newer: Source) -> None:
        """Nothing."""
