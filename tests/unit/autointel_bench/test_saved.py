"""Before and after: with intervals, and only of what can be compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes.bench_runs import flags_run

from autointel.errors import UsageError
from autointel_bench.flags.bench import comparison_of
from autointel_bench.flags.cases import ALL_OFF, ALL_ON
from autointel_bench.flags.record import Setup
from autointel_bench.saved import Saved, before_and_after, load, save, saved_of

SETUP = Setup(source="talk.vtt", source_digest="d", depth="standard", profile="typical", live=False, program="p")
NOISE = (0.0, 0.1, 0.2, 0.3)


def saved(*, slower: float = 0.0, idle: bool = False, changes: dict[str, object] | None = None) -> Saved:
    records = [flags_run(ALL_OFF, round_, slower=noise) for round_, noise in enumerate(NOISE, start=1)]
    records += [
        flags_run(ALL_ON, round_, slower=slower + noise, claims_at_once=False if idle else None)
        for round_, noise in enumerate(NOISE, start=1)
    ]
    setup = SETUP.model_copy(update=changes or {})
    return saved_of(comparison_of(setup, (ALL_OFF, ALL_ON), records, command="bench"), records)


def line(page: str, start: str) -> str:
    return next(line for line in page.splitlines() if line.startswith(start))


def test_no_difference_is_called_that() -> None:
    page = before_and_after(saved(), saved(slower=0.01))

    assert "no difference shown" in line(page, "| 8 all on | crew")


def test_a_difference_comes_with_its_interval() -> None:
    page = before_and_after(saved(), saved(slower=2.0))

    assert "| +2.00 s (+1.8" in line(page, "| 8 all on | crew")
    assert "| +2.00 s (+1.8" in line(page, "| 8 all on | shell to exit")
    assert "no difference shown" in line(page, "| 1 all off | crew")


def test_what_was_not_counted_is_not_compared() -> None:
    page = before_and_after(saved(), saved(idle=True))

    assert line(page, "| 8 all on | crew") == "| 8 all on | crew | counted | not counted | – |"


def test_a_combination_that_was_not_measured_before_is_left_out() -> None:
    records = [flags_run(ALL_OFF, 1)]
    before = saved_of(comparison_of(SETUP, [ALL_OFF], records, command="bench"), records)

    assert "8 all on" not in before_and_after(before, saved())


@pytest.mark.parametrize(
    ("changes", "what"),
    [({"depth": "deep"}, "depth"), ({"profile": "slow"}, "profile"), ({"source_digest": "e"}, "source")],
)
def test_unlike_is_not_compared_with_like(changes: dict[str, object], what: str) -> None:
    with pytest.raises(UsageError, match=f"another {what}"):
        before_and_after(saved(), saved(changes=changes))


def test_a_result_is_kept_under_its_name(tmp_path: Path) -> None:
    result = saved()

    save(tmp_path / "saved", "before", result)

    assert load(tmp_path / "saved", "before") == result


def test_a_name_that_is_not_there_tells_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as none:
        load(tmp_path, "before")
    save(tmp_path, "other", saved())
    with pytest.raises(UsageError) as some:
        load(tmp_path, "before")

    assert "none yet" in none.value.hint
    assert "other" in some.value.hint


def test_a_damaged_result_and_a_name_that_leads_elsewhere_are_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")

    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path, "broken")
    with pytest.raises(UsageError, match="cannot be a name"):
        load(tmp_path, "../broken")
