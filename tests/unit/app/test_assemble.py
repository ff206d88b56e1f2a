"""The composition root: what a run is put together from, and that mypy can see all of it."""

from __future__ import annotations

import ast
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from tests.fakes.engine import Heard
from tests.fakes.graph import FakeGraph
from tests.fakes.memory import FakeMemory

import autointel.app
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.app.assemble import Assembly, SourceFinder, assemble
from autointel.app.run_context import RunContext, Substitutes
from autointel.domain.run import Engine, Options, RunId, StepName
from autointel.pipeline.read import Read
from autointel.pipeline.stages import PIPELINE, STAGES
from autointel.pipeline.store import Remember
from autointel.settings import Settings

COMPOSITION_ROOT = ("run", "run_context", "assemble")


def assembled(folder: Path, options: Options, substitutes: Substitutes) -> Assembly:
    home = Home(folder)
    home.prepare()
    settings = Settings.model_validate({"home": folder, "model": {"base_url": "http://127.0.0.1:1", "name": "none"}})
    run = RunId(id="run", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    with closing(SqliteCatalogue(home.catalogue)) as catalogue, start_blocking_portal() as portal:
        place = RunContext(settings, options, run, home, catalogue, Heard(), portal, substitutes)
        assembly = assemble(place, SourceFinder(place, lambda _: b"", None))
        portal.call(assembly.closing.aclose)
    return assembly


@pytest.mark.parametrize("engine", Engine)
def test_every_stage_has_its_step_in_both_engines(tmp_path: Path, engine: Engine) -> None:
    assembly = assembled(tmp_path, Options(source="talk.vtt", engine=engine), Substitutes())

    assert [assembly.engine.step(stage).name for stage in PIPELINE] == [stage.name for stage in PIPELINE]
    assert (assembly.model is not None) is (engine is Engine.LLM)


@pytest.mark.parametrize("memory", [True, False])
def test_other_sources_stand_beside_a_statement_only_where_memory_is_wanted(tmp_path: Path, *, memory: bool) -> None:
    assembly = assembled(tmp_path, Options(source="talk.vtt", engine=Engine.LOCAL, memory=memory), Substitutes())

    read = assembly.engine.step(STAGES[StepName.READ])
    assert isinstance(read, Read)
    assert (read.related is not None) is memory


@pytest.mark.parametrize("engine", Engine)
def test_stores_can_be_substituted_in_both_engines(tmp_path: Path, engine: Engine) -> None:
    memory = FakeMemory()

    assembly = assembled(
        tmp_path, Options(source="talk.vtt", engine=engine), Substitutes(memory=memory, graph=FakeGraph())
    )

    remember = assembly.engine.step(STAGES[StepName.MEMORY])
    assert isinstance(remember, Remember)
    assert remember.memory is memory


@pytest.mark.parametrize("name", COMPOSITION_ROOT)
def test_the_composition_root_has_no_any_and_no_lambda(name: str) -> None:
    """A type that mypy cannot follow would hide a wrong part until a user meets it."""
    path = Path(autointel.app.__path__[0], f"{name}.py")
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))

    assert not [node.lineno for node in nodes if isinstance(node, ast.Lambda)]
    assert not [node.lineno for node in nodes if isinstance(node, ast.Name) and node.id == "Any"]
