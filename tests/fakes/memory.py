"""Vector memory in a dictionary, and an embedder that counts words. Both keep to what the ports promise."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autointel import ports
from autointel.ports import Remembered


class BagOfWords(ports.Embedder):
    """Each word is one direction, chosen by its checksum: texts with common words are near, others are not."""

    def __init__(self, dimension: int = 64, version: str = "1") -> None:
        self._dimension = dimension
        self._version = version

    @property
    def fingerprint(self) -> str:
        return f"bag-of-words/{self._dimension}/{self._version}"

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                rows[row, zlib.crc32(word.encode()) % self._dimension] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows


class FakeMemory(ports.VectorMemory):
    """What Qdrant does, without Qdrant. ``calls`` tells what was asked, in order."""

    def __init__(self, embedder: ports.Embedder | None = None) -> None:
        self._embedder = embedder or BagOfWords()
        self._kept: dict[str, tuple[Remembered, NDArray[np.float32]]] = {}
        self.calls: list[str] = []

    @property
    def collection(self) -> str:
        return "fake-00000000"

    async def missing(self, ids: Sequence[str]) -> set[str]:
        self.calls.append("missing")
        return set(ids) - set(self._kept)

    async def remember(self, records: Sequence[Remembered]) -> None:
        self.calls.append("remember")
        vectors = self._embedder.embed([record.text for record in records])
        for record, vector in zip(records, vectors, strict=True):
            self._kept[record.record_id] = record.model_copy(update={"text": ""}), vector

    async def forget(self, ids: Sequence[str]) -> None:
        self.calls.append("forget")
        self._kept = {id_: kept for id_, kept in self._kept.items() if id_ not in set(ids)}

    async def nearest(
        self, text: str, limit: int, *, kind: str = "passage", not_source: str | None = None
    ) -> list[tuple[Remembered, float]]:
        self.calls.append("nearest")
        question = self._embedder.embed([text])[0]
        if not question.any():
            return []
        found = [
            (record, float(vector @ question))
            for record, vector in self._kept.values()
            if record.kind == kind and record.source_id != not_source
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0].record_id))[:limit]

    async def count(self) -> int:
        self.calls.append("count")
        return len(self._kept)

    async def close(self) -> None:
        self.calls.append("close")
