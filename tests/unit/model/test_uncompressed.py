"""No client of a server that the settings name inflates a reply, which would be gigabytes before it is counted."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import anyio
import pytest
from pydantic import SecretStr
from tests.fakes.client import asking
from tests.fakes.memory import BagOfWords
from tests.fakes.site import Page, Site
from tests.unit.adapters.speech.recording import record

from autointel.adapters.embedders import OpenAICompatibleEmbedder
from autointel.adapters.speech.openai_compatible import OpenAICompatibleSpeech
from autointel.adapters.vectors.qdrant_server import QdrantServerMemory
from autointel.app.reachability import vector_server
from autointel.errors import ModelUnavailable, StoreUnavailable
from autointel.model.endpoint import Endpoint
from autointel.model.server_facts import ServerFacts, learn

REPLY: Final = {
    "choices": [{"message": {"content": '{"points": [{"text": "Fares rose."}]}'}, "finish_reason": "stop"}],
    "data": [{"index": 0, "id": "small", "embedding": [1.0, 2.0]}],
    "text": "Fares rose.",
    "result": {"collections": [], "count": 1, "exists": True},
    "status": "ok",
    "time": 0,
}
"""An answer that each of the clients takes, where it is not compressed."""


class Anywhere(Site):
    """The same answer at every address."""

    def answer_to(self, path: str) -> Any:
        del path
        return self.pages[""]


def compressed() -> Page:
    return Page(gzip.compress(json.dumps(REPLY).encode()), "application/json", headers={"Content-Encoding": "gzip"})


def by_the_embedder(url: str, _: Path) -> None:
    with pytest.raises(ModelUnavailable, match="gave no answer that is read here"):
        OpenAICompatibleEmbedder(url, "small").embed(["fares"])


def by_the_recogniser(url: str, folder: Path) -> None:
    recogniser = OpenAICompatibleSpeech(url, "sk-secret", wait=0.0)
    with pytest.raises(ModelUnavailable):
        anyio.run(recogniser.recognise, record(folder, seconds=1), None)


def by_the_store(url: str, _: Path) -> None:
    with pytest.raises(StoreUnavailable, match="not Qdrant's"):
        anyio.run(QdrantServerMemory(url, "default", BagOfWords()).count)


def by_the_model(url: str, _: Path) -> None:
    async def ask() -> None:
        async with asking(base_url=url) as it:
            with pytest.raises(ModelUnavailable):
                await it.ask()

    anyio.run(ask)


def by_what_looks_at_the_model(url: str, _: Path) -> None:
    endpoint = Endpoint(name="small", base_url=url, api_key=SecretStr("none"))
    assert anyio.run(learn, endpoint, "small") == ServerFacts()


def by_doctor(url: str, _: Path) -> None:
    assert vector_server(url, None).verdict == "no Qdrant"


@pytest.mark.parametrize(
    "refused",
    [by_the_embedder, by_the_recogniser, by_the_store, by_the_model, by_what_looks_at_the_model, by_doctor],
)
def test_a_compressed_reply_is_neither_asked_for_nor_inflated(
    refused: Callable[[str, Path], None], tmp_path: Path
) -> None:
    with Anywhere({"": compressed()}) as site:
        refused(site.url(""), tmp_path)

        assert site.requests
        assert {asked.headers["accept-encoding"] for asked in site.requests} == {"identity"}
