"""``autointel chat`` as it is typed, with questions on standard input."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.kept import keep_talk

from autointel.app.answering import chats_of
from autointel.cli.app import carry_out_command
from autointel.settings import Settings
from autointel_bench.simulated import Profile, SimulatedModel

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    keep_talk(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def typed(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Typed:
    return Typed(capsys, monkeypatch)


class Typed:
    def __init__(self, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, lines: str, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        code = carry_out_command(arguments)
        return code, *self._capsys.readouterr()


def chats(home: Path) -> list[list[str]]:
    return [[turn.question for turn in each.turns] for each in chats_of(Settings(home=home), "default")]


def test_piped_questions_are_answered_line_by_line_and_saved(home: Path, typed: Typed) -> None:
    code, out, err = typed("Do fares cover the cost?\n\nand why?\n", "chat")

    assert (code, err) == (0, "")
    assert out.startswith("> Do fares cover the cost?\nNo model is asked")
    assert out.count('"Nobody thinks fares cover the cost."') == 2
    assert chats(home) == [["Do fares cover the cost?", "and why?"]]


def test_a_conversation_goes_on_by_its_id_or_as_the_latest(home: Path, typed: Typed) -> None:
    typed("Do fares cover the cost?", "chat")
    conversation = chats_of(Settings(home=home), "default")[0].id

    typed("What have you read?", "chat", "--resume", conversation[:20])
    typed("Who speaks?", "chat", "--last")

    assert chats(home) == [["Do fares cover the cost?", "What have you read?", "Who speaks?"]]
    assert f"{conversation}  3 questions: Do fares cover the cost?" in typed("", "chat", "--list")[1]
    assert len(json.loads(typed("", "chat", "--list", "--json")[1])) == 1


def test_json_is_one_answer_a_line(typed: Typed) -> None:
    out = typed("Do fares cover the cost?\nWho flew a zeppelin?\n", "chat", "--json")[1]

    assert [json.loads(line)["held"] for line in out.splitlines()] == [True, False]


def test_a_conversation_about_one_source_finds_nothing_elsewhere(home: Path, typed: Typed) -> None:
    keep_talk(home, sentences=["A heat pump warms the hall of the school."], title="Heat", name="heat")

    out = typed("Do fares cover the cost?\nWhat warms the hall?\n", "chat", "Heat")[1]

    assert "Memory does not hold the answer." in out
    assert "fares cover the cost." not in out
    assert "A heat pump warms the hall of the school." in out


def test_a_model_gets_the_turns_before_and_its_sentences_are_shown_with_their_quotes(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SimulatedModel(Profile()) as server:
        monkeypatch.setenv("AUTOINTEL_MODEL__BASE_URL", server.base_url)
        code, out, _ = typed("Do fares cover the cost?\nand what did Bo say about it?\n", "chat")
        prompts = [call.prompt for call in server.calls.all]

    assert code == 0
    assert "[1]" in out
    assert "conversation" not in prompts[0]
    assert "Question: Do fares cover the cost?" in prompts[-1]


def test_a_blocked_question_is_neither_answered_nor_saved_and_the_next_one_is(home: Path, typed: Typed) -> None:
    questions = "Is bo@example.org right?\nDo fares cover the cost?\n"

    code, out, err = typed(questions, "chat", "--privacy", "block")

    assert code == 2
    assert "e-mail" in err
    assert chats(home) == [["Do fares cover the cost?"]]
    assert out.count("Nobody thinks") == 1


def test_a_redacted_question_is_saved_as_the_gate_lets_it_pass(home: Path, typed: Typed) -> None:
    typed("Does bo@example.org say fares cover the cost?", "chat", "--privacy", "redact")

    assert all(b"bo@example.org" not in path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert "fares cover the cost?" in chats(home)[0][0]


class Interrupted:
    """Ctrl-C after the first line."""

    def isatty(self) -> bool:
        return False

    def __iter__(self) -> Iterator[str]:
        yield "Do fares cover the cost?"
        raise KeyboardInterrupt


def test_ctrl_c_ends_it_and_names_the_conversation(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr("sys.stdin", Interrupted())

    assert carry_out_command(["chat"]) == 130
    assert f"autointel chat --resume {chats_of(Settings(home=home), 'default')[0].id} goes on with it." in (
        capsys.readouterr().err
    )


def test_nobody_else_can_read_a_conversation(home: Path, typed: Typed) -> None:
    typed("Do fares cover the cost?", "chat")

    (file,) = (home / "chats" / "default").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("forgotten", [("--chat",), ("--namespace", "default"), ("The Cost of Free Transit",)])
def test_forget_removes_a_conversation_with_its_id_its_namespace_or_the_source_it_quotes(
    forgotten: tuple[str, ...], home: Path, typed: Typed
) -> None:
    typed("Do fares cover the cost?", "chat")
    conversation = chats_of(Settings(home=home), "default")[0].id

    code, out, _ = typed("", "forget", *forgotten, *((conversation,) if forgotten == ("--chat",) else ()))

    assert code == 0
    assert "gone" in out
    assert not list((home / "chats").rglob("*.jsonl"))


@pytest.mark.parametrize("arguments", [("--last",), ("--resume", "2026"), ("--last", "--list"), ("Heat",)])
def test_what_is_not_there_is_a_wrong_usage(arguments: tuple[str, ...], typed: Typed) -> None:
    code, out, err = typed("Anything?\n", "chat", *arguments)

    assert (code, out) == (2, "")
    assert err


def test_a_half_written_line_is_left_out(home: Path, typed: Typed) -> None:
    typed("Do fares cover the cost?", "chat")
    (file,) = (home / "chats" / "default").iterdir()
    file.write_text(file.read_text() + '{"question": "half')

    assert chats(home) == [["Do fares cover the cost?"]]
