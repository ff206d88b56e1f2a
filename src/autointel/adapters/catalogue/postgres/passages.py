"""Passages and segments in PostgreSQL: keywords by tsvector and bm25, over the same words as SQLite's index."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from typing_extensions import override

from autointel import ports
from autointel.adapters.catalogue.connection import Connection, Row
from autointel.adapters.catalogue.passages import PASSAGE, Passages
from autointel.adapters.catalogue.words import parted, terms
from autointel.domain.passage import ANYWHERE, Hit, Passage, Scope
from autointel.domain.transcript import Segment

_IN_SCOPE: Final = """(:sources::text[] IS NULL OR p.source_id = ANY(:sources))
    AND (:speakers::text[] IS NULL OR EXISTS (
        SELECT 1 FROM json_array_elements_text(p.speakers::json) AS said WHERE said = ANY(:speakers)))"""
# bm25 as FTS5 computes it (k1 = 1.2, b = 0.75), so that both databases answer alike: over the passages with any of the
# words, or over the thousand of them with the rarest words, since counting takes some 0.05 ms each. ts_rank, which does
# not know how rare a word is, finds less (see docs/adr/0079). Of a phrase one occurrence counts.
_SEARCH: Final = f"""
WITH asked AS MATERIALIZED (
    SELECT number, autointel_query(ARRAY[term], :weight) AS query, autointel_query(ARRAY[term], ':A') AS own,
        CASE WHEN strpos(term, ' ') = 0 THEN autointel_lexeme(term) END AS lexeme
    FROM unnest(:terms::text[]) WITH ORDINALITY AS given (term, number)
), found AS MATERIALIZED (
    SELECT p.id, ARRAY(SELECT number FROM asked WHERE p.words @@ asked.query) AS has
    FROM (SELECT autointel_query(:terms::text[], :weight) AS query) AS q
    JOIN passages AS p ON p.words @@ q.query WHERE p.namespace = :namespace
), weighed AS MATERIALIZED (
    SELECT asked.*, greatest(ln((whole.passages - held.number_of + 0.5) / (held.number_of + 0.5)), 1e-6)::float8 AS idf
    FROM asked
    JOIN (SELECT number, count(*) AS number_of FROM found, unnest(has) AS number GROUP BY number) AS held USING (number)
    JOIN generations AS whole ON whole.namespace = :namespace
), best AS MATERIALIZED (
    SELECT p.*, s.title, s.url, found.has
    FROM found
    JOIN passages AS p ON p.namespace = :namespace AND p.id = found.id
    JOIN sources AS s ON s.namespace = p.namespace AND s.id = p.source_id
    WHERE p.source_id IS DISTINCT FROM :not_source AND {_IN_SCOPE}
    ORDER BY (SELECT sum(idf) FROM weighed WHERE number = ANY(found.has)) DESC, p.source_id, p.position
    LIMIT greatest(1000, :limit)
)
SELECT {PASSAGE}, p.title, p.url, coalesce(word.score, 0) + coalesce(phrase.score, 0) AS score
FROM best AS p
JOIN generations AS whole ON whole.namespace = p.namespace
CROSS JOIN LATERAL (SELECT 1.2 * (0.25 + 0.75 * p.size * whole.passages / whole.words::float8) AS length) AS norm
CROSS JOIN LATERAL (
    SELECT sum(idf * often * 2.2 / (often + norm.length)) AS score FROM (
        SELECT number, idf, sum(CASE WHEN place = 'A' THEN 1 ELSE :around::float8 END) AS often
        FROM unnest(p.words) AS word JOIN weighed USING (lexeme), unnest(word.weights) AS place GROUP BY number, idf
    ) AS counted
) AS word
CROSS JOIN LATERAL (
    SELECT sum(idf * often * 2.2 / (often + norm.length)) AS score FROM (
        SELECT idf, CASE WHEN p.words @@ own THEN 1 ELSE :around::float8 END AS often
        FROM weighed WHERE lexeme IS NULL AND number = ANY(p.has)
    ) AS counted
) AS phrase
ORDER BY score DESC, p.source_id, p.position
LIMIT :limit
"""  # noqa: S608 - only our own column names are put together
_WITHIN_SCOPE: Final = f"""
SELECT {PASSAGE}, s.title, s.url FROM sources AS s
JOIN passages AS p ON p.namespace = s.namespace AND p.source_id = s.id
WHERE s.namespace = :namespace AND s.id IS DISTINCT FROM :not_source AND {_IN_SCOPE}
ORDER BY s.stored_at DESC, s.id, p.position
LIMIT :limit
"""  # noqa: S608
_BY_IDS: Final = f"""
SELECT {PASSAGE}, s.title, s.url FROM passages AS p
JOIN sources AS s ON s.namespace = p.namespace AND s.id = p.source_id
WHERE p.namespace = :namespace AND p.id = ANY(:ids) AND {_IN_SCOPE}
"""  # noqa: S608
# Each step jumps to the next name in the index, so the cost is that of the different names and not of the segments.
_SPEAKERS: Final = """
WITH RECURSIVE names (name) AS (
    (SELECT left(speaker, 200) FROM segments WHERE namespace = :namespace AND speaker IS NOT NULL
     ORDER BY left(speaker, 200) LIMIT 1)
    UNION ALL
    SELECT (SELECT left(speaker, 200) FROM segments WHERE namespace = :namespace AND speaker IS NOT NULL
            AND left(speaker, 200) > names.name ORDER BY left(speaker, 200) LIMIT 1)
    FROM names WHERE names.name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL ORDER BY name
"""
_SAID: Final = """
SELECT 1 AS said FROM passages AS p WHERE p.words @@ autointel_query(:terms::text[], ':A') AND p.namespace = :namespace
    AND p.source_id <> ALL(:not_sources) LIMIT 1
"""
_INDEX: Final = "UPDATE passages SET words = autointel_words(?, ?), size = ? WHERE namespace = ? AND id = ?"
_COUNT: Final = "UPDATE generations SET passages = passages + ?, words = words + ? WHERE namespace = ?"


class PostgresPassages(Passages):
    """The sources of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    @override
    def keyword(
        self,
        question: str,
        limit: int,
        *,
        not_source: str | None = None,
        around: float = 0.5,
        scope: Scope = ANYWHERE,
    ) -> list[Hit]:
        """Passages with any word of ``question``, best first by bm25 (Robertson and Zaragoza, 2009).

        A word in the passage before or after counts ``around`` as much as one in the passage itself.
        """
        asked = [words for term in terms(question) if (words := parted(term))]
        return self._matching(asked, "", limit, around, {"not_source": not_source} | self._scope(scope))

    @override
    def phrase(self, phrase: str, limit: int, *, not_source: str | None = None, scope: Scope = ANYWHERE) -> list[Hit]:
        """Passages with the phrase word for word, best first; none that has it across a passage's border."""
        words = parted(phrase)
        asked = [words] if words else []
        return self._matching(asked, ":A", limit, 0.0, {"not_source": not_source} | self._scope(scope))

    @override
    def within(self, scope: Scope, limit: int, *, not_source: str | None = None) -> list[Hit]:
        """The passages of a scope, the latest source first, in order; all with the score 1."""
        parameters = self._scope(scope) | {"limit": limit, "not_source": not_source}
        return [self._hit(row, 1.0) for row in self._connection.read(_WITHIN_SCOPE, parameters)]

    @override
    def speakers(self) -> list[str]:
        """Every speaker's name, of which 200 characters count, in order of the alphabet."""
        return [row["name"] for row in self._connection.read(_SPEAKERS, {"namespace": self._namespace})]

    @override
    def saying(self, phrases: Sequence[str], *, not_sources: Sequence[str]) -> set[str]:
        """Those of ``phrases`` that another source says, word for word as the index takes words. One query each."""
        return {phrase for phrase in phrases if self._is_said(parted(phrase), not_sources)}

    def _is_said(self, words: str, not_sources: Sequence[str]) -> bool:
        asked = {"terms": [words], "namespace": self._namespace, "not_sources": list(not_sources)}
        return bool(words and self._connection.read(_SAID, asked))

    def _matching(
        self, asked: list[str], weight: str, limit: int, around: float, parameters: dict[str, Any]
    ) -> list[Hit]:
        if not asked:
            return []
        given = {"terms": asked, "weight": weight, "limit": limit, "around": around}
        return [self._hit(row, row["score"]) for row in self._connection.read(_SEARCH, parameters | given)]

    @override
    def _rows_of(self, ids: Sequence[str], scope: Scope) -> Sequence[Row]:
        return self._connection.read(_BY_IDS, self._scope(scope) | {"ids": list(ids)})

    def _scope(self, scope: Scope) -> dict[str, Any]:
        return {
            "namespace": self._namespace,
            "sources": None if scope.source_ids is None else sorted(scope.source_ids),
            "speakers": None if scope.speakers is None else sorted(scope.speakers),
        }

    @override
    def _add_to_index(self, source_id: str, passages: Sequence[Passage]) -> None:
        words = {passage.index: parted(passage.text) for passage in passages}
        rows = [
            (words[each.index], f"{words.get(each.index - 1, '')} {words.get(each.index + 1, '')}", each.id)
            for each in passages
        ]
        sizes = [len(own.split()) + len(around.split()) for own, around, _ in rows]
        self._connection.write_many(
            _INDEX,
            [(own, around, size, self._namespace, id_) for (own, around, id_), size in zip(rows, sizes, strict=True)],
        )
        self._connection.write(_COUNT, (len(rows), sum(sizes), self._namespace))

    @override
    def _take_from_index(self, source_id: str) -> None:
        rows = self._connection.read(
            "SELECT count(*) AS passages, coalesce(sum(size), 0) AS words FROM passages"
            " WHERE namespace = ? AND source_id = ?",
            (self._namespace, source_id),
        )
        if rows[0]["passages"]:
            self._connection.write(_COUNT, (-rows[0]["passages"], -int(rows[0]["words"]), self._namespace))


_SEGMENTS: Final = """
SELECT asked.number, s.text, s.start, s."end", s.speaker, s.paragraph, s.place
FROM json_to_recordset(:runs::json) AS asked (number int, source_id text, first int, last int)
JOIN segments AS s ON s.namespace = :namespace AND s.source_id = asked.source_id
    AND s.position BETWEEN asked.first AND asked.last
ORDER BY asked.number, s.position
"""


class PostgresSegments(ports.SpokenWords):
    """The segments of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self._namespace = namespace

    @override
    def within(self, passages: Sequence[Passage]) -> dict[str, tuple[Segment, ...]]:
        """Segments by passage id, in order, in one query; a passage that is no longer kept is left out."""
        runs = [
            {"number": number, "source_id": each.source_id, "first": each.first, "last": each.last}
            for number, each in enumerate(passages)
        ]
        found: dict[str, list[Segment]] = {}
        rows = self._connection.read(_SEGMENTS, {"runs": json.dumps(runs), "namespace": self._namespace})
        for row in rows:
            values = dict(row)
            found.setdefault(passages[int(values.pop("number"))].id, []).append(Segment(**values))
        return {passage_id: tuple(segments) for passage_id, segments in found.items()}
