from __future__ import annotations

from pathlib import Path

import pytest

from autointel.cli.config import setting_lines as lines
from autointel.cli.config import show_settings
from autointel.settings import load
from autointel.settings.described import described
from autointel.settings.loading import trust_record
from autointel.settings.trust import trust


def shown() -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in lines(load())}


def test_every_setting_is_shown() -> None:
    assert list(shown()) == list(described())


def test_each_value_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://models.example/v1")
    monkeypatch.setenv("ENABLE_PARALLEL_ANALYSIS", "1")
    project = Path.cwd() / "autointel.toml"
    project.write_text('fetch.allow_hosts = ["a.example", "b.example"]\n')
    trust(Path.cwd(), trust_record())

    table = shown()

    assert table["model.base_url"] == ["http://models.example/v1", "OPENAI_BASE_URL"]
    assert table["enable_parallel_analysis"] == ["true", "ENABLE_PARALLEL_ANALYSIS"]
    assert table["fetch.allow_hosts"] == ["a.example,b.example", str(project)]
    assert table["memory.batch_size"] == ["50", "default"]
    assert table["qdrant.url"] == ["unset", "default"]


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("AUTOINTEL_QDRANT__URL", "http://me:s3cr3t-password@vectors.example:6333")

    assert show_settings() == 0

    out = capsys.readouterr().out
    assert "sk-very-secret" not in out
    assert "s3cr3t-password" not in out
    assert "model.api_key" in out
    assert "********" in out


def test_a_value_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_MODEL__NAME", "\x1b[2Jname")

    assert shown()["model.name"][0] == "name"
