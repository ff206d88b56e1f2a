"""The segments that passages were made of, for many passages in one query."""

from __future__ import annotations

import json
from collections.abc import Sequence

from autointel import ports
from autointel.adapters.catalogue.connection import Connection
from autointel.domain.passage import Passage
from autointel.domain.transcript import Segment

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
