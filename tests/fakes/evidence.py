"""A source of evidence that knows a few pages by heart."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.domain.analysis import Evidence
from autointel.errors import EvidenceUnavailable
from autointel.ports import EvidenceSearch


class ShelfEvidence(EvidenceSearch):
    """Gives what shares a word with the query, in the order it stands; ``down`` makes it unreachable."""

    name = "shelf"

    def __init__(self, shelf: Sequence[Evidence] = (), *, down: bool = False) -> None:
        self.shelf = list(shelf)
        self.down = down
        self.asked: list[str] = []

    async def prepare(self) -> None:
        """It is there already."""

    async def search(self, query: str, limit: int) -> list[Evidence]:
        """See EvidenceSearch."""
        self.asked.append(query)
        if self.down:
            raise EvidenceUnavailable("The shelf has fallen over.", "Put it up again.")
        words = set(query.lower().split())
        return [item for item in self.shelf if words & set(item.quote.lower().split())][:limit]
