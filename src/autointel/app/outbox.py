"""What waits for a memory or graph that does not answer, in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from typing_extensions import override

from autointel import ports
from autointel.adapters.catalogue.catalogue import Catalogue


class CatalogueOutbox(ports.Outbox):
    """The outbox of one namespace."""

    def __init__(self, catalogue: Catalogue, namespace: str) -> None:
        self._catalogue = catalogue
        self._namespace = namespace

    @override
    async def put(self, kind: str, payloads: Mapping[str, str]) -> None:
        """Durable when it returns. Raises HomeUnusable."""
        await self._catalogue.aside(self._catalogue.outbox.add, kind, self._namespace, payloads)
