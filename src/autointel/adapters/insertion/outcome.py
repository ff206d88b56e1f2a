"""The failures of an insertion as one error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from autointel.adapters.insertion.writer import Inserted
from autointel.errors import NotAllStored, StoreUnavailable

Item = TypeVar("Item")


def raise_failures(inserted: Inserted[Item], id_of: Callable[[Item], str]) -> None:
    """Raise NotAllStored with the ids of all items that are not stored; any error that is no store's as it is."""
    if not inserted.failures:
        return
    for _, error in inserted.failures:
        if not isinstance(error, StoreUnavailable):
            raise error
    lost = frozenset(id_of(item) for items, _ in inserted.failures for item in items)
    first = inserted.failures[0][1]
    hint = first.hint if isinstance(first, StoreUnavailable) else ""
    raise NotAllStored(str(first), hint, lost=lost) from first
