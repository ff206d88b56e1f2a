"""One run, from settings and options to a report. ``run_pipeline`` is the whole course of it."""

from __future__ import annotations

import resource
import secrets
import sys
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import FAILURE, REPORT, RESULTS, WORDS, Home
from autointel.adapters.sources.files import read_stdin
from autointel.app.assemble import Assembly, SourceFinder, Words, assemble
from autointel.app.run_context import NO_SUBSTITUTES, RunContext, Substitutes, event_loop
from autointel.app.sources import is_address
from autointel.app.stores import catalogue_of, opened_home
from autointel.crew import interruptibly, load_crew
from autointel.domain.analysis import Briefing, CheckedClaim
from autointel.domain.catalogue import RunRecord, RunStatus
from autointel.domain.performance import Interval, Measure, timing_of
from autointel.domain.report import (
    Report,
    ReportedClaim,
    ReportedFactCheck,
    ReportedSource,
    ReportedTranscript,
    Results,
)
from autointel.domain.run import Engine, Options, Privacy, RunId, Timing, Usage
from autointel.domain.transcript import Source
from autointel.environment import process_seconds
from autointel.errors import AutointelError, SourceUnreachable, UsageError
from autointel.pipeline.run_state import RunState
from autointel.pipeline.stages import NEEDS, PIPELINE
from autointel.pipeline.transcribe import Transcribed
from autointel.ports import Listener
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.model.client import ModelClient


# A source that is missing should not have to wait for libraries to be called missing: what a site usually takes to say
# that it has no such page, in seconds. A file is read by this process itself: nothing is gained by loading meanwhile.
_FIRST_ANSWER: Final = 1.0
# Seconds that the loop which talks to the model waits for the interpreter, at every call of the system, while threads
# prepare passages and load libraries. Python's own 5 ms made a run over 25,000 words 0.2 s longer.
_SWITCH: Final = 0.001
_STDIN: Final = "stdin"
# They can be cut from the transcript again, and double its size.
_PASSAGES: Final = "passages"


_ADDRESS_SPACE: Final = 1_500_000_000
"""Bytes. Below some 1.3 GB the libraries' own threads cannot start, and a library that meets that may hang or crash."""


@dataclass(frozen=True)
class Finished:
    """A run that came to its end; ``unkept`` where its report, or what it found, could not be saved."""

    report: Report
    results: Results
    unkept: AutointelError | None = None
    calls: tuple[Measure, ...] = ()


def execute(
    settings: Settings, options: Options, listener: Listener, *, substitutes: Substitutes = NO_SUBSTITUTES
) -> Finished:
    """Do a new run. Blocks.

    Raises the AutointelError that ended it early; what was done before is kept and ``resume`` goes on from there.
    """
    _refuse_too_little_room()
    if options.max_usd is not None and options.engine is Engine.LLM:
        _refuse_unpriced(settings, substitutes)
    if options.engine is Engine.LLM:
        from autointel.app.model_settings import with_asked_model

        options = with_asked_model(options, settings)
    now = datetime.now(UTC)
    run = RunId(id=f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", created_at=now)
    home = Home(settings.home)
    with closing(catalogue_of(settings, options.namespace)) as catalogue, event_loop() as portal:
        return _run_alive(RunContext(settings, options, run, home, catalogue, listener, portal, substitutes), None)


def _refuse_unpriced(settings: Settings, substitutes: Substitutes) -> None:
    """Before anything is done. Raises UsageError."""
    from autointel.app.model_settings import refuse_unpriced
    from autointel.model.limits import openai_prices

    refuse_unpriced(settings, substitutes.prices or openai_prices())


@dataclass(frozen=True)
class Continuing:
    """How a run is continued otherwise than it was begun. ``elsewhere`` lets prompts go to another server."""

    engine: Engine | None = None
    model: str | None = None
    elsewhere: bool = False

    @property
    def is_another(self) -> bool:
        """Whether another engine or model is asked for."""
        return self.engine is not None or self.model is not None


def begun(settings: Settings, run_id: str) -> RunRecord:
    """The record of a run. Raises UsageError where no run, or more than one, has that id or begins so."""
    with opened_home(settings, "default") as (_, catalogue):
        record = catalogue.runs.find(run_id)
        if record is None:
            from autointel.app.misspelt import no_run

            raise no_run(catalogue, run_id)
    return record


def resume(settings: Settings, run_id: str, listener: Listener, how: Continuing | None = None) -> Finished:
    """Continue a run: same id, same options, same engine and model; finished steps are not done again. Blocks.

    A run that is done is not done again: its saved report is given. Raises as ``execute``, and UsageError where another
    model server would be asked and ``how`` does not allow that.
    """
    _refuse_too_little_room()
    how = how or Continuing()
    record = begun(settings, run_id)
    if record.state is RunStatus.DONE and not how.is_another and (saved := _as_it_ended(settings, record)):
        return saved
    run, options = RunId(id=record.id, created_at=record.created_at), record.options
    if how.engine not in {None, options.engine}:
        options = options.model_copy(update={"engine": how.engine, "model": None, "model_server": None})
    from autointel.app.model_settings import settings_to_resume, with_asked_model

    settings = settings_to_resume(record.id, options, settings, elsewhere=how.elsewhere, named=how.model)
    options = with_asked_model(options, settings)
    with opened_home(settings, record.namespace) as (home, catalogue), event_loop() as portal:
        if options.source == "-" and record.source_id is None and catalogue.artifacts.read(run.id, _STDIN) is None:
            raise SourceUnreachable(
                f"The run {run.id} stopped before it had read its standard input.", "Run it again, with its input."
            )
        return _run_alive(RunContext(settings, options, run, home, catalogue, listener, portal), record)


def _as_it_ended(settings: Settings, record: RunRecord) -> Finished | None:
    """A run that is done, as it was saved; None where its report is gone, or of another version."""
    from autointel.app.library import saved_briefing

    with suppress(UsageError):
        saved = saved_briefing(settings, record.namespace, record.id)
        return Finished(saved.report, saved.results)
    return None


def _refuse_too_little_room() -> None:
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if 0 <= allowed < _ADDRESS_SPACE:
        raise AutointelError(
            f"This shell allows {allowed / 1e9:.1f} GB of address space, and a run needs {_ADDRESS_SPACE / 1e9:g}.",
            "Raise the limit (ulimit -v unlimited), or run it in another shell.",
        )


def _run_alive(run: RunContext, record: RunRecord | None) -> Finished:
    """Records the run's start and end in the catalogue and holds its liveness lock meanwhile."""
    with run.catalogue.alive(run.run.id):
        run.home.remove_unfinished(run.run.id)
        return _run_recorded(run, record)


def _run_recorded(run: RunContext, record: RunRecord | None) -> Finished:
    runs, run_id = run.catalogue.runs, run.run.id
    runs.end_abandoned(run.catalogue.alive_among)
    runs.begin(run.run, run.options)
    try:
        finished = _run_steps(run, record)
    except BaseException as error:
        with suppress(AutointelError):  # the first error is the one that is shown
            _note_early_end(run, error)
        raise
    report = finished.report
    whole = finished.unkept is None and all(step.outcome.is_whole for step in report.steps)
    try:
        _write_artifacts(run.catalogue, finished)
        if runs.find(run_id) is None:
            _forget_late(run, finished.results.source)
            return finished
        run.catalogue.artifacts.take_recordings(run_id, run.home.media / run_id)
        runs.end(run_id, RunStatus.DONE if whole else RunStatus.PARTIAL, timing=report.timing, usage=report.usage)
        layers = (*report.memory.layers, *report.graph.layers)
        stored = [Measure(kind="store", name=x.layer, seconds=x.seconds, failed=bool(x.error)) for x in layers]
        run.catalogue.measures.note([*finished.calls, *stored], keep_days=run.settings.perf.keep_days)
    except AutointelError as error:
        # The briefing is there, and was paid for: a home that is full is no reason to keep it back.
        return replace(finished, unkept=error)
    return finished


def _note_early_end(run: RunContext, error: BaseException) -> None:
    runs, run_id = run.catalogue.runs, run.run.id
    begun = runs.find(run_id)
    if begun is None:
        _forget_late(run, None)
        return
    runs.end(run_id, RunStatus.FAILED if isinstance(error, Exception) else RunStatus.INTERRUPTED)
    if isinstance(error, AutointelError):
        run.catalogue.artifacts.write(run_id, FAILURE, error.message.encode("utf-8", "replace"))
    if begun.source_id is not None:
        error.add_note(f"autointel resume {run_id} goes on from there.")


def _forget_late(run: RunContext, source: Source | None) -> None:
    from autointel.app.forget import forget_late

    forget_late(run, source)


def _run_steps(run: RunContext, record: RunRecord | None) -> Finished:
    # Standard input as it came may hold what the privacy gate takes out: it is not saved then.
    read = read_stdin if run.options.privacy is not Privacy.OFF else _saved_input(run.catalogue, run.run.id)
    finder = SourceFinder(run, read, _known(run.catalogue, record))
    assembly = assemble(run, finder)
    try:
        state = run_pipeline(run, assembly)
    finally:
        run.portal.call(assembly.closing.aclose)
    if state.failure is not None:
        raise state.failure
    usage = assembly.model.usage if assembly.model else Usage()
    report = report_of(state.results, run.options, run=run.run, timing=_timing(state), usage=usage)
    calls = tuple(assembly.model.calls) if assembly.model else ()
    return Finished(report, state.results, unkept=state.unkept, calls=calls)


def run_pipeline(run: RunContext, assembly: Assembly) -> RunState:
    """Do every step of the pipeline, or put the run together from cached results. Blocks; no step raises.

    Libraries take a second to load. They are loaded while something is waited for: CrewAI while a site answers or the
    model reads, LangChain's client while it analyses. None is loaded where the first step fails or everything else is
    cached.
    """
    sys.setswitchinterval(_SWITCH)
    state = RunState(run.options, run.listener, assembly.step_cache, assembly.model)
    steps = [assembly.engine.step(stage) for stage in PIPELINE]
    finding = run.portal.start_task_soon(state.perform_opening, steps)
    if is_address(run.options.source) and not run.catalogue.runs.has_read(run.options.source, run.options.namespace):
        wait([finding], timeout=_FIRST_ANSWER)
        if not finding.done():
            _load(run, assembly.model)
    finding.result()
    if state.failure is not None:
        return state
    if run.portal.call(state.all_cached, steps):
        run.portal.call(state.replay, steps)
        run.portal.call(state.settle)
        return state
    if assembly.model is None:
        _load(run, None)
        state.begin()
    else:
        run.portal.call(assembly.model.open)
        state.begin()
        reading = run.portal.start_task_soon(state.perform_second, steps)
        asked = run.portal.start_task_soon(assembly.model.asked)
        wait([reading, asked], return_when=FIRST_COMPLETED)
        asked.cancel()
        _load(run, assembly.model)
    from autointel.crew.crew import work_through

    loading = run.portal.start_task_soon(_load_client, assembly.model)
    try:
        work_through(steps, state, run.portal, assembly.model)
        run.portal.call(state.settle)
    finally:
        loading.cancel()
    return state


async def _load_client(model: ModelClient | None) -> None:
    """Load LangChain's client while the first analyses are waited for; until then the client writes requests itself."""
    if model is not None:
        await model.asked()
        await model.load()


def _load(run: RunContext, model: ModelClient | None) -> None:
    """Load CrewAI. Ctrl-C ends what is going on meanwhile, calls of the model among it."""
    stop = partial(run.portal.call, model.stop) if model else None
    interruptibly(partial(load_crew, run.home.crew), stop)


def _known(catalogue: Catalogue, record: RunRecord | None) -> Words | None:
    """The words that an interrupted run had found: they are not sought again, and may be gone where they were."""
    if record is None or record.source_id is None:
        return None
    waiting = catalogue.artifacts.read(record.id, WORDS)
    if waiting is None:
        return catalogue.passages.source(record.source_id)
    with suppress(ValidationError):  # written by another version of this program: the source is read again
        found = Transcribed.model_validate_json(waiting)
        return found.source, found.transcript
    return None


def _saved_input(catalogue: Catalogue, run_id: str) -> Callable[[int], bytes]:
    """Standard input, saved before anything is done with it: it cannot be read twice."""

    def read(limit: int) -> bytes:
        saved = catalogue.artifacts.read(run_id, _STDIN)
        if saved is None:
            saved = read_stdin(limit)
            catalogue.artifacts.write(run_id, _STDIN, saved)
        return saved

    return read


def _write_artifacts(catalogue: Catalogue, finished: Finished) -> None:
    """The report, and the transcript and notes from which every other file can be written again."""
    run_id = finished.report.run_id
    catalogue.artifacts.write(run_id, RESULTS, finished.results.model_dump_json(exclude={_PASSAGES}).encode())
    catalogue.artifacts.write(run_id, REPORT, finished.report.model_dump_json(indent=2).encode())


def _timing(state: RunState) -> Timing:
    wall = process_seconds()
    return timing_of(
        {step.name: Interval(step.started, step.seconds) for step in state.reports},
        NEEDS,
        wall_seconds=wall,
        startup_seconds=max(0.0, wall - (state.clock() - state.began)),
    )


def report_of(results: Results, options: Options, *, run: RunId, timing: Timing, usage: Usage) -> Report:
    """Every key of the report, from values alone."""
    source, transcript = results.source, results.transcript
    return Report(
        run_id=run.id,
        created_at=run.created_at,
        engine=options.engine,
        simulated=results.simulated,
        depth=options.depth,
        namespace=options.namespace,
        flags=options.flags,
        source=ReportedSource(**source.model_dump(exclude={"id"})),
        transcript=ReportedTranscript(
            origin=transcript.origin,
            trust=transcript.trust,
            segments=len(transcript.segments),
            words=transcript.words,
            speakers=transcript.speakers,
            chapters=results.chapters,
            quality=transcript.quality,
            redacted=transcript.redacted,
        ),
        analysis=results.analysis,
        fact_check=ReportedFactCheck(claims=tuple(_claim(claim) for claim in results.claims)),
        memory=results.memory,
        graph=results.graph,
        briefing=results.briefing or Briefing(markdown=""),
        steps=results.steps,
        timing=timing,
        usage=usage,
        warnings=(*transcript.warnings, *results.notes.warnings),
    )


def _claim(claim: CheckedClaim) -> ReportedClaim:
    return ReportedClaim(
        **claim.citation.model_dump(exclude={"speaker"}),
        **{name: getattr(claim, name) for name in ("id", "text", "speaker", "verdict", "confidence", "rationale")},
        evidence=claim.evidence,
    )
