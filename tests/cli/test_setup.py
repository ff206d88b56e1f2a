"""``autointel setup``: what is asked, what is tried, and what stands in the user's config.toml afterwards."""

from __future__ import annotations

import io
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import typer
from tests.fakes.gguf import gguf_file
from typing_extensions import override

from autointel.app.setup import servers_here
from autointel.cli.app import carry_out_command
from autointel.cli.setup import Questions, Wanted, set_up
from autointel.errors import ModelUnavailable, SettingsError, UsageError
from autointel.settings import load
from autointel_bench.simulated import SimulatedModel

NOBODY = "http://127.0.0.1:9/v1"


class Answers(Questions):
    """Answers in order; says what was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)
        self.asked: list[str] = []

    @override
    def choose(self, question: str, choices: Sequence[str]) -> int:
        self.asked += [question, *choices]
        return list(choices).index(next(self._answers))

    @override
    def text(self, question: str, default: str | None = None) -> str:
        self.asked.append(question)
        return next(self._answers)

    @override
    def secret(self, question: str) -> str:
        self.asked.append(question)
        return next(self._answers)

    @override
    def agree(self, question: str) -> bool:
        self.asked.append(question)
        return next(self._answers) == "yes"


@pytest.fixture
def server() -> Iterator[SimulatedModel]:
    with SimulatedModel() as server:
        yield server


def config() -> Path:
    return Path.home() / ".config" / "autointel" / "config.toml"


def written(text: str) -> None:
    config().parent.mkdir(parents=True, exist_ok=True)
    config().write_text(text, encoding="utf-8")


def test_a_server_is_tried_and_saved_for_its_owner_alone(
    server: SimulatedModel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set_up(Wanted(server=server.base_url, model="simulated", key="sk-mine"), None) == 0

    out, err = capsys.readouterr()
    assert out == f"{config()} names simulated.\n"
    assert "sk-mine" not in out + err
    assert stat.S_IMODE(config().stat().st_mode) == 0o600
    model = load().settings.model
    assert (model.base_url, model.name) == (server.base_url, "simulated")
    assert model.api_key is not None
    assert model.api_key.get_secret_value() == "sk-mine"


def test_what_else_the_file_says_stays_and_no_key_is_left_for_another_server(server: SimulatedModel) -> None:
    written(
        '# mine\n[model]\napi_key = "sk-old"\nread_name = "small"\ntimeout = 90 # slow\n\n[qdrant]\napi_key = "q"\n'
    )

    set_up(Wanted(server=server.base_url, model="simulated"), None)

    text = config().read_text(encoding="utf-8")
    assert "# mine" in text
    assert "timeout = 90 # slow" in text
    assert 'api_key = "q"' in text
    assert "sk-old" not in text
    assert "small" not in text


def test_a_server_that_does_not_answer_changes_nothing_unless_a_person_wants_it() -> None:
    written('[model]\nname = "before"\n')
    silent = Wanted(server=NOBODY, model="m", key="")

    for questions in (None, Answers("no")):
        with pytest.raises(ModelUnavailable, match="nothing listens"):
            set_up(silent, questions)
    assert config().read_text(encoding="utf-8") == '[model]\nname = "before"\n'

    set_up(silent, Answers("yes"))
    assert load().settings.model.base_url == NOBODY


def test_a_person_is_asked_for_place_key_and_name() -> None:
    answers = Answers("another OpenAI-compatible server", NOBODY, "sk-1", "llama3")

    set_up(Wanted(is_tried=False), answers)

    model = load().settings.model
    assert (model.base_url, model.name) == (NOBODY, "llama3")
    assert answers.asked[-2:] == ["Its key (not shown; empty for none)", "The model's name"]


def test_a_choice_is_asked_again_until_it_is_one_of_the_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("openai\n3\n2\n"))

    assert Questions().choose("Which?", ["this", "that"]) == 1
    assert capsys.readouterr().err.count("Give a number from 1 to 2.") == 2


def test_a_model_file_is_saved_by_its_whole_path() -> None:
    gguf_file(Path("m.gguf"))

    set_up(Wanted(is_tried=False), Answers("a GGUF file, served on this machine", "m.gguf"))

    assert load().settings.model.file == Path("m.gguf").absolute()


def test_servers_on_this_machine_are_found_with_their_models(server: SimulatedModel) -> None:
    port = int(server.base_url.rpartition(":")[2].partition("/")[0])

    found = servers_here({"Nobody": 9, "Simulated": port})

    assert [(each.called, bool(each.models)) for each in found] == [("Simulated", True)]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(server="openai"), "OpenAI wants a key"),
        (Wanted(server=NOBODY), "Which model is not said"),
    ],
)
def test_what_is_missing_is_named_where_nobody_can_be_asked(wanted: Wanted, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        set_up(wanted, None)


def test_an_address_that_is_none_is_refused_before_anything_is_written() -> None:
    with pytest.raises(SettingsError, match="invalid value"):
        set_up(Wanted(server="not an address", model="m", is_tried=False), None)

    assert not config().exists()


@pytest.mark.parametrize("text", ["[model\n", 'model = "gpt"\n'])
def test_a_broken_config_is_not_written_over(text: str) -> None:
    written(text)

    with pytest.raises(SettingsError):
        set_up(Wanted(server=NOBODY, model="m", is_tried=False), None)

    assert config().read_text(encoding="utf-8") == text


def test_a_stronger_setting_is_pointed_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AUTOINTEL_MODEL__NAME", "other")

    set_up(Wanted(server=NOBODY, model="m", is_tried=False), None)

    assert "AUTOINTEL_MODEL__NAME is stronger than that file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["setup"],
        ["setup", "--model", "m"],
        ["setup", "--server", NOBODY, "--file", "m.gguf"],
        ["setup", "--server", "openai", "--key-stdin"],
    ],
)
def test_options_that_do_not_fit_together_are_wrong_usage(
    arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    assert carry_out_command(arguments) == 2


def test_a_key_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("k" * 20_000))

    assert carry_out_command(["setup", "--server", NOBODY, "--model", "m", "--no-try", "--key-stdin"]) == 2
    assert capsys.readouterr().err == ("What stands on standard input is too long for a key.\nPipe in the key alone.\n")
    assert not config().exists()


def test_leaving_at_a_question_saves_nothing() -> None:
    class Leaves(Answers):
        @override
        def choose(self, question: str, choices: Sequence[str]) -> int:
            raise typer.Abort

    with pytest.raises(KeyboardInterrupt):
        set_up(Wanted(is_tried=False), Leaves())

    assert not config().exists()


def test_a_link_to_the_config_stays_a_link() -> None:
    config().parent.mkdir(parents=True)
    Path("dotfile.toml").write_text("", encoding="utf-8")
    config().symlink_to(Path("dotfile.toml").absolute())

    set_up(Wanted(server=NOBODY, model="m", is_tried=False), None)

    assert config().is_symlink()
    assert 'name = "m"' in Path("dotfile.toml").read_text(encoding="utf-8")
