"""Statements from memory side by side: the ledger of a subject, and a comparison of sources. No model is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.app.batches import find_batch
from autointel.app.lookup import named_source, with_stores
from autointel.app.stores import existing_catalogue
from autointel.errors import UsageError
from autointel.memory.compare import Comparison, compare
from autointel.memory.findings import Stores
from autointel.memory.ledger import Ledger, ledger
from autointel.ports import Listener
from autointel.settings import Settings

_MOST: Final = 5_000
"""Sources of a batch that are compared."""


def ledger_of(settings: Settings, namespace: str, subject: str, limit: int, listener: Listener) -> Ledger | None:
    """Who said what on the subject; None where nothing was read. Blocks. Raises HomeUnusable, PrivacyBlocked."""
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is None:
            return None
        sources = {source.id: source for source in catalogue.passages.sources()}
        claims = catalogue.verdicts.by_source()

    async def ask(passed: str, stores: Stores) -> Ledger:
        return await ledger(passed, limit, stores, sources, claims)

    return with_stores(settings, namespace, listener, subject, ask)


def compared(
    settings: Settings, namespace: str, names: Sequence[str], limit: int, batch: str | None = None
) -> Comparison | None:
    """The sources of these names, and those of a batch, side by side; None where nothing was read.

    Blocks. Raises HomeUnusable, and UsageError for a name that no source or more than one has, and for fewer than two.
    """
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is None or not catalogue.passages.count():
            return None
        everything = catalogue.passages.sources()
        chosen = [named_source(everything, name) for name in names]
        if batch is not None:
            ids = set(_of_batch(settings, catalogue, batch))
            chosen += [source for source in everything if source.id in ids and source not in chosen]
        if len(chosen) < 2:  # noqa: PLR2004
            raise UsageError(
                f"{len(chosen)} sources of this namespace are named; a comparison takes two.",
                "Name more, or give the --namespace that the batch was saved under.",
            )
        claims = catalogue.verdicts.by_source()
        read = [found for source in chosen if (found := catalogue.passages.source(source.id))]
    return compare(read, limit, claims)


def _of_batch(settings: Settings, catalogue: Catalogue, batch: str) -> Iterator[str]:
    """The ids of the sources that a batch has briefed. Raises UsageError where there is no such batch."""
    queue, _ = find_batch(settings, batch)
    for job in catalogue.jobs(queue).briefed(_MOST):
        record = catalogue.runs.find(job.run_id) if job.run_id else None
        if record is not None and record.source_id is not None:
            yield record.source_id
