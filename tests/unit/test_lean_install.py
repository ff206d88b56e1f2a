from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_what_the_lock_leaves_out_can_be_left_out_of_a_tool_as_well() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]

    assert (ROOT / "locks" / "never-used.txt").read_text(encoding="utf-8").split() == declared["exclude-dependencies"]
