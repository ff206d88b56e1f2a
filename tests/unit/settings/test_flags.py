from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.domain.run import Flag, FlagOrigin, Flags
from autointel.settings import load, resolve_flags
from autointel.settings.loading import bucket


def resolved(source: str = "talk.vtt", *, parallel: bool | None = None) -> Flags:
    loaded = load()
    return resolve_flags(loaded.settings, loaded.origins, source, parallel=parallel)


def test_flags_are_off_by_default() -> None:
    assert resolved() == Flags()


@pytest.mark.parametrize("parallel", [True, False])
def test_an_option_sets_all_three_over_everything_else(
    parallel: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENABLE_PARALLEL_ANALYSIS", "0" if parallel else "1")

    flag = Flag(value=parallel, origin=FlagOrigin.OPTION)

    assert resolved(parallel=parallel) == Flags(
        parallel_analysis=flag, parallel_fact_checking=flag, parallel_memory_ops=flag
    )


def test_a_flag_that_is_set_is_not_rolled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENABLE_PARALLEL_FACT_CHECKING", "0")
    monkeypatch.setenv("PARALLEL_ROLLOUT_PERCENT", "100")

    flags = resolved()

    assert flags.parallel_fact_checking == Flag(value=False, origin=FlagOrigin.ENVIRONMENT)
    assert flags.parallel_analysis == Flag(value=True, origin=FlagOrigin.ROLLOUT)
    assert flags.parallel_memory_ops == Flag(value=True, origin=FlagOrigin.ROLLOUT)


def test_a_source_outside_the_rollout_says_that_the_rollout_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARALLEL_ROLLOUT_PERCENT", str(bucket("talk.vtt")))

    assert resolved().parallel_analysis == Flag(value=False, origin=FlagOrigin.ROLLOUT)


def test_the_hash_of_a_source_is_the_same_in_every_process() -> None:
    assert [bucket(source) for source in ("talk.vtt", "https://video.example/1", "")] == [24, 59, 52]


@given(st.text())
def test_every_source_has_a_place_in_the_rollout(source: str) -> None:
    assert 0 <= bucket(source) < 100


def test_the_rollout_takes_about_its_share() -> None:
    on = sum(bucket(f"https://video.example/{number}") < 25 for number in range(2000))

    assert 400 < on < 600
