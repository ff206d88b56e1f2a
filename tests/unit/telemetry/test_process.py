from __future__ import annotations

import time
from pathlib import Path

from autointel.telemetry.process import process_seconds


def test_the_process_is_older_than_this_test() -> None:
    began = time.perf_counter()

    age = process_seconds()

    assert age >= time.perf_counter() - began - 0.02  # the kernel counts in hundredths


def test_the_clock_does_not_go_back() -> None:
    first = process_seconds()

    assert process_seconds() >= first


def test_where_the_kernel_does_not_tell_the_clock_starts_at_import(tmp_path: Path) -> None:
    assert process_seconds(tmp_path / "nothing") >= 0


def test_a_program_name_with_brackets_is_read_past(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("7 (a ) b) " + " ".join(["S", *["0"] * 18, "0", "0"]), encoding="utf-8")

    assert process_seconds(stat) > 0
