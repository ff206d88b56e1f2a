"""Statements from memory side by side: the ledger of a subject, and a comparison of sources. No model is asked."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.app.lookup import named_source, with_stores
from autointel.app.stores import existing_catalogue
from autointel.memory.compare import Comparison, compare
from autointel.memory.findings import Stores
from autointel.memory.ledger import Ledger, ledger
from autointel.ports import Listener
from autointel.settings import Settings


def ledger_of(settings: Settings, namespace: str, subject: str, limit: int, listener: Listener) -> Ledger | None:
    """Who said what on the subject; None where nothing was read. Blocks. Raises HomeUnusable, PrivacyBlocked."""
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is None:
            return None
        sources = {source.id: source for source in catalogue.passages.sources()}
        claims = catalogue.verdicts.by_source()

    async def told(passed: str, stores: Stores) -> Ledger:
        return await ledger(passed, limit, stores, sources, claims)

    return with_stores(settings, namespace, listener, subject, told)


def compared(settings: Settings, namespace: str, names: Sequence[str], limit: int) -> Comparison | None:
    """The sources of these names side by side; None where nothing was read.

    Blocks. Raises HomeUnusable, and UsageError for a name that no source or more than one has.
    """
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is None or not catalogue.passages.count():
            return None
        everything = catalogue.passages.sources()
        chosen = [named_source(everything, name) for name in names]
        read = [found for source in chosen if (found := catalogue.passages.source(source.id))]
    return compare(read, limit)
