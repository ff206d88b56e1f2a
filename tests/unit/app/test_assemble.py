from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from tests.fakes.engine import Heard

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.app.assemble import assemble
from autointel.app.run_context import RunContext
from autointel.domain.run import Engine, Options
from autointel.pipeline.read import nothing_beside
from autointel.settings import Settings


@pytest.mark.parametrize("memory", [True, False])
def test_other_sources_stand_beside_a_statement_only_where_memory_is_wanted(tmp_path: Path, *, memory: bool) -> None:
    home = Home(tmp_path)
    home.prepare()
    with closing(Catalogue(home.catalogue)) as catalogue, start_blocking_portal() as portal:
        place = RunContext(Settings(home=tmp_path), home, catalogue, "run", Heard(), portal)
        options = Options(source="talk.vtt", engine=Engine.LOCAL, memory=memory)

        assembly = assemble(place, options, lambda _: b"", None)

        portal.call(assembly.closing.aclose)
    assert (assembly.parts.beside is not nothing_beside) is memory
