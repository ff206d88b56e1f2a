"""An offline run asks no server of the settings, unless it is on loopback or on a host that the settings allow."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.fakes.engine import Heard
from tests.fakes.memory import BagOfWords

from autointel.adapters.home import Home
from autointel.app.doctor import diagnose
from autointel.app.job_queue import broker_of
from autointel.app.stores import (
    artifacts_elsewhere,
    artifacts_of,
    catalogue_elsewhere,
    catalogue_of,
    embedder_of,
    graph_of,
    memory_of,
)
from autointel.errors import ModelUnavailable, StoreUnavailable, UsageError
from autointel.settings import load

KEYS: Final = {"artifacts.access_key": "id", "artifacts.secret_key": "key"}

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that is held, and at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize(("offline", "asked"), [(True, "bolt+s"), (False, "neo4j+s")])
async def test_offline_a_graph_server_names_no_others(
    *, offline: bool, asked: str, nobody: int, tmp_path: Path
) -> None:
    """A driver that is told neo4j:// goes, with the password, wherever the server sends it."""
    settings = load({"neo4j.uri": f"neo4j+s://127.0.0.1:{nobody}"}).settings
    graph = graph_of(settings, Home(tmp_path), "default", Heard(), offline=offline)

    with pytest.raises(StoreUnavailable, match=re.escape(f"{asked}://127.0.0.1:{nobody} cannot be reached")):
        await graph.count()
    await graph.close()


@pytest.mark.parametrize("allowed", [False, True])
async def test_a_server_elsewhere_is_asked_offline_only_where_it_is_allowed(*, allowed: bool, tmp_path: Path) -> None:
    host = "store.invalid"  # a name that no resolver knows
    settings = load(
        {
            "qdrant.url": f"http://{host}:6333",
            "neo4j.uri": f"bolt://{host}:7687",
            "fetch.allow_hosts": (host,) if allowed else (),
        }
    ).settings
    home, listener = Home(tmp_path), Heard()
    memory = memory_of(settings, home, "default", BagOfWords(), listener, offline=True)
    graph = graph_of(settings, home, "default", listener, offline=True)

    for asking in (memory.count(), graph.count()):
        with pytest.raises(StoreUnavailable) as raised:
            await asking
        assert ("was not asked, because this run is offline" in raised.value.message) is not allowed
    await memory.close()
    await graph.close()


@pytest.mark.parametrize("allowed", [False, True])
def test_an_embeddings_server_elsewhere_is_asked_offline_only_where_it_is_allowed(*, allowed: bool) -> None:
    host = "store.invalid"
    where = {"memory.embedder": "openai", "memory.embedder_url": f"http://{host}/v1"}
    settings = load({**where, "fetch.allow_hosts": (host,) if allowed else ()}).settings

    with pytest.raises(ModelUnavailable) as raised:
        embedder_of(settings, offline=True).embed(["a"])

    assert ("offline" in raised.value.message) is not allowed


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"fetch.offline": True}, True),
        ({"fetch.offline": True, "fetch.allow_hosts": ("store.invalid",)}, False),
        ({}, False),
    ],
)
def test_a_catalogue_or_a_broker_elsewhere_ends_an_offline_command_before_it_is_asked(
    options: dict[str, Any], *, refused: bool, tmp_path: Path
) -> None:
    urls = {"catalogue.url": "postgresql://ada@store.invalid/talks", "queue.broker_url": "amqp://store.invalid"}
    settings = load({"home": tmp_path, **urls, **options}).settings

    assert catalogue_elsewhere(settings) == ("store.invalid" if refused else None)
    for ask in (lambda: catalogue_of(settings), lambda: broker_of(settings)) if refused else ():
        with pytest.raises(UsageError, match=r"at store\.invalid was not asked, because this run is offline"):
            ask()


@pytest.mark.parametrize("url", ["https://store.invalid/talks", "s3://talks"])
def test_a_bucket_elsewhere_ends_an_offline_command_before_it_is_asked(url: str, tmp_path: Path) -> None:
    host = "store.invalid" if url.startswith("https") else "s3.us-east-1.amazonaws.com"
    options: dict[str, Any] = {"home": tmp_path, "artifacts.url": url, **KEYS}
    settings = load({**options, "fetch.offline": True}).settings

    assert artifacts_elsewhere(settings) == host
    with pytest.raises(UsageError, match=f"The artifacts' bucket at {host} was not asked, because this run is offline"):
        catalogue_of(settings)
    assert {check.part: (check.detail, check.verdict) for check in diagnose(settings)}["artifacts"] == (
        host,
        "not asked",
    )
    assert artifacts_elsewhere(load({**options, "fetch.offline": True, "fetch.allow_hosts": (host,)}).settings) is None
    assert artifacts_elsewhere(load(options).settings) is None


def test_a_bucket_on_this_machine_is_asked_offline() -> None:
    settings = load({"artifacts.url": "http://127.0.0.1:8333/talks", **KEYS, "fetch.offline": True}).settings

    assert artifacts_elsewhere(settings) is None
    assert artifacts_of(settings) is not None


def test_a_bucket_whose_key_is_missing_is_not_asked_with_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of somebody")
    settings = load({"artifacts.url": "s3://talks", "artifacts.access_key": "id"}).settings

    with pytest.raises(UsageError, match="its key is missing") as raised:
        artifacts_of(settings)
    assert "AUTOINTEL_ARTIFACTS__SECRET_KEY" in raised.value.hint


def test_a_bucket_without_the_extra_is_refused_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "autointel.adapters.catalogue.objects", raising=False)
    settings = load({"home": tmp_path, "artifacts.url": "s3://talks", **KEYS}).settings

    with pytest.raises(UsageError, match="obstore is not installed") as raised:
        catalogue_of(settings)
    assert "s3" in raised.value.hint


def test_doctor_says_that_a_bucket_does_not_answer(tmp_path: Path) -> None:
    settings = load({"home": tmp_path, "artifacts.url": "http://127.0.0.1:1/talks", **KEYS}).settings

    (check,) = [check for check in diagnose(settings) if check.part == "artifacts"]

    assert not check.ok
    assert "127.0.0.1:1/talks does not answer" in check.verdict


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3://UPPER",
        "ftp://host/talks",
        "https://host",
        "https://host/",
        "https://a:b@host/talks",
        "s3://talks?x",
    ],
)
def test_an_address_that_names_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        load({"artifacts.url": url})


def test_a_catalogue_on_this_machine_is_asked_offline() -> None:
    for host in ("localhost", "127.0.0.1", "[::1]", ""):
        settings = load({"catalogue.url": f"postgresql://ada@{host}/talks", "fetch.offline": True}).settings

        assert catalogue_elsewhere(settings) is None


def test_an_address_whose_port_is_no_number_is_not_asked_offline() -> None:
    settings = load({"queue.broker_url": "amqp://127.0.0.1:port", "fetch.offline": True}).settings

    with pytest.raises(UsageError, match="was not asked, because this run is offline"):
        broker_of(settings)


def test_doctor_asks_no_server_elsewhere_offline(tmp_path: Path) -> None:
    settings = load(
        {
            "home": tmp_path,
            "fetch.offline": True,
            "catalogue.url": "postgresql://ada@store.invalid/talks",
            "queue.broker_url": "amqp://store.invalid",
            "queue.limits_url": "redis://store.invalid",
            "model.base_url": "http://store.invalid/v1",
            "model.name": "m",
            "qdrant.url": "http://store.invalid",
            "neo4j.uri": "bolt://store.invalid",
        }
    ).settings

    verdicts = {check.part: (check.detail.removeprefix("m at "), check.verdict) for check in diagnose(settings)}

    parts = ("engine", "catalogue", "queue", "limits", "memory", "graph")
    assert {part: verdicts[part] for part in parts} == dict.fromkeys(parts, ("store.invalid", "not asked"))
