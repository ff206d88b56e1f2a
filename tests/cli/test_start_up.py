"""What a command imports is a promise about how fast it answers: looked at in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.fakes.kept import keep_talk

_LOOK = """
import sys
from autointel.cli.app import carry_out_command
code = carry_out_command(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def imported_by(*arguments: str) -> set[str]:
    done = subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", _LOOK, *arguments], capture_output=True, text=True, check=True
    )
    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0"
    return set(modules)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["doctor", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    modules = imported_by(*arguments)

    heavy = {"crewai", "langchain_core", "pydantic_settings", "rich", "httpx", "numpy", "anyio"}
    assert modules & heavy == set()


@pytest.mark.parametrize("arguments", [["doctor"], ["config", "show"], ["sources"], ["runs"]])
def test_what_only_looks_does_not_import_the_crew(arguments: list[str]) -> None:
    modules = imported_by(*arguments)

    assert modules & {"crewai", "langchain_core", "langchain_openai", "qdrant_client", "neo4j"} == set()


def test_the_module_that_runs_a_pipeline_loads_no_crew_before_one_has_work() -> None:
    modules = "autointel.app.run, autointel.pipeline.brief, autointel.pipeline.fact_check"
    look = f"import sys, {modules}; sys.exit('crewai' in sys.modules)"

    subprocess.run([sys.executable, "-c", look], check=True)  # noqa: S603  our own interpreter and our own words


def test_a_repeated_question_loads_neither_the_search_nor_its_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    keep_talk(tmp_path / "home")
    question = ("ask", "do fares cover the cost?", "--engine", "local")
    assert "numpy" in imported_by(*question)

    assert imported_by(*question) & {"numpy", "wordllama", "requests", "syntok", "httpx", "crewai"} == set()
