"""Which words were found at an address, so that the same address again need not be asked."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autointel.adapters.catalogue.connection import Connection
from autointel.adapters.catalogue.passages import Passages
from autointel.domain.source import Source
from autointel.domain.transcript import Transcript


@dataclass(frozen=True)
class KeptWords:
    """What is kept of an address; ``age`` in seconds, ``tag`` what its server gave to ask with next time."""

    source: Source
    transcript: Transcript
    age: float
    tag: Mapping[str, str] = field(default_factory=dict)


class FetchedWords:
    """The addresses of one namespace. Blocks: call it off the event loop. Raises HomeUnusable."""

    def __init__(
        self, connection: Connection, passages: Passages, namespace: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._connection = connection
        self._passages = passages
        self._namespace = namespace
        self._now = now

    def find(self, key: str) -> KeptWords | None:
        """The words found under ``key``; None where they are forgotten, or other words of that source are kept now."""
        rows = self._connection.read(
            "SELECT source_id, words, tag, fetched_at FROM fetched WHERE namespace = ? AND key = ?",
            (self._namespace, key),
        )
        kept = self._passages.source(rows[0]["source_id"]) if rows else None
        if kept is None or _digest(kept[1]) != rows[0]["words"]:
            return None
        # A clock set back makes them young, not unborn.
        age = max(0.0, self._now() - rows[0]["fetched_at"])
        return KeptWords(*kept, age=age, tag=json.loads(rows[0]["tag"]))

    def keep(self, key: str, source: Source, transcript: Transcript, tag: Mapping[str, str]) -> None:
        """Note where words were found; they themselves are kept with their source, by whoever reads them."""
        self._connection.write(
            "INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?, ?, ?)",
            (self._namespace, key, source.id, _digest(transcript), json.dumps(dict(tag)), self._now()),
        )


def _digest(transcript: Transcript) -> str:
    return hashlib.sha256(transcript.model_dump_json().encode()).hexdigest()
