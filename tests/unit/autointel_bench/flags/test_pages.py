"""What a comparison says to people: the claim in one sentence, or that there is none and why."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest
from tests.fakes.bench_runs import flags_run

from autointel.domain.run import Outcome, StepName
from autointel_bench.figures import Estimate, Interval, cell, less, seconds
from autointel_bench.flags.bench import comparison_of
from autointel_bench.flags.cases import ALL, ALL_OFF, ALL_ON, Combination
from autointel_bench.flags.comparison import Comparison
from autointel_bench.flags.markdown import headline, markdown_of
from autointel_bench.flags.record import RunRecord, Setup
from autointel_bench.flags.steps import drawing_of, step_times, typical

SETUP = Setup(source="talk.vtt", source_digest="d", depth="standard", profile="typical", live=False, program="p")


def comparison(
    *more: RunRecord, combinations: Sequence[Combination] = (ALL_OFF, ALL_ON), live: bool = False
) -> Comparison:
    records = [flags_run(ALL_OFF, round_, slower=0.1 * round_) for round_ in (1, 2)]
    setup = SETUP.model_copy(update={"live": live, "profile": "live" if live else "typical"})
    return comparison_of(setup, combinations, [*records, *more], command="autointel bench flags")


def good(combination: Combination = ALL_ON) -> list[RunRecord]:
    return [flags_run(combination, round_) for round_ in (1, 2)]


def test_the_headline_gives_the_saving_with_its_interval_and_both_clocks() -> None:
    told = headline(comparison(*good()))

    assert told.startswith("Simulated: all flags on against all off: **67% less (")
    assert "ideal / wall 0.9" in told
    assert "from the shell to exit" in told


def test_the_page_has_a_row_for_every_combination_and_the_proof() -> None:
    records = [run for each in ALL[1:] for run in good(each)]

    page = markdown_of(comparison(*records, combinations=ALL))

    assert all(f"| {each.number} {each.name} |" in page for each in ALL)
    assert "insights+fallacies 2/2" in page
    assert "memory+graph 2/0" in page
    assert "What went wrong" not in page
    assert page.count("as allowed") == 8
    assert "First judgment shown" in page


def test_a_broken_configuration_is_not_counted_and_says_why() -> None:
    idle = [flags_run(ALL_ON, round_, claims_at_once=False) for round_ in (1, 2)]

    page = markdown_of(comparison(*idle))

    assert "all flags on is **not counted**: a flag did nothing: 5 claims were judged one by one" in page
    assert "less (" not in page
    assert "| 8 all on | 2 | 0 | not counted |" in page
    assert "What went wrong" in page


def test_failures_are_listed_one_by_one() -> None:
    failing = [flags_run(ALL_ON, round_, outcomes={StepName.GRAPH: Outcome.FAILED}) for round_ in (1, 2)]

    page = markdown_of(comparison(*failing))

    assert page.count("a run failed: graph failed: graph was doctored") == 2
    assert "less (" not in page


def test_results_that_differ_are_marked() -> None:
    page = markdown_of(comparison(*[flags_run(ALL_ON, round_, title="<b>Other|talk") for round_ in (1, 2)]))

    assert "**differ**" in page
    assert "<b>" not in page


def test_some_failures_beside_good_runs_are_in_the_headline() -> None:
    told = headline(comparison(flags_run(ALL_ON, 1), flags_run(ALL_ON, 2, outcomes={StepName.GRAPH: Outcome.FAILED})))

    assert "1 of 2 runs failed" in told


def test_a_comparison_without_all_on_says_so() -> None:
    assert headline(comparison(combinations=[ALL_OFF])) == "Simulated: all flags on was not among the combinations."


def test_a_live_comparison_is_called_live_and_claims_no_equality() -> None:
    page = markdown_of(comparison(*good(), live=True))

    assert "Live: all flags on" in page
    assert "no equality of results is claimed" in page
    assert "simulated" not in page.lower().replace("simulated: false", "")


def test_slack_is_none_on_the_critical_path_and_queue_stands_apart() -> None:
    steps = {each.step: each for each in step_times(good(), ALL_ON.number)}

    on_the_path = [steps[name].slack for name in (StepName.READ, StepName.FACT_CHECK, StepName.BRIEF)]
    assert on_the_path == pytest.approx([0, 0, 0])
    assert steps[StepName.INSIGHTS].slack == pytest.approx(2.55 - 1.05)
    assert steps[StepName.MEMORY].slack == pytest.approx(2.55 - 0.18)
    assert steps[StepName.FACT_CHECK].critical
    assert not steps[StepName.MEMORY].critical
    assert {each.queue for each in steps.values()} == {0.0}


def test_the_run_that_is_shown_is_the_median_one() -> None:
    runs = [flags_run(ALL_ON, round_, slower=slower) for round_, slower in enumerate((3.0, 0.0, 1.0), start=1)]

    shown = typical(runs, ALL_ON.number)

    assert shown is not None
    assert shown.round == 3
    assert typical([], ALL_ON.number) is None
    assert step_times([], ALL_ON.number) == ()


def test_the_picture_has_every_step_twice_on_one_axis() -> None:
    drawn = drawing_of([flags_run(ALL_OFF), flags_run(ALL_ON)], 'Steps & "times" <simulated>')

    assert drawn is not None
    root = ET.fromstring(drawn)  # noqa: S314  we wrote it
    space = "{http://www.w3.org/2000/svg}"
    bars = [each for each in root.iter(f"{space}rect") if (each.get("class") or "").startswith("bar")]
    assert len(bars) == 2 * len(StepName)
    assert root.get("aria-label") == 'Steps & "times" <simulated>'
    heads = [each.text or "" for each in root.iter(f"{space}text") if each.get("class") == "head"]
    assert [head.partition(":")[0] for head in heads[1:]] == ["all flags off", "all flags on"]
    right = max(float(each.get("x", 0)) + float(each.get("width", 0)) for each in bars)
    assert right <= 880 - 70 + 1


def test_no_picture_without_both_sides() -> None:
    assert drawing_of([flags_run(ALL_ON)], "t") is None


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (0.66, 0.64, 0.68, "66% less (64% to 68%)"),
        (-0.05, -0.08, -0.02, "5% more (2% to 8%)"),
        (0.01, -0.02, 0.04, "no difference shown (-4% to +2%)"),
    ],
)
def test_a_saving_in_words(value: float, low: float, high: float, words: str) -> None:
    assert less(Estimate(value=value, interval=Interval(low=low, high=high))) == words


def test_seconds_and_cells_in_words() -> None:
    assert [seconds(None), seconds(0.0123), seconds(4.518)] == ["–", "12 ms", "4.52 s"]
    assert cell("a|b *c*\n<d> [e]_") == r"a\|b \*c\* &lt;d> \[e]\_"
