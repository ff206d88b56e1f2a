"""Statements from memory side by side: the ledger of a subject, and a comparison of sources. No model is asked."""

from __future__ import annotations

from collections.abc import Sequence

from autointel.app.lookup import with_stores
from autointel.app.stores import existing_catalogue
from autointel.domain.source import Source
from autointel.errors import UsageError
from autointel.memory.compare import Comparison, compare
from autointel.memory.findings import Filters, Stores, passes
from autointel.memory.ledger import Ledger, ledger
from autointel.ports import Catalogue, Listener
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
        chosen = [_named(catalogue, name) for name in names]
        read = [found for source in chosen if (found := catalogue.passages.source(source.id))]
    return compare(read, limit)


def _named(catalogue: Catalogue, name: str) -> Source:
    found = [source for source in catalogue.passages.sources() if passes(source, Filters(source=name))]
    exact = [source for source in found if name in {source.id, source.title, source.url, source.path}]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        raise UsageError(f"No source in memory is called {name!r}.", "Give a part of its title or address.")
    titles = ", ".join(source.title or source.id for source in found[:4])
    raise UsageError(f"{name!r} names {len(found)} sources: {titles}.", "Give more of the title, or the address.")
