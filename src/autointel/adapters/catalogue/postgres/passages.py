"""Passages and segments in PostgreSQL: keywords by tsvector and bm25, over the same words as SQLite's index."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from typing_extensions import override

from autointel.adapters.catalogue.connection import Row
from autointel.adapters.catalogue.passages import COLUMNS, PASSAGE, Passages, values_of
from autointel.adapters.catalogue.words import Families, parted, terms
from autointel.domain.passage import ANYWHERE, Hit, Passage, Scope

_IN_SCOPE: Final = """(:sources::text[] IS NULL OR p.source_id = ANY(:sources))
    AND (:speakers::text[] IS NULL OR EXISTS (
        SELECT 1 FROM json_array_elements_text(p.speakers::json) AS said WHERE said = ANY(:speakers)))"""
# bm25 as FTS5 computes it (k1 = 1.2, b = 0.75), so that both databases answer alike: over all passages with any of the
# words, or over the best of them by ts_rank and the words' rarity, since counting words takes some 0.08 ms a passage.
# ts_rank alone does not know how rare a word is, and finds less (docs/adr/0079). A phrase is met where all
# its words stand in a row.
_COUNTED: Final = 400
_LAST_PLACE: Final = 16_383  # of a word in a tsvector
_GAP: Final = 8_000  # the place of the first word of a passage's neighbours
# A moment of a podcast opens its recording, not its page, as in a briefing.
_URL: Final = "COALESCE(CAST(s.value AS json) ->> 'media_url', s.url) AS url"
_SEARCH: Final = f"""
WITH found AS MATERIALIZED (
    SELECT p.id, {{has}} FROM passages AS p WHERE p.namespace = :namespace AND p.words @@ CAST(:query AS tsquery)
), rarity AS MATERIALIZED (
    SELECT whole.passages, whole.words, {{rarities}}
    FROM generations AS whole, (SELECT {{held}} FROM found) AS held WHERE whole.namespace = :namespace
), best AS MATERIALIZED (
    SELECT p.*, s.title, {_URL}, 1.2 * (0.25 + 0.75 * p.size * rarity.passages::float8 / rarity.words) AS norm
    FROM found
    JOIN passages AS p ON p.namespace = :namespace AND p.id = found.id
    JOIN sources AS s ON s.namespace = p.namespace AND s.id = p.source_id
    CROSS JOIN rarity
    WHERE p.source_id IS DISTINCT FROM :not_source AND {_IN_SCOPE}
    ORDER BY {{guess}} DESC, p.source_id, p.position
    LIMIT greatest({_COUNTED}, :limit)
), asked (number, rarity) AS MATERIALIZED ({{asked}}
), part AS MATERIALIZED (
    SELECT * FROM json_to_recordset(CAST(:parts AS json)) AS part (number int, lexeme text, place int, size int)
)
SELECT {PASSAGE}, p.title, p.url, term.score
FROM best AS p
CROSS JOIN LATERAL (
    SELECT coalesce(sum(rarity * often * 2.2 / (often + p.norm)), 0) AS score FROM (
        SELECT number, sum(CASE WHEN first < {_GAP} - 1 THEN 1 ELSE :around::float8 END) AS often FROM (
            SELECT part.number, place.place - part.place AS first
            FROM unnest(p.words) AS word JOIN part USING (lexeme), unnest(word.positions) AS place (place)
            GROUP BY part.number, part.size, first HAVING count(*) = part.size
        ) AS met GROUP BY number
    ) AS counted JOIN asked USING (number)
) AS term
ORDER BY score DESC, p.source_id, p.position
LIMIT :limit
"""  # noqa: S608 - only our own column names are put together
_WITHIN_SCOPE: Final = f"""
SELECT {PASSAGE}, s.title, {_URL} FROM sources AS s
JOIN passages AS p ON p.namespace = s.namespace AND p.source_id = s.id
WHERE s.namespace = :namespace AND s.id IS DISTINCT FROM :not_source AND {_IN_SCOPE}
ORDER BY s.stored_at DESC, s.id, p.position
LIMIT :limit
"""  # noqa: S608
_BY_IDS: Final = f"""
SELECT {PASSAGE}, s.title, {_URL} FROM passages AS p
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
_TEXTS_LIKE: Final = """
SELECT p.text FROM passages AS p WHERE p.words @@ CAST(:query AS tsquery) AND p.namespace = :namespace
    AND p.source_id <> ALL(:not_sources) LIMIT CAST(:limit AS bigint)
"""
_INSERT: Final = (
    f"INSERT INTO passages ({COLUMNS}, words, size)"  # noqa: S608
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS tsvector), ?)"
)
# As in SQLite's: each step of the recursion jumps to the next language in the index.
_FORMS: Final = """
WITH RECURSIVE spoken (language) AS (
    SELECT min(frame::json ->> 'language') FROM sources WHERE namespace = :namespace
    UNION ALL
    SELECT (SELECT min(frame::json ->> 'language') FROM sources
            WHERE namespace = :namespace AND (frame::json ->> 'language') > spoken.language)
    FROM spoken WHERE spoken.language IS NOT NULL
)
SELECT NULL::int AS word, language AS term, 0 AS doc FROM spoken WHERE language IS NOT NULL
UNION ALL
SELECT asked.number::int - 1, terms.term, terms.doc
FROM json_array_elements_text(:prefixes::json) WITH ORDINALITY AS asked (value, number)
JOIN passage_terms AS terms ON terms.namespace = :namespace
    AND terms.term >= asked.value AND terms.term < asked.value || :last::text
ORDER BY word, doc DESC, term
"""
_ADD_TERMS: Final = """
INSERT INTO passage_terms (namespace, term, doc)
SELECT p.namespace, word.lexeme, count(*) FROM passages AS p, unnest(p.words) AS word
WHERE p.namespace = ? AND p.source_id = ? GROUP BY p.namespace, word.lexeme
ON CONFLICT (namespace, term) DO UPDATE SET doc = passage_terms.doc + excluded.doc
"""
_TAKE_TERMS: Final = """
UPDATE passage_terms AS known SET doc = known.doc - gone.doc FROM (
    SELECT word.lexeme, count(*) AS doc FROM passages AS p, unnest(p.words) AS word
    WHERE p.namespace = ? AND p.source_id = ? GROUP BY word.lexeme
) AS gone WHERE known.namespace = ? AND known.term = gone.lexeme
"""
_COUNT: Final = "UPDATE generations SET passages = passages + ?, words = words + ? WHERE namespace = ?"
_STEMMED: Final = range(3, 65)
SEGMENTS: Final = """
SELECT asked.number, s.text, s.start, s."end", s.speaker, s.paragraph, s.place, s.estimated
FROM json_to_recordset(:runs::json) AS asked (number int, source_id text, first int, last int)
JOIN segments AS s ON s.namespace = :namespace AND s.source_id = asked.source_id
    AND s.position BETWEEN asked.first AND asked.last
ORDER BY asked.number, s.position
"""


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
        words = terms(question)
        forms = Families(self._connection, self._namespace, _FORMS).of(words)
        asked = [parts for term in (*words, *forms) if (parts := parted(term))]
        return self._matching(asked, "", limit, around, {"not_source": not_source} | self._scope(scope))

    @override
    def respelt(self, words: Sequence[str]) -> dict[str, str]:
        """For words that stand nowhere, in no form, the stem of one that is spelt nearly so. One statement."""
        return Families(self._connection, self._namespace, _FORMS).respelt(words)

    @override
    def phrase(self, phrase: str, limit: int, *, not_source: str | None = None, scope: Scope = ANYWHERE) -> list[Hit]:
        words = parted(phrase)
        asked = [words] if words else []
        return self._matching(asked, ":A", limit, 0.0, {"not_source": not_source} | self._scope(scope))

    @override
    def within(self, scope: Scope, limit: int, *, not_source: str | None = None) -> list[Hit]:
        parameters = self._scope(scope) | {"limit": limit, "not_source": not_source}
        return [self._hit(row, 1.0) for row in self._connection.read(_WITHIN_SCOPE, parameters)]

    @override
    def speakers(self) -> list[str]:
        """Every speaker's name, of which 200 characters count, in order of the alphabet."""
        return [row["name"] for row in self._connection.read(_SPEAKERS, {"namespace": self._namespace})]

    @override
    def _texts_like(self, phrase: str, not_sources: Sequence[str], limit: int | None) -> list[str]:
        words = parted(phrase)
        if not words:
            return []
        query = _query(words, _lexemes(words.split()), ":A")
        asked = {"query": query, "namespace": self._namespace, "not_sources": list(not_sources), "limit": limit}
        return [row["text"] for row in self._connection.read(_TEXTS_LIKE, asked)]

    def _matching(
        self, asked: list[str], weight: str, limit: int, around: float, parameters: dict[str, Any]
    ) -> list[Hit]:
        if not asked:
            return []
        lexemes = _lexemes(word for term in asked for word in term.split())
        queries = [_query(term, lexemes, weight) for term in asked]
        given = {"query": " | ".join(queries), "limit": limit, "around": around}
        parts = []
        for number, term in enumerate(asked):
            given[f"word_{number}"] = queries[number]
            words = term.split()
            parts += [
                {"number": number, "lexeme": lexemes[word], "place": place, "size": len(words)}
                for place, word in enumerate(words)
            ]
        given["parts"] = json.dumps(parts)
        return [self._hit(row, row["score"]) for row in self._connection.read(_search(len(asked)), parameters | given)]

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
    def _insert_passages(self, source_id: str, passages: Sequence[Passage]) -> None:
        words = {passage.index: parted(passage.text).split() for passage in passages}
        lexemes = _lexemes(word for own in words.values() for word in own)
        rows, total = [], 0
        for passage in passages:
            own, at = words[passage.index], passage.index
            around = [*words.get(at - 1, ()), *words.get(at + 1, ())]
            size = len(own) + len(around)
            vector = _vector([lexemes[word] for word in own], [lexemes[word] for word in around])
            rows.append((self._namespace, source_id, *values_of(passage), vector, size))
            total += size
        self._connection.write_many(_INSERT, rows)
        self._connection.write(_COUNT, (len(rows), total, self._namespace))
        self._connection.write(_ADD_TERMS, (self._namespace, source_id))

    @override
    def _take_from_index(self, source_id: str) -> None:
        rows = self._connection.read(
            "SELECT count(*) AS passages, coalesce(sum(size), 0) AS words FROM passages"
            " WHERE namespace = ? AND source_id = ?",
            (self._namespace, source_id),
        )
        if rows[0]["passages"]:
            self._connection.write(_COUNT, (-rows[0]["passages"], -int(rows[0]["words"]), self._namespace))
            self._connection.write(_TAKE_TERMS, (self._namespace, source_id, self._namespace))
            self._connection.write("DELETE FROM passage_terms WHERE namespace = ? AND doc <= 0", (self._namespace,))


@lru_cache(maxsize=64)
def _search(count: int) -> str:
    """The statement for so many terms: ``:word_n`` is the query of each."""
    numbers = range(count)
    return _SEARCH.format(
        has=", ".join(f"(p.words @@ CAST(:word_{n} AS tsquery))::int AS has_{n}" for n in numbers),
        held=", ".join(f"sum(has_{n}) AS held_{n}" for n in numbers),
        rarities=", ".join(
            f"greatest(ln((whole.passages - held_{n} + 0.5) / (held_{n} + 0.5)), 1e-6)::float8 AS rarity_{n}"
            for n in numbers
        ),
        guess=" + ".join(
            f"has_{n} * rarity_{n} * ts_rank(ARRAY[:around, 0, 0, 1]::real[], p.words, CAST(:word_{n} AS tsquery))"
            for n in numbers
        ),
        asked=" UNION ALL ".join(f"SELECT {n}, rarity_{n} FROM rarity" for n in numbers),  # noqa: S608
    )


def _lexemes(words: Iterable[str]) -> dict[str, str]:
    """The stem of each word, as SQLite's index takes it (Porter, 1980), whatever language the server speaks.

    Like there, words of fewer than 3 or more than 64 bytes stay as they are: of "s" nothing would be left.
    """
    from Stemmer import Stemmer

    different = list(dict.fromkeys(words))
    stems = Stemmer("porter").stemWords(different)
    return {
        word: stem if stem and len(word.encode()) in _STEMMED else word
        for word, stem in zip(different, stems, strict=True)
    }


def _vector(own: Sequence[str], around: Sequence[str]) -> str:
    """A tsvector: a passage's own words with weight A, and far behind them its neighbours' with weight D."""
    places: dict[str, list[str]] = {}
    for place, lexeme in enumerate(own, start=1):
        places.setdefault(lexeme, []).append(f"{min(place, _LAST_PLACE)}A")
    for place, lexeme in enumerate(around, start=_GAP):
        places.setdefault(lexeme, []).append(f"{min(place, _LAST_PLACE)}")
    return " ".join(f"'{lexeme}':{','.join(found)}" for lexeme, found in places.items())


def _query(term: str, lexemes: Mapping[str, str], weight: str) -> str:
    """A tsquery for a word or a phrase. Its words are letters, digits and marks: nothing in them is syntax."""
    return "(" + " <-> ".join(f"'{lexemes[word]}'{weight}" for word in term.split()) + ")"
