"""One talk, as each engine would hand it on: what golden files and rendering tests are made from."""

from __future__ import annotations

from datetime import UTC, date, datetime

from autointel.domain.analysis import (
    Analysis,
    Briefing,
    CheckedClaim,
    Dropped,
    Evidence,
    Excerpt,
    Fallacy,
    FrequentTerm,
    Insight,
    KeyJudgment,
    Likelihood,
    Perspective,
    RelatedPassage,
    Stance,
    Statement,
    Verdict,
)
from autointel.domain.citation import Citation
from autointel.domain.notes import EntityKind, EntityMention, Notes
from autointel.domain.report import (
    Report,
    ReportedClaim,
    ReportedFactCheck,
    ReportedGraph,
    ReportedMemory,
    ReportedSource,
    ReportedTranscript,
    Results,
    TopEntity,
)
from autointel.domain.run import Depth, Engine, Flag, FlagOrigin, Flags, Outcome, StepName, StepReport, Timing, Usage
from autointel.domain.transcript import Chapter, Origin, Segment, Source, SourceKind, Transcript, Trust
from autointel.domain.value import Confidence

URL = "https://video.example/watch?v=transit"
NEEDS_A_MODEL = "these need a language model"
HINT = "set OPENAI_API_KEY, or AUTOINTEL_MODEL__BASE_URL for a local one"
LINES = (
    (252.0, "Mara Lind", "Nobody at this table thinks fares cover it."),
    (1120.0, "Jon Okafor", "Tallinn's ridership doubled within a year."),
    (1990.0, "Jon Okafor", "Either we make it free or we accept gridlock."),
    (3063.0, "Mara Lind", "The gap is eleven million, and somebody has to carry it."),
)


def source(title: str = "The Cost of Free Transit") -> Source:
    return Source(
        id="2b0f5a0e-0000-5000-8000-000000000001",
        kind=SourceKind.VTT,
        url=URL,
        title=title,
        author="Civic Hour",
        published_at=date(2026, 3, 2),
        duration_seconds=4320,
        language="en",
    )


def transcript() -> Transcript:
    return Transcript(
        segments=tuple(
            Segment(text=text, start=start, end=start + 4, speaker=speaker) for start, speaker, text in LINES
        ),
        origin=Origin.CAPTIONS,
        trust=Trust.HIGH,
        language="en",
    )


def cited(line: int, *, url: str | None = URL) -> Citation:
    start, speaker, text = LINES[line]
    return Citation(quote=text, start=start, end=start + 4, url=url and f"{url}&t={int(start)}", speaker=speaker)


def step(name: StepName, started: float, seconds: float, outcome: Outcome = Outcome.DONE, **more: object) -> StepReport:
    return StepReport.model_validate({"name": name, "outcome": outcome, "started": started, "seconds": seconds, **more})


def local_results(title: str = "The Cost of Free Transit") -> Results:
    declined = {"reason": NEEDS_A_MODEL, "hint": HINT}
    return Results(
        source=source(title),
        transcript=transcript(),
        notes=Notes(
            method="extract",
            entities=(
                EntityMention(name="Tallinn", kind=EntityKind.PLACE, mentions=12, citations=(cited(1),)),
                EntityMention(name="Mara Lind", kind=EntityKind.PERSON, mentions=7, citations=(cited(0),)),
            ),
            chapters=(
                Chapter(title="fares, shortfall, council", start=0.0, end=1100.0, approximate=True),
                Chapter(title="Tallinn, ridership", start=1100.0, end=4320.0, approximate=True),
            ),
        ),
        analysis=Analysis(
            excerpts=tuple(
                Excerpt(text=LINES[line][2], confidence=Confidence.MEDIUM, method="lexrank", citations=(cited(line),))
                for line in (0, 3)
            ),
            terms=(
                FrequentTerm(text="fares", count=31, confidence=Confidence.LOW, method="count", citations=(cited(0),)),
                FrequentTerm(text="gap", count=9, confidence=Confidence.LOW, method="count", citations=(cited(3),)),
            ),
            statements=(
                Statement(
                    text=LINES[1][2],
                    confidence=Confidence.LOW,
                    method="rule",
                    citations=(cited(1),),
                    related=(
                        RelatedPassage(
                            passage_id="p1",
                            quote="the number of trips increased by 14 per cent",
                            source_title="Transport Statistics 2014",
                            source_url="https://tallinn.example/2014",
                            start=75.0,
                            score=0.71,
                            flags=("different number",),
                        ),
                    ),
                ),
            ),
        ),
        steps=(
            step(StepName.TRANSCRIBE, 0.0, 0.012, detail="4 segments"),
            step(StepName.READ, 0.012, 0.31, detail="1 passage"),
            *(
                step(name, 0.322, 0.0, Outcome.DECLINED, **declined)
                for name in (StepName.INSIGHTS, StepName.FALLACIES, StepName.PERSPECTIVES, StepName.FACT_CHECK)
            ),
            step(StepName.MEMORY, 0.322, 0.05),
            step(StepName.GRAPH, 0.372, 0.0, Outcome.SKIPPED, reason="switched off by --no-graph"),
        ),
    )


def llm_results(title: str = "The Cost of Free Transit") -> Results:
    return Results(
        source=source(title),
        transcript=transcript(),
        notes=Notes(method="model"),
        analysis=Analysis(
            insights=(
                Insight(
                    text="The two speakers agree on the shortfall and differ on its bearer.",
                    confidence=Confidence.MEDIUM,
                    method="model",
                    citations=(cited(0), cited(3)),
                ),
            ),
            fallacies=(
                Fallacy(
                    text="The choice is put as one between two extremes.",
                    type="false dilemma",
                    premise="only two options exist.",
                    counter_reading="he names parking prices later on.",
                    confidence=Confidence.MEDIUM,
                    method="model",
                    citations=(cited(2),),
                ),
            ),
            perspectives=(
                Perspective(
                    text="Free transit must be paid for openly.",
                    holder="Mara Lind",
                    grounds="the gap of eleven million",
                    missing="what riders would pay for better service",
                    confidence=Confidence.HIGH,
                    method="model",
                    citations=(cited(3),),
                ),
            ),
        ),
        claims=(
            claim("c1", Verdict.REFUTED, Confidence.HIGH, "Ridership rose 14% in the first year.", evidence()),
            claim("c2", Verdict.NOT_ENOUGH_EVIDENCE, None, "searched 3 sources, nothing that bears on it"),
        ),
        dropped=Dropped(quotes=1, uncited=2),
        steps=(
            step(StepName.TRANSCRIBE, 0.0, 0.8, detail="4 segments"),
            step(StepName.READ, 0.8, 9.4, model_calls=17, tokens=41_000, detail="17 passages"),
            step(StepName.INSIGHTS, 10.2, 3.1, model_calls=1, tokens=4_000, parallel=True),
            step(StepName.FALLACIES, 10.2, 3.6, model_calls=1, tokens=4_000, parallel=True),
            step(StepName.PERSPECTIVES, 10.2, 2.9, model_calls=1, tokens=4_000, parallel=True),
            step(StepName.FACT_CHECK, 10.2, 5.9, model_calls=10, tokens=9_000, parallel=True),
            step(StepName.MEMORY, 10.2, 1.2, parallel=True),
            step(
                StepName.GRAPH,
                10.2,
                2.0,
                Outcome.DEGRADED,
                parallel=True,
                reason="neo4j at bolt://db:7687 refused the connection; 214 relations wait in the outbox",
                hint="autointel drain",
            ),
        ),
    )


def claim(
    claim_id: str, verdict: Verdict, confidence: Confidence | None, rationale: str, *found: Evidence
) -> CheckedClaim:
    return CheckedClaim(
        id=claim_id,
        text="Ridership in Tallinn doubled within a year of making transit free.",
        citation=cited(1),
        speaker="Jon Okafor",
        verdict=verdict,
        confidence=confidence,
        rationale=rationale,
        evidence=found,
    )


def evidence() -> Evidence:
    return Evidence(
        id="e1",
        url="https://tallinn.example/2014",
        title="Transport Statistics 2014, city of Tallinn",
        quote="the number of trips increased by 14 per cent",
        stance=Stance.REFUTES,
        newer_than_claim=False,
    )


def judgments() -> tuple[KeyJudgment, ...]:
    return (
        KeyJudgment(
            text="The council's case rests on ridership, not on cost: every speaker concedes a shortfall, and they "
            "differ on who should carry it.",
            likelihood=Likelihood.LIKELY,
            confidence=Confidence.HIGH,
            citations=(cited(0), cited(3)),
        ),
    )


def finished(results: Results, drawn: tuple[KeyJudgment, ...] = (), markdown: str = "# A page\n") -> Results:
    """The results after the last step."""
    written = results.model_copy(
        update={"briefing": Briefing(markdown=markdown, judgments=drawn, dropped=results.dropped)}
    )
    brief = step(StepName.BRIEF, *((16.1, 3.8) if drawn else (0.372, 0.004)))
    return written.model_copy(update={"steps": (*results.steps, brief)})


def report(results: Results, engine: Engine = Engine.LOCAL, *, simulated: bool = False) -> Report:
    """The report of finished results, with times that a clock did not give."""
    llm, briefing = engine is Engine.LLM, results.briefing
    if briefing is None:
        raise LookupError("these results are not finished")
    on = Flag(value=True, origin=FlagOrigin.OPTION) if llm else Flag()
    return Report(
        run_id="20260302T120000-3f9a1c",
        created_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        engine=engine,
        simulated=simulated,
        depth=Depth.STANDARD,
        namespace="default",
        flags=Flags(parallel_analysis=on, parallel_fact_checking=on, parallel_memory_ops=on),
        source=ReportedSource(**results.source.model_dump(exclude={"id"})),
        transcript=ReportedTranscript(
            origin=results.transcript.origin,
            trust=results.transcript.trust,
            segments=len(results.transcript.segments),
            words=results.transcript.words,
            speakers=results.transcript.speakers,
            chapters=results.notes.chapters,
        ),
        analysis=results.analysis,
        fact_check=ReportedFactCheck(claims=tuple(_reported(each) for each in results.claims)),
        memory=ReportedMemory(passages=1, collection="default", embedder="wordllama"),
        graph=ReportedGraph(
            top_entities=tuple(
                TopEntity(name=each.name, kind=each.kind, mentions=each.mentions, confidence=each.confidence)
                for each in results.notes.entities
            )
        ),
        briefing=briefing,
        steps=results.steps,
        timing=_LLM_TIMING if llm else _LOCAL_TIMING,
        usage=Usage(model_calls=31, prompt_tokens=58_000, completion_tokens=6_000, usd=0.021) if llm else Usage(),
        warnings=("12 cues overlap; they were put in order",),
    )


def _reported(checked: CheckedClaim) -> ReportedClaim:
    return ReportedClaim(**checked.citation.model_dump(exclude={"speaker"}), **checked.model_dump(exclude={"citation"}))


_LLM_TIMING = Timing(
    wall_seconds=21.0,
    startup_seconds=0.9,
    steps_seconds=32.7,
    critical_path_seconds=19.9,
    critical_path=(StepName.TRANSCRIBE, StepName.READ, StepName.FACT_CHECK, StepName.BRIEF),
    efficiency=19.9 / 20.1,
    framework_seconds=0.2,
)
_LOCAL_TIMING = Timing(
    wall_seconds=1.42,
    startup_seconds=1.03,
    steps_seconds=0.376,
    critical_path_seconds=0.376,
    critical_path=(StepName.TRANSCRIBE, StepName.READ, StepName.MEMORY, StepName.BRIEF),
    efficiency=0.96,
    framework_seconds=0.014,
)
