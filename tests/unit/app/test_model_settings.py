from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.engine import Heard

from autointel.app.model_settings import client_of, refuse_unpriced, settings_to_resume, with_asked_model, with_model
from autointel.app.run import execute
from autointel.domain.run import Engine, Options
from autointel.errors import UsageError
from autointel.model.limits import Price, Prices
from autointel.settings import Settings, load
from autointel.settings.fields import ModelSettings

PRICES = Prices(as_of=date(2026, 1, 1), models={"known": Price(input=1, output=4)})


def with_server(folder: Path, **model: Any) -> Settings:
    return Settings.model_validate({"home": folder / "home", "model": {"base_url": "http://localhost:9/v1", **model}})


def test_dollars_are_no_limit_where_the_price_is_unknown_and_nothing_is_begun(tmp_path: Path) -> None:
    options = Options(source="talk.vtt", engine=Engine.LLM, max_usd=1)

    with pytest.raises(UsageError, match="price of mine is unknown") as raised:
        execute(with_server(tmp_path, name="mine"), options, Heard())

    assert "--max-seconds" in raised.value.hint
    assert not (tmp_path / "home").exists()


def test_the_model_that_reads_needs_a_price_too(tmp_path: Path) -> None:
    refuse_unpriced(with_server(tmp_path, name="known"), PRICES)

    with pytest.raises(UsageError, match="price of small is unknown"):
        refuse_unpriced(with_server(tmp_path, name="known", read_name="small"), PRICES)


MODELS = pytest.mark.parametrize(
    ("named", "file", "name"),
    [
        (None, Path("/models/set.gguf"), "set"),
        ("/models/other.GGUF", Path("/models/other.GGUF"), "set"),
        ("llama3", None, "llama3"),
    ],
)


def test_a_run_by_a_model_file_keeps_the_file_when_it_is_resumed() -> None:
    settings = Settings(model=ModelSettings(file=Path("/models/set.gguf")))
    options = with_asked_model(Options(source="talk.vtt", engine=Engine.LLM), settings)

    resumed = settings_to_resume("r1", options, Settings(), elsewhere=False)

    assert resumed.model.file == Path("/models/set.gguf")


@MODELS
def test_a_run_may_name_another_model(named: str | None, file: Path | None, name: str) -> None:
    settings = Settings(model=ModelSettings(file=Path("/models/set.gguf"), name="set"))

    model = with_model(settings, named).model

    assert (model.file, model.name) == (file, name)


@pytest.mark.anyio
@pytest.mark.parametrize(("offline", "shared"), [(False, True), (True, False)])
async def test_offline_the_limits_that_workers_share_elsewhere_are_not_asked(*, offline: bool, shared: bool) -> None:
    settings = load(
        {
            "model.base_url": "http://127.0.0.1:9/v1",
            "queue.limits_url": "redis://store.invalid",
            "fetch.offline": offline,
        }
    ).settings
    client = client_of(settings)

    shares = client._places is not None
    await client.aclose()
    assert shares is shared
