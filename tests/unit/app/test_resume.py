from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.engine import Heard

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.app.run import resume
from autointel.domain.run import Engine, Options, RunId
from autointel.errors import SourceUnreachable, UsageError
from autointel.settings import Settings


def begun(folder: Path, source: str) -> Settings:
    """A home where a run was killed right after it began."""
    home = Home(folder)
    home.prepare()
    with closing(Catalogue(home.catalogue)) as catalogue:
        catalogue.runs.begin(
            RunId(id="run-1", created_at=datetime(2026, 11, 20, tzinfo=UTC)),
            Options(source=source, engine=Engine.LOCAL),
        )
    return Settings.model_validate({"home": folder})


def test_a_run_killed_before_its_input_was_saved_does_not_wait_for_new_input(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="before it had read its standard input") as raised:
        resume(begun(tmp_path, "-"), "run-1", Heard())

    assert raised.value.hint == "Run it again, with its input."


def test_a_run_that_is_not_known_is_not_resumed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run run-2"):
        resume(begun(tmp_path, "talk.vtt"), "run-2", Heard())
