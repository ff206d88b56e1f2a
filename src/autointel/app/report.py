"""The report of a run, from what its steps found."""

from __future__ import annotations

from autointel.domain.analysis import CheckedClaim
from autointel.domain.briefing import Briefing
from autointel.domain.report import (
    Report,
    ReportedClaim,
    ReportedFactCheck,
    ReportedSource,
    ReportedTranscript,
    Results,
)
from autointel.domain.run import Options, RunId, Timing, Usage


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
            chapters=transcript.chapters or results.notes.chapters,
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
