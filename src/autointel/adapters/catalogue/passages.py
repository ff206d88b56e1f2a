"""Sources with their passages and segments. How they are searched is the database's own affair."""

from __future__ import annotations

import hashlib
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final

from typing_extensions import override

from autointel.adapters.catalogue.connection import Connection, Row, atomic, parsed
from autointel.adapters.catalogue.words import says
from autointel.domain.passage import ANYWHERE, Hit, Passage, Scope
from autointel.domain.transcript import Segment, Source, Transcript
from autointel.ports import PassageIndex, SpokenWords

PASSAGE: Final = """p.id, p.source_id, p.position, p.first, p.last, p.text, p.start, p."end", p.paragraph, p.speakers"""
COLUMNS: Final = 'namespace, source_id, id, position, first, last, text, start, "end", paragraph, speakers'
"""What a row of passages has in every database."""
_SEGMENT: Final = ("text", "start", "end", "speaker", "paragraph", "place", "estimated")
"""What a segment is stored as."""
_FIRST_TEXTS: Final = 20
"""Texts of passages in which a name is looked for before all are read."""


class Passages(PassageIndex, ABC):
    """The sources of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(self, connection: Connection, namespace: str, *, now: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._namespace = namespace
        self._now = now

    @atomic
    def store(
        self, source: Source, transcript: Transcript, passages: Sequence[Passage], *, place: str | None = None
    ) -> frozenset[str]:
        """Keep a source with all its words, in one transaction; what was kept of it before is replaced.

        ``place`` is the whole path of its file. Returns the ids of passages that are no more, whose vectors may be
        forgotten. Storing the same words changes nothing but the place.
        """
        frame = transcript.model_dump_json(exclude={"segments"})
        digest = _digest(source, transcript, passages)
        where = (self._namespace, source.id)
        self._connection.lock(f"source {self._namespace} {source.id}")
        stored = self._connection.read("SELECT digest, place FROM sources WHERE namespace = ? AND id = ?", where)
        if stored and stored[0]["digest"] == digest:
            if place not in {None, stored[0]["place"]}:
                self._connection.write("UPDATE sources SET place = ? WHERE namespace = ? AND id = ?", (place, *where))
            return frozenset()
        before = self._ids_of(source.id)
        self._remove(source.id)
        self._connection.write(
            "INSERT INTO sources (namespace, id, value, title, url, frame, digest, stored_at, place)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*where, source.model_dump_json(), source.title, source.url, frame, digest, self._now(), place),
        )
        self._insert(source.id, transcript.segments, passages)
        return before - {passage.id for passage in passages}

    def lock(self) -> None:
        """Inside ``atomically``: until its end nobody else stores or removes sources of the namespace who locks it."""
        self._connection.lock(f"sources {self._namespace}")

    def holds(self, passages: Sequence[Passage]) -> bool:
        """Whether each of the passages is kept for its source. Inside ``atomically`` that stays so until its end."""
        kept = {}
        for source_id in sorted({passage.source_id for passage in passages}):
            self._connection.lock(f"source {self._namespace} {source_id}")
            kept[source_id] = self._ids_of(source_id)
        return all(passage.id in kept[passage.source_id] for passage in passages)

    def losing(self, source_id: str, passages: Sequence[Passage]) -> frozenset[str]:
        """The ids of passages of a source that are kept, and would be no more once it has these."""
        return self._ids_of(source_id) - {passage.id for passage in passages}

    def saying(self, phrases: Sequence[str], *, not_sources: Sequence[str]) -> set[str]:
        """Those of ``phrases`` that a source other than ``not_sources`` says, word for word. One query each, or two."""
        return {phrase for phrase in phrases if self._is_said(phrase, not_sources)}

    def _is_said(self, phrase: str, not_sources: Sequence[str]) -> bool:
        # The index takes "evidence" for "Evides". Nearly always, one of the first texts has the phrase itself.
        first = self._texts_like(phrase, not_sources, _FIRST_TEXTS)
        if any(says(text, phrase) for text in first):
            return True
        rest = self._texts_like(phrase, not_sources, None) if len(first) == _FIRST_TEXTS else ()
        return any(says(text, phrase) for text in rest)

    @abstractmethod
    def _texts_like(self, phrase: str, not_sources: Sequence[str], limit: int | None) -> list[str]:
        """The texts of passages of other sources that have the phrase with each word in any form."""

    @abstractmethod
    def _rows_of(self, ids: Sequence[str], scope: Scope) -> Sequence[Row]:
        """The passages with these ids inside the scope, with ``title`` and ``url`` of their source."""

    @abstractmethod
    def _take_from_index(self, source_id: str) -> None:
        """Called before the source's passages are removed."""

    @override
    def hits(self, scores: dict[str, float], *, scope: Scope = ANYWHERE) -> list[Hit]:
        found = [self._hit(row, scores[row["id"]]) for row in self._rows_of(list(scores), scope)]
        return sorted(found, key=lambda hit: (-hit.score, hit.passage.source_id, hit.passage.index))

    def source(self, source_id: str) -> tuple[Source, Transcript] | None:
        """A source with its transcript, as they were stored; None if it is not kept."""
        where = (self._namespace, source_id)
        rows = self._connection.read("SELECT value, frame FROM sources WHERE namespace = ? AND id = ?", where)
        if not rows:
            return None
        segments = self._connection.read(
            'SELECT text, start, "end", speaker, paragraph, place, estimated FROM segments'
            " WHERE namespace = ? AND source_id = ? ORDER BY position",
            where,
        )
        frame = json.loads(rows[0]["frame"]) | {"segments": [Segment(**dict(row)) for row in segments]}
        return parsed(Source, rows[0]["value"]), Transcript.model_validate(frame)

    def stated_starts(self, source_id: str) -> frozenset[float]:
        """The seconds at which the source itself says that something begins; any other second of it is estimated."""
        rows = self._connection.read(
            "SELECT start, estimated FROM segments WHERE namespace = ? AND source_id = ? AND start IS NOT NULL",
            (self._namespace, source_id),
        )
        return frozenset(row["start"] for row in rows if not row["estimated"])

    @override
    def sources(self) -> list[Source]:
        rows = self._connection.read(
            "SELECT value FROM sources WHERE namespace = ? ORDER BY stored_at DESC, id", (self._namespace,)
        )
        return [parsed(Source, row["value"]) for row in rows]

    def places(self) -> dict[str, str]:
        """The whole paths of the files that sources were read from, by the sources' ids, where they are known."""
        rows = self._connection.read(
            "SELECT id, place FROM sources WHERE namespace = ? AND place IS NOT NULL", (self._namespace,)
        )
        return {row["id"]: row["place"] for row in rows}

    def stored_before(self, day: date) -> list[Source]:
        """Every source that was last stored before ``day`` begins (UTC)."""
        midnight = datetime.combine(day, datetime.min.time(), UTC).timestamp()
        rows = self._connection.read(
            "SELECT value FROM sources WHERE namespace = ? AND stored_at < ? ORDER BY stored_at, id",
            (self._namespace, midnight),
        )
        return [parsed(Source, row["value"]) for row in rows]

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
            f"SELECT {PASSAGE} FROM passages AS p WHERE p.namespace = ? AND p.source_id = ? ORDER BY p.position",  # noqa: S608
            (self._namespace, source_id),
        )
        return [_passage(row) for row in rows]

    def everything(self) -> Iterator[Passage]:
        """Every passage, source by source, for reindexing and export; memory stays bounded by the longest source."""
        for source in self.sources():
            yield from self.of_source(source.id)

    def namespaces(self) -> list[str]:
        """Every namespace that keeps a source, this one or not."""
        rows = self._connection.read("SELECT DISTINCT namespace FROM sources ORDER BY namespace")
        return [row["namespace"] for row in rows]

    def count(self) -> int:
        """Passages kept."""
        rows = self._connection.read("SELECT count(*) AS number FROM passages WHERE namespace = ?", (self._namespace,))
        return int(rows[0]["number"])

    @atomic
    def forget(self, source_id: str) -> frozenset[str]:
        """Remove a source and all its words; returns the ids of its passages."""
        self._connection.lock(f"source {self._namespace} {source_id}")
        ids = self._ids_of(source_id)
        self._remove(source_id)
        return ids

    def _insert(self, source_id: str, segments: Sequence[Segment], passages: Sequence[Passage]) -> None:
        where = (self._namespace, source_id)
        self._connection.write_many(
            'INSERT INTO segments (namespace, source_id, position, text, start, "end", speaker, paragraph, place,'
            " estimated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*where, number, *(getattr(each, name) for name in _SEGMENT)) for number, each in enumerate(segments)],
        )
        self._insert_passages(source_id, passages)

    @abstractmethod
    def _insert_passages(self, source_id: str, passages: Sequence[Passage]) -> None:
        """Store a source's passages so that they are found by keyword."""

    def _remove(self, source_id: str) -> None:
        self._take_from_index(source_id)
        self._connection.write("DELETE FROM sources WHERE namespace = ? AND id = ?", (self._namespace, source_id))

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


class Segments(SpokenWords):
    """The segments of one namespace. Blocks: call it off the event loop. Raises HomeUnusable.

    ``statement`` is the database's own: it takes the namespace and, as ``runs`` in JSON, the segments of each passage.
    """

    def __init__(self, connection: Connection, namespace: str, statement: str) -> None:
        self._connection = connection
        self._namespace = namespace
        self._statement = statement

    @override
    def within(self, passages: Sequence[Passage]) -> dict[str, tuple[Segment, ...]]:
        runs = [
            {"number": number, "source_id": each.source_id, "first": each.first, "last": each.last}
            for number, each in enumerate(passages)
        ]
        found: dict[str, list[Segment]] = {}
        rows = self._connection.read(self._statement, {"runs": json.dumps(runs), "namespace": self._namespace})
        for row in rows:
            values = dict(row)
            found.setdefault(passages[int(values.pop("number"))].id, []).append(Segment(**values))
        return {passage_id: tuple(segments) for passage_id, segments in found.items()}


def _digest(source: Source, transcript: Transcript, passages: Sequence[Passage]) -> str:
    digest = hashlib.sha256()
    for value in (source, transcript, *passages):
        digest.update(value.model_dump_json().encode())
    return digest.hexdigest()


def values_of(passage: Passage) -> tuple[object, ...]:
    """The values of ``COLUMNS`` from ``id`` on."""
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
