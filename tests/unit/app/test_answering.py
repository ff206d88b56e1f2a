"""``ask`` with a model, over HTTP, from a catalogue on disk."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.fakes.engine import Heard
from tests.fakes.kept import FARES, keep_talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.app.answering import ask_memory
from autointel.domain.run import Engine
from autointel.errors import ModelRefused
from autointel.memory.ask import NO_ANSWER, NOT_HELD, SIMULATED
from autointel.memory.findings import Answered
from autointel.settings import Settings
from autointel_bench.simulated import Character, Fault, FaultKind, Profile, SimulatedModel

QUESTION = "Do fares cover the cost?"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    keep_talk(tmp_path / "home")
    return tmp_path / "home"


def ask(server: SimulatedModel, home: Path, question: str = QUESTION, verify: str = "auto") -> Answered:
    model = {"base_url": server.base_url, "name": "simulated", "verify": verify}
    settings = Settings.model_validate({"home": home, "model": model})
    answered = ask_memory(settings, "default", question, 3, Heard(), engine=Engine.LLM)
    assert answered
    return answered


def noted(home: Path) -> list[tuple[str, bool]]:
    """The queries of which the catalogue holds times, and whether the cache answered them."""
    with closing(SqliteCatalogue(home / "catalogue.sqlite3")) as catalogue:
        return [(each.name, each.cached) for each in catalogue.measures.since(0.0) if each.kind == "query"]


def test_a_model_answers_from_passages_and_a_simulated_one_is_called_so(home: Path) -> None:
    with SimulatedModel(Profile()) as server:
        answered = ask(server, home)

    assert answered.held
    assert answered.answer
    assert "[1]" in answered.answer
    assert answered.remark == SIMULATED
    assert {citation.quote for citation in answered.citations} <= set(FARES)


def test_a_liars_passages_are_not_cited(home: Path) -> None:
    with SimulatedModel(Profile(character=Character.LIAR, lie_share=1.0)) as server:
        answered = ask(server, home)

    assert len(server.calls) == 2
    assert (answered.held, answered.remark, answered.answer) == (False, NOT_HELD, None)


def test_the_model_may_take_a_second_look_at_an_answer(home: Path) -> None:
    def disagrees(reply: str) -> str:
        return re.sub(r'("carried": ?)"carried"', r'\1"not"', reply)

    faults = (Fault(FaultKind.REWRITTEN, count=None, rewrite=disagrees),)
    with SimulatedModel(Profile(faults=faults)) as server:
        unlooked = ask(server, home, verify="code")
        looked = ask(server, home, verify="model")

    assert unlooked.answer
    assert looked.answer is None
    assert server.calls.by_role()["Verifier"] == 1


@pytest.mark.parametrize("verdict", ["carried", "partly", "not"])
def test_of_a_sentence_that_code_only_doubts_the_second_look_decides(home: Path, verdict: str) -> None:
    """Every sentence of the answer is given a word for a thing that no passage has: code alone removes them all."""

    def doubted(reply: str) -> str:
        said = re.sub(r'("text": ?"[^"]*?)\.?"', r'\1, a ferry."', reply)
        return re.sub(r'("carried": ?)"carried"', rf'\1"{verdict}"', said)

    faults = (Fault(FaultKind.REWRITTEN, count=None, rewrite=doubted),)
    with SimulatedModel(Profile(faults=faults)) as server:
        by_code = ask(server, home, verify="code")
        by_model = ask(server, home, verify="model")

    assert by_code.answer is None
    assert ("ferry" in (by_model.answer or "")) == (verdict == "carried")
    assert server.calls.by_role()["Verifier"] == 1


def test_an_answer_that_is_not_checked_has_the_likeliest_quotes(home: Path) -> None:
    with SimulatedModel(Profile(character=Character.SMALL)) as server:
        checked = ask(server, home, verify="code")
        unchecked = ask(server, home, verify="off")

    assert checked.answer is None
    assert unchecked.answer
    assert unchecked.found


def test_what_was_never_read_costs_no_call(home: Path) -> None:
    with SimulatedModel(Profile()) as server:
        answered = ask(server, home, "How do zeppelins cross the Atlantic?")

    assert len(server.calls) == 0
    assert not answered.held


def test_a_model_that_fails_leaves_the_passages_and_a_warning(home: Path) -> None:
    with SimulatedModel(Profile(faults=(Fault(FaultKind.REFUSAL, count=None),))) as server:
        answered = ask(server, home)

    assert answered.held
    assert answered.answer is None
    assert answered.remark == NO_ANSWER
    assert answered.found
    assert "refused to answer" in answered.warnings[0]


def test_a_key_that_is_refused_is_an_error(home: Path) -> None:
    with (
        SimulatedModel(Profile(faults=(Fault(FaultKind.REVOKED_KEY, count=None),))) as server,
        pytest.raises(ModelRefused),
    ):
        ask(server, home)


@pytest.mark.slow
def test_asking_a_model_from_the_shell_imports_neither_crewai_nor_langchain(home: Path) -> None:
    look = (
        "import sys\nfrom autointel.cli.app import carry_out_command\ncode = carry_out_command(sys.argv[1:])\n"
        "print(code, *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    with SimulatedModel(Profile()) as server:
        done = subprocess.run(  # noqa: S603  our own interpreter and our own words
            [sys.executable, "-c", look, "ask", QUESTION, "--json"],
            capture_output=True,
            text=True,
            check=True,
            env={"AUTOINTEL_HOME": str(home), "AUTOINTEL_MODEL__BASE_URL": server.base_url, "HOME": str(home)},
        )

    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0"
    assert json.loads(done.stdout)["answer"]
    assert not {"langchain_openai", "langchain_core", "openai", "crewai"} & set(modules)


def test_a_repeated_question_costs_no_call_until_something_is_written(home: Path) -> None:
    with SimulatedModel(Profile()) as server:
        first = ask(server, home)
        calls, searches = len(server.calls), noted(home)
        again = ask(server, home)
        between, searches_between = len(server.calls), noted(home)
        keep_talk(home, title="Another name")
        ask(server, home)

    assert again == first
    assert between == calls
    assert ("keyword", False) in searches
    assert ("ask", False) in searches
    assert searches_between == [*searches, ("ask", True)]
    assert len(server.calls) > calls
