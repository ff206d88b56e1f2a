"""A process of its own, with a home of its own, and nothing of the surroundings that would decide its run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autointel_bench.fresh import autointel_command, environment, fresh_home, run_fresh


def python(words: str) -> list[str]:
    return [sys.executable, "-c", words]


def surroundings(path: Path) -> dict[str, str]:
    return environment(path, {})


def test_a_process_tells_how_it_ended_and_what_it_took(tmp_path: Path) -> None:
    words = "import sys; print('said'); print('why', file=sys.stderr); sum(range(10**6)); sys.exit(3)"

    ended = run_fresh(python(words), surroundings(tmp_path), tmp_path)

    assert (ended.exit_code, ended.output, ended.said, ended.timed_out) == (3, "said\n", "why\n", False)
    assert ended.seconds > 0
    assert ended.cpu_seconds > 0
    assert ended.peak_bytes > 1_000_000


def test_a_process_that_outlasts_its_time_is_killed_and_says_so(tmp_path: Path) -> None:
    ended = run_fresh(
        python("input_ = __import__('threading').Event().wait()"), surroundings(tmp_path), tmp_path, timeout=0.5
    )

    assert ended.timed_out
    assert ended.exit_code < 0


def test_nothing_that_is_set_for_autointel_reaches_a_fresh_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AUTOINTEL_MODEL__NAME", "OPENAI_API_KEY", "ENABLE_PARALLEL_ANALYSIS", "PARALLEL_ROLLOUT_PERCENT"):
        monkeypatch.setitem(os.environ, name, "1")

    env = environment(tmp_path, {"AUTOINTEL_MODEL__NAME": "simulated"})

    ours = {name: env[name] for name in env if name.startswith(("AUTOINTEL_", "OPENAI_", "ENABLE_", "PARALLEL_"))}
    assert ours == {"AUTOINTEL_HOME": str(tmp_path / "autointel"), "AUTOINTEL_MODEL__NAME": "simulated"}
    assert env["HOME"] == str(tmp_path)


def test_a_process_finds_its_modules_compiled_as_a_users_second_start_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(os.environ, "PYTHONDONTWRITEBYTECODE", "1")

    assert "PYTHONDONTWRITEBYTECODE" not in environment(tmp_path, {})


def test_a_live_run_keeps_the_users_own_settings_but_not_the_flags(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AUTOINTEL_MODEL__NAME", "OPENAI_API_KEY", "ENABLE_PARALLEL_ANALYSIS"):
        monkeypatch.setitem(os.environ, name, "1")
    home = os.environ["HOME"]

    env = environment(tmp_path, {}, live=True)

    assert (env["AUTOINTEL_MODEL__NAME"], env["OPENAI_API_KEY"]) == ("1", "1")
    assert "ENABLE_PARALLEL_ANALYSIS" not in env
    assert env["AUTOINTEL_HOME"] == str(tmp_path / "autointel")
    assert env["HOME"] == home


def test_a_fresh_home_is_empty_and_gone_afterwards() -> None:
    with fresh_home() as home:
        assert list(home.iterdir()) == []

    assert not home.exists()


def test_the_command_is_this_interpreters_own() -> None:
    assert autointel_command("run", "a b") == [sys.executable, "-P", "-m", "autointel", "run", "a b"]
