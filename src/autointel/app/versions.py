"""Versions of one source: a file that was edited, or a page that changed, replaces what was read of it before.

What the stores hold of the old version is noted in the outbox, and removed by the memory and graph steps once they have
stored the new one.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import PurePath

from autointel.domain.source import Source
from autointel.domain.transcript import Transcript
from autointel.pipeline.outbox_fallback import STALE_RECORDS, STALE_RELATIONS
from autointel.ports import Catalogue
from autointel.text.near_duplicates import OwnWords

_STDIN = "-"
_SHARED = 0.5
"""Of the shorter version's words in a row; two talks under one name share hardly any."""


def retire_passages(catalogue: Catalogue, source_id: str, passages: Collection[str]) -> None:
    """Remove what rests on passages that a source no longer has. Blocks. Raises HomeUnusable."""
    if passages:
        records = catalogue.verdicts.forget_passages(source_id, passages)
        relations = catalogue.knowledge.forget(source_id, list(passages))
        _note(catalogue, {*passages, *records}, relations)


def retire_older(catalogue: Catalogue, source: Source, transcript: Transcript) -> list[Source]:
    """Remove earlier versions of ``source`` from the catalogue; the sources removed. Blocks. Raises HomeUnusable.

    A version is a file of the same name that shares half of its words in a row with this one. Its runs stay.
    """
    candidates = [
        other for other in catalogue.passages.sources() if other.id != source.id and _is_named_so(other, source)
    ]
    own = OwnWords.of(source.id, transcript) if candidates else None
    retired = []
    for other in candidates:
        stored = catalogue.passages.source(other.id)
        if own is None or stored is None or not _share(own, OwnWords.of(other.id, stored[1])):
            continue
        catalogue.atomically(partial(_retire, catalogue, other.id))
        retired.append(other)
    return retired


def _retire(catalogue: Catalogue, source_id: str) -> None:
    passages = catalogue.passages.forget(source_id)
    records = catalogue.verdicts.forget(source_id)
    _note(catalogue, passages | records, catalogue.knowledge.forget(source_id))


def _is_named_so(other: Source, source: Source) -> bool:
    if source.path is None or other.path is None or _STDIN in {source.path, other.path}:
        return False
    return PurePath(other.path).name == PurePath(source.path).name


def _share(one: OwnWords, other: OwnWords) -> bool:
    least = min(len(one.shingles), len(other.shingles))
    return least > 0 and len(one.shingles & other.shingles) >= _SHARED * least


def _note(catalogue: Catalogue, records: Collection[str], relations: Collection[str]) -> None:
    namespace = catalogue.namespace
    catalogue.outbox.add(STALE_RECORDS, namespace, dict.fromkeys(sorted(records), "{}"))
    catalogue.outbox.add(STALE_RELATIONS, namespace, dict.fromkeys(sorted(relations), "{}"))
