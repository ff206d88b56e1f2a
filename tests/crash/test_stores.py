"""Killed at random moments and begun again, the stores lose nothing and double nothing."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.contract.graph_promises import entity, relation
from tests.fakes.material import talk
from tests.fakes.memory import BagOfWords

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.graph.ladybug import LadybugGraph
from autointel.adapters.home import Home
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.domain.knowledge import Neighbour
from autointel.ports import Remembered

_KILLS = 5
_ROOT = Path(__file__).parents[2]
_CAST = [entity(f"speaker {number}") for number in range(60)]
_RELATIONS = [relation(a, "meets", b) for a in _CAST[:12] for b in _CAST[12:]]
_TALKS = [talk([f"sentence {number} of {name}" for number in range(150)], name) for name in ("one", "two", "three")]
_RECORDS = [
    Remembered(record_id=each.id, kind="passage", source_id=each.source_id, passage_id=each.id, text=each.text)
    for _, _, passages in _TALKS
    for each in passages
]


def stores(home: Home) -> tuple[SqliteCatalogue, SqliteMemory, LadybugGraph]:
    home.prepare()
    return (
        SqliteCatalogue(home.catalogue),
        SqliteMemory(home.memory, "default", BagOfWords()),
        LadybugGraph(home.graph, "default", locks=home.locks),
    )


async def work(home: Home) -> None:
    """What a run does with its stores: ask what is missing, and add that."""
    catalogue, memory, graph = stores(home)
    for source, transcript, passages in _TALKS:
        await catalogue.in_thread(catalogue.passages.store, source, transcript, passages)
        home.write_artifact("run", f"{source.title.replace(' ', '-')}.json", transcript.model_dump_json().encode())
    missing = await memory.missing([record.record_id for record in _RECORDS])
    for first in range(0, len(_RECORDS), 50):
        batch = _RECORDS[first : first + 50]
        await memory.remember([record for record in batch if record.record_id in missing])
    lacking = await graph.missing([each.id for each in _CAST] + [each.id for each in _RELATIONS])
    await graph.relate(
        [each for each in _CAST if each.id in lacking], [each for each in _RELATIONS if each.id in lacking]
    )
    await memory.close()
    await graph.close()
    catalogue.close()


async def state(home: Home) -> dict[str, Any]:
    """Everything that can be seen of the stores."""
    catalogue, memory, graph = stores(home)
    neighbours: list[list[Neighbour]] = [await graph.neighbours(each.id, 100) for each in _CAST]
    seen = {
        "sources": sorted(source.id for source in catalogue.passages.sources()),
        "passages": sorted(passage.id for passage in catalogue.passages.everything()),
        "segments": [catalogue.passages.source(source.id) for source, _, _ in _TALKS],
        "words": catalogue.passages.keyword("sentence 77 two", 500),
        "vectors": (await memory.count(), await memory.nearest("sentence 77 of two", 500)),
        "graph": (await graph.count(), neighbours),
        "artifacts": {path.name: path.read_bytes() for path in (home.runs / "run").iterdir()},
    }
    await memory.close()
    await graph.close()
    catalogue.close()
    return seen


@pytest.mark.uncounted
def test_killed_at_random_moments_and_begun_again_the_stores_are_as_if_nothing_had_happened(tmp_path: Path) -> None:
    undisturbed, killed = Home(tmp_path / "undisturbed"), Home(tmp_path / "killed")
    program = (
        "import sys, anyio, numpy, ladybug; from pathlib import Path; from autointel.adapters.home import Home;"
        " from tests.crash.test_stores import work;"
        " print('begun', flush=True); anyio.run(work, Home(Path(sys.argv[1])))"
    )
    moments = random.Random(3)  # noqa: S311 - no secret
    for _ in range(_KILLS):
        run = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", program, str(killed.folder)], cwd=_ROOT, stdout=subprocess.PIPE
        )
        with run:
            assert run.stdout is not None
            run.stdout.readline()
            with suppress(subprocess.TimeoutExpired):
                run.wait(timeout=moments.uniform(0.0, 0.8))
            run.kill()

    anyio.run(work, killed)
    anyio.run(work, undisturbed)

    left = [path.name for path in (killed.runs / "run").iterdir() if path.name.startswith(".")]
    for name in left:
        # A temporary name that a kill left behind is no artifact; nothing reads it.
        (killed.runs / "run" / name).unlink()
    assert anyio.run(state, killed) == anyio.run(state, undisturbed)
