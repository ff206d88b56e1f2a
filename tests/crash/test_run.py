"""A run that is killed and resumed keeps what an undisturbed one keeps. The long form is in tests/integration."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.crash.killing import SAMPLE, Machine, Moment, moments

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """The sample's first minutes."""
    path = tmp_path / "talk.vtt"
    path.write_text("\n\n".join(SAMPLE.read_text().split("\n\n")[:60]) + "\n")
    return path


def test_killed_three_times_and_resumed_a_run_keeps_what_an_undisturbed_one_keeps(tmp_path: Path, talk: Path) -> None:
    undisturbed, killed = Machine(tmp_path / "undisturbed"), Machine(tmp_path / "killed")
    undisturbed.finish("run", "-v", str(talk))
    first, second, third = moments(7, len(undisturbed.told), 3)

    struck = [killed.kill(first, "run", "-v", str(talk))]
    run = killed.begun()
    for moment in (second, third):
        again = ("resume", run) if run else ("run", str(talk))
        struck.append(killed.kill(moment, *again, "-v"))
        run = killed.begun()
    finished = killed.finished_steps()
    killed.finish(*(("resume", run) if run else ("run", str(talk))))

    assert any(struck)
    assert killed.done_again(finished) == []
    assert killed.kept() == undisturbed.kept()


def test_standard_input_is_saved_before_anything_else_and_resumed_without_it(tmp_path: Path, talk: Path) -> None:
    undisturbed, killed = Machine(tmp_path / "undisturbed"), Machine(tmp_path / "killed")
    undisturbed.finish("run", "-", stdin=talk.read_bytes())

    killed.kill(Moment(3, 0.05), "run", "-", "-v", stdin=talk.read_bytes())
    killed.finish("resume", killed.begun() or "")

    assert killed.kept() == undisturbed.kept()
