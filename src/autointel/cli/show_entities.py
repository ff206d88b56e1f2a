"""What ``autointel graph`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from autointel.app.lookup import Known, know
from autointel.cli.looked_up import (
    faint,
    listener,
    nothing,
    nothing_read,
    page,
    print_json,
    print_lines,
    wrapped,
)
from autointel.domain.knowledge import Neighbour
from autointel.render.console import ACCENT
from autointel.render.figures import count
from autointel.render.plain_text import plain, shortened
from autointel.render.sheet import moment
from autointel.settings import load

_QUOTE = 160  # characters


def show_entities(entity: str, limit: int, namespace: str, *, json: bool, color: bool) -> int:
    """Look up and print; an unknown name is no failure. Raises AutointelError."""
    found = know(load().settings, namespace, entity, limit, listener(color=color))
    if found is None:
        return nothing_read(namespace, json=json)
    if not found:
        return nothing(f"The graph knows no {plain(entity)!r}.", "Try a part of the name.", json=json)
    if json:
        print_json([_as_json(known) for known in found])
    else:
        onto = page(color=color)
        print_lines(_lines(found, onto), onto)
    return 0


def _as_json(known: Known) -> dict[str, object]:
    return {
        "entity": known.entity.model_dump(mode="json"),
        "neighbours": [neighbour.model_dump(mode="json") for neighbour in known.neighbours],
        "quotes": [quote.model_dump(mode="json") for quote in known.quotes],
    }


def _lines(found: list[Known], onto: Console) -> Iterator[Text]:
    for number, known in enumerate(found):
        if number:
            yield Text()
        entity = known.entity
        line = Text(plain(entity.name), style=f"bold {ACCENT}")
        line.append_text(
            faint(f"  {entity.kind} · {count(entity.mentions, 'mention')} · {entity.confidence} confidence")
        )
        yield from wrapped(line, onto, indent="")
        for neighbour in known.neighbours:
            yield from _neighbour_lines(neighbour, known, onto)
        for quote in known.quotes:
            where = moment(quote.citation.start, quote.citation.paragraph, quote.citation.place)
            yield from wrapped(_cited(quote.source_title, where, quote.citation.quote), onto)


def _neighbour_lines(neighbour: Neighbour, known: Known, onto: Console) -> Iterator[Text]:
    name, predicate = plain(neighbour.entity.name), plain(neighbour.predicate)
    line = Text(f"{predicate} {name}" if neighbour.outgoing else f"{name} {predicate} it")
    line.append_text(faint(f"  {neighbour.entity.kind} · ×{neighbour.weight}"))
    yield from wrapped(line, onto)
    for where in neighbour.provenance[:1]:
        cited = _cited(known.titles.get(where.source_id, ""), moment(where.start, where.paragraph), where.quote)
        yield from wrapped(cited, onto, indent=" " * 6)


def _cited(title: str, where: str, quote: str) -> Text:
    shown = plain(title)
    return faint(f'{shown}{"  " if shown else ""}[{where}] "{shortened(plain(quote), _QUOTE)}"')
