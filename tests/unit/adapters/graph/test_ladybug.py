from __future__ import annotations

import shutil
import sys
from pathlib import Path

import anyio
import pytest
from tests.contract.graph_forgetting import forgets_a_source
from tests.contract.graph_promises import ALL, RIGA, TALLINN, TALLINN_BUS, entity, relation

from autointel.adapters.graph.ladybug import LadybugGraph, _close, unusable
from autointel.domain.value import content_id
from autointel.errors import HomeUnusable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def opened(home: Path, name: str = "default") -> LadybugGraph:
    return LadybugGraph(home / "graph", name, locks=home / "locks", patience=5.0)


@pytest.mark.slow
async def test_two_graphs_over_one_file_take_turns(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path)

    async def write(graph: LadybugGraph, name: str) -> None:
        for number in range(10):
            await graph.relate([entity(f"{name} {number}")], [])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write, one, "one")
        tasks.start_soon(write, other, "other")

    assert await one.count() == (20, 0)
    await one.close()
    await other.close()


async def test_a_source_is_forgotten_and_the_file_written_anew(tmp_path: Path) -> None:
    graph = opened(tmp_path)

    await forgets_a_source(graph)

    await graph.close()
    assert [path.name for path in graph._file.parent.iterdir()] == ["default.lbug"]
    assert b"Tallinn Bus" not in graph._file.read_bytes()


async def test_a_file_of_a_version_without_days_and_contradictions_is_read_and_extended(tmp_path: Path) -> None:
    import ladybug

    graph = opened(tmp_path)
    graph._file.parent.mkdir()
    connection = ladybug.Connection(ladybug.Database(graph._file))
    for statement in (
        (
            "CREATE NODE TABLE Entity (id STRING PRIMARY KEY, namespace STRING, name STRING, folded STRING,"
            " kind STRING, mentions INT64, confidence STRING)"
        ),
        (
            "CREATE REL TABLE RELATED (FROM Entity TO Entity, id STRING, namespace STRING, predicate STRING,"
            " weight INT64, confidence STRING, run_id STRING, source_id STRING, passage_id STRING, quote STRING,"
            " start DOUBLE, paragraph INT64)"
        ),
        (
            "CREATE (a:Entity {id: 'a', namespace: 'default', name: 'Ana', folded: 'ana', kind: 'person', mentions: 2,"
            " confidence: 'low'})-[:RELATED {id: 'r', namespace: 'default', predicate: 'knows', weight: 1,"
            " confidence: 'low', run_id: 'run', source_id: 's', passage_id: 'p', quote: 'Old.', start: 1.0,"
            " paragraph: -1}]->(b:Entity {id: 'b', namespace: 'default', name: 'Bo', folded: 'bo', kind: 'person',"
            " mentions: 1, confidence: 'low'})"
        ),
    ):
        connection.execute(statement).close()  # type: ignore[union-attr]
    _close(connection)

    (old,) = await graph.between([("b", "a")])
    await graph.relate([], [old.model_copy(update={"contradicted_by": ("x",)})])
    await graph.compact()

    assert (old.provenance.quote, old.valid_from, old.contradicted_by) == ("Old.", None, ())
    assert [each.contradicted_by for each in await graph.between([("a", "b")])] == [("x",)]
    await graph.close()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
async def test_a_log_that_a_power_cut_tore_anywhere_is_refused_or_whole_and_replaced_by_a_rebuild(
    share: float, tmp_path: Path
) -> None:
    live, runs = opened(tmp_path / "live"), relation(TALLINN, "runs", TALLINN_BUS)
    await live.relate(ALL, [runs])
    # As it stands on the disk while the file is open.
    shutil.copytree(tmp_path / "live", tmp_path / "cut")
    await live.close()
    log = tmp_path / "cut" / "graph" / "default.lbug.wal"
    log.write_bytes(log.read_bytes()[: int(share * log.stat().st_size)])
    graph = opened(tmp_path / "cut")

    held, hint = (0, 0), "autointel reindex --graph"
    try:
        held = await graph.count()
    except HomeUnusable as error:
        hint = error.hint
    await graph.rebuild(ALL, [runs])

    assert "autointel reindex --graph" in hint
    assert held in {(0, 0), (len(ALL), 1)}
    assert await graph.count() == (len(ALL), 1)
    await graph.close()


async def test_namespaces_see_nothing_of_each_other(tmp_path: Path) -> None:
    mine, yours = opened(tmp_path, "mine"), opened(tmp_path, "yours")
    await mine.relate(ALL, [relation(TALLINN, "runs", TALLINN_BUS)])

    assert await yours.count() == (0, 0)
    assert await yours.find("tallinn", 5) == []
    assert await yours.missing([TALLINN.id]) == {TALLINN.id}
    await mine.close()
    await yours.close()


@pytest.mark.slow
async def test_what_was_stored_survives_a_kill(tmp_path: Path) -> None:
    program = """
import anyio, os, signal, sys
from pathlib import Path
from tests.unit.adapters.graph.test_ladybug import ALL, TALLINN, TALLINN_BUS, opened, relation

async def main():
    graph = opened(Path(sys.argv[1]))
    await graph.relate(ALL, [relation(TALLINN, "runs", TALLINN_BUS)])
    os.kill(os.getpid(), signal.SIGKILL)

anyio.run(main)
"""
    root = Path(__file__).parents[4]
    await anyio.run_process([sys.executable, "-c", program, str(tmp_path)], cwd=root, check=False)

    graph = opened(tmp_path)
    assert await graph.count() == (4, 1)
    await graph.close()


async def test_a_folder_deleted_while_it_is_open_is_made_anew_and_everything_is_missing(tmp_path: Path) -> None:
    graph = opened(tmp_path)
    await graph.relate(ALL, [])
    shutil.rmtree(tmp_path / "graph")

    assert await graph.missing([RIGA.id]) == {RIGA.id}
    await graph.relate([RIGA], [])
    assert await graph.count() == (1, 0)
    await graph.close()


async def test_a_damaged_file_is_named_with_what_to_do_and_left_alone(tmp_path: Path) -> None:
    graph = opened(tmp_path)
    await graph.relate(ALL, [])
    await graph.close()
    file = tmp_path / "graph" / "default.lbug"
    file.write_bytes(b"no graph" * 2000)

    with pytest.raises(HomeUnusable, match="cannot be used") as raised:
        await graph.count()

    assert "autointel reindex --graph" in raised.value.hint
    assert file.read_bytes() == b"no graph" * 2000


async def test_a_file_where_the_folder_should_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "graph").write_text("in the way")

    with pytest.raises(HomeUnusable, match="file where a folder should be"):
        await opened(tmp_path).count()


async def test_another_program_in_the_file_is_a_sentence(tmp_path: Path) -> None:
    graph = opened(tmp_path)
    await graph.relate(ALL, [])
    await graph.close()
    program = "import ladybug, sys; db = ladybug.Database(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    file = str(tmp_path / "graph" / "default.lbug")
    async with await anyio.open_process([sys.executable, "-c", program, file]) as stranger:
        assert stranger.stdout is not None
        assert await stranger.stdout.receive() == b"open\n"

        with pytest.raises(HomeUnusable, match="in use by another program"):
            await graph.count()
        stranger.kill()

    assert await graph.count() == (4, 0)
    await graph.close()


@pytest.mark.slow
async def test_more_than_a_batch_is_stored_and_looked_up_whole(tmp_path: Path) -> None:
    graph = opened(tmp_path)
    cast = [entity(f"speaker {number}") for number in range(1100)]
    await graph.relate(cast, [relation(a, "meets", b) for a, b in zip(cast, reversed(cast), strict=True)])

    assert await graph.count() == (1100, 1100)
    assert await graph.missing([*(each.id for each in cast), content_id("unknown")]) == {content_id("unknown")}
    await graph.close()


async def test_a_folder_whose_name_is_no_utf_8_is_a_sentence(tmp_path: Path) -> None:
    graph = opened(tmp_path / b"\xff".decode(errors="surrogateescape"))

    with pytest.raises(HomeUnusable, match="no UTF-8") as raised:
        await graph.relate([entity("Mara Lind")], [])

    assert "AUTOINTEL_HOME" in raised.value.hint


async def test_a_folder_with_a_name_beyond_ascii_is_fine(tmp_path: Path) -> None:
    graph = opened(tmp_path / "ünï")
    await graph.relate([entity("Mara Lind")], [])

    assert await graph.count() == (1, 0)
    await graph.close()


def test_where_address_space_is_scarce_the_file_is_not_called_damaged() -> None:
    error = unusable(Path("default.lbug"), "Buffer manager exception: Mmap for size 8589934592 failed.")

    assert "ulimit" in error.hint
    assert "mv " not in error.hint


async def test_nothing_is_written_where_the_disk_may_have_no_room_for_it_and_the_graph_is_read_as_before(
    tmp_path: Path,
) -> None:
    graph = opened(tmp_path)
    await graph.relate([entity("Mara Lind")], [])
    await graph.close()
    full = LadybugGraph(tmp_path / "graph", "default", locks=tmp_path / "locks", least_room=1 << 62)

    with pytest.raises(HomeUnusable, match=r"MB left, and the graph needs") as raised:
        await full.relate([entity("Jonas Berg")], [])

    assert "Free some space" in raised.value.hint
    assert [each.name for each in await full.find("a", 5)] == ["Mara Lind"]
    await full.close()


async def test_what_another_program_wrote_hides_nothing_of_ours(tmp_path: Path) -> None:
    graph = opened(tmp_path)
    stated = relation(TALLINN, "twinned with", RIGA)
    await graph.relate([TALLINN, RIGA], [stated])
    ends = "MATCH (a:Entity {id: $ours}), (b:Entity {id: 'odd'})"
    related = f"{ends} CREATE (a)-[:RELATED {{id: 'odd', valid_from: 'never'}}]->(b)"
    odd = {"id": "odd", "namespace": "default", "folded": "tallinn too"}
    await graph._ask(
        [
            ("CREATE (:Entity {id: $id, namespace: $namespace, folded: $folded, kind: 'comet'})", odd),
            ("CREATE (:Entity {id: 'loose', namespace: $namespace, folded: $folded, mentions: 0})", odd),
            (related, {"ours": TALLINN.id}),
        ],
        write=True,
    )

    assert await graph.find("tallinn", 5) == [TALLINN]
    assert [each.entity.name for each in await graph.neighbours(TALLINN.id, 5)] == ["Riga"]
    assert "loose" not in {each.id for each in await graph.loose()}
    assert await graph.between([(TALLINN.id, "odd")]) == []
    assert (await graph.everything())[1] == [stated]
    await graph.close()
