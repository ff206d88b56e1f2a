from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from autointel.environment import process_seconds


def test_the_process_is_older_than_this_test() -> None:
    began = time.perf_counter()

    age = process_seconds()

    assert age >= time.perf_counter() - began - 0.02  # the kernel counts in hundredths


def test_the_clock_does_not_go_back() -> None:
    first = process_seconds()

    assert process_seconds() >= first


def test_where_the_kernel_does_not_tell_the_clock_starts_at_import(tmp_path: Path) -> None:
    assert process_seconds(tmp_path / "nothing") >= 0


def test_the_kernels_start_is_read_past_a_program_name_with_brackets(tmp_path: Path) -> None:
    began = max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - 5)
    stat = tmp_path / "stat"
    before = ["S", *["999999999999"] * 18]
    stat.write_text(
        f"7 (a ) b) {' '.join(before)} {int(began * os.sysconf('SC_CLK_TCK'))} 999999999999", encoding="utf-8"
    )

    assert process_seconds(stat) == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME) - began, abs=60)
