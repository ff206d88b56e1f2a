"""An offline run asks no server of the settings, unless it is on loopback or on a host that the settings allow."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes.engine import Heard
from tests.fakes.memory import BagOfWords

from autointel.adapters.home import Home
from autointel.app.stores import graph_of, memory_of
from autointel.errors import StoreUnavailable
from autointel.settings import load

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


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
