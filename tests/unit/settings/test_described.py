from __future__ import annotations

from autointel.settings.described import described, groups


def test_every_setting_explains_itself() -> None:
    assert [entry.key for entry in described().values() if not entry.meaning or not entry.takes] == []


def test_secrets_are_known_as_such() -> None:
    secrets = {key for key, entry in described().items() if entry.secret}

    assert secrets == {
        "model.api_key",
        "catalogue.url",
        "catalogue.password",
        "artifacts.access_key",
        "artifacts.secret_key",
        "qdrant.api_key",
        "neo4j.password",
        "evidence.tavily_api_key",
        "evidence.brave_api_key",
        "evidence.google_fact_check_api_key",
        "speech.api_key",
        "memory.embedder_api_key",
        "queue.broker_url",
        "queue.limits_url",
    }


def test_every_setting_has_its_variable() -> None:
    assert described()["home"].variable == "AUTOINTEL_HOME"
    assert described()["model.read_name"].variable == "AUTOINTEL_MODEL__READ_NAME"


def test_the_tables_are_known() -> None:
    names = {
        "model",
        "catalogue",
        "artifacts",
        "qdrant",
        "neo4j",
        "memory",
        "evidence",
        "fetch",
        "speech",
        "perf",
        "cache",
        "queue",
        "ask",
    }

    assert groups() == names
