"""Sources with their passages, to be searched by keyword, and the segments that the passages were made of."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from autointel import ports
from autointel.adapters.catalogue.connection import Connection, Row
from autointel.adapters.catalogue.words import match_any, match_phrase
from autointel.domain.passage import ANYWHERE, Hit, Passage, Scope
from autointel.domain.source import Source
from autointel.domain.transcript import Segment, Transcript

_PASSAGE = """p.id, p.source_id, p.position, p.first, p.last, p.text, p.start, p."end", p.paragraph, p.speakers"""
_IN_SCOPE = """(:sources IS NULL OR p.source_id IN (SELECT value FROM json_each(:sources)))
    AND (:speakers IS NULL OR EXISTS (
        SELECT 1 FROM json_each(p.speakers) AS said WHERE said.value IN (SELECT value FROM json_each(:speakers))))"""
_SEARCH = f"""
SELECT {_PASSAGE}, s.title, s.url, -bm25(passage_index, 1.0, :around) AS score
FROM passage_index
CROSS JOIN passages AS p ON p.rowid = passage_index.rowid
CROSS JOIN sources AS s ON s.namespace = p.namespace AND s.id = p.source_id
WHERE passage_index MATCH :query AND p.namespace = :namespace AND p.source_id IS NOT :not_source AND {_IN_SCOPE}
ORDER BY score DESC, p.source_id, p.position
LIMIT :limit
"""  # noqa: S608 - only our own column names are put together
_WITHIN_SCOPE = f"""
SELECT {_PASSAGE}, s.title, s.url FROM sources AS s
CROSS JOIN passages AS p ON p.namespace = s.namespace AND p.source_id = s.id
WHERE s.namespace = :namespace AND s.id IS NOT :not_source AND {_IN_SCOPE}
ORDER BY s.stored_at DESC, s.id, p.position
LIMIT :limit
"""  # noqa: S608
_BY_IDS = f"""
SELECT {_PASSAGE}, s.title, s.url FROM passages AS p
JOIN sources AS s ON s.namespace = p.namespace AND s.id = p.source_id
WHERE p.namespace = :namespace AND p.id IN (SELECT value FROM json_each(:ids)) AND {_IN_SCOPE}
"""  # noqa: S608
# Each step jumps to the next value in the index, so the cost is that of the different values and not of the passages.
_SPEAKERS = """
WITH RECURSIVE lists (value) AS (
    SELECT min(speakers) FROM passages WHERE namespace = :namespace
    UNION ALL
    SELECT (SELECT min(speakers) FROM passages WHERE namespace = :namespace AND speakers > lists.value)
    FROM lists WHERE lists.value IS NOT NULL
)
SELECT DISTINCT said.value AS name FROM lists, json_each(lists.value) AS said WHERE lists.value IS NOT NULL
ORDER BY name
"""
_UNINDEX = """
INSERT INTO passage_index (passage_index, rowid, text, around)
SELECT 'delete', rowid, text, around FROM passage_words WHERE namespace = ? AND source_id = ?
"""
_INDEX = """
INSERT INTO passage_index (rowid, text, around)
SELECT rowid, text, around FROM passage_words WHERE namespace = ? AND source_id = ?
"""


class Passages:
    """The sources of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, namespace: str, *, now: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._namespace = namespace
        self._now = now

    def store(self, source: Source, transcript: Transcript, passages: Sequence[Passage]) -> frozenset[str]:
        """Keep a source with all its words, in one transaction; what was kept of it before is replaced.

        Returns the ids of passages that are no more, whose vectors may be forgotten. Storing the same changes nothing.
        """
        frame = transcript.model_dump_json(exclude={"segments"})
        digest = _digest(source, transcript, passages)
        where = (self._namespace, source.id)
        with self._connection.transaction():
            stored = self._connection.read("SELECT digest FROM sources WHERE namespace = ? AND id = ?", where)
            if stored and stored[0]["digest"] == digest:
                return frozenset()
            before = self._ids_of(source.id)
            self._remove(source.id)
            self._connection.write(
                "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*where, source.model_dump_json(), source.title, source.url, frame, digest, self._now()),
            )
            self._insert(source.id, transcript.segments, passages)
            return before - {passage.id for passage in passages}

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
        return self._matching(match_any(question), limit, not_source, around, scope)

    def phrase(self, phrase: str, limit: int, *, not_source: str | None = None, scope: Scope = ANYWHERE) -> list[Hit]:
        """Passages with the phrase word for word, best first; none that has it across a passage's border."""
        return self._matching(f"text : {match_phrase(phrase)}", limit, not_source, 0.0, scope)

    def within(self, scope: Scope, limit: int, *, not_source: str | None = None) -> list[Hit]:
        """The passages of a scope, the latest source first, in order; all with the score 1."""
        parameters = self._parameters(scope) | {"limit": limit, "not_source": not_source}
        return [self._hit(row, 1.0) for row in self._connection.read(_WITHIN_SCOPE, parameters)]

    def speakers(self) -> list[str]:
        """Every speaker's name, in order of the alphabet."""
        rows = self._connection.read(_SPEAKERS, {"namespace": self._namespace})
        return [str(row["name"]) for row in rows]

    def hits(self, scores: dict[str, float], *, scope: Scope = ANYWHERE) -> list[Hit]:
        """The passages with these ids and their scores, best first; ids that are not kept are left out."""
        found = [self._hit(row, scores[row["id"]]) for row in self._rows_of(list(scores), scope)]
        return sorted(found, key=lambda hit: (-hit.score, hit.passage.source_id, hit.passage.index))

    def by_ids(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages that are kept, by id."""
        return {row["id"]: _passage(row) for row in self._rows_of(ids, ANYWHERE)}

    def _matching(
        self, query: str | None, limit: int, not_source: str | None, around: float, scope: Scope
    ) -> list[Hit]:
        if query is None:
            return []
        given = {"query": query, "limit": limit, "not_source": not_source, "around": around}
        rows = self._connection.read(_SEARCH, self._parameters(scope) | given)
        return [self._hit(row, row["score"]) for row in rows]

    def _rows_of(self, ids: Sequence[str], scope: Scope) -> list[Row]:
        return self._connection.read(_BY_IDS, self._parameters(scope) | {"ids": json.dumps(list(ids))})

    def _parameters(self, scope: Scope) -> dict[str, Any]:
        return {
            "namespace": self._namespace,
            "sources": None if scope.source_ids is None else json.dumps(sorted(scope.source_ids)),
            "speakers": None if scope.speakers is None else json.dumps(sorted(scope.speakers)),
        }

    def source(self, source_id: str) -> tuple[Source, Transcript] | None:
        """A source with its transcript, as they were stored; None if it is not kept."""
        where = (self._namespace, source_id)
        rows = self._connection.read("SELECT value, frame FROM sources WHERE namespace = ? AND id = ?", where)
        if not rows:
            return None
        segments = self._connection.read(
            'SELECT text, start, "end", speaker, paragraph, place FROM segments'
            " WHERE namespace = ? AND source_id = ? ORDER BY position",
            where,
        )
        frame = json.loads(rows[0]["frame"]) | {"segments": [Segment(**dict(row)) for row in segments]}
        return Source.model_validate_json(rows[0]["value"]), Transcript.model_validate(frame)

    def sources(self) -> list[Source]:
        """Every source kept, the latest first."""
        rows = self._connection.read(
            "SELECT value FROM sources WHERE namespace = ? ORDER BY stored_at DESC, id", (self._namespace,)
        )
        return [Source.model_validate_json(row["value"]) for row in rows]

    def stored_before(self, day: date) -> list[Source]:
        """Every source that was last stored before ``day`` begins (UTC)."""
        midnight = datetime.combine(day, datetime.min.time(), UTC).timestamp()
        rows = self._connection.read(
            "SELECT value FROM sources WHERE namespace = ? AND stored_at < ? ORDER BY stored_at, id",
            (self._namespace, midnight),
        )
        return [Source.model_validate_json(row["value"]) for row in rows]

    def speakers_by_source(self) -> dict[str, tuple[str, ...]]:
        """Everyone who speaks in each source, by the source's id, in the order of their first words."""
        rows = self._connection.read(
            "SELECT source_id, speaker FROM segments WHERE namespace = ? AND speaker IS NOT NULL"
            " GROUP BY source_id, speaker ORDER BY source_id, min(position)",
            (self._namespace,),
        )
        return {
            source_id: tuple(row["speaker"] for row in members)
            for source_id, members in groupby(rows, lambda row: row["source_id"])
        }

    def of_source(self, source_id: str) -> list[Passage]:
        """The passages of a source, in order."""
        rows = self._connection.read(
            f"SELECT {_PASSAGE} FROM passages AS p WHERE p.namespace = ? AND p.source_id = ? ORDER BY p.position",  # noqa: S608
            (self._namespace, source_id),
        )
        return [_passage(row) for row in rows]

    def everything(self) -> Iterator[Passage]:
        """Every passage, source by source, for reindexing and export; memory stays bounded by the longest source."""
        for source in self.sources():
            yield from self.of_source(source.id)

    def count(self) -> int:
        """Passages kept."""
        rows = self._connection.read("SELECT count(*) FROM passages WHERE namespace = ?", (self._namespace,))
        return int(rows[0][0])

    def forget(self, source_id: str) -> frozenset[str]:
        """Remove a source and all its words; returns the ids of its passages."""
        with self._connection.transaction():
            ids = self._ids_of(source_id)
            self._remove(source_id)
            return ids

    def saying(self, phrases: Sequence[str], *, not_sources: Sequence[str]) -> set[str]:
        """Those of ``phrases`` that another source says, word for word as the index takes words. One query each."""
        return {phrase for phrase in phrases if self._is_said(phrase, not_sources)}

    def _is_said(self, phrase: str, not_sources: Sequence[str]) -> bool:
        rows = self._connection.read(
            "SELECT 1 FROM passage_index CROSS JOIN passages AS p ON p.rowid = passage_index.rowid"
            " WHERE passage_index MATCH ? AND p.namespace = ?"
            " AND p.source_id NOT IN (SELECT value FROM json_each(?)) LIMIT 1",
            (f"text : {match_phrase(phrase)}", self._namespace, json.dumps(list(not_sources))),
        )
        return bool(rows)

    def _insert(self, source_id: str, segments: Sequence[Segment], passages: Sequence[Passage]) -> None:
        where = (self._namespace, source_id)
        self._connection.write_many(
            "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (*where, number, each.text, each.start, each.end, each.speaker, each.paragraph, each.place)
                for number, each in enumerate(segments)
            ),
        )
        self._connection.write_many(
            'INSERT INTO passages (namespace, source_id, id, position, first, last, text, start, "end", paragraph,'
            " speakers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((*where, *_values(passage)) for passage in passages),
        )
        self._connection.write(_INDEX, where)

    def _remove(self, source_id: str) -> None:
        where = (self._namespace, source_id)
        # The index keeps no text of its own and must be told what it loses, while that still stands in the tables.
        self._connection.write(_UNINDEX, where)
        self._connection.write("DELETE FROM sources WHERE namespace = ? AND id = ?", where)

    def _ids_of(self, source_id: str) -> frozenset[str]:
        rows = self._connection.read(
            "SELECT id FROM passages WHERE namespace = ? AND source_id = ?", (self._namespace, source_id)
        )
        return frozenset(row["id"] for row in rows)

    def _hit(self, row: Row, score: float) -> Hit:
        return Hit(
            passage=_passage(row),
            score=score,
            source_title=row["title"],
            source_url=row["url"],
            namespace=self._namespace,
        )


def _digest(source: Source, transcript: Transcript, passages: Sequence[Passage]) -> str:
    digest = hashlib.sha256()
    for value in (source, transcript, *passages):
        digest.update(value.model_dump_json().encode())
    return digest.hexdigest()


def _values(passage: Passage) -> tuple[object, ...]:
    return (
        passage.id,
        passage.index,
        passage.first,
        passage.last,
        passage.text,
        passage.start,
        passage.end,
        passage.paragraph,
        json.dumps(passage.speakers, ensure_ascii=False),
    )


def _passage(row: Row) -> Passage:
    return Passage(
        id=row["id"],
        source_id=row["source_id"],
        index=row["position"],
        first=row["first"],
        last=row["last"],
        text=row["text"],
        start=row["start"],
        end=row["end"],
        paragraph=row["paragraph"],
        speakers=tuple(json.loads(row["speakers"])),
    )


# The cross join keeps the order: each passage first, then its run of segments by their key.
_WITHIN = """
SELECT j.key AS asked, s.text, s.start, s."end", s.speaker, s.paragraph, s.place
FROM json_each(?) AS j CROSS JOIN segments AS s ON s.namespace = ?
    AND s.source_id = json_extract(j.value, '$[0]')
    AND s.position BETWEEN json_extract(j.value, '$[1]') AND json_extract(j.value, '$[2]')
ORDER BY j.key, s.position
"""


class Segments(ports.SpokenWords):
    """The segments of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self._namespace = namespace

    def within(self, passages: Sequence[Passage]) -> dict[str, tuple[Segment, ...]]:
        """Segments by passage id, in order, in one query; a passage that is no longer kept is left out."""
        runs = [(passage.source_id, passage.first, passage.last) for passage in passages]
        found: dict[str, list[Segment]] = {}
        for row in self._connection.read(_WITHIN, (json.dumps(runs), self._namespace)):
            values = dict(row)
            found.setdefault(passages[int(values.pop("asked"))].id, []).append(Segment(**values))
        return {passage_id: tuple(segments) for passage_id, segments in found.items()}
