"""What is loaded at once is not looked through for garbage: neither meanwhile nor later."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from autointel.model.lean import without_collecting


@pytest.fixture(autouse=True)
def collector_left_as_it_was() -> Iterator[None]:
    was_on, thresholds = gc.isenabled(), gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    (gc.enable if was_on else gc.disable)()


def test_no_garbage_is_collected_meanwhile() -> None:
    gc.enable()

    with without_collecting():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_what_was_loaded_is_set_aside() -> None:
    gc.unfreeze()

    with without_collecting():
        pass

    assert gc.get_freeze_count() > 0


def test_what_comes_later_is_looked_through_less_often() -> None:
    gc.set_threshold(700, 10, 10)

    with without_collecting():
        pass

    assert gc.get_threshold() == (10_000, 10, 10)


def test_a_collector_that_was_off_stays_off_and_a_failed_import_changes_nothing_of_that() -> None:
    gc.disable()

    with pytest.raises(ImportError), without_collecting():
        raise ImportError("not there")

    assert not gc.isenabled()
