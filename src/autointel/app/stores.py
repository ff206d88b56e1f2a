"""Memory and graph: the embedded ones, or servers where settings name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autointel.adapters.embedders.wordllama import WordLlamaEmbedder
from autointel.adapters.home import Home
from autointel.ports import Embedder, Listener
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.graph.cypher import CypherGraph
    from autointel.adapters.vectors.records import QdrantVectors


def embedder_of(settings: Settings) -> Embedder:
    """The embedder that settings name; its weights are loaded when first used."""
    del settings  # there is one so far, and the settings say so
    return WordLlamaEmbedder()


def memory_of(
    settings: Settings, home: Home, namespace: str, embedder: Embedder, listener: Listener, *, rebuild: bool = False
) -> QdrantVectors:
    """Opened at its first use. ``rebuild`` for reindexing: beside one made by another embedder."""
    if settings.qdrant.url:
        from autointel.adapters.vectors.qdrant_server import QdrantServerMemory

        key = settings.qdrant.api_key
        return QdrantServerMemory(
            settings.qdrant.url,
            namespace,
            embedder,
            api_key=key.get_secret_value() if key else None,
            rebuild=rebuild,
        )
    from autointel.adapters.vectors.qdrant import QdrantMemory

    return QdrantMemory(home.memory, namespace, embedder, locks=home.locks, waiting=listener.waiting, rebuild=rebuild)


def graph_of(settings: Settings, home: Home, namespace: str, listener: Listener) -> CypherGraph:
    """Opened at its first use."""
    if settings.neo4j.uri:
        from autointel.adapters.graph.neo4j import Neo4jGraph

        secret = settings.neo4j.password
        return Neo4jGraph(
            settings.neo4j.uri,
            namespace,
            user=settings.neo4j.user,
            password=secret.get_secret_value() if secret else None,
            database=settings.neo4j.database,
        )
    from autointel.adapters.graph.ladybug import LadybugGraph

    return LadybugGraph(home.graph, namespace, locks=home.locks, waiting=listener.waiting)
