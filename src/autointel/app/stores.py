"""Memory, graph and outbox: the embedded stores, or servers where settings name them.

While the graph's server does not answer, look-ups are answered from the catalogue.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from autointel import ports
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.adapters.insertion import InsertionLimits
from autointel.adapters.storing_lock import storing
from autointel.app.run_context import NetworkAccess
from autointel.domain.knowledge import Entity, Neighbour, Relation, contradictions, statements
from autointel.domain.transcript import Source
from autointel.errors import SettingsError, not_asked
from autointel.extensions import how_to_install
from autointel.ports import Embedder, Listener, Remembered
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.catalogue.objects import ObjectArtifacts
    from autointel.adapters.graph.cypher import CypherGraph
    from autointel.adapters.vectors.records import EmbeddingMemory
    from autointel.domain.passage import Passage

# A library of an extra, the extra, and the setting that wants it.
_OBSTORE: Final = "obstore", "s3", "AUTOINTEL_ARTIFACTS__URL names a bucket"
_PSYCOPG: Final = "psycopg", "postgres", "AUTOINTEL_CATALOGUE__URL names a PostgreSQL database"
_TIMEOUT: Final = 30.0
_EMBEDDED_TIMEOUT: Final = 90.0
"""Seconds for one batch."""
_SHOWN: Final = 5  # relations behind one neighbour


def catalogue_of(settings: Settings, namespace: str = "default") -> Catalogue:
    """The catalogue, made where there is none; whoever asks closes it. Raises HomeUnusable, SettingsError."""
    home = Home(settings.home)
    home.prepare()
    return _catalogue_in(home, settings, namespace)


@contextmanager
def opened_home(settings: Settings, namespace: str = "default") -> Iterator[tuple[Home, Catalogue]]:
    """The home and its catalogue, which is closed afterwards; for what looks after a home that is there.

    Raises as ``catalogue_of``, and HomeUnusable for a home whose catalogue was lost.
    """
    if settings.catalogue.url is None:
        Home(settings.home).check_catalogue()
    with closing(catalogue_of(settings, namespace)) as catalogue:
        yield Home(settings.home), catalogue


@contextmanager
def existing_catalogue(settings: Settings, namespace: str = "default") -> Iterator[Catalogue | None]:
    """The catalogue, closed afterwards; None where its file is not there, and none is made.

    Raises HomeUnusable, SettingsError.
    """
    home = Home(settings.home)
    home.secure()
    if settings.catalogue.url is None and not home.catalogue.exists():
        home.check_could_be_made()
        home.check_catalogue()
        yield None
        return
    with closing(_catalogue_in(home, settings, namespace)) as catalogue:
        yield catalogue


def _catalogue_in(home: Home, settings: Settings, namespace: str) -> Catalogue:
    if settings.catalogue.url is not None:
        return _postgres(settings, namespace)
    from autointel.adapters.catalogue.sqlite import SqliteCatalogue

    return SqliteCatalogue(home.catalogue, namespace, artifacts_of(settings))


def _postgres(settings: Settings, namespace: str) -> Catalogue:
    with _installed(*_PSYCOPG):
        from autointel.adapters.catalogue.postgres import PostgresCatalogue
    if host := catalogue_elsewhere(settings):
        raise SettingsError(*not_asked(f"The catalogue's database at {host}"))
    url, password = _secrets(settings)
    return PostgresCatalogue(url, namespace, artifacts_of(settings), password=password)


def artifacts_of(settings: Settings, *, impatient: bool = False) -> ObjectArtifacts | None:
    """The bucket that settings name for artifacts; None where they stand with the catalogue.

    Nothing is asked yet; with ``impatient`` nothing is asked twice. Raises SettingsError: no key, a host elsewhere
    while offline, or the extra s3 is not installed.
    """
    wanted = settings.artifacts
    if wanted.url is None:
        return None
    with _installed(*_OBSTORE):
        from autointel.adapters.catalogue.objects import RETRIES, Bucket, ObjectArtifacts
    if host := artifacts_elsewhere(settings):
        raise SettingsError(*not_asked(f"The artifacts' bucket at {host}"))
    if wanted.access_key is None or wanted.secret_key is None:
        raise SettingsError(
            "AUTOINTEL_ARTIFACTS__URL names a bucket, and its key is missing.",
            "Set AUTOINTEL_ARTIFACTS__ACCESS_KEY and AUTOINTEL_ARTIFACTS__SECRET_KEY.",
        )
    return ObjectArtifacts.open(
        Bucket.of(wanted.url, wanted.region),
        access_key=wanted.access_key.get_secret_value(),
        secret_key=wanted.secret_key.get_secret_value(),
        region=wanted.region,
        retries=0 if impatient else RETRIES,
    )


def artifacts_elsewhere(settings: Settings) -> str | None:
    """The host of the artifacts' bucket, where a command that is offline may not ask it. Raises SettingsError."""
    wanted = settings.artifacts
    if wanted.url is None or not settings.fetch.offline:
        return None
    with _installed(*_OBSTORE):
        from autointel.adapters.catalogue.objects import Bucket
    return NetworkAccess(settings).first_forbidden_host(Bucket.of(wanted.url, wanted.region).endpoint)


def catalogue_elsewhere(settings: Settings) -> str | None:
    """The host of the catalogue's database, where a command that is offline may not ask it. Raises SettingsError."""
    if settings.catalogue.url is None or not settings.fetch.offline:
        return None
    with _installed(*_PSYCOPG):
        from autointel.adapters.catalogue.postgres.connection import hosts_of
    hosts = ((f"[{host}]" if ":" in host else host, port) for host, port in hosts_of(_secrets(settings)[0]))
    return NetworkAccess(settings).first_forbidden_host(*(f"postgresql://{host}:{port}" for host, port in hosts))


def catalogue_probe(settings: Settings) -> Callable[[], str] | None:
    """Asks where the catalogue's database is, its version and how soon it answers; None where the catalogue is a file.

    Nothing is made, and nothing asked yet. Raises SettingsError: the extra postgres is not installed.
    """
    if settings.catalogue.url is None:
        return None
    with _installed(*_PSYCOPG):
        from autointel.adapters.catalogue.postgres import probe
    return partial(probe, *_secrets(settings))


@contextmanager
def _installed(library: str, extra: str, named_by: str) -> Iterator[None]:
    """Raises SettingsError for an import that fails because the extra is not installed."""
    try:
        yield
    except ImportError as error:
        raise SettingsError(
            f"{named_by}, and {library} is not installed.", f"Install it: {how_to_install(extra)}"
        ) from error


def _secrets(settings: Settings) -> tuple[str, str | None]:
    url, password = settings.catalogue.url, settings.catalogue.password
    return url.get_secret_value() if url else "", password.get_secret_value() if password else None


def embedder_of(settings: Settings, *, offline: bool = False) -> Embedder:
    """The embedder that settings name; weights are loaded, and servers asked, when it is first used."""
    memory = settings.memory
    if memory.embedder == "wordllama" or memory.embedder_url is None:
        from autointel.adapters.embedders import WordLlamaEmbedder

        return WordLlamaEmbedder()
    from autointel.adapters.embedders import OpenAICompatibleEmbedder

    key = memory.embedder_api_key
    return OpenAICompatibleEmbedder(
        memory.embedder_url,
        memory.embedder_model,
        api_key=key.get_secret_value() if key else None,
        may_ask=NetworkAccess(settings, offline=offline).may_ask(memory.embedder_url),
    )


def limits_of(settings: Settings, *, embedded: bool = False) -> InsertionLimits:
    """The limits of a writer; an embedded store may have to wait for another process, and is given longer."""
    memory = settings.memory
    return InsertionLimits(
        batch_size=memory.batch_size,
        flush_seconds=memory.flush_seconds,
        max_concurrent=memory.max_concurrent_memory_insertions,
        item_timeout=_EMBEDDED_TIMEOUT if embedded else _TIMEOUT,
        adaptive=memory.adaptive_insertions,
    )


def memory_of(
    settings: Settings,
    home: Home,
    namespace: str,
    embedder: Embedder,
    listener: Listener,
    *,
    rebuild: bool = False,
    offline: bool = False,
) -> EmbeddingMemory:
    """Opened at its first use. ``rebuild`` for reindexing: beside one made by another embedder.

    With ``offline`` a server is asked only on loopback or on a host that the settings allow.
    """
    if settings.qdrant.url:
        from autointel.adapters.vectors.qdrant_server import QdrantServerMemory

        key = settings.qdrant.api_key
        return QdrantServerMemory(
            settings.qdrant.url,
            namespace,
            embedder,
            api_key=key.get_secret_value() if key else None,
            rebuild=rebuild,
            offline=not NetworkAccess(settings, offline=offline).may_ask(settings.qdrant.url),
            limits=limits_of(settings),
        )
    from autointel.adapters.vectors.sqlite import SqliteMemory

    del listener
    everything = partial(_everything, settings, namespace)
    return SqliteMemory(
        home.memory,
        namespace,
        embedder,
        rebuild=rebuild,
        everything=everything,
        limits=limits_of(settings, embedded=True),
    )


def _everything(settings: Settings, namespace: str) -> Iterator[Remembered]:
    """All that the catalogue keeps of a namespace, as records with their text."""
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is not None:
            for source in catalogue.passages.sources():
                yield from records_of(catalogue, source.id)


def records_of(catalogue: Catalogue, source_id: str) -> list[Remembered]:
    """What memory keeps of a source: its passages, and its claims with their verdicts."""
    from autointel.pipeline.store import passage_record

    passages = catalogue.passages.of_source(source_id)
    return [passage_record(passage) for passage in passages] + catalogue.verdicts.records_of(source_id)


def graph_of(
    settings: Settings, home: Home, namespace: str, listener: Listener, *, offline: bool = False
) -> CypherGraph:
    """Opened at its first use. ``offline`` is as for memory."""
    if settings.neo4j.uri:
        from autointel.adapters.graph.neo4j import Neo4jGraph

        secret, access = settings.neo4j.password, NetworkAccess(settings, offline=offline)
        return Neo4jGraph(
            access.graph_server(settings.neo4j.uri),
            namespace,
            user=settings.neo4j.user,
            password=secret.get_secret_value() if secret else None,
            database=settings.neo4j.database,
            offline=not access.may_ask(settings.neo4j.uri),
            limits=limits_of(settings),
        )
    from autointel.adapters.graph.ladybug import LadybugGraph

    return LadybugGraph(
        home.graph, namespace, locks=home.locks, waiting=listener.waiting, limits=limits_of(settings, embedded=True)
    )


class CatalogueOutbox(ports.Outbox):
    """The outbox of one namespace."""

    def __init__(self, catalogue: Catalogue, namespace: str, home: Home, listener: Listener) -> None:
        self._catalogue = catalogue
        self._namespace = namespace
        self._storing = partial(storing, home.storing, listener.waiting)

    @override
    @asynccontextmanager
    async def storing(self, passages: Sequence[Passage]) -> AsyncIterator[bool]:
        async with self._storing():
            yield await self._catalogue.in_thread(
                self._catalogue.atomically, partial(self._catalogue.passages.holds, passages)
            )

    @override
    async def put(self, kind: str, payloads: Mapping[str, str]) -> None:
        await self._catalogue.in_thread(self._catalogue.outbox.add, kind, self._namespace, payloads)

    @override
    async def waiting(self, kind: str) -> list[str]:
        return await self._catalogue.in_thread(self._catalogue.outbox.waiting, kind, self._namespace)

    @override
    async def strike(self, kind: str, ids: Collection[str]) -> None:
        await self._catalogue.in_thread(self._catalogue.outbox.strike, kind, self._namespace, ids)

    @override
    async def disown(self, kind: str, passages: Sequence[Passage], ids: Collection[str]) -> bool:
        work = partial(self._disown, kind, passages, ids)
        return await self._catalogue.in_thread(self._catalogue.atomically, work)

    def _disown(self, kind: str, passages: Sequence[Passage], ids: Collection[str]) -> bool:
        catalogue = self._catalogue
        if catalogue.passages.holds(passages):
            return False
        sources = {passage.source_id for passage in passages}
        held = {each.id for source in sources for each in catalogue.passages.of_source(source)}
        held |= {each.record_id for source in sources for each in catalogue.verdicts.records_of(source)}
        held |= {each.id for source in sources for each in catalogue.knowledge.of_source(source)[1]}
        catalogue.outbox.add(kind, self._namespace, dict.fromkeys(sorted(set(ids) - held), "{}"))
        return True


def relations_of(catalogue: Catalogue, source: Source) -> list[Relation]:
    """The relations of a source as the catalogue keeps them, with its day. Blocks. Raises HomeUnusable."""
    _, relations = catalogue.knowledge.of_source(source.id)
    return [each.model_copy(update={"valid_from": each.valid_from or source.published_at}) for each in relations]


class CatalogueGraph:
    """Entities and relations of the catalogue's namespace, read whole. Blocks while it is made; raises HomeUnusable."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._entities: dict[str, Entity] = {}
        self._relations: list[Relation] = []
        for source in catalogue.passages.sources():
            entities, _ = catalogue.knowledge.of_source(source.id)
            self._relations += relations_of(catalogue, source)
            for entity in entities:
                known = self._entities.get(entity.id)
                if known is None or known.mentions < entity.mentions:
                    self._entities[entity.id] = entity

    def find(self, name: str, limit: int) -> list[Entity]:
        """Entities whose folded name is, starts with, or contains the folded ``name``, in that order."""
        from autointel.adapters.graph.cypher import folded

        wanted = folded(name)
        fitting = [each for each in self._entities.values() if wanted and wanted in folded(each.name)]

        def place(entity: Entity) -> tuple[bool, bool, int, str, str]:
            own = folded(entity.name)
            return own != wanted, not own.startswith(wanted), -entity.mentions, entity.name, entity.id

        return sorted(fitting, key=place)[:limit]

    def neighbours(self, entity_id: str, limit: int) -> list[Neighbour]:
        """One step away, heaviest first."""
        from autointel.memory.differences import difference

        ways: dict[tuple[str, str, bool], list[Relation]] = {}
        own = [each for each in self._relations if entity_id in {each.subject_id, each.object_id}]
        marked = {each.id: each for each in (*own, *contradictions(own, difference))}
        for relation in marked.values():
            if relation.subject_id == entity_id:
                ways.setdefault((relation.object_id, relation.predicate, True), []).append(relation)
            if relation.object_id == entity_id:
                ways.setdefault((relation.subject_id, relation.predicate, False), []).append(relation)
        found = [
            self._neighbour(way, relations, marked.values())
            for way, relations in ways.items()
            if way[0] in self._entities
        ]
        return sorted(found, key=lambda each: (-each.weight, each.entity.name, each.predicate, each.entity.id))[:limit]

    def _neighbour(
        self, way: tuple[str, str, bool], relations: Sequence[Relation], known: Iterable[Relation]
    ) -> Neighbour:
        other, predicate, outgoing = way
        heaviest = sorted(relations, key=lambda relation: (-relation.weight, relation.id))
        return Neighbour(
            entity=self._entities[other],
            predicate=predicate,
            outgoing=outgoing,
            weight=sum(relation.weight for relation in relations),
            provenance=statements(heaviest[:_SHOWN], known),
        )
