"""Everything that has been read: sources of a namespace, runs as they were recorded, and saved briefings."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import FAILURE, REPORT, RESULTS
from autointel.app.misspelt import did_you_mean, known_as, no_run
from autointel.app.sources import with_scheme
from autointel.app.stores import existing_catalogue
from autointel.domain.catalogue import Job, RunRecord, RunStatus, printable
from autointel.domain.notes import Notes
from autointel.domain.report import Report, Results
from autointel.domain.run import StepReport
from autointel.domain.transcript import Source
from autointel.errors import UsageError
from autointel.ports import Artifacts
from autointel.settings import Settings

_SHOWN: Final = 5  # names of sources in a message


@dataclass(frozen=True)
class Saved:
    """A finished run: its report, and the transcript and notes that its files are written from."""

    record: RunRecord
    report: Report
    results: Results


@dataclass(frozen=True)
class ReadSource:
    """A source that has been read. ``verdicts`` counts its claims; None is the key of those without a verdict.

    ``run`` is the latest that finished, None where none did.
    """

    source: Source
    speakers: tuple[str, ...]
    verdicts: Mapping[str | None, int]
    run: RunRecord | None


def saved_briefing(settings: Settings, namespace: str, wanted: str) -> Saved:
    """The briefing of a run (its id, or the start of it) or the latest one of a source (address, file or title).

    Blocks. Raises HomeUnusable, and UsageError where nothing is found or more than one source matches.
    """
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is not None:
            for record in _candidates(catalogue, namespace, wanted):
                if (report := _report(catalogue, record)) is not None:
                    return Saved(record, report, _results(catalogue, record, report))
            raise _no_briefing(catalogue, namespace, wanted)
    raise UsageError(*_unknown(wanted))


def _no_briefing(catalogue: Catalogue, namespace: str, wanted: str) -> UsageError:
    """What to say where a run or a source has no report, as after an import or when what it quoted was forgotten."""
    run, sources = catalogue.runs.find(wanted), catalogue.passages.sources()
    if run is not None:
        if run.state in {RunStatus.DONE, RunStatus.PARTIAL} and run.namespace == namespace:
            return UsageError(f"The report of the run {run.id} is gone.", _again(run.options.source))
        return UsageError(*_unknown(wanted))
    if source := only_source(sources_called(sources, wanted), wanted):
        return UsageError(f'No briefing of "{source.title}" is saved.', _again(source.url or source.path))
    finished = catalogue.runs.finished(namespace).values()
    called = [name for each in finished for name in (each.id, each.options.source)]
    return UsageError(*_unknown(wanted, did_you_mean(wanted, [*called, *known_as(sources)])))


def _unknown(wanted: str, meant: str = "") -> tuple[str, str]:
    return f"There is no finished run of {wanted!r}.", f"{meant}autointel sources lists what has been read."


def _again(place: str | None) -> str:
    if place is None or place == "-":
        return "Brief it again."
    return f"autointel run {shlex.quote(place)} briefs it again."


def read_sources(settings: Settings, namespace: str) -> list[ReadSource]:
    """Every source under the namespace, the latest first. Blocks. Raises HomeUnusable."""
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is None:
            return []
        speakers, verdicts = catalogue.passages.speakers_by_source(), catalogue.verdicts.counts()
        finished = catalogue.runs.finished(namespace)
        return [
            ReadSource(source, speakers.get(source.id, ()), verdicts.get(source.id, {}), finished.get(source.id))
            for source in catalogue.passages.sources()
        ]


def _candidates(catalogue: Catalogue, namespace: str, wanted: str) -> Iterator[RunRecord]:
    """Runs that may be meant: the one with this id, then those of the source, the newest first."""
    record = catalogue.runs.find(wanted)
    if record is not None and record.namespace == namespace:
        yield record
        return
    meant = only_source(sources_called(catalogue.passages.sources(), wanted), wanted)
    # A source's own address differs from what was typed where a site redirects.
    for run_id in reversed(catalogue.runs.of_source(meant.id if meant else "", namespace)):
        if record := catalogue.runs.find(run_id):
            yield record
    for run_id in reversed(catalogue.runs.typed_as(sorted(names_of(wanted)), namespace)):
        if record := catalogue.runs.find(run_id):
            yield record


def names_of(typed: str) -> set[str]:
    """A typed name as runs and sources bear it: itself, with ``https://``, and as a whole path."""
    return {printable(name) for name in (typed, with_scheme(typed), str(Path(typed).absolute()))}


def sources_called(sources: Sequence[Source], typed: str, *, parts: bool = True) -> list[Source]:
    """The sources of this id or address, else of this title, else with it in their title, address or id.

    Without ``parts`` nothing less than a whole name counts, or the beginning of an id. Letters' case is no difference
    in titles and parts.
    """
    names, folded = {typed, *names_of(typed)}, typed.casefold().strip()
    found = [source for source in sources if {source.id, source.url, source.path} & names]
    found = found or [source for source in sources if source.title.casefold() == folded]
    if parts:
        found = found or [source for source in sources if folded in source.title.casefold()]
        found = found or [source for source in sources if folded in f"{source.url or source.path}".casefold()]
    return found or [source for source in sources if source.id.startswith(typed)]


def only_source(found: Sequence[Source], typed: str) -> Source | None:
    """The one source of ``found``, or None. Raises UsageError that tells them apart where there are more."""
    if len(found) < 2:  # noqa: PLR2004
        return found[0] if found else None
    labels = [source.title for source in found]
    for told_by in ([source.url or source.path or "-" for source in found], [source.id for source in found]):
        labels = [label if labels.count(label) == 1 else other for label, other in zip(labels, told_by, strict=True)]
    shown = "; ".join(sorted(labels)[:_SHOWN]) + "; …" * (len(labels) > _SHOWN)
    raise UsageError(
        f"{len(found)} sources are called {typed!r}: {shown}.", "Give more of one's title, its address or id."
    )


def _report(catalogue: Catalogue, record: RunRecord) -> Report | None:
    written = catalogue.artifacts.read(record.id, REPORT)
    with suppress(ValueError):  # written by another version of this program
        return Report.model_validate_json(written) if written is not None else None
    return None


def _results(catalogue: Catalogue, record: RunRecord, report: Report) -> Results:
    """What the run found; of a run that an earlier version saved, what its report and the catalogue hold of it."""
    written = catalogue.artifacts.read(record.id, RESULTS)
    with suppress(ValueError):
        if written is not None:
            return Results.model_validate_json(written)
    words = catalogue.passages.source(record.source_id or "")
    if words is None:
        raise UsageError(
            f"The transcript of the run {record.id} is no longer saved.",
            f"autointel runs show {record.id} shows its report.",
        )
    source, transcript = words
    return Results(
        source=source,
        transcript=transcript,
        notes=Notes(method="report", chapters=report.transcript.chapters),
        analysis=report.analysis,
        graph=report.graph,
        memory=report.memory,
        briefing=report.briefing,
        simulated=report.simulated,
        steps=report.steps,
    )


@dataclass(frozen=True)
class PastRun:
    """A run as it was recorded; ``report`` is None where it did not come to its end.

    ``failure`` says why a run failed, where that was saved. ``stopped`` marks a run that is recorded as running and
    whose process is gone.
    """

    record: RunRecord
    steps: tuple[StepReport, ...]
    report: Report | None = None
    stopped: bool = False
    failure: str = ""

    @property
    def state(self) -> str:
        """How far it came, in a word."""
        return "stopped?" if self.stopped else self.record.state


def past_runs(settings: Settings, limit: int) -> list[PastRun]:
    """The newest first, without their reports. Blocks. Raises HomeUnusable."""
    with existing_catalogue(settings) as catalogue:
        if catalogue is None:
            return []
        records = catalogue.runs.latest(limit)
        steps = catalogue.runs.steps([record.id for record in records])
        return [
            PastRun(record, steps[record.id], stopped=_stopped(catalogue, record), failure=_failure(catalogue, record))
            for record in records
        ]


def past_run(settings: Settings, run_id: str) -> PastRun:
    """One run, by its id or an unambiguous beginning of it. Blocks. Raises HomeUnusable, UsageError."""
    with existing_catalogue(settings) as catalogue:
        record = catalogue.runs.find(run_id) if catalogue else None
        if catalogue is None or record is None:
            raise no_run(catalogue, run_id)
        steps = catalogue.runs.steps([record.id])[record.id]
        stopped, failure = _stopped(catalogue, record), _failure(catalogue, record)
        written = catalogue.artifacts.read(record.id, REPORT)
    report = None
    if written is not None:
        # Written by another version of this program, it may be read no more; what the catalogue knows is shown.
        with suppress(ValueError):
            report = Report.model_validate_json(written)
    return PastRun(record, steps, report, stopped, failure)


def _failure(catalogue: Catalogue, record: RunRecord) -> str:
    if record.state is not RunStatus.FAILED:
        return ""
    return (catalogue.artifacts.read(record.id, FAILURE) or b"").decode("utf-8", "replace")


def _stopped(catalogue: Catalogue, record: RunRecord) -> bool:
    return record.state is RunStatus.RUNNING and not catalogue.is_alive(record.id)


def reports_of(artifacts: Artifacts, jobs: Sequence[Job]) -> Iterator[tuple[Job, Report]]:
    """Each job with its report; one whose report is gone or from another version is left out."""
    for job in jobs:
        kept = artifacts.read(job.run_id, REPORT) if job.run_id else None
        if kept is None:
            continue
        try:
            yield job, Report.model_validate_json(kept)
        except ValidationError:
            continue
