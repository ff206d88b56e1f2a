from __future__ import annotations

import contextlib
import pickle
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import anyio
import pytest
from tests.fakes.memory import BagOfWords

from autointel.adapters.vectors import sqlite
from autointel.adapters.vectors.records import collection_name, siblings
from autointel.adapters.vectors.sqlite import SqliteMemory
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
) -> SqliteMemory:
    return SqliteMemory(home / "memory", name, embedder or BagOfWords(), rebuild=rebuild, patience=0.2)


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


def file(home: Path) -> Path:
    """The file of the only collection."""
    [found] = (home / "memory").glob("default-*.sqlite3")
    return found


def inside(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def change(home: Path, statement: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(file(home))) as points, points:
        points.execute(statement, values)


async def fill(memory: SqliteMemory, count: int = 3) -> list[str]:
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

    assert [path.name for path in (tmp_path / "memory").iterdir()] == [f"{rebuilt.collection}.sqlite3"]
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
    ("fact", "value", "sentence"),
    [
        ("embedder", "something/else", "made by the embedder something/else"),
        ("dimension", "3", "vectors of 3 numbers, and the embedder makes 64"),
    ],
)
async def test_a_collection_that_does_not_fit_its_name_is_refused(
    tmp_path: Path, fact: str, value: str, sentence: str
) -> None:
    memory = opened(tmp_path)
    await fill(memory)
    change(tmp_path, "UPDATE facts SET value = ? WHERE name = ?", value, fact)

    with pytest.raises(HomeUnusable, match=sentence) as raised:
        await memory.count()

    assert "autointel reindex" in raised.value.hint
    assert len(await fill(opened(tmp_path, rebuild=True))) == await opened(tmp_path).count()


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


async def test_a_process_killed_while_it_made_the_file_stands_in_nobody_s_way(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / f"{opened(tmp_path).collection}.sqlite3").touch()

    assert await opened(tmp_path).count() == 0
    assert len(await fill(opened(tmp_path))) == await opened(tmp_path).count()


DAMAGE: dict[str, tuple[str, bytes]] = {
    "a vector that is too short": ("vector", b"1234"),
    "a vector that is a word": ("vector", b"\x80\x04"),
}


@pytest.mark.parametrize(("column", "value"), DAMAGE.values(), ids=DAMAGE.keys())
async def test_a_damaged_row_is_named_with_what_to_do(tmp_path: Path, column: str, value: bytes) -> None:
    memory = opened(tmp_path)
    await fill(memory)
    change(tmp_path, f"UPDATE points SET {column} = ? WHERE place = 1", value)  # noqa: S608

    with pytest.raises(HomeUnusable, match="damaged") as raised:
        await opened(tmp_path).nearest("sentence number", 2)

    assert memory.collection in raised.value.message
    assert "reindex" in raised.value.hint


async def test_a_file_that_cannot_be_opened_is_told_in_plain_words(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    await fill(memory)
    place = file(tmp_path)
    place.unlink()
    place.mkdir()

    with pytest.raises(HomeUnusable) as raised:
        await memory.count()

    assert raised.value.message == f"The memory in {place} cannot be opened."


async def test_a_file_that_is_no_database_is_a_sentence_and_left_alone(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    await fill(memory)
    file(tmp_path).write_bytes(b"no database" * 1000)

    with pytest.raises(HomeUnusable, match="damaged"):
        await memory.count()

    assert file(tmp_path).read_bytes() == b"no database" * 1000


RUIN: dict[str, Callable[[Path], object]] = {
    "no database": lambda home: file(home).write_bytes(b"no database" * 1000),
    "half of it": lambda home: file(home).write_bytes(file(home).read_bytes()[:9000]),
    "no rows of vectors": lambda home: change(home, "DROP TABLE points"),
    "a vector that is too short": lambda home: change(home, "UPDATE points SET vector = ? WHERE place = 1", b"1234"),
    "a dimension that is no number": lambda home: change(home, "UPDATE facts SET value = 'x' WHERE name = 'dimension'"),
}


@pytest.mark.parametrize("ruin", RUIN.values(), ids=RUIN.keys())
async def test_what_is_damaged_is_made_anew_where_it_is_rebuilt(tmp_path: Path, ruin: Callable[[Path], object]) -> None:
    filled = await fill(opened(tmp_path))
    ruin(tmp_path)
    assert sqlite.damaged(tmp_path / "memory") == ("default",)

    anew = opened(tmp_path, rebuild=True)
    missing = await anew.missing(filled)
    await fill(anew)

    assert missing == set(filled)
    assert await opened(tmp_path).count() == len(filled)
    assert await opened(tmp_path).nearest("sentence number", 2)


async def test_what_is_whole_stays_where_it_is_rebuilt(tmp_path: Path) -> None:
    filled = await fill(opened(tmp_path))

    assert await opened(tmp_path, rebuild=True).missing(filled) == set()


class Harm:
    """Unpickled, it would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return _touch, (str(self._path),)


def _touch(path: str) -> None:
    Path(path).touch()


def pickled_memory(home: Path, payload: object) -> Path:
    """A collection as earlier versions kept one: rows of pickles in a folder."""
    folder = home / "memory" / opened(home).collection
    rows = folder / "collection" / folder.name / "storage.sqlite"
    rows.parent.mkdir(parents=True)
    (folder / "meta.json").write_text("{}")
    with contextlib.closing(sqlite3.connect(rows)) as storage, storage:
        storage.execute("CREATE TABLE points (id TEXT PRIMARY KEY, point BLOB)")
        storage.execute("INSERT INTO points VALUES ('a', ?)", (pickle.dumps(payload),))
    return folder


@pytest.mark.parametrize("asking", ["count", "missing", "nearest", "remember", "forget"])
async def test_rows_of_an_earlier_version_are_never_unpickled_and_made_anew_from_the_catalogue(
    tmp_path: Path, asking: str
) -> None:
    old = pickled_memory(tmp_path, Harm(tmp_path / "harm"))
    memory = SqliteMemory(tmp_path / "memory", "default", BagOfWords(), everything=lambda: records(300))
    first: dict[str, Callable[[], Awaitable[object]]] = {
        "count": memory.count,
        "missing": lambda: memory.missing(["x"]),
        "nearest": lambda: memory.nearest("sentence", 1),
        "remember": lambda: memory.remember(records(1)),
        "forget": lambda: memory.forget(["x"]),
    }

    await first[asking]()

    assert await memory.count() == 300
    assert not (tmp_path / "harm").exists()
    assert not old.exists()


async def test_a_migration_that_was_interrupted_is_finished(tmp_path: Path) -> None:
    old = pickled_memory(tmp_path, None)

    def some() -> Iterator[Remembered]:
        yield from records(1)
        raise HomeUnusable("The disk is full.")

    with pytest.raises(HomeUnusable, match="full"):
        await SqliteMemory(tmp_path / "memory", "default", BagOfWords(), everything=some).count()
    again = SqliteMemory(tmp_path / "memory", "default", BagOfWords(), everything=lambda: records(3))

    assert await again.count() == 3
    assert not old.exists()


def test_no_line_of_the_product_loads_a_pickle() -> None:
    loading = re.compile(
        r"^\s*(import|from) (pickle|shelve|marshal|dill|joblib|cloudpickle)|QdrantClient\(path", re.MULTILINE
    )
    source = Path(sqlite.__file__).parents[2]

    assert [path.name for path in source.rglob("*.py") if loading.search(path.read_text())] == []


async def test_a_reader_makes_nothing(tmp_path: Path) -> None:
    assert await opened(tmp_path).nearest("sentence", 5) == []
    assert await opened(tmp_path).count() == 0
    await opened(tmp_path).forget(["x"])

    assert inside(tmp_path) == []


async def test_the_file_is_its_owner_s_and_never_a_link(tmp_path: Path) -> None:
    await fill(opened(tmp_path))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "memory", file(tmp_path))]
    assert modes == [0o700, 0o600]

    elsewhere = tmp_path / "elsewhere"
    link = tmp_path / "memory" / f"{opened(tmp_path, name='other').collection}.sqlite3"
    link.symlink_to(elsewhere)
    with pytest.raises(HomeUnusable):
        await fill(opened(tmp_path, name="other"))
    assert not elsewhere.exists()


async def test_what_is_written_by_another_is_found_by_the_next_search(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    await memory.remember(records(2))
    assert len(await memory.nearest("sentence number", 100)) == 2

    await opened(tmp_path).remember(records(40))
    assert len(await memory.nearest("sentence number", 100)) == 40

    await opened(tmp_path).forget([records(1)[0].record_id])
    assert len(await memory.nearest("sentence number", 100)) == 39


async def test_a_search_does_not_wait_for_the_process_that_writes(tmp_path: Path) -> None:
    await fill(opened(tmp_path))
    with contextlib.closing(sqlite3.connect(file(tmp_path), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")

        assert len(await opened(tmp_path).nearest("sentence number", 5)) == 3


async def test_a_writer_that_does_not_let_go_is_a_sentence(tmp_path: Path) -> None:
    await fill(opened(tmp_path))
    with contextlib.closing(sqlite3.connect(file(tmp_path), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")

        with pytest.raises(HomeUnusable, match="in use by another autointel"):
            await opened(tmp_path).remember(records(4))


async def test_no_byte_of_what_is_forgotten_stays(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    await memory.remember([*records(50, "private"), *records(50, "public")])
    await memory.nearest("sentence", 3)

    await memory.forget([record.record_id for record in records(50, "private")])

    left = b"".join(path.read_bytes() for path in inside(tmp_path))
    assert records(50, "public")[7].record_id.encode() in left
    assert not [each for each in records(50, "private") if each.record_id.encode() in left]
    assert b"private" not in left


async def test_a_file_where_the_folder_should_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("in the way")

    with pytest.raises(HomeUnusable, match="is a file where a folder should be"):
        await opened(tmp_path).count()


@pytest.mark.slow
async def test_what_was_remembered_survives_a_kill(tmp_path: Path) -> None:
    program = """
import anyio, os, signal, sys
from pathlib import Path
from tests.unit.adapters.vectors.test_sqlite import opened, records

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
        "import sys, autointel.adapters.vectors.sqlite, autointel.adapters.vectors.qdrant_server,"
        " autointel.adapters.graph.ladybug, autointel.adapters.graph.neo4j;"
        " vendors = ('qdrant_client', 'ladybug', 'neo4j', 'filelock', 'httpx', 'numpy');"
        " print([name for name in vendors if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout.strip() == "[]"
