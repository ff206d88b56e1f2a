"""A step that did only part of its work says so, and is not kept as if it were whole."""

from __future__ import annotations

import pytest
from tests.fakes.engine import FakeEngine, Heard, Unasked, survey

from autointel.domain.analysis import Checked
from autointel.domain.notes import Notes
from autointel.domain.report import Results
from autointel.domain.run import Depth
from autointel.domain.transcript import Source, Transcript
from autointel.pipeline.fact_check import FactCheck
from autointel.pipeline.read import Read
from autointel.pipeline.transcribe import Transcribe

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Partly(FakeEngine):
    """Leaves something out of all it does."""

    async def read(self, source: Source, transcript: Transcript) -> Notes:
        return (await super().read(source, transcript)).model_copy(update={"left_out": "not read: 4:12 to 9:00"})


async def opened(engine: FakeEngine) -> Results:
    opening = Transcribe(engine.found)
    return opening.begin((await opening.find()).value)


@pytest.mark.parametrize(("engine", "shortfall"), [(FakeEngine(), ""), (Partly(), "not read: 4:12 to 9:00")])
async def test_a_stretch_that_was_not_read_is_a_shortfall(engine: FakeEngine, shortfall: str) -> None:
    done = await Read(engine, survey).run(await opened(engine))

    assert done.shortfall == shortfall
    assert bool(done.hint) is bool(shortfall)


class Halved(FactCheck):
    """Leaves a claim out."""

    async def check(self, notes: Notes) -> Checked:
        return (await super().check(notes)).model_copy(update={"left_out": "1 of 3 claims not judged"})


@pytest.mark.parametrize(("kind", "shortfall"), [(FactCheck, ""), (Halved, "1 of 3 claims not judged")])
async def test_a_claim_that_was_not_judged_is_a_shortfall(kind: type[FactCheck], shortfall: str) -> None:
    done = await kind(Unasked(), (), Heard(), Depth.STANDARD).run(await opened(FakeEngine()))

    assert done.shortfall == shortfall
    assert bool(done.hint) is bool(shortfall)
