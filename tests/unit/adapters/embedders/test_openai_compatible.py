from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import numpy as np
import pytest
from tests.fakes.engine import Heard
from tests.fakes.kept import keep_talk
from tests.fakes.site import Answer, Page, Site, drip

from autointel.adapters.embedders import OpenAICompatibleEmbedder
from autointel.adapters.home import Home
from autointel.app.lookup import search_memory
from autointel.app.maintenance import reindex
from autointel.app.stores import embedder_of, memory_of
from autointel.domain.value import content_id
from autointel.errors import HomeUnusable, ModelUnavailable, StoreUnavailable
from autointel.ports import Remembered
from autointel.settings import Settings
from autointel_bench.simulated import SimulatedModel


@pytest.fixture
def server() -> Iterator[SimulatedModel]:
    with SimulatedModel() as server:
        yield server


@pytest.fixture
def nobody() -> str:
    with SimulatedModel() as server:
        return server.base_url


def settings_of(home: Path, url: str) -> Settings:
    return Settings.model_validate({"home": home, "memory": {"embedder": "openai", "embedder_url": url}})


def test_rows_are_unit_vectors_in_the_order_of_the_texts(server: SimulatedModel) -> None:
    embedder = OpenAICompatibleEmbedder(server.base_url, "small")
    texts = [f"text number {number}" for number in range(130)]

    rows = embedder.embed([*texts, "  "])

    assert rows.shape == (131, embedder.dimension)
    assert np.allclose(np.linalg.norm(rows[:130], axis=1), 1)
    assert not rows[130].any()
    assert np.allclose(rows[7], embedder.embed([texts[7]])[0])
    assert embedder.fingerprint == "openai-compatible/small"


def test_a_server_that_is_not_there_is_named(nobody: str) -> None:
    with pytest.raises(ModelUnavailable, match="did not answer"):
        OpenAICompatibleEmbedder(nobody, "small").embed(["a"])


def test_no_message_shows_what_stands_before_the_host() -> None:
    address = "http://ada:hunter2@127.0.0.1:9/v1?key=no-token"
    with pytest.raises(ModelUnavailable) as refused:
        OpenAICompatibleEmbedder(address, "small").embed(["a"])
    with pytest.raises(ModelUnavailable) as offline:
        OpenAICompatibleEmbedder(address, "small", may_ask=False).embed(["a"])

    for error in (refused.value, offline.value):
        assert "127.0.0.1:9" in error.message
        assert "hunter2" not in error.message
        assert "no-token" not in error.message


def test_offline_nothing_is_sent(server: SimulatedModel) -> None:
    with pytest.raises(ModelUnavailable, match="offline"):
        OpenAICompatibleEmbedder(server.base_url, "small", may_ask=False).embed(["a"])

    assert len(server.calls) == 0


def test_a_change_of_embedder_is_refused_until_a_reindex_has_embedded_everything(
    server: SimulatedModel, tmp_path: Path
) -> None:
    keep_talk(tmp_path / "home")
    before = reindex(Settings(home=tmp_path / "home"), "default", Heard())
    changed = settings_of(tmp_path / "home", server.base_url)

    async def counted() -> int:
        memory = memory_of(changed, Home(changed.home), "default", embedder_of(changed), Heard())
        try:
            return await memory.count()
        finally:
            await memory.close()

    with pytest.raises(HomeUnusable, match="another embedder"):
        anyio.run(counted)
    after = reindex(changed, "default", Heard())

    assert (after.records, after.made) == (before.records, before.records)
    assert after.dropped == (before.collection,)
    assert anyio.run(counted) == before.records


def test_a_memory_whose_embedder_is_down_is_a_store_that_is_down(nobody: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, nobody)
    record = Remembered(record_id=content_id("a"), kind="claim", source_id="s", passage_id="p", text="a")

    async def remember() -> None:
        memory = memory_of(settings, Home(settings.home), "default", embedder_of(settings), Heard())
        try:
            await memory.remember([record])
        finally:
            await memory.close()

    Home(settings.home).prepare()
    with pytest.raises(StoreUnavailable, match="embedding server"):
        anyio.run(remember)


def test_a_search_goes_on_without_vectors(nobody: str, tmp_path: Path) -> None:
    keep_talk(tmp_path / "home")

    found = search_memory(settings_of(tmp_path / "home", nobody), "default", "fares", 5, Heard())

    assert found is not None
    assert found.found


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (drip, "without an end"),
        (Page(b'{"data": [{"index": 0, "embedding": [1' + b"0" * 400 + b"]}]}"), "no embeddings"),
        (Page(b'{"data": [{"index": 0, "embedding": "123"}]}'), "0 embeddings for 1 text"),
    ],
    ids=["no end", "a number beyond all", "a text"],
)
def test_an_answer_that_is_none_is_said_to_be_none(answer: Answer, said: str) -> None:
    with Site({"/v1/embeddings": answer}) as site, pytest.raises(ModelUnavailable, match=said):
        OpenAICompatibleEmbedder(site.url("/v1"), "small", timeout=1).embed(["a"])
