"""What a name or an id that nothing bears may have been meant for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.domain.transcript import Source
from autointel.errors import UsageError

_ALIKE: Final = 0.8
_COMPARED: Final = 500  # runs


def known_as(sources: Iterable[Source]) -> Iterator[str]:
    """Every name that sources are called by."""
    for source in sources:
        yield from filter(None, (source.title, source.url, source.path, source.path and Path(source.path).name))


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """The beginning of a hint: which of these names may have been misspelt; nothing where none is like it."""
    from difflib import get_close_matches

    folded = {name.casefold(): name for name in known}
    near = get_close_matches(typed.casefold(), folded, n=1, cutoff=_ALIKE)
    return f'Did you mean "{folded[near[0]]}"? ' if near else ""


def no_run(catalogue: Catalogue | None, run_id: str) -> UsageError:
    """There is no run of that id, or more than one begins so."""
    latest = catalogue.runs.latest(_COMPARED) if catalogue else []
    meant = did_you_mean(run_id, [record.id for record in latest])
    return UsageError(f"There is no run {run_id}, or more than one begins so.", f"{meant}autointel runs lists them.")
