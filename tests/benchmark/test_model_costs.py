"""What a run costs, over a generated talk of 25,000 words: reading once, and bounded prompts for all the rest."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from autointel.app.cost_estimate import plan
from autointel.domain.run import Depth, Engine, Options, Verify
from autointel.pipeline.fact_check import THOROUGHNESS
from autointel.pipeline.model_reader import READ_BUDGET
from autointel.settings import Settings
from autointel_bench.model_costs import ALL_MOST, READ_MOST, VERIFIED_MOST, page_of, run_cost
from autointel_bench.talk import talk

pytestmark = pytest.mark.xdist_group("crew")

# Role, task, rule, schema in words, and the names of speakers.
AROUND = 450
DIGEST = 15_000


# The second look counts for coverage; counting the lines of the other runs again would double their seconds.
uncounted = pytest.mark.uncounted
# Called in a test and not in a fixture, which coverage counts.
cost_of = functools.cache(run_cost)


@uncounted
@pytest.mark.parametrize("depth", list(Depth))
def test_a_talk_is_read_once_and_all_prompts_together_stay_below_twice_its_length(depth: Depth) -> None:
    cost = cost_of(depth)

    assert cost.words >= 25_000
    assert 1 < cost.read_share <= READ_MOST
    assert cost.read_share < cost.whole_share <= ALL_MOST


@uncounted
@pytest.mark.parametrize("depth", list(Depth))
def test_every_prompt_stays_within_its_budget(depth: Depth) -> None:
    longest = {step.step: step.longest for step in cost_of(depth).steps}

    assert longest.pop("read") <= READ_BUDGET + AROUND
    assert max(longest.values()) <= DIGEST + AROUND


@uncounted
@pytest.mark.parametrize("depth", list(Depth))
def test_the_claims_that_the_depth_asks_for_are_judged(depth: Depth) -> None:
    """But for one perhaps: else the figures would be those of runs that found nothing to judge."""
    thorough = THOROUGHNESS[depth]
    (fact_check,) = (step for step in cost_of(depth).steps if step.step == "fact_check")

    assert fact_check.calls >= 1 + (thorough.claims - 1) * thorough.judges


@uncounted
@pytest.mark.parametrize("depth", list(Depth))
def test_what_dry_run_announces_is_not_exceeded(depth: Depth, tmp_path: Path) -> None:
    source = tmp_path / "talk.vtt"
    source.write_text(talk(25_000), encoding="utf-8")

    announced = plan(Settings(home=tmp_path), Options(source=str(source), engine=Engine.LLM, depth=depth))

    by_step = {row.step: row for row in announced.steps}
    for step in cost_of(depth).steps:
        assert step.calls <= by_step[step.step].calls
        assert step.prompt_tokens <= by_step[step.step].prompt_tokens


@pytest.mark.uncounted
def test_a_second_look_by_the_model_stays_within_its_share() -> None:
    verified = cost_of(Depth.STANDARD, verify=Verify.MODEL)

    assert verified.read_share <= READ_MOST
    assert verified.whole_share <= VERIFIED_MOST


def test_the_page_in_the_docs_is_what_was_measured() -> None:
    costs = [*map(cost_of, Depth), cost_of(Depth.STANDARD, verify=Verify.MODEL)]
    page = Path(__file__).parents[2] / "docs" / "model-costs.md"

    assert page.read_text(encoding="utf-8") == page_of(costs)
