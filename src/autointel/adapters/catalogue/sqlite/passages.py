"""Passages and segments in SQLite: keywords by FTS5 and bm25."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from typing_extensions import override

from autointel.adapters.catalogue.connection import Row
from autointel.adapters.catalogue.passages import COLUMNS, PASSAGE, Passages, values_of
from autointel.adapters.catalogue.words import Families, match_phrase, terms
from autointel.domain.passage import ANYWHERE, Hit, Passage, Scope

_SOURCE_IN_SCOPE: Final = "(:sources IS NULL OR p.source_id IN (SELECT value FROM json_each(:sources)))"
_IN_SCOPE: Final = f"""{_SOURCE_IN_SCOPE} AND (:speakers IS NULL OR EXISTS (
        SELECT 1 FROM json_each(p.speakers) AS said WHERE said.value IN (SELECT value FROM json_each(:speakers))))"""  # noqa: S608
# A moment of a podcast opens its recording, not its page, as in a briefing.
_URL: Final = "COALESCE(json_extract(s.value, '$.media_url'), s.url) AS url"
# Each step jumps to the next value in the index, so the cost is that of the different values and not of the passages.
_LISTS: Final = """
WITH RECURSIVE lists (value) AS (
    SELECT min(speakers) FROM passages WHERE namespace = :namespace
    UNION ALL
    SELECT (SELECT min(speakers) FROM passages WHERE namespace = :namespace AND speakers > lists.value)
    FROM lists WHERE lists.value IS NOT NULL
)
"""
_SPEAKERS: Final = f"""
{_LISTS}
SELECT DISTINCT said.value AS name FROM lists, json_each(lists.value) AS said WHERE lists.value IS NOT NULL
ORDER BY name
"""  # noqa: S608
# The lists with a speaker are found once; taking each passage's list apart would cost as much as the search itself.
_LIST_IN_SCOPE: Final = f"""(:speakers IS NULL OR p.speakers IN (
        {_LISTS}
        SELECT lists.value FROM lists, json_each(lists.value) AS said
        WHERE lists.value IS NOT NULL AND said.value IN (SELECT value FROM json_each(:speakers))))"""  # noqa: S608
_MATCHES: Final = f"""
    SELECT p.rowid AS place, -bm25(passage_index, 1.0, :around) AS score, p.source_id, p.position
    FROM passage_index
    CROSS JOIN passages AS p ON p.rowid = passage_index.rowid
    WHERE passage_index MATCH :query AND p.namespace = :namespace AND p.source_id IS NOT :not_source
        AND {_SOURCE_IN_SCOPE} AND {_LIST_IN_SCOPE}
"""  # noqa: S608 - only our own column names are put together
# The best are chosen first, and only then are their texts and addresses read: a common word stands in every passage.
_SEARCH: Final = f"""
WITH best AS MATERIALIZED (
    {_MATCHES}
    ORDER BY score DESC, p.source_id, p.position
    LIMIT :limit
)
SELECT {PASSAGE}, s.title, {_URL}, best.score FROM best
CROSS JOIN passages AS p ON p.rowid = best.place
CROSS JOIN sources AS s ON s.namespace = p.namespace AND s.id = p.source_id
ORDER BY best.score DESC, p.source_id, p.position
"""  # noqa: S608
# Passages with a rare word and a common one, and those with a rare word alone: no word is asked for twice.
_SEARCH_RARE: Final = _SEARCH.replace(
    _MATCHES,
    f"SELECT * FROM ({_MATCHES} UNION ALL {_MATCHES.replace(':query', ':without')}) AS p",  # noqa: S608
)
_WITHIN_SCOPE: Final = f"""
SELECT {PASSAGE}, s.title, {_URL} FROM sources AS s
CROSS JOIN passages AS p ON p.namespace = s.namespace AND p.source_id = s.id
WHERE s.namespace = :namespace AND s.id IS NOT :not_source AND {_IN_SCOPE}
ORDER BY s.stored_at DESC, s.id, p.position
LIMIT :limit
"""  # noqa: S608
_BY_IDS: Final = f"""
SELECT {PASSAGE}, s.title, {_URL} FROM passages AS p
JOIN sources AS s ON s.namespace = p.namespace AND s.id = p.source_id
WHERE p.namespace = :namespace AND p.id IN (SELECT value FROM json_each(:ids)) AND {_IN_SCOPE}
"""  # noqa: S608
_UNINDEX: Final = """
INSERT INTO passage_index (passage_index, rowid, text, around)
SELECT 'delete', rowid, text, around FROM passage_words WHERE namespace = ? AND source_id = ?
"""
_INDEX: Final = """
INSERT INTO passage_index (rowid, text, around)
SELECT rowid, text, around FROM passage_words WHERE namespace = ? AND source_id = ?
"""
# One statement for both. Each step of the recursion jumps to the next value in the index, so the cost is that of the
# different languages and not of the sources. The highest number may be above the count of passages: a word then passes
# for rarer than it is, which is safe.
_FORMS: Final = """
WITH RECURSIVE spoken (language) AS (
    SELECT min(json_extract(frame, '$.language')) FROM sources WHERE namespace = :namespace
    UNION ALL
    SELECT (SELECT min(json_extract(frame, '$.language')) FROM sources
            WHERE namespace = :namespace AND json_extract(frame, '$.language') > spoken.language)
    FROM spoken WHERE spoken.language IS NOT NULL
)
SELECT NULL AS word, '' AS term, (SELECT max(rowid) FROM passages) AS doc
UNION ALL
SELECT NULL, language, 0 FROM spoken WHERE language IS NOT NULL
UNION ALL
SELECT asked.key, terms.term, terms.doc FROM json_each(:prefixes) AS asked
CROSS JOIN passage_terms AS terms ON terms.term >= asked.value AND terms.term < asked.value || :last
UNION ALL
SELECT -1, terms.term, terms.doc FROM json_each(:exact) AS asked
CROSS JOIN passage_terms AS terms ON terms.term = asked.value
ORDER BY word, doc DESC
"""
# The cross join keeps the order: each passage first, then its run of segments by their key.
SEGMENTS: Final = """
SELECT j.key AS number, s.text, s.start, s."end", s.speaker, s.paragraph, s.place, s.estimated
FROM json_each(:runs) AS j CROSS JOIN segments AS s ON s.namespace = :namespace
    AND s.source_id = json_extract(j.value, '$.source_id')
    AND s.position BETWEEN json_extract(j.value, '$.first') AND json_extract(j.value, '$.last')
ORDER BY j.key, s.position
"""


class SqlitePassages(Passages):
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

        A word in the passage before or after counts ``around`` as much as one in the passage itself. Passages that
        hold common words alone are not scored where those words cannot bring one among the best. Words are counted in
        all namespaces, so where the rarer ones stand nowhere in this one, or in the scope, all words are looked for.
        """
        words = terms(question)
        asked = Families(self._connection, self._namespace, _FORMS).by_rarity(words, limit)
        given = self._parameters(scope) | {"limit": limit, "not_source": not_source, "around": around}
        if asked.common:
            found = self._matching(_SEARCH_RARE, given | {"query": asked.with_common, "without": asked.without_common})
            if len(found) == limit and found[-1].score > asked.most_of_common:
                return found
        found = self._matching(_SEARCH, given | {"query": asked.any}) if words else []
        return found or (self._matching(_SEARCH, given | {"query": asked.every}) if asked.left_out else [])

    @override
    def respelt(self, words: Sequence[str]) -> dict[str, str]:
        """For words that stand nowhere, in no form, the stem of one that is spelt nearly so. One statement."""
        return Families(self._connection, self._namespace, _FORMS).respelt(words)

    @override
    def phrase(self, phrase: str, limit: int, *, not_source: str | None = None, scope: Scope = ANYWHERE) -> list[Hit]:
        given = {"query": f"text : {match_phrase(phrase)}", "limit": limit, "not_source": not_source, "around": 0.0}
        return self._matching(_SEARCH, self._parameters(scope) | given)

    @override
    def within(self, scope: Scope, limit: int, *, not_source: str | None = None) -> list[Hit]:
        parameters = self._parameters(scope) | {"limit": limit, "not_source": not_source}
        return [self._hit(row, 1.0) for row in self._connection.read(_WITHIN_SCOPE, parameters)]

    @override
    def speakers(self) -> list[str]:
        rows = self._connection.read(_SPEAKERS, {"namespace": self._namespace})
        return [str(row["name"]) for row in rows]

    def _matching(self, statement: str, given: Mapping[str, object]) -> list[Hit]:
        return [self._hit(row, row["score"]) for row in self._connection.read(statement, given)]

    @override
    def _rows_of(self, ids: Sequence[str], scope: Scope) -> Sequence[Row]:
        return self._connection.read(_BY_IDS, self._parameters(scope) | {"ids": json.dumps(list(ids))})

    def _parameters(self, scope: Scope) -> dict[str, Any]:
        return {
            "namespace": self._namespace,
            "sources": None if scope.source_ids is None else json.dumps(sorted(scope.source_ids)),
            "speakers": None if scope.speakers is None else json.dumps(sorted(scope.speakers)),
        }

    @override
    def _texts_like(self, phrase: str, not_sources: Sequence[str], limit: int | None) -> list[str]:
        rows = self._connection.read(
            "SELECT p.text AS text FROM passage_index CROSS JOIN passages AS p ON p.rowid = passage_index.rowid"
            " WHERE passage_index MATCH ? AND p.namespace = ?"
            " AND p.source_id NOT IN (SELECT value FROM json_each(?)) LIMIT ?",
            (
                f"text : {match_phrase(phrase)}",
                self._namespace,
                json.dumps(list(not_sources)),
                -1 if limit is None else limit,
            ),
        )
        return [row["text"] for row in rows]

    @override
    def _insert_passages(self, source_id: str, passages: Sequence[Passage]) -> None:
        where = (self._namespace, source_id)
        self._connection.write_many(
            f"INSERT INTO passages ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [(*where, *values_of(passage)) for passage in passages],
        )
        self._connection.write(_INDEX, where)

    @override
    def _take_from_index(self, source_id: str) -> None:
        # The index keeps no text of its own and must be told what it loses, while that still stands in the tables.
        self._connection.write(_UNINDEX, (self._namespace, source_id))
