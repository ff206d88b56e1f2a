from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import pytest
from tests.unit.local.making import SOURCE, transcript

from autointel.domain.briefing import Dropped
from autointel.domain.notes import Notes
from autointel.domain.results import Results
from autointel.errors import Declined
from autointel.local.declining import LocalAnalysts, LocalFactChecker, LocalJudgmentWriter

NOTES = Notes(method="m")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: LocalAnalysts().insights(NOTES),
        lambda: LocalAnalysts().fallacies(NOTES),
        lambda: LocalAnalysts().perspectives(NOTES),
        lambda: LocalFactChecker().check(SOURCE, NOTES, side_by_side=True),
    ],
    ids=["insights", "fallacies", "perspectives", "fact_check"],
)
def test_what_needs_a_model_is_declined_with_the_way_to_one(ask: Callable[[], Awaitable[object]]) -> None:
    async def go() -> None:
        await ask()

    with pytest.raises(Declined) as declined:
        anyio.run(go)

    assert declined.value.message == "these need a language model"
    assert "OPENAI_API_KEY" in declined.value.hint
    assert "AUTOINTEL_MODEL__BASE_URL" in declined.value.hint


def test_no_judgments_are_drawn() -> None:
    results = Results(source=SOURCE, transcript=transcript("Fares rose."))

    assert anyio.run(LocalJudgmentWriter().judge, results) == ((), Dropped())
