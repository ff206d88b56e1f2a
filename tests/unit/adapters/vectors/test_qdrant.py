from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from tests.fakes.memory import BagOfWords

from autointel.adapters.vectors.qdrant import QdrantMemory
from autointel.adapters.vectors.records import collection_name, siblings
from autointel.domain.value import content_id
from autointel.errors import HomeUnusable, UsageError
from autointel.ports import Remembered

pytestmark = pytest.mark.anyio
OTHER = BagOfWords(version="2")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def opened(
    home: Path, *, embedder: BagOfWords | None = None, rebuild: bool = False, name: str = "default"
) -> QdrantMemory:
    return QdrantMemory(
        home / "memory", name, embedder or BagOfWords(), locks=home / "locks", patience=0.2, rebuild=rebuild
    )


def records(count: int, source: str = "talk") -> list[Remembered]:
    return [
        Remembered(
            record_id=content_id(source, str(number)),
            kind="passage",
            source_id=source,
            passage_id="p",
            text=f"sentence number {number}",
        )
        for number in range(count)
    ]


async def fill(memory: QdrantMemory, count: int = 3) -> list[str]:
    await memory.remember(records(count))
    await memory.close()
    return [record.record_id for record in records(count)]


async def test_a_memory_by_another_embedder_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    await fill(opened(tmp_path))
    other = opened(tmp_path, embedder=OTHER)

    for asking in (other.count(), other.nearest("sentence", 1), other.missing(["x"]), other.remember(records(1))):
        with pytest.raises(HomeUnusable, match="another embedder") as raised:
            await asking
        assert "autointel reindex" in raised.value.hint
    assert await opened(tmp_path).count() == 3


async def test_reindexing_makes_a_new_memory_beside_the_old_and_then_drops_that(tmp_path: Path) -> None:
    await fill(opened(tmp_path))
    rebuilt = opened(tmp_path, embedder=OTHER, rebuild=True)
    await rebuilt.remember(records(2))

    assert await rebuilt.drop_others() == [collection_name("default", BagOfWords().fingerprint)]

    assert [path.name for path in (tmp_path / "memory").iterdir()] == [rebuilt.collection]
    await rebuilt.close()
    assert await opened(tmp_path, embedder=OTHER).count() == 2


async def test_other_namespaces_are_no_other_embedders(tmp_path: Path) -> None:
    await fill(opened(tmp_path, name="work"))
    await fill(opened(tmp_path, name="work-2026", embedder=OTHER))

    assert await opened(tmp_path, name="work").count() == 3
    assert await opened(tmp_path, name="private").count() == 0
    assert siblings("work", "work-00000000", ["work-00000000", "work-1111aaaa", "work-x-1111aaaa", "work"]) == [
        "work-1111aaaa"
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"metadata": {"embedder": "something/else"}}, "made by the embedder something/else"),
        ({"vectors": {"size": 3, "distance": "Cosine"}}, "vectors of 3 numbers, and the embedder makes 64"),
    ],
)
async def test_a_collection_that_does_not_fit_its_name_is_refused(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    memory = opened(tmp_path)
    await memory.count()
    await memory.close()
    marker = tmp_path / "memory" / memory.collection / "meta.json"
    meta = json.loads(marker.read_text())
    meta["collections"][memory.collection] |= change
    marker.write_text(json.dumps(meta))

    with pytest.raises(HomeUnusable, match=sentence) as raised:
        await memory.count()

    assert "autointel reindex" in raised.value.hint
    rebuilt = opened(tmp_path, rebuild=True)
    assert len(await fill(rebuilt)) == await opened(tmp_path).count()


async def test_a_folder_deleted_while_it_is_open_is_made_anew_and_everything_is_missing(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    await memory.remember(records(3))
    shutil.rmtree(tmp_path / "memory")

    ids = [record.record_id for record in records(3)]
    assert await memory.missing(ids) == set(ids)
    await memory.remember(records(3))
    assert await memory.count() == 3
    await memory.close()
    assert await opened(tmp_path).missing(ids) == set()


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["meta.json", ".lock", "collection"])
async def test_a_folder_deleted_half_way_opens_and_tells_what_is_missing(tmp_path: Path, lost: str) -> None:
    ids = await fill(opened(tmp_path))
    part = tmp_path / "memory" / opened(tmp_path).collection / lost
    if part.is_dir():
        shutil.rmtree(part)
    else:
        part.unlink()

    missing = await opened(tmp_path).missing(ids)

    assert missing == (set(ids) if lost == "collection" else set())


async def test_a_process_killed_while_it_made_the_folder_stands_in_nobody_s_way(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    folder = tmp_path / "memory" / memory.collection
    folder.mkdir(parents=True)
    (folder / "meta.json").touch()

    assert await memory.count() == 0


async def test_a_damaged_folder_is_named_with_what_to_do_and_left_alone(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    await fill(memory)
    marker = tmp_path / "memory" / memory.collection / "meta.json"
    marker.write_text("{half")

    with pytest.raises(HomeUnusable, match="damaged") as raised:
        await memory.count()

    assert memory.collection in raised.value.message
    assert "aside" in raised.value.hint
    assert marker.read_text() == "{half"


async def test_points_that_are_no_database_are_a_sentence_and_left_alone(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    await fill(memory)
    [points] = (tmp_path / "memory" / memory.collection).rglob("storage.sqlite")
    points.write_bytes(b"no database" * 1000)

    with pytest.raises(HomeUnusable):
        await memory.count()

    assert points.read_bytes() == b"no database" * 1000


async def test_a_file_where_the_folder_should_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("in the way")

    with pytest.raises(HomeUnusable, match="is a file where a folder should be"):
        await opened(tmp_path).count()


@pytest.mark.slow
async def test_what_was_remembered_survives_a_kill(tmp_path: Path) -> None:
    program = """
import anyio, os, signal, sys
from pathlib import Path
from tests.unit.adapters.memory.test_qdrant import opened, records

async def main():
    memory = opened(Path(sys.argv[1]))
    await memory.remember(records(20))
    os.kill(os.getpid(), signal.SIGKILL)

anyio.run(main)
"""
    root = Path(__file__).parents[4]
    await anyio.run_process([sys.executable, "-c", program, str(tmp_path)], cwd=root, check=False)

    memory = opened(tmp_path)
    assert await memory.missing([record.record_id for record in records(20)]) == set()
    await memory.close()


# The vendor leaves its lock file open when it is refused.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_another_program_in_the_folder_is_a_sentence(tmp_path: Path) -> None:
    from qdrant_client import QdrantClient

    memory = opened(tmp_path)
    await fill(memory)
    stranger = QdrantClient(path=str(tmp_path / "memory" / memory.collection))

    with pytest.raises(HomeUnusable, match="in use by another program"):
        await memory.count()

    stranger.close()
    assert await memory.count() == 3


@pytest.mark.slow
async def test_many_at_once_take_their_turns(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    async with anyio.create_task_group() as tasks:
        for start in range(0, 200, 20):
            tasks.start_soon(memory.remember, records(200)[start : start + 20])
            tasks.start_soon(memory.nearest, "sentence number 7", 5)

    assert await memory.count() == 200
    await memory.close()


@pytest.mark.slow
async def test_more_than_a_batch_is_remembered_and_looked_up_whole(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    ids = await fill(memory, 600)

    assert await memory.missing([*ids, content_id("unknown")]) == {content_id("unknown")}
    assert await memory.nearest("sentence number 599", 0) == []


@pytest.mark.slow
async def test_where_few_of_many_are_of_the_kind_asked_for_none_is_overlooked(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    rare = Remembered(record_id=content_id("rare"), kind="claim", source_id="b", passage_id="p", text="number")
    await memory.remember([*records(300), rare])

    found = await memory.nearest("sentence number 7", 5, kind="claim")

    assert [record.record_id for record, _ in found] == [rare.record_id]


async def test_what_is_forgotten_is_missing_again(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    ids = await fill(memory)

    await memory.forget([ids[0], content_id("unknown")])
    await memory.forget([content_id("unknown")])

    assert await memory.missing(ids) == {ids[0]}


@pytest.mark.parametrize("name", ["", "../up", "a/b", "-x", "x" * 65, "a b"])
async def test_a_namespace_that_would_leave_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="namespace"):
        opened(tmp_path, name=name)


def test_its_room_imports_no_vendor_until_a_store_is_opened() -> None:
    program = (
        "import sys, autointel.adapters.vectors.qdrant, autointel.adapters.vectors.qdrant_server,"
        " autointel.adapters.graph.ladybug, autointel.adapters.graph.neo4j;"
        " print([name for name in ('qdrant_client', 'ladybug', 'neo4j', 'filelock', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout.strip() == "[]"
