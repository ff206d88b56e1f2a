"""What needs a model is declined by name; the page is written all the same."""

from __future__ import annotations

import anyio
import pytest
from tests.unit.local.making import SOURCE, transcript

from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.domain.report import Results
from autointel.domain.run import StepName
from autointel.errors import Declined
from autointel.local.engine import LocalEngine
from autointel.pipeline.brief import PageAlone
from autointel.pipeline.stages import ANALYSES, STAGES
from autointel.pipeline.step import Declines

RESULTS = Results(source=SOURCE, transcript=transcript("Fares rose."))
ENGINE = LocalEngine(WordLlamaEmbedder(), None, ())


@pytest.mark.parametrize("name", [*ANALYSES, StepName.FACT_CHECK])
def test_what_needs_a_model_is_declined_with_the_way_to_one(name: StepName) -> None:
    step = ENGINE.step(STAGES[name])
    assert isinstance(step, Declines)

    with pytest.raises(Declined) as declined:
        anyio.run(step.run, RESULTS)

    assert declined.value.message == "these need a language model"
    assert "OPENAI_API_KEY" in declined.value.hint
    assert "AUTOINTEL_MODEL__BASE_URL" in declined.value.hint


def test_no_judgments_are_drawn() -> None:
    step = ENGINE.step(STAGES[StepName.BRIEF])
    assert isinstance(step, PageAlone)

    done = anyio.run(step.run, RESULTS)

    assert (done.value.judgments, done.shortfall) == ((), "")
