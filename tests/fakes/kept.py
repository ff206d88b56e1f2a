"""A home in which something has been kept: a debate, its graph, and two runs of which one was interrupted."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import anyio
import numpy as np
from numpy.typing import NDArray
from tests import examples
from tests.fakes.material import talk
from typing_extensions import override

from autointel import ports
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.adapters.graph.ladybug import LadybugGraph
from autointel.adapters.home import Home
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.domain.catalogue import RunStatus
from autointel.domain.knowledge import Entity, Provenance, Relation
from autointel.domain.notes import EntityKind
from autointel.domain.run import Options, RunId
from autointel.domain.value import content_id
from autointel.pipeline.store import passage_record

FARES = ["Fares pay for the buses.", "The council met.", "Nobody thinks fares cover the cost.", "Trees line the road."]
ENDED, INTERRUPTED = "20260302T120000-3f9a1c", "20260303T120000-aaaaaa"


def keep_talk(
    folder: Path,
    *,
    title: str = "The Cost of Free Transit",
    namespace: str = "default",
    sentences: Sequence[str] = FARES,
    name: str = "talk",
) -> Home:
    """A talk in the catalogue, and in a memory in which no question is near to it."""
    home = Home(folder)
    if not home.catalogue.exists():
        shutil.copytree(_with_talk(title, namespace, tuple(sentences), name), folder, dirs_exist_ok=True)
        return home
    _store(home, title, namespace, sentences, name)
    return home


def _store(home: Home, title: str, namespace: str, sentences: Sequence[str], name: str) -> None:
    source, transcript, passages = talk(sentences, name)
    source = source.model_copy(update={"url": "https://youtube.com/watch?v=x", "path": None, "title": title})
    with closing(SqliteCatalogue(home.catalogue, namespace)) as catalogue:
        catalogue.passages.store(source, transcript, passages)
    memory = SqliteMemory(home.memory, namespace, FarFromAll())
    anyio.run(memory.remember, [passage_record(passage) for passage in passages])


class FarFromAll(ports.Embedder):
    """Vectors of zeros in place of the real embedder's, which takes longer to load than a talk to store."""

    fingerprint = WordLlamaEmbedder().fingerprint
    dimension = WordLlamaEmbedder().dimension

    @override
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), self.dimension), dtype=np.float32)


# Made once in a process, and copied for each test: a catalogue or a graph takes a tenth of a second to make.
@cache
def _with_talk(title: str, namespace: str, sentences: tuple[str, ...], name: str) -> Path:
    home = Home(_template())
    home.prepare()
    _store(home, title, namespace, sentences, name)
    return home.folder


def _template() -> Path:
    folder = tempfile.mkdtemp(prefix="autointel-kept-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def keep_graph(home: Home) -> None:
    """Two entities and what joins them, in the embedded graph."""
    if any(home.graph.glob("*")):
        _relate(home)
    else:
        shutil.copytree(_with_graph(), home.graph, dirs_exist_ok=True)


@cache
def _with_graph() -> Path:
    home = Home(_template())
    home.prepare()
    _relate(home)
    return home.graph


def _relate(home: Home) -> None:
    source, _, passages = talk(FARES)
    city, person = _entity("Tallinn", EntityKind.PLACE), _entity("Mara Lind", EntityKind.PERSON)
    relation = Relation(
        id=content_id("relation", "1"),
        subject_id=city.id,
        predicate="co-occurs with",
        object_id=person.id,
        weight=3,
        provenance=Provenance(
            run_id=ENDED, source_id=source.id, passage_id=passages[0].id, quote="Mara Lind went to Tallinn.", start=75.0
        ),
    )

    async def keep() -> None:
        graph = LadybugGraph(home.graph, "default", locks=home.locks)
        await graph.relate([city, person], [relation])
        await graph.close()

    anyio.run(keep)


def keep_lone(home: Home, name: str) -> None:
    """An entity that stands beside no other."""

    async def keep() -> None:
        graph = LadybugGraph(home.graph, "default", locks=home.locks)
        await graph.relate([_entity(name, EntityKind.PLACE)], [])
        await graph.close()

    anyio.run(keep)


def keep_runs(home: Home) -> None:
    """One run that ended, with its report, and a later one that did not."""
    report = examples.report(examples.finished(examples.local_results()))
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        for run_id, day in ((ENDED, 2), (INTERRUPTED, 3)):
            run = RunId(id=run_id, created_at=datetime(2026, 3, day, 12, tzinfo=UTC))
            catalogue.runs.begin(run, Options(source="talk.vtt"))
        kept = catalogue.passages.sources()
        catalogue.runs.name(ENDED, kept[0] if kept else examples.source())
        for step in report.steps:
            catalogue.runs.step(ENDED, step)
        catalogue.runs.end(ENDED, RunStatus.DONE, timing=report.timing, usage=report.usage)
        catalogue.runs.step(INTERRUPTED, report.steps[0])
        catalogue.runs.end(INTERRUPTED, RunStatus.INTERRUPTED)
    home.write_artifact(ENDED, "report.json", report.model_dump_json().encode())


def _entity(name: str, kind: EntityKind) -> Entity:
    return Entity(id=content_id("entity", name), name=name, kind=kind, mentions=4)
