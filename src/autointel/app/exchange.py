"""``autointel export`` and ``import``: a namespace as JSON lines, from and to every kind of store.

The catalogue and the folder of conversations hold all that is exported. An import writes both, then embeds and relates
what the stores lack.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any, Final, TextIO
from uuid import UUID

import anyio
from pydantic import ValidationError

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.conversations import Conversation, Conversations
from autointel.adapters.storing_lock import side_by_side
from autointel.app.maintenance import drain, reindex
from autointel.app.stores import catalogue_of, existing_catalogue, graph_of, opened_home, records_of, relations_of
from autointel.app.versions import not_stale, retire_passages
from autointel.domain.analysis import CheckedClaim
from autointel.domain.knowledge import Entity, Provenance, Relation, contradictions
from autointel.domain.passage import Passage, cut_at
from autointel.domain.transcript import Source, Transcript
from autointel.domain.value import content_id
from autointel.errors import UsageError
from autointel.memory.differences import difference
from autointel.pipeline.store import STALE_RECORDS, STALE_RELATIONS, note_contradictions
from autointel.ports import KnowledgeGraph, Listener, Remembered
from autointel.settings import Settings

FORMAT: Final = "autointel export"
VERSION: Final = 1
_CHAT: Final = "chat"
_LARGEST: Final = 2**31 - 1
_SHOWN: Final = 20  # digits
# Characters of the header, and of a source, whose file may have 64 MB.
_LONGEST_HEADER: Final = 10_000
_LONGEST: Final = 256 * 1024 * 1024


@dataclass(frozen=True)
class Imported:
    """What an import brought. ``embedded`` counts records that vector memory lacked."""

    sources: int
    passages: int
    embedded: int
    entities: int
    relations: int
    conversations: int = 0


@dataclass
class _Source:
    """One source of an export, all its lines read."""

    source: Source
    transcript: Transcript
    passages: list[Passage]
    records: dict[str, Remembered] = field(default_factory=dict)
    claims: dict[str, CheckedClaim] = field(default_factory=dict)
    entities: list[Entity] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)

    @cached_property
    def passage_ids(self) -> frozenset[str]:
        return frozenset(passage.id for passage in self.passages)


def exported(settings: Settings, namespace: str, *, chats: bool = False) -> Iterator[str]:
    """The lines of an export, without their ends; the first names the format. Blocks. Raises HomeUnusable.

    ``chats`` adds the conversations of the namespace.
    Memory is bounded by the longest source and by all relations. A home that holds nothing gives the first line alone.
    """
    yield _line("header", format=FORMAT, version=VERSION, namespace=namespace)
    with existing_catalogue(settings, namespace) as catalogue:
        if catalogue is None:
            return
        # The oldest first: an entity keeps the name that it was first met by.
        sources = catalogue.passages.sources()[::-1]
        every = (relation for source in sources for relation in relations_of(catalogue, source))
        contradicted = {each.id: each for each in contradictions(every, difference)}
        for source in sources:
            yield from _of_source(catalogue, source, contradicted)
    for chat in Conversations(settings.home, namespace).all() if chats else ():
        yield _line(_CHAT, value=chat.model_dump(mode="json"))


def _of_source(catalogue: Catalogue, source: Source, contradicted: Mapping[str, Relation]) -> Iterator[str]:
    kept = catalogue.passages.source(source.id)
    if kept is None:  # forgotten meanwhile
        return
    passages = [each.model_dump(mode="json") for each in catalogue.passages.of_source(source.id)]
    yield _line(
        "source",
        source=kept[0].model_dump(mode="json"),
        transcript=kept[1].model_dump(mode="json"),
        passages=passages,
    )
    records = catalogue.verdicts.records_of(source.id)
    yield from (_line("record", value=each.model_dump(mode="json")) for each in records)
    claims = catalogue.verdicts.claims([each.record_id for each in records])
    yield from (_line("claim", id=id_, value=claim.model_dump(mode="json")) for id_, claim in sorted(claims.items()))
    entities, _ = catalogue.knowledge.of_source(source.id)
    relations = (contradicted.get(each.id, each) for each in relations_of(catalogue, source))
    yield from (_line("entity", value=each.model_dump(mode="json")) for each in entities)
    yield from (_line("relation", value=each.model_dump(mode="json")) for each in relations)


def _line(kind: str, **values: Any) -> str:
    return json.dumps({"type": kind, **values}, ensure_ascii=False, separators=(",", ":"))


def bounded_lines(file: TextIO, longest: int = _LONGEST) -> Iterator[str]:
    """The lines of an export. Raises UsageError for one longer than ``longest`` characters, before it is all read."""
    number, most = 1, min(_LONGEST_HEADER, longest)
    while line := file.readline(most + 1):
        if len(line) > most:
            raise UsageError(f"Line {number} is longer than any of an export.", "Make one with `autointel export`.")
        yield line
        number, most = number + 1, longest


def import_lines(settings: Settings, namespace: str, lines: Iterable[str], listener: Listener) -> Imported:
    """Store an export under ``namespace``, whatever its own was. Importing the same again changes nothing. Blocks.

    What is kept of the same source in another version, and is not in the export, is removed.
    Interrupted, the same again finishes it. Raises UsageError for a line that is no part of an export (sources before
    it are stored), HomeUnusable, StoreUnavailable.
    """
    sources = passages = conversations = 0
    entities: dict[str, Entity] = {}
    relations: dict[str, Relation] = {}
    with closing(catalogue_of(settings, namespace)) as catalogue:
        for each in _read(lines):
            if isinstance(each, Conversation):
                conversations += Conversations(settings.home, namespace).restore(each)
                continue
            _keep(catalogue, each, namespace)
            sources, passages = sources + 1, passages + len(each.passages)
            entities |= {entity.id: entity for entity in each.entities}
            relations |= {relation.id: relation for relation in each.relations}
    embedded = reindex(settings, namespace, listener).made
    if entities:
        with opened_home(settings, namespace) as (home, catalogue), side_by_side(home.storing, listener.waiting):
            # Somebody may have forgotten a source since it was kept above.
            kept = catalogue.knowledge.ids([*entities, *relations])
            anyio.run(
                _relate,
                graph_of(settings, home, namespace, listener),
                [each for each in entities.values() if each.id in kept],
                [each for each in relations.values() if each.id in kept],
            )
    drain(settings, listener, kinds=(STALE_RECORDS, STALE_RELATIONS))
    return Imported(sources, passages, embedded, len(entities), len(relations), conversations)


def _keep(catalogue: Catalogue, each: _Source, namespace: str) -> None:
    each.entities, each.relations = _within(each, namespace)

    def keep() -> None:
        catalogue.passages.lock()
        kept = catalogue.verdicts.records(list(each.records))
        if any(record.source_id != each.source.id for record in kept.values()):
            raise UsageError(
                f'"{each.source.title}" has a record that belongs to another source here.', "Export it again."
            )
        gone = catalogue.passages.store(each.source, each.transcript, each.passages)
        retire_passages(catalogue, each.source.id, gone)
        catalogue.verdicts.keep(list(each.records.values()))
        catalogue.verdicts.judge(each.source.id, each.claims)
        catalogue.knowledge.keep(each.source.id, each.entities, each.relations)
        not_stale(catalogue, records_of(catalogue, each.source.id), each.relations)

    catalogue.atomically(keep)


def _within(each: _Source, namespace: str) -> tuple[list[Entity], list[Relation]]:
    """Entities and relations with the ids that they have in this namespace."""
    ids = {
        entity.id: content_id("entity", namespace, entity.kind, " ".join(entity.name.casefold().split()))
        for entity in each.entities
    }
    entities = [entity.model_copy(update={"id": ids[entity.id]}) for entity in each.entities]
    relations = []
    for relation in each.relations:
        if relation.subject_id not in ids or relation.object_id not in ids:
            raise UsageError(
                f'A relation of "{each.source.title}" names an entity that the export lacks.', "Export again."
            )
        subject, other = ids[relation.subject_id], ids[relation.object_id]
        id_ = content_id("relation", each.source.id, subject, relation.predicate, other)
        # What contradicts the relation has another id here, and is found again.
        news = {"id": id_, "subject_id": subject, "object_id": other, "contradicted_by": ()}
        relations.append(relation.model_copy(update=news))
    return entities, relations


def _read(lines: Iterable[str]) -> Iterator[_Source | Conversation]:
    """Source by source, conversation by conversation. Raises UsageError, which names the line."""
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    number, first = next(numbered, (1, ""))
    header = _parsed(first, number)
    if header.get("format") != FORMAT or header.get("version") != VERSION:
        raise UsageError("This is no export that this version reads.", "Make one with `autointel export`.")
    current: _Source | None = None
    for number, line in numbered:
        values = _parsed(line, number)
        try:
            if values.get("type") == "source":
                if current is not None:
                    yield current
                current = _source(values)
            elif values.get("type") == _CHAT:
                yield Conversation.model_validate(values["value"])
            else:
                _add(current, values)
        except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _no_part(number) from error
    if current is not None:
        yield current


def _parsed(line: str, number: int) -> dict[str, Any]:
    try:
        values = json.loads(line, parse_int=_whole, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise _no_part(number) from error
    if not isinstance(values, dict):
        raise _no_part(number)
    return values


def _whole(digits: str) -> int:
    """A whole number that every store can hold."""
    number = int(digits)
    if abs(number) > _LARGEST:
        raise ValueError(digits[:_SHOWN])
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(digits[:_SHOWN])
    return number


def _no_part(number: int) -> UsageError:
    return UsageError(f"Line {number} is no part of an export.", "Make one with `autointel export`.")


def _source(values: dict[str, Any]) -> _Source:
    source = Source.model_validate(values["source"])
    passages = [Passage.model_validate(each) for each in values["passages"]]
    transcript = Transcript.model_validate(values["transcript"])
    UUID(source.id)
    # Each holds the words of its segments and nothing else, under an id that no other source's passage can have.
    if passages != list(cut_at(source, transcript, _spans(passages, transcript))):
        raise ValueError(source.id)
    return _Source(source, transcript, passages)


def _spans(passages: Sequence[Passage], transcript: Transcript) -> Iterator[tuple[int, int]]:
    for passage in passages:
        if not passage.first <= passage.last < len(transcript.segments):
            raise ValueError(passage.id)
        yield passage.first, passage.last


def _add(current: _Source | None, values: dict[str, Any]) -> None:
    if current is None:
        raise ValueError("no source yet")
    kind, value = values["type"], values["value"]
    if kind == "record":
        record = Remembered.model_validate(value)
        UUID(record.record_id)
        _refuse_others(record, current)
        current.records[record.record_id] = record
    elif kind == "claim":
        current.claims[current.records[values["id"]].record_id] = CheckedClaim.model_validate(value)
    elif kind == "entity":
        current.entities.append(Entity.model_validate(value))
    elif kind == "relation":
        relation = Relation.model_validate(value)
        _refuse_others(relation.provenance, current)
        current.relations.append(relation)
    else:
        raise ValueError(kind)


def _refuse_others(named: Remembered | Provenance, current: _Source) -> None:
    """Raise ValueError for what rests on another source: it would take that one's place, or go with it."""
    if named.source_id != current.source.id or named.passage_id not in current.passage_ids:
        raise ValueError(named.passage_id)


async def _relate(graph: KnowledgeGraph, entities: list[Entity], relations: list[Relation]) -> None:
    try:
        lacking = await graph.missing([*(each.id for each in entities), *(each.id for each in relations)])
        await graph.relate(
            [each for each in entities if each.id in lacking], [each for each in relations if each.id in lacking]
        )
        await note_contradictions(graph, relations, difference)
    finally:
        await graph.close()
