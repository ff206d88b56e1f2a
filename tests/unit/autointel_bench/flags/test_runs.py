"""Runs take turns, are kept one by one, and go on where an interrupted bench stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.fakes.bench_runs import flags_run

from autointel.domain.run import Outcome, StepName
from autointel.errors import AutointelError, SourceUnreachable, UsageError
from autointel_bench.evidence import SimulatedEvidence
from autointel_bench.flags.bench import compare_flags, setup_of, write
from autointel_bench.flags.cases import ALL, ALL_OFF, ALL_ON, Combination
from autointel_bench.flags.record import KeptRuns, RunRecord, Setup
from autointel_bench.flags.runner import Make, fresh_runs, in_turn
from autointel_bench.simulated.profile import world_of

PAIR = (ALL_OFF, ALL_ON)


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    source = tmp_path / "talk.txt"
    source.write_text("Nobody at this table thinks fares cover it.\n")
    return setup_of(str(source), "standard", "typical", live=False)


class Making:
    """Makes faultless runs, and is interrupted before the run that is ``last``."""

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self.made: list[tuple[int, int]] = []

    @contextmanager
    def __call__(self, setup: Setup, kept: KeptRuns) -> Iterator[Make]:
        del setup, kept
        yield self.make

    def make(self, combination: Combination, round_: int) -> RunRecord:
        if len(self.made) == self.last:
            raise KeyboardInterrupt
        self.made.append((round_, combination.number))
        return flags_run(combination, round_)


def bench(setup: Setup, folder: Path, making: Making, *, runs: int = 2, again: bool = False) -> list[str]:
    told: list[str] = []
    compare_flags(
        setup, PAIR, runs, folder=folder, command="bench", on_progress=told.append, making=making, again=again
    )
    return told


def test_every_combination_has_its_turn_in_every_round_and_the_order_changes() -> None:
    turns = [[each.number for at, each in in_turn(ALL, 6) if at == round_] for round_ in range(1, 7)]

    assert all(sorted(turn) == list(range(1, 9)) for turn in turns)
    assert len({tuple(turn) for turn in turns}) > 1
    assert list(in_turn(ALL, 6)) == list(in_turn(ALL, 6))


def test_an_interrupted_bench_goes_on_with_what_it_has(setup: Setup, tmp_path: Path) -> None:
    first, second = Making(last=3), Making()

    with pytest.raises(KeyboardInterrupt):
        bench(setup, tmp_path / "runs", first)
    told = bench(setup, tmp_path / "runs", second)

    assert len(first.made) == 3
    assert len(second.made) == 1
    assert sorted(first.made + second.made) == [(1, 1), (1, 8), (2, 1), (2, 8)]
    assert sum("(kept)" in line for line in told) == 3


def test_a_finished_bench_begins_anew(setup: Setup, tmp_path: Path) -> None:
    bench(setup, tmp_path / "runs", Making())
    again = Making()

    bench(setup, tmp_path / "runs", again)

    assert len(again.made) == 4


def test_again_forgets_what_an_interrupted_bench_has_left(setup: Setup, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        bench(setup, tmp_path / "runs", Making(last=3))
    anew = Making()

    bench(setup, tmp_path / "runs", anew, again=True)

    assert len(anew.made) == 4


def test_another_depth_profile_source_or_program_goes_on_with_nothing(setup: Setup) -> None:
    others = [setup.model_copy(update={name: "other"}) for name in ("depth", "profile", "source_digest", "program")]

    assert len({setup.digest, *(other.digest for other in others)}) == 5


def test_a_run_that_was_half_written_is_made_again(setup: Setup, tmp_path: Path) -> None:
    kept = KeptRuns(tmp_path, setup)
    kept.open()
    kept.keep(flags_run(ALL_ON, 1))
    (path,) = tmp_path.glob("*/round-001-*.json")
    path.write_text(path.read_text()[:100])

    assert kept.find(ALL_ON.number, 1) is None
    assert kept.find(ALL_OFF.number, 1) is None


def test_failed_runs_are_told_of_as_failed(setup: Setup, tmp_path: Path) -> None:
    class Failing(Making):
        def make(self, combination: Combination, round_: int) -> RunRecord:
            return flags_run(combination, round_, outcomes={StepName.GRAPH: Outcome.FAILED})

    told = bench(setup, tmp_path / "runs", Failing(), runs=1)

    assert all("FAILED: graph failed" in line for line in told)


def test_a_bench_that_goes_on_cites_the_same_addresses(setup: Setup, tmp_path: Path) -> None:
    kept = KeptRuns(tmp_path, setup)
    kept.open()
    assert kept.port() == 0

    with fresh_runs(setup, kept):
        port = kept.port()
    with fresh_runs(setup, kept):
        assert kept.port() == port

    assert port > 0


def test_an_address_that_is_taken_is_told_with_what_to_do(setup: Setup, tmp_path: Path) -> None:
    kept = KeptRuns(tmp_path, setup)
    kept.open()
    with SimulatedEvidence(world_of("instant").evidence) as other:
        kept.keep_port(other.port)

        with pytest.raises(AutointelError, match="is taken") as refused, fresh_runs(setup, kept):
            pytest.fail("nothing can be run")

    assert "--again" in refused.value.hint


def test_a_comparison_needs_a_file_and_a_profile(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable):
        setup_of(str(tmp_path / "none.vtt"), "standard", "typical", live=False)
    with pytest.raises(UsageError):
        setup_of(str(tmp_path / "none.vtt"), "standard", "quick", live=False)


def test_a_live_setup_needs_no_profile(tmp_path: Path) -> None:
    source = tmp_path / "talk.txt"
    source.write_text("Words.")

    assert setup_of(str(source), "deep", "whatever", live=True).profile == "live"


def test_a_result_is_written_as_json_markdown_and_a_picture(setup: Setup, tmp_path: Path) -> None:
    comparison, records = compare_flags(
        setup, PAIR, 2, folder=tmp_path / "runs", command="bench", on_progress=lambda _: None, making=Making()
    )

    paths = write(tmp_path / "out", comparison, records)

    names = ["flags-typical-standard.json", "flags-typical-standard.md", "flags-typical-standard.svg"]
    assert [path.name for path in paths] == names
    assert "simulated" in paths[1].read_text()
    # The folder that the source stands in is nobody's business.
    assert str(tmp_path) not in paths[0].read_text()


def test_without_a_good_run_there_is_no_picture(setup: Setup, tmp_path: Path) -> None:
    comparison, _ = compare_flags(
        setup, PAIR, 1, folder=tmp_path / "runs", command="bench", on_progress=lambda _: None, making=Making()
    )

    assert len(write(tmp_path / "out", comparison, [])) == 2
