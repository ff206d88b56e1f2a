"""A crew whose steps do nothing: whatever it takes is the crew's own. For ``autointel bench overhead``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any, Final

from anyio.from_thread import BlockingPortal
from crewai.llms.base_llm import BaseLLM
from pydantic import BaseModel
from typing_extensions import override

from autointel.crew.crew import crew_of
from autointel.domain.report import Results
from autointel.domain.run import Engine, Flag, Flags, Options, StepName
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.pipeline.run_state import RunState
from autointel.pipeline.stages import ANALYSES
from autointel.pipeline.step import AnyStep, Done, FirstStep, Judgement, Nothing, Work
from autointel.ports import Listener, StepStore

_NOWHERE: Final = Source(id="idle", kind=SourceKind.TEXT, path="nothing.txt", title="Nothing")


class NothingSaid(BaseModel):
    """The reply of an idle judgement."""

    text: str = ""


class _FirstStep(FirstStep[Nothing]):
    name = StepName.TRANSCRIBE
    value = Nothing

    @override
    async def find(self) -> Done[Nothing]:
        return Done(Nothing())

    @override
    def begin(self, value: Nothing) -> Results:
        return Results(source=_NOWHERE, transcript=Transcript(segments=(Segment(text="Nothing.", paragraph=1),)))


class _Idle(Work[Nothing]):
    value = Nothing

    def __init__(self, name: StepName) -> None:
        self.name = name

    @override
    async def run(self, results: Results) -> Done[Nothing]:
        return Done(Nothing())

    @override
    def put(self, results: Results, value: Nothing) -> Results:
        return results


class _Judging(Judgement[Nothing]):
    value = Nothing
    reply = NothingSaid

    def __init__(self, name: StepName) -> None:
        self.name = name

    @override
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[Nothing]:
        return Done(Nothing())

    @override
    def put(self, results: Results, value: Nothing) -> Results:
        return results


class AtOnce(BaseLLM):
    """Answers at once, and always the same."""

    @override
    def call(self, messages: Any, *args: Any, **kwargs: Any) -> str | BaseModel:
        """An empty reply that fits."""
        return NothingSaid()

    @override
    async def acall(self, messages: Any, *args: Any, **kwargs: Any) -> str | BaseModel:
        """The same."""
        return NothingSaid()

    @override
    def get_input_tokens_count(self, messages: Any, tools: Any = None, response_model: Any = None) -> int:
        """None; crewai's own estimate writes a warning to standard error each time."""
        return 0


def idle_steps(*, judged: bool) -> list[AnyStep]:
    """Nine steps that do nothing; the three analysts as agents with a model, if ``judged``."""
    later = [_Judging(name) if judged and name in ANALYSES else _Idle(name) for name in list(StepName)[1:]]
    return [_FirstStep(), *later]


@dataclass(frozen=True)
class IdleCrew:
    """Runs the crew of nothing, again and again."""

    portal: BlockingPortal
    listener: Listener
    store: StepStore

    def seconds(self, *, parallel: bool = False, judged: bool = False) -> float:
        """From the crew's start to its end, its making not counted."""
        flag = Flag(value=parallel)
        flags = Flags(parallel_analysis=flag, parallel_fact_checking=flag, parallel_memory_ops=flag)
        state = RunState(Options(source="idle", engine=Engine.LOCAL, flags=flags), self.listener)
        crew = crew_of(idle_steps(judged=judged), state, self.portal, AtOnce(model="idle") if judged else None)
        state.begin()
        crew.kickoff()
        return perf_counter() - state.began

    def span_cpu_seconds(self, times: int) -> float:
        """CPU time of one span, history included: a step opened, timed, closed, told of, noted in the catalogue."""

        async def spans() -> float:
            state = RunState(Options(source="idle", engine=Engine.LOCAL), self.listener, self.store)
            state.begin()
            await state.perform(_FirstStep())
            step = _Idle(StepName.MEMORY)  # its result is never reused, so the cache is not asked
            started = process_time()
            for _ in range(times):
                state.open(step)
                await state.close(step, Done(Nothing()))
            return (process_time() - started) / times

        measured: Callable[[], Any] = spans
        seconds: float = self.portal.call(measured)
        return seconds
