from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.engine import Heard

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.app.model_settings import settings_to_resume, with_asked_model, with_model
from autointel.app.run import resume
from autointel.domain.run import Engine, Options, RunId
from autointel.errors import SourceUnreachable, UsageError
from autointel.settings import Settings

SERVER = "http://127.0.0.1:8081/v1"


def begun(folder: Path, source: str, **options: Any) -> Settings:
    """A home where a run was killed right after it began."""
    home = Home(folder)
    home.prepare()
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        catalogue.runs.begin(
            RunId(id="run-1", created_at=datetime(2026, 11, 20, tzinfo=UTC)),
            Options(source=source, **{"engine": Engine.LOCAL, **options}),
        )
    return Settings.model_validate({"home": folder})


def test_a_run_killed_before_its_input_was_saved_does_not_wait_for_new_input(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="before it had read its standard input") as raised:
        resume(begun(tmp_path, "-"), "run-1", Heard())

    assert raised.value.hint == "Run it again, with its input."


def test_what_a_killed_run_began_to_write_is_removed_when_it_is_resumed(tmp_path: Path) -> None:
    settings, folder = begun(tmp_path, str(tmp_path / "gone.vtt")), Home(tmp_path).run_folder("run-1")
    folder.mkdir()
    (folder / ".results.json.abcdefgh").write_text("half")

    with pytest.raises(SourceUnreachable):
        resume(settings, "run-1", Heard())

    assert [path.name for path in folder.iterdir()] == ["failure"]


def test_a_run_that_is_not_known_is_not_resumed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run run-2"):
        resume(begun(tmp_path, "talk.vtt"), "run-2", Heard())


def test_a_run_is_not_continued_at_another_server_unasked(tmp_path: Path) -> None:
    settings = begun(tmp_path, "talk.vtt", engine=Engine.LLM, model="m", model_server=SERVER)

    with pytest.raises(UsageError, match=rf"asked m at {SERVER}; the settings name https://api.openai.com/v1") as error:
        resume(settings, "run-1", Heard())

    assert "--yes" in error.value.hint


def test_a_run_keeps_its_model_where_the_server_is_the_same() -> None:
    settings = Settings.model_validate({"model": {"base_url": SERVER, "name": "another"}})
    options = Options(source="talk.vtt", engine=Engine.LLM, model="m", model_server=SERVER)

    assert settings_to_resume("run-1", options, settings, elsewhere=False).model.name == "m"
    assert settings_to_resume("run-1", Options(source="talk.vtt"), settings, elsewhere=False).model.name == "another"
    assert with_asked_model(Options(source="talk.vtt", engine=Engine.LLM), settings).model_server == SERVER


def asked(**more: Any) -> Options:
    return Options(source="talk.vtt", engine=Engine.LLM, **more)


def settled(**model: Any) -> Settings:
    return Settings.model_validate({"model": {"base_url": SERVER, "name": "large", "read_name": "small", **model}})


def test_a_run_keeps_the_smaller_model_that_it_read_with() -> None:
    first = with_asked_model(asked(), settled())

    later = settings_to_resume("run-1", first, settled(name="newer", read_name="tiny"), elsewhere=False)

    assert (first.model, first.read_model) == ("large", "small")
    assert (later.model.name, later.model.read_name) == ("large", "small")


def test_another_model_by_name_is_asked_for_everything() -> None:
    assert with_model(settled(), "other").model.read_name is None
    assert with_model(settled(), "large").model.read_name == "small"
    assert with_model(settled(), None).model.read_name == "small"


def test_a_model_named_now_replaces_the_runs_own_at_the_same_server() -> None:
    options = asked(model="m", model_server=SERVER)

    assert settings_to_resume("run-1", options, settled(), elsewhere=False, named="other").model.name == "other"
    with pytest.raises(UsageError, match="the settings name http://elsewhere"):
        settings_to_resume(
            "run-1", options, settled(base_url="http://elsewhere.example/v1"), elsewhere=False, named="other"
        )
    moved = settings_to_resume(
        "run-1", options, settled(base_url="http://elsewhere.example/v1"), elsewhere=True, named="other"
    )
    assert (moved.model.name, moved.model.base_url) == ("other", "http://elsewhere.example/v1")


def test_a_run_goes_to_a_file_freely_and_from_a_file_to_a_server_only_where_that_is_allowed(tmp_path: Path) -> None:
    file, here = str(tmp_path / "m.gguf"), settled()

    assert settings_to_resume(
        "run-1", asked(model="m", model_server=SERVER), here, elsewhere=False, named=file
    ).model.file == Path(file)
    assert settings_to_resume("run-1", asked(model=file), here, elsewhere=False).model.file == Path(file)
    with pytest.raises(UsageError, match=r"on this machine; large is at http://127.0.0.1:8081/v1"):
        settings_to_resume("run-1", asked(model=file), here, elsewhere=False, named="large")
    assert settings_to_resume("run-1", asked(model=file), here, elsewhere=True, named="large").model.file is None
