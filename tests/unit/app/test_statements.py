"""How often a run asks the catalogue: a number that does not grow with what it reads."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import anyio
import pytest
from tests.fakes.engine import Heard
from tests.fakes.graph import FakeGraph
from tests.fakes.memory import FakeMemory

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.app.caches import StepCache
from autointel.domain.run import Engine, Options, RunId
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.local.engine import LocalEngine
from autointel.pipeline.run_state import RunState
from autointel.pipeline.stages import PIPELINE
from autointel.pipeline.store import Relate, Remember
from autointel.pipeline.transcribe import Transcribe, Transcribed

pytestmark = pytest.mark.slow

_SAYING = "Last year the fares of Calder Falls brought in {} million dollars, and the buses of route {} ran late."


def said(count: int) -> Transcribed:
    segments = tuple(
        Segment(text=_SAYING.format(number + 2, number), start=10.0 * number, end=10.0 * number + 9)
        for number in range(count)
    )
    source = Source(id=f"talk-{count}", kind=SourceKind.VTT, path="talk.vtt", title="A talk")
    return Transcribed(source=source, transcript=Transcript(segments=segments, language="en"))


def statements(folder: Path, count: int) -> tuple[int, int, int]:
    """Passages of a talk, and statements of its first run and of the same again."""
    with closing(SqliteCatalogue(folder / f"{count}.sqlite3")) as catalogue:
        options = Options(source="talk.vtt", engine=Engine.LOCAL)
        asked = []
        memory, graph = FakeMemory(), FakeGraph()
        for name in ("first", "again"):
            catalogue.runs.begin(RunId.model_validate({"id": name, "created_at": "2026-11-20T08:48:52Z"}), options)
            before = catalogue.connection.statements
            anyio.run(_perform, catalogue, options, name, count, memory, graph)
            asked.append(catalogue.connection.statements - before)
        return catalogue.passages.count(), asked[0], asked[1]


async def _perform(  # noqa: PLR0917  everything that a run stands on
    catalogue: SqliteCatalogue, options: Options, run: str, count: int, memory: FakeMemory, graph: FakeGraph
) -> None:
    async def found() -> Transcribed:
        return said(count)

    shared = (Transcribe(found), Remember(memory, "fake/1"), Relate(graph, options.namespace, run))
    engine = LocalEngine(WordLlamaEmbedder(), None, shared)
    steps = [engine.step(stage) for stage in PIPELINE]
    state = RunState(options, Heard(), StepCache(catalogue, run, "local", Heard()))
    await state.perform_opening(steps)
    await state.replay(steps)
    assert state.failure is None
    assert await state.all_cached(steps)


@pytest.mark.uncounted
def test_a_run_asks_as_often_for_five_passages_as_for_sixty(tmp_path: Path) -> None:
    few, *short = statements(tmp_path, 20)
    many, *long = statements(tmp_path, 400)

    assert many > 5 * few
    assert long == short
    assert max(short) < 100
