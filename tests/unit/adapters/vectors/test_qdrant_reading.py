from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.fakes.memory import BagOfWords, FakeMemory
from typing_extensions import override

from autointel.adapters.vectors.qdrant import QdrantMemory
from autointel.adapters.vectors.qdrant_reading import QdrantReading
from autointel.domain.value import content_id
from autointel.errors import HomeUnusable, ModelUnavailable
from autointel.ports import Remembered

pytestmark = pytest.mark.anyio
WORDS = "fares buses council trees road gap million table ridership year".split()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def record(number: int) -> Remembered:
    return Remembered(
        record_id=content_id("record", str(number)),
        kind="claim" if number % 3 == 0 else "passage",
        source_id=f"talk-{number % 4}",
        passage_id=f"p{number}",
        text=" ".join(WORDS[(number * step) % len(WORDS)] for step in range(1, 2 + number % 5)),
    )


def client(home: Path, embedder: BagOfWords | None = None) -> QdrantMemory:
    return QdrantMemory(home / "memory", "default", embedder or BagOfWords(), locks=home / "locks", patience=0.2)


def reading(
    home: Path, memory: FakeMemory | QdrantMemory | None = None, embedder: BagOfWords | None = None
) -> QdrantReading:
    return QdrantReading(memory or FakeMemory(), home / "memory", "default", embedder or BagOfWords())


def stored(home: Path) -> Path:
    return next((home / "memory").rglob("storage.sqlite"))


async def fill(home: Path, count: int = 40) -> QdrantMemory:
    memory = client(home)
    await memory.remember([record(number) for number in range(count)])
    return memory


@pytest.mark.parametrize(("kind", "not_source"), [("passage", None), ("claim", None), ("passage", "talk-1")])
async def test_it_finds_what_the_client_finds(kind: str, not_source: str | None, tmp_path: Path) -> None:
    memory = await fill(tmp_path)
    by_client = await memory.nearest("fares for the council", 15, kind=kind, not_source=not_source)

    read = await reading(tmp_path).nearest("fares for the council", 15, kind=kind, not_source=not_source)

    # Scores of equals differ in their last bits, and so then does their order.
    assert [score for _, score in read] == pytest.approx([score for _, score in by_client], abs=1e-5)
    clear = {found.record_id for found, score in by_client if score > by_client[-1][1] + 1e-5}
    assert clear <= {found.record_id for found, _ in read}
    assert all(found.text == "" and found.kind == kind for found, _ in read)
    await memory.close()


async def test_what_is_written_afterwards_is_found_by_the_next_search(tmp_path: Path) -> None:
    memory = await fill(tmp_path, 4)
    looking = reading(tmp_path)
    before = await looking.nearest("ridership", 100)
    await memory.remember([record(number) for number in range(4, 40)])

    after = await looking.nearest("ridership", 100)

    assert (len(before), len(after)) == (2, 26)
    await memory.close()
    assert len(await looking.nearest("ridership", 100)) == 26


async def test_a_search_does_not_wait_for_the_process_that_holds_the_store(tmp_path: Path) -> None:
    memory = await fill(tmp_path)
    holding, done = anyio.Event(), anyio.Event()

    async def hold() -> None:
        await memory._embedded._lock.acquire()
        holding.set()
        await done.wait()
        memory._embedded._lock.release()

    await memory.close()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hold)
        await holding.wait()
        found = await reading(tmp_path).nearest("fares", 3)
        done.set()

    assert len(found) == 3


async def test_a_question_without_a_known_word_is_near_to_nothing(tmp_path: Path) -> None:
    await (await fill(tmp_path)).close()

    assert await reading(tmp_path).nearest("", 5) == []
    assert await reading(tmp_path).nearest("fares", 0) == []


async def test_where_nothing_was_remembered_nothing_is_made(tmp_path: Path) -> None:
    fallback = FakeMemory()

    assert await reading(tmp_path, fallback).nearest("fares", 5) == []
    (tmp_path / "memory").mkdir()
    assert await reading(tmp_path, fallback).nearest("fares", 5) == []

    assert fallback.calls == []
    assert list((tmp_path / "memory").iterdir()) == []


async def test_a_memory_by_another_embedder_is_refused_as_the_client_refuses_it(tmp_path: Path) -> None:
    await (await fill(tmp_path)).close()
    other = BagOfWords(version="2")

    with pytest.raises(HomeUnusable, match="another embedder"):
        await reading(tmp_path, client(tmp_path, other), other).nearest("fares", 3)


class Harm:
    """Unpickled, it would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return _touch, (str(self._path),)


def _touch(path: str) -> None:
    Path(path).touch()


def _spoil_row(file: Path, value: bytes) -> None:
    with sqlite3.connect(file) as storage:
        storage.execute("UPDATE points SET point = ? WHERE rowid = 1", (value,))
    storage.close()


def _overwrite(file: Path) -> None:
    file.write_bytes(b"nothing of the kind" * 100)


def _spoil_meta(file: Path, text: str) -> None:
    (file.parents[2] / "meta.json").write_text(text)


SPOILING: dict[str, Callable[[Path], None]] = {
    "a pickle that asks for more": lambda file: _spoil_row(file, pickle.dumps(Harm(file.parent / "harm"))),
    "a pickle of something else": lambda file: _spoil_row(file, pickle.dumps(["no", "point"])),
    "half a pickle": lambda file: _spoil_row(file, b"\x80\x04\x95"),
    "an empty row": lambda file: _spoil_row(file, b""),
    "no database": _overwrite,
    "the file gone": lambda file: file.unlink(),
    "no meta": lambda file: _spoil_meta(file, ""),
    "another meta": lambda file: _spoil_meta(file, '{"collections": {}}'),
}


@pytest.mark.parametrize("spoil", SPOILING.values(), ids=SPOILING.keys())
async def test_a_file_that_does_not_read_is_left_to_the_client_and_runs_nothing(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    await (await fill(tmp_path)).close()
    file = stored(tmp_path)
    spoil(file)
    fallback = FakeMemory()

    await reading(tmp_path, fallback).nearest("fares", 3)

    assert fallback.calls == ["nearest"]
    assert not (file.parent / "harm").exists()


async def test_a_collection_that_says_it_is_another_embedder_s_is_left_to_the_client(tmp_path: Path) -> None:
    await (await fill(tmp_path)).close()
    meta = next((tmp_path / "memory").rglob("meta.json"))
    meta.write_text(meta.read_text().replace(BagOfWords().fingerprint, BagOfWords(version="2").fingerprint))
    fallback = FakeMemory()

    await reading(tmp_path, fallback).nearest("fares", 3)

    assert fallback.calls == ["nearest"]


async def test_vectors_of_another_length_are_left_to_the_client(tmp_path: Path) -> None:
    await (await fill(tmp_path)).close()
    file = stored(tmp_path)
    narrow = BagOfWords(dimension=8)
    folder = QdrantReading(FakeMemory(), tmp_path / "memory", "default", narrow).collection
    shutil.copytree(file.parents[2], tmp_path / "memory" / folder)
    (tmp_path / "memory" / folder / "collection" / file.parent.name).rename(
        tmp_path / "memory" / folder / "collection" / folder
    )
    meta = {"collections": {folder: {"metadata": {"embedder": narrow.fingerprint}}}}
    (tmp_path / "memory" / folder / "meta.json").write_text(json.dumps(meta))
    fallback = FakeMemory(narrow)

    await reading(tmp_path, fallback, narrow).nearest("fares", 3)

    assert fallback.calls == ["nearest"]


async def test_all_else_is_the_client_s(tmp_path: Path) -> None:
    fallback = FakeMemory()
    looking = reading(tmp_path, fallback)

    await looking.remember([record(1)])
    assert await looking.missing([record(1).record_id, "other"]) == {"other"}
    assert await looking.count() == 1
    await looking.close()

    assert fallback.calls == ["remember", "missing", "count", "close"]
    assert looking.collection.startswith("default-")


class Lame(BagOfWords):
    """A remote embedder that is down."""

    @override
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise ModelUnavailable("The embedder does not answer.")


async def test_an_embedder_that_is_down_is_told_as_it_is(tmp_path: Path) -> None:
    await (await fill(tmp_path)).close()

    with pytest.raises(ModelUnavailable, match="does not answer"):
        await reading(tmp_path, embedder=Lame()).nearest("fares", 3)


@pytest.mark.slow
async def test_reading_does_not_import_the_client(tmp_path: Path) -> None:
    await (await fill(tmp_path)).close()
    look = """
import sys
import anyio
from pathlib import Path
from tests.fakes.memory import BagOfWords, FakeMemory
from autointel.adapters.vectors.qdrant_reading import QdrantReading
looking = QdrantReading(FakeMemory(), Path(sys.argv[1]), "default", BagOfWords())
found = anyio.run(looking.nearest, "fares", 3)
print(len(found), "qdrant_client" in sys.modules)
"""
    root = str(Path(__file__).parents[4])

    done = await anyio.run_process(
        [sys.executable, "-c", look, str(tmp_path / "memory")], cwd=root, stderr=subprocess.PIPE
    )

    assert done.stdout.split() == [b"3", b"False"]
