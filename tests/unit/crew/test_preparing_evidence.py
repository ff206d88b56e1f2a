"""Searches get ready while the model chooses: here the model waits for them, and would wait for ever otherwise."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from tests.fakes.engine import CITATION, Heard
from tests.fakes.fetcher import TableFetcher

from autointel.adapters.evidence.finder import Finder, Hit
from autointel.adapters.evidence.paged import PagedEvidence
from autointel.domain.analysis import Checked, Evidence
from autointel.domain.notes import Claim, Notes
from autointel.domain.run import Depth, StepName, Usage
from autointel.errors import ModelUnavailable
from autointel.pipeline.fact_check import ChoiceReply, FactCheck
from autointel.ports import EvidenceSearch, Fetched, Model

pytestmark = pytest.mark.anyio

NOTES = Notes(method="m", claims=(Claim(id="C1", text="Trips rose.", citation=CITATION),))
ADDRESS = "https://a.example/page"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Ready(EvidenceSearch):
    name = "ready"

    def __init__(self) -> None:
        self.is_ready = anyio.Event()

    async def prepare(self) -> None:
        self.is_ready.set()

    async def search(self, query: str, limit: int) -> list[Evidence]:
        del query, limit
        return []


class Patient(Model):
    """Chooses nothing, once the search is ready; or fails."""

    def __init__(self, ready: Ready, failure: ModelUnavailable | None = None) -> None:
        self._ready = ready
        self._failure = failure

    @property
    def usage(self) -> Usage:
        return Usage()

    async def ask(
        self, role: str, system: str, user: str, schema: type[Any], *, step: StepName, smaller: bool = False
    ) -> Any:
        del role, system, user, schema, step, smaller
        with anyio.fail_after(5):
            await self._ready.is_ready.wait()
        if self._failure:
            raise self._failure
        return ChoiceReply(claims=[])


async def test_searches_get_ready_while_the_model_chooses() -> None:
    ready = Ready()

    checked = await FactCheck(Patient(ready), [ready], Heard(), Depth.STANDARD, side_by_side=True).check(NOTES)

    assert checked == Checked()


async def test_a_model_that_fails_to_choose_fails_as_it_would_alone() -> None:
    ready = Ready()
    checker = FactCheck(Patient(ready, ModelUnavailable("Down.", "Wait.")), [ready], Heard(), Depth.STANDARD)

    with pytest.raises(ModelUnavailable, match="Down"):
        await checker.check(NOTES)


async def test_what_reads_pages_can_be_loaded_before_there_is_a_page() -> None:
    class One(Finder):
        name = "one"

        async def find(self, query: str, limit: int) -> list[Hit]:
            del query, limit
            return [Hit(url=ADDRESS, title="Page")]

    html = b"<html><body><article><p>Sulphur emissions fell by 12 percent last year.</p></article></body></html>"
    page = Fetched(url=ADDRESS, status=200, content_type="text/html", body=html)
    evidence = PagedEvidence(One(), TableFetcher({ADDRESS: page}))

    await evidence.prepare()

    assert [each.quote for each in await evidence.search("sulphur emissions", 1)] == [
        "Sulphur emissions fell by 12 percent last year."
    ]
