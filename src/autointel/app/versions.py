"""Versions of one source: a file that was edited, a page that changed, a copy under another path or address.

The one read last replaces what was read before, once its run has come to its end. A text that follows another's
template is no copy of it: this week's report has the words of last week's and other numbers.

What the stores hold of the old version is noted in the outbox, and removed by the memory and graph steps once they have
stored the new one.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.domain.knowledge import Relation
from autointel.domain.transcript import Source, Transcript
from autointel.pipeline.store import STALE_RECORDS, STALE_RELATIONS
from autointel.ports import Remembered
from autointel.text.near_duplicates import OwnWords, states_the_same

_STDIN: Final = "-"
_SHARED: Final = 0.5
"""Of the shorter version's words in a row; two talks under one name or address share hardly any."""
_COPIED: Final = 0.8
"""Of the longer one's words in a row: the same text, wherever it stands. A quotation, however long, is no copy."""
_PROBES: Final = 12  # runs of words looked for in other sources
_PROBE: Final = 6
"""Words in a row. Two texts on one matter share such a run now and then, and not half of the probes."""
_LONGEST: Final = 300  # characters of such a run
_MOST_ALIKE: Final = 4  # parts for each that differs: "no, no, no" is no run that tells texts apart
# Parameters that say who led a reader to a page, and not which page it is.
_WHO_LED_HERE: Final = re.compile(
    r"utm_\w+|[fg]bclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|ref|ref_\w+|source|cmp|cmpid|ocid|spm|si|feature|"
    r"share|smid|at_\w+",
    re.IGNORECASE,
)
_FRONT: Final = re.compile(r"/(?:(?:index|default)\.\w{3,5}|amp)?/*$")


def retire_passages(catalogue: Catalogue, source_id: str, passages: Collection[str]) -> None:
    """Remove what rests on passages that a source no longer has. Blocks. Raises HomeUnusable."""
    if passages:
        records = catalogue.verdicts.forget_passages(source_id, passages)
        relations = catalogue.knowledge.forget(source_id, list(passages))
        _note(catalogue, {*passages, *records}, relations)


def not_stale(catalogue: Catalogue, records: Iterable[Remembered], relations: Iterable[Relation]) -> None:
    """What is kept again, because a version came back, is not removed from its stores. Blocks. Raises HomeUnusable."""
    outbox, namespace = catalogue.outbox, catalogue.namespace
    outbox.strike(STALE_RECORDS, namespace, [record.record_id for record in records])
    outbox.strike(STALE_RELATIONS, namespace, [relation.id for relation in relations])


def retire_older(catalogue: Catalogue, source: Source, transcript: Transcript) -> list[Source]:
    """Remove earlier versions of ``source`` from the catalogue; the sources removed. Runs stay.

    Blocks. Raises HomeUnusable.
    """
    older = older_versions(catalogue, source, transcript)
    for other in older:
        catalogue.atomically(partial(_retire, catalogue, other.id))
    return older


def older_versions(catalogue: Catalogue, source: Source, transcript: Transcript) -> list[Source]:
    """The sources in memory that are earlier versions of ``source``. Blocks. Raises HomeUnusable.

    A version stands at the same place, however it was typed, or at the same address but for what leads to it, and
    shares half of its words in a row with this one. At any other place or address it is a copy that shares nearly all
    of them, and states the same numbers, dates and names.
    """
    alike = _alike(catalogue, source.id, transcript)
    places, place = catalogue.passages.places(), place_of(source)
    others = [other for other in catalogue.passages.sources() if other.id != source.id]
    at_its_place = {other.id for other in others if _stands_there(other, places.get(other.id), source, place)}
    candidates = {
        other: _SHARED if other.id in at_its_place else _COPIED
        for other in others
        if other.id in at_its_place or other.id in alike
    }
    own = OwnWords.of(source.id, transcript) if candidates else None
    older = []
    for other, least in candidates.items():
        stored = catalogue.passages.source(other.id)
        if own is None or stored is None or not _share(own, OwnWords.of(other.id, stored[1]), least):
            continue
        if least == _COPIED and not states_the_same(stored[1], transcript):
            continue
        older.append(other)
    return older


def _retire(catalogue: Catalogue, source_id: str) -> None:
    passages = catalogue.passages.forget(source_id)
    records = catalogue.verdicts.forget(source_id)
    _note(catalogue, passages | records, catalogue.knowledge.forget(source_id))


def _alike(catalogue: Catalogue, source_id: str, transcript: Transcript) -> set[str]:
    """Ids of other sources that hold half of some runs of words taken from all over the transcript."""
    words = [word for segment in transcript.segments for word in segment.text.split()]
    if len(words) < _PROBES * _PROBE:
        return set()
    held: Counter[str] = Counter()
    for number in range(_PROBES):
        first = number * (len(words) - _PROBE) // _PROBES
        phrase = _bounded(words[first : first + _PROBE])
        # An index goes through all places of each part: "a:a:a:..." took it an hour.
        parts = re.findall(r"\w+", phrase)
        if len(parts) > _MOST_ALIKE * len(set(parts)):
            continue
        hits = catalogue.passages.phrase(phrase, _PROBES, not_source=source_id)
        held.update({hit.passage.source_id for hit in hits})
    return {other for other, probes in held.items() if 2 * probes >= _PROBES}


def _bounded(words: Sequence[str]) -> str:
    """The words as a phrase, of which as many count as stand in its first 300 characters: a word may have no end."""
    phrase = " ".join(words)
    return phrase if len(phrase) <= _LONGEST else phrase[:_LONGEST].rpartition(" ")[0] or phrase[:_LONGEST]


def place_of(source: Source) -> str | None:
    """The whole path of a source's file; None where no file stands there: a run may go on in another folder."""
    if source.path is None or source.path == _STDIN:
        return None
    place = os.path.abspath(source.path)  # noqa: PTH100  Path.absolute keeps ".."
    return place if os.path.exists(place) else None  # noqa: PTH110  False for what is no path at all


def _stands_there(other: Source, there: str | None, source: Source, here: str | None) -> bool:
    if source.url and other.url:
        return same_page(source.url) == same_page(other.url)
    if source.path is None or other.path is None or _STDIN in {source.path, other.path}:
        return False
    return there == here if there and here else other.path == source.path


def same_page(address: str) -> str:
    """What two addresses of one page have in common: neither scheme, www, tracking nor the front page's file name."""
    parts = urlsplit(address)
    host = re.sub(r"^(?:www\d?|m|amp)\.", "", (parts.hostname or "").rstrip("."))
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    query = sorted(
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _WHO_LED_HERE.fullmatch(pair[0])
    )
    return f"{host}{port}{_FRONT.sub('', parts.path)}?{urlencode(query)}"


def _share(one: OwnWords, other: OwnWords, least: float) -> bool:
    """A copy is measured by the longer of the two, a version by the shorter."""
    sizes = len(one.shingles), len(other.shingles)
    of = max(sizes) if least == _COPIED else min(sizes)
    return of > 0 and len(one.shingles & other.shingles) >= least * of


def _note(catalogue: Catalogue, records: Collection[str], relations: Collection[str]) -> None:
    namespace = catalogue.namespace
    catalogue.outbox.add(STALE_RECORDS, namespace, dict.fromkeys(sorted(records), "{}"))
    catalogue.outbox.add(STALE_RELATIONS, namespace, dict.fromkeys(sorted(relations), "{}"))
