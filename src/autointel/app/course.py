"""The steps of a run, from whatever stands behind the ports; and the run itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from anyio.from_thread import BlockingPortal

from autointel.domain.analysis import Analysis
from autointel.domain.notes import Notes
from autointel.domain.results import Results
from autointel.domain.run import Options, StepName
from autointel.domain.source import Source
from autointel.pipeline.ahead import all_kept
from autointel.pipeline.analyses import FindFallacies, FindInsights, FindPerspectives
from autointel.pipeline.brief import Brief
from autointel.pipeline.fact_check import FactCheck
from autointel.pipeline.graph import Relate
from autointel.pipeline.memory import Remember
from autointel.pipeline.read import Read, no_survey, nothing_beside
from autointel.pipeline.run_state import RunState, Spending
from autointel.pipeline.step import Judgement, Opening, Work
from autointel.pipeline.transcribe import Transcribe, Transcribed
from autointel.ports import (
    Analysts,
    FactChecker,
    JudgmentWriter,
    KnowledgeGraph,
    Listener,
    Outbox,
    Reader,
    StepStore,
    VectorMemory,
)

AnyStep = Opening[Any] | Work[Any] | Judgement[Any]


@dataclass(frozen=True)
class Parts:
    """Everything a run needs from outside. A judgement takes the place of the work of the same step."""

    found: Callable[[], Awaitable[Transcribed]]
    reader: Reader
    analysts: Analysts
    checker: FactChecker
    writer: JudgmentWriter
    memory: VectorMemory
    graph: KnowledgeGraph
    embedder: str = ""
    outbox: Outbox | None = None
    survey: Callable[[Notes], Analysis] = no_survey
    beside: Callable[[Results], Awaitable[Results]] = nothing_beside
    evidence_beyond: Callable[[Source], str] = lambda _: ""
    judgements: Mapping[StepName, Judgement[Any]] = field(default_factory=dict)
    llm: Callable[[RunState], Any] = lambda _: None
    store: StepStore | None = None
    simulated: Callable[[], bool] = lambda: False
    spent: Callable[[StepName], Spending] = lambda _: Spending()


@dataclass(frozen=True)
class PipelineRun:
    """The steps of one run and the state they are written down in."""

    steps: Mapping[StepName, AnyStep]
    state: RunState
    options: Options

    @classmethod
    def of(cls, parts: Parts, options: Options, run_id: str, listener: Listener) -> PipelineRun:
        """The steps that these parts and options make."""
        state = RunState(
            listener=listener,
            parallel=options.flags.overlaps,
            skipped=_skipped(options),
            spent=parts.spent,
            store=parts.store,
            simulated=parts.simulated,
        )
        return cls(_steps(parts, options, run_id, listener), state, options)

    async def all_kept(self) -> bool:
        """Whether nothing is left that the crew is needed for. Raises what finding the words raises."""
        return await all_kept(self.steps, self.state.store, self.state.skipped)

    async def render_kept(self) -> None:
        """Put together what is kept, and let memory and graph see whether they still hold theirs. No crew is needed."""
        self.state.begin()
        for step in self.steps.values():
            if isinstance(step, Judgement):
                if self.state.open(step):
                    await self.state.kept(step)
            else:
                await self.state.perform(step)

    def run_crew(self, portal: BlockingPortal, llm: Any = None) -> None:
        """Do every step. Blocks; importing the crew takes seconds, the first time."""
        from autointel.crew.kickoff import work_through

        work_through(self.steps, self.options, self.state, portal, llm)


def _steps(parts: Parts, options: Options, run_id: str, listener: Listener) -> dict[StepName, AnyStep]:
    side_by_side = options.flags.parallel_fact_checking.value
    steps: list[AnyStep] = [
        Transcribe(parts.found, options.depth),
        Read(parts.reader, parts.survey, parts.beside),
        FindInsights(parts.analysts),
        FindFallacies(parts.analysts),
        FindPerspectives(parts.analysts),
        FactCheck(parts.checker, side_by_side=side_by_side, beyond=parts.evidence_beyond),
        Remember(parts.memory, parts.embedder, parts.outbox),
        Relate(parts.graph, options.namespace, run_id, parts.outbox),
        Brief(parts.writer, listener),
    ]
    return {step.name: parts.judgements.get(step.name, step) for step in steps}


def _skipped(options: Options) -> dict[StepName, str]:
    wanted = {
        StepName.FACT_CHECK: options.fact_check,
        StepName.MEMORY: options.memory,
        StepName.GRAPH: options.graph,
    }
    return {name: "switched off" for name, on in wanted.items() if not on}
