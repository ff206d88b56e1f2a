from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from tests.fakes.memory import BagOfWords

from autointel.adapters.vectors.qdrant import QdrantMemory
from autointel.adapters.vectors.qdrant_ids import holds_all
from autointel.domain.value import content_id
from autointel.ports import Remembered

IDS = [content_id("talk", str(number)) for number in range(40)]
_AGAIN = """
import sys, anyio
from pathlib import Path
from tests.unit.adapters.memory.test_qdrant_ids import IDS, opened
assert anyio.run(opened(Path(sys.argv[1])).missing, IDS) == set()
print(*(name for name in sys.modules if name == "qdrant_client"))
"""


def opened(home: Path) -> QdrantMemory:
    return QdrantMemory(home / "memory", "default", BagOfWords(), locks=home / "locks", patience=0.2)


async def fill(home: Path) -> None:
    memory = opened(home)
    await memory.remember(
        [Remembered(record_id=id_, kind="passage", source_id="s", passage_id="p", text=id_) for id_ in IDS]
    )
    await memory.close()


@pytest.fixture
def points(tmp_path: Path) -> Path:
    """The file of a memory that holds IDS."""
    anyio.run(fill, tmp_path)
    return next(tmp_path.rglob("storage.sqlite"))


def test_what_the_client_wrote_is_found_by_its_ids(points: Path) -> None:
    assert holds_all(points, IDS)
    assert holds_all(points, [*IDS, IDS[0]])
    assert holds_all(points, [])


def test_one_id_that_is_missing_is_enough_to_ask_the_client(points: Path) -> None:
    stranger = content_id("talk", "unheard")

    assert not holds_all(points, [*IDS, stranger])
    assert anyio.run(opened(points.parents[3].parent).missing, [*IDS, stranger]) == {stranger}


def test_a_file_that_is_gone_or_damaged_says_nothing(points: Path) -> None:
    points.with_name("storage.sqlite-wal").unlink(missing_ok=True)
    points.write_bytes(b"no database" * 1000)

    assert not holds_all(points, IDS)
    assert not holds_all(points.with_name("gone.sqlite"), IDS)


def test_a_folder_that_the_client_could_not_open_says_nothing(points: Path) -> None:
    points.parents[2].joinpath("meta.json").write_bytes(b"garbage")

    assert not holds_all(points, IDS)


@pytest.mark.slow
def test_a_memory_that_lacks_nothing_is_seen_to_be_whole_without_the_client(points: Path) -> None:
    done = subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-c", _AGAIN, str(points.parents[3].parent)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[4],
    )

    assert done.stdout.split() == []
