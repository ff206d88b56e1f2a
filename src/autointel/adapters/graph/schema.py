"""The graph's one fixed schema and its queries, in the Cypher that ladybug and Neo4j both speak.

What they do not share and is therefore not used: ``SET n += $map``, ``datetime()``, ``elementId``, ``type(r)``,
undeclared properties, null inside a list of maps (so an absent number is -1), ``CALL {}``. Tables and constraints are
each backend's own.
"""

from __future__ import annotations

from typing import Final

LADYBUG: Final = (
    """
    CREATE NODE TABLE IF NOT EXISTS Entity (
        id STRING PRIMARY KEY, namespace STRING, name STRING, folded STRING, kind STRING, mentions INT64,
        confidence STRING
    )
    """,
    """
    CREATE REL TABLE IF NOT EXISTS RELATED (
        FROM Entity TO Entity, id STRING, namespace STRING, predicate STRING, weight INT64, confidence STRING,
        run_id STRING, source_id STRING, passage_id STRING, quote STRING, start DOUBLE, paragraph INT64,
        valid_from STRING, contradicted_by STRING[]
    )
    """,
    # Files of earlier versions.
    "ALTER TABLE RELATED ADD IF NOT EXISTS valid_from STRING DEFAULT ''",
    "ALTER TABLE RELATED ADD IF NOT EXISTS contradicted_by STRING[]",
)
NEO4J: Final = (
    "CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (e:Entity) REQUIRE e.id IS UNIQUE",
    "CREATE TEXT INDEX entity_folded IF NOT EXISTS FOR (e:Entity) ON (e.folded)",
    "CREATE INDEX related_id IF NOT EXISTS FOR ()-[r:RELATED]-() ON (r.id)",
)

# Larger of the two, so that the order in which sources arrive leaves no trace.
WRITE_ENTITIES: Final = """
UNWIND $rows AS row
MERGE (e:Entity {id: row.id})
ON CREATE SET e.namespace = row.namespace, e.name = row.name, e.folded = row.folded, e.kind = row.kind,
    e.mentions = row.mentions, e.confidence = row.confidence
ON MATCH SET e.mentions = CASE WHEN e.mentions < row.mentions THEN row.mentions ELSE e.mentions END
"""
WRITE_RELATIONS: Final = """
UNWIND $rows AS row
MATCH (a:Entity {id: row.subject_id}), (b:Entity {id: row.object_id})
MERGE (a)-[r:RELATED {id: row.id}]->(b)
ON CREATE SET r.namespace = row.namespace, r.predicate = row.predicate, r.weight = row.weight,
    r.confidence = row.confidence, r.run_id = row.run_id, r.source_id = row.source_id,
    r.passage_id = row.passage_id, r.quote = row.quote, r.start = row.start, r.paragraph = row.paragraph,
    r.valid_from = row.valid_from, r.contradicted_by = row.contradicted_by
ON MATCH SET
    r.valid_from = CASE WHEN row.valid_from = '' THEN r.valid_from ELSE row.valid_from END,
    r.contradicted_by = CASE WHEN size(row.contradicted_by) = 0 THEN r.contradicted_by ELSE row.contradicted_by END
"""
STORED_ENTITIES: Final = "MATCH (e:Entity) WHERE e.id IN $ids RETURN e.id AS id"
STORED_RELATIONS: Final = "MATCH (:Entity)-[r:RELATED]->(:Entity) WHERE r.id IN $ids RETURN r.id AS id"

_ENTITY: Final = "e.id AS id, e.name AS name, e.kind AS kind, e.mentions AS mentions, e.confidence AS confidence"
FIND: Final = f"""
MATCH (e:Entity) WHERE e.namespace = $namespace AND e.folded CONTAINS $name
RETURN {_ENTITY},
    CASE WHEN e.folded = $name THEN 0 WHEN e.folded STARTS WITH $name THEN 1 ELSE 2 END AS place
ORDER BY place, mentions DESC, name, id
LIMIT $limit
"""
_NEIGHBOURS: Final = f"""
RETURN {_ENTITY}, r.predicate AS predicate, sum(r.weight) AS weight
ORDER BY weight DESC, name, predicate, id
LIMIT $limit
"""
OUTGOING: Final = f"MATCH (:Entity {{id: $id}})-[r:RELATED]->(e:Entity) {_NEIGHBOURS}"
INCOMING: Final = f"MATCH (:Entity {{id: $id}})<-[r:RELATED]-(e:Entity) {_NEIGHBOURS}"
_RELATION: Final = """
    r.id AS id, a.id AS subject_id, b.id AS object_id, r.predicate AS predicate, r.weight AS weight,
    r.confidence AS confidence, r.run_id AS run_id, r.source_id AS source_id, r.passage_id AS passage_id,
    r.quote AS quote, r.start AS start, r.paragraph AS paragraph, r.valid_from AS valid_from,
    r.contradicted_by AS contradicted_by"""
_HEAVIEST: Final = "ORDER BY r.weight DESC, r.source_id, r.start, r.paragraph, r.id"
WHY_OUTGOING: Final = f"""
MATCH (a:Entity {{id: $id}})-[r:RELATED]->(b:Entity) WHERE b.id IN $ids RETURN {_RELATION} {_HEAVIEST}
"""
WHY_INCOMING: Final = f"""
MATCH (a:Entity)-[r:RELATED]->(b:Entity {{id: $id}}) WHERE a.id IN $ids RETURN {_RELATION} {_HEAVIEST}
"""
BETWEEN: Final = f"""
UNWIND $rows AS row
MATCH (a:Entity {{id: row.subject_id}})-[r:RELATED]->(b:Entity {{id: row.object_id}}) RETURN {_RELATION}
"""
FORGET_RELATIONS: Final = """
MATCH (:Entity)-[r:RELATED]->(:Entity) WHERE r.namespace = $namespace AND r.source_id = $source_id DELETE r
"""
FORGET_RELATIONS_BY_ID: Final = "MATCH (:Entity)-[r:RELATED]->(:Entity) WHERE r.id IN $ids DELETE r"
LOOSE: Final = f"""
MATCH (e:Entity) WHERE e.namespace = $namespace AND NOT EXISTS {{ MATCH (e)-[:RELATED]-(:Entity) }}
RETURN {_ENTITY} ORDER BY id
"""
FORGET_ENTITIES: Final = "MATCH (e:Entity) WHERE e.id IN $ids DETACH DELETE e"
EVERY_ENTITY: Final = """
MATCH (e:Entity) RETURN e.id AS id, e.namespace AS namespace, e.name AS name, e.folded AS folded, e.kind AS kind,
    e.mentions AS mentions, e.confidence AS confidence
"""
EVERY_RELATION: Final = """
MATCH (a:Entity)-[r:RELATED]->(b:Entity) RETURN a.id AS subject_id, b.id AS object_id, r.id AS id,
    r.namespace AS namespace, r.predicate AS predicate, r.weight AS weight, r.confidence AS confidence,
    r.run_id AS run_id, r.source_id AS source_id, r.passage_id AS passage_id, r.quote AS quote, r.start AS start,
    r.paragraph AS paragraph, coalesce(r.valid_from, '') AS valid_from,
    coalesce(r.contradicted_by, []) AS contradicted_by
"""
COUNT_ENTITIES: Final = "MATCH (e:Entity) WHERE e.namespace = $namespace RETURN count(e) AS count"
COUNT_RELATIONS: Final = """
MATCH (:Entity)-[r:RELATED]->(:Entity) WHERE r.namespace = $namespace RETURN count(r) AS count
"""
