from __future__ import annotations

import re

from autointel_bench.machine import machine, now, program_digest


def test_a_figure_says_what_it_was_measured_on() -> None:
    this = machine()

    assert this.cores >= 1
    assert this.processor
    assert re.fullmatch(r"3\.\d+\.\d+", this.python)
    assert {"crewai", "pydantic"} <= set(this.versions)
    assert this.same_kind == machine().same_kind


def test_the_program_has_one_digest_as_long_as_it_does_not_change() -> None:
    assert program_digest() == program_digest()
    assert re.fullmatch(r"[0-9a-f]{12}", program_digest())


def test_a_result_says_when_it_was_made() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", now())
