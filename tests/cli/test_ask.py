"""``autointel ask`` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fakes.kept import keep_talk

from autointel.cli.app import carry_out_command

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def typed(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = carry_out_command(arguments)
    return code, *capsys.readouterr()


def test_without_a_model_it_shows_passages_and_says_that_this_is_no_answer(home: Path, capsys: Capture) -> None:
    keep_talk(home)

    code, out, err = typed(capsys, "ask", "Do fares cover the cost?", "--limit", "1")

    assert (code, err) == (0, "")
    assert out == (
        "No model is asked, so this is not an answer: these are the passages that speak\n"
        "of it.\n"
        "\n"
        "1  The Cost of Free Transit · Bo  [0:04]\n"
        '   "Nobody thinks fares cover the cost."\n'
        "   https://youtube.com/watch?v=x&t=4\n"
    )


def test_what_memory_does_not_hold_is_said_so(home: Path, capsys: Capture) -> None:
    keep_talk(home)

    code, out, err = typed(capsys, "ask", "How do zeppelins cross the Atlantic?")

    assert (code, out) == (0, "Memory does not hold the answer. Nothing read speaks of Atlantic.\n")
    assert err == "autointel search shows the nearest passages.\n"


@pytest.mark.parametrize(("question", "held"), [("Do fares cover the cost?", True), ("Who flew a zeppelin?", False)])
def test_json_says_whether_memory_holds_it(question: str, held: bool, home: Path, capsys: Capture) -> None:  # noqa: FBT001
    keep_talk(home)

    answered = json.loads(typed(capsys, "ask", question, "--json", "-v")[1])

    assert (answered["question"], answered["held"], answered["answer"]) == (question, held, None)
    assert bool(answered["citations"]) is bool(answered["found"]) is held


def test_where_nothing_was_read_nothing_is_held(capsys: Capture) -> None:
    code, out, err = typed(capsys, "ask", "anything?")
    as_json = json.loads(typed(capsys, "ask", "anything?", "--json")[1])

    assert (code, out) == (0, "")
    assert err.splitlines()[0] == "Nothing has been read yet."
    assert (as_json["held"], as_json["remark"]) == (False, "Nothing has been read yet.")
