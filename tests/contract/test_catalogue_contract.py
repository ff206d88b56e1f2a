"""What the catalogue promises to those who ask it from an event loop, many at once."""

from __future__ import annotations

import threading
from pathlib import Path

import anyio
import pytest
from tests.fakes.material import talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.errors import HomeUnusable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_it_is_asked_aside_and_never_on_the_loop_s_own_thread(tmp_path: Path) -> None:
    catalogue = SqliteCatalogue(tmp_path / "catalogue.sqlite3")

    assert await catalogue.in_thread(threading.get_ident) != threading.get_ident()
    catalogue.close()


async def test_twenty_may_search_while_another_stores(tmp_path: Path) -> None:
    catalogue = SqliteCatalogue(tmp_path / "catalogue.sqlite3")
    catalogue.passages.store(*talk(["Fares pay for the buses."], "first"))
    found: list[int] = []

    async def search() -> None:
        found.append(len(await catalogue.in_thread(catalogue.passages.keyword, "fares", 10, around=0.0)))

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(search)
            tasks.start_soon(catalogue.in_thread, catalogue.passages.store, *talk(["Fares again."], f"talk {number}"))

    assert len(found) == 20
    assert min(found) >= 1
    assert catalogue.passages.count() == 21
    catalogue.close()


async def test_its_errors_are_ours(tmp_path: Path) -> None:
    catalogue = SqliteCatalogue(tmp_path / "catalogue.sqlite3")
    catalogue.close()
    catalogue.close()

    with pytest.raises(HomeUnusable):
        await catalogue.in_thread(catalogue.passages.count)
