from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from autointel.cli.request import choose
from autointel.domain.run import Engine
from autointel.errors import UsageError
from autointel.settings import Settings
from autointel.settings.fields import FetchSettings, ModelSettings

NOTHING = Settings()
KEY = Settings(model=ModelSettings(api_key=SecretStr("sk-1")))
LOCAL_SERVER = Settings(model=ModelSettings(name="llama3", base_url="http://127.0.0.1:11434/v1"))
HOUSE_SERVER = Settings(model=ModelSettings(base_url="http://models.house.example/v1"))


@pytest.mark.parametrize(
    ("settings", "wanted", "offline", "said"),
    [
        (NOTHING, "auto", False, "engine local: no model is configured"),
        (NOTHING, "local", False, "engine local: as requested; no model is used"),
        (KEY, "local", False, "engine local: as requested; no model is used"),
        (KEY, "auto", False, "engine llm: gpt-4.1-mini at api.openai.com"),
        (KEY, "auto", True, "engine local: offline, so no model is used"),
        (LOCAL_SERVER, "auto", False, "engine llm: llama3 at 127.0.0.1"),
        (LOCAL_SERVER, "auto", True, "engine local: offline, so no model is used"),
        (LOCAL_SERVER, "llm", True, "engine llm: llama3 at 127.0.0.1"),
        (NOTHING, "auto", True, "engine local: no model is configured"),
    ],
)
def test_the_first_line_names_engine_and_host(settings: Settings, wanted: str, offline: bool, said: str) -> None:  # noqa: FBT001
    choice = choose(settings, wanted, offline=offline)

    assert str(choice) == said
    assert choice.engine is Engine(said.split()[1].rstrip(":"))


def test_a_models_name_says_nothing_to_the_terminal() -> None:
    named = Settings(model=ModelSettings(name="m\x1b]0;title\x07\x9b2J", base_url="http://127.0.0.1:9/v1"))

    assert str(choose(named, "llm", offline=False)) == "engine llm: m at 127.0.0.1"


def test_an_engine_that_cannot_be_had_is_never_replaced_by_another() -> None:
    with pytest.raises(UsageError, match="needs a model") as caught:
        choose(NOTHING, "llm", offline=False)

    assert "OPENAI_API_KEY" in caught.value.hint


def test_offline_does_not_reach_a_model_elsewhere() -> None:
    with pytest.raises(UsageError, match=r"models\.house\.example was not asked, because this run is offline"):
        choose(HOUSE_SERVER, "llm", offline=True)


@pytest.mark.parametrize("host", ["models.house.example", "MODELS.house.example", "{address}"])
def test_offline_reaches_the_hosts_of_ones_own(host: str) -> None:
    fetch = FetchSettings(allow_hosts=(host.format(address=HOUSE_SERVER.model.base_url),))
    allowed = Settings(model=HOUSE_SERVER.model, fetch=fetch)

    assert choose(allowed, "llm", offline=True).engine is Engine.LLM


def test_the_name_of_loopback_is_loopback() -> None:
    named = Settings(model=ModelSettings(base_url="http://localhost:8000/v1"))

    assert choose(named, "llm", offline=True).engine is Engine.LLM


def test_a_model_file_that_cannot_be_served_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "page.gguf").write_bytes(b"<html>404</html>")
    settings = Settings(model=ModelSettings(file=tmp_path / "page.gguf"))

    for wanted in ("auto", "llm"):
        with pytest.raises(UsageError, match=r"page\.gguf is no model that llama\.cpp can serve"):
            choose(settings, wanted, offline=True)

    assert choose(settings, "local", offline=True).engine is Engine.LOCAL
