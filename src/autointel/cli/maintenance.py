"""``autointel drain``, ``forget``, ``reindex`` and ``cache``: upkeep of what earlier runs saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from autointel.cli.exits import FAILED, Job
from autointel.cli.options import Debug, Json, Namespace, NoColor
from autointel.render.figures import count
from autointel.render.plain_text import plain

if TYPE_CHECKING:
    from autointel.app.drain import Drained
    from autointel.app.maintenance import Cached
    from autointel.ports import Listener
    from autointel.settings import Settings

    Drain = Callable[[Settings, Listener], list[Drained]]

FAMILY: Final = "Maintenance"

_UNITS: Final = ("bytes", "kB", "MB", "GB")
_STEP: Final = 1000


def drain(
    *,
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Retry what could not be saved while Qdrant or Neo4j was down."""
    return partial(drain_outbox, json=json, color=not no_color)


def forget(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Its address, its title, or the start of its id.")],
    *,
    namespace: Namespace = "default",
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Delete a source, its runs and all that was made from it."""
    return partial(forget_source, source, namespace, json=json, color=not no_color)


def reindex(
    *,
    graph: Annotated[bool, typer.Option("--graph", help="Build the graph anew instead, from the catalogue.")] = False,
    namespace: Namespace = "default",
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Rebuild missing vectors, after data loss or a change of embedder."""
    return partial(rebuild_graph if graph else reindex_memory, namespace, json=json, color=not no_color)


cache = typer.Typer(name="cache", rich_markup_mode=None, help="Show how much the cache holds, or delete the cache.")


@cache.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    *,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job | None:
    """Show how much the cache holds, or delete the cache."""
    return partial(show_cache, json=json) if context.invoked_subcommand is None else None


@cache.command()
def clear(
    *,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Job:
    """Delete the cache. Each source is analysed, and paid for, again next time."""
    return partial(empty_cache, json=json)


def drain_outbox(*, json: bool, color: bool, drain: Drain | None = None) -> int:
    """Print a line for each kind: how many were saved, how many still wait. 0, or 1 where some do.

    ``drain`` takes the place of the application's own. Raises HomeUnusable.
    """
    from autointel.app.drain import drain as drained
    from autointel.cli.output import aside, listener, nothing, print_json
    from autointel.settings import load

    outcome = (drain or drained)(load().settings, listener(color=color))
    if not outcome:
        return nothing("Nothing waits to be saved.", "Every run's results have been saved.", json=json)
    if json:
        print_json([{"kind": each.kind, "delivered": each.delivered, "waiting": each.waiting} for each in outcome])
    else:
        _print((f"{each.kind:<10} {each.delivered:,} stored, {each.waiting:,} waiting" for each in outcome), color)
    # Entities and relations wait for the same store: its error is printed once.
    troubles = {each.trouble.message: each.trouble.hint for each in outcome if each.trouble}
    for message, hint in troubles.items():
        aside([message, hint])
    return FAILED if troubles else 0


def forget_source(source: str, namespace: str, *, json: bool, color: bool) -> int:
    """Remove a source everywhere. Raises UsageError, HomeUnusable, StoreUnavailable."""
    from autointel.app.maintenance import forget
    from autointel.cli.output import listener, print_json
    from autointel.settings import load

    gone = forget(load().settings, namespace, source, listener(color=color))
    if json:
        print_json(
            {"source_id": gone.source.id, "title": gone.source.title, "passages": gone.passages, "runs": gone.runs}
        )
    else:
        what = f"{count(gone.passages, 'passage')}, {count(gone.runs, 'run')} and all caches are gone"
        _print([f'"{plain(gone.source.title)}": {what}.'], color)
    return 0


def reindex_memory(namespace: str, *, json: bool, color: bool) -> int:
    """Embed every record that has no vector. Raises HomeUnusable, StoreUnavailable."""
    from autointel.app.maintenance import reindex
    from autointel.cli.output import listener, print_json
    from autointel.settings import load

    made = reindex(load().settings, namespace, listener(color=color))
    if json:
        print_json(
            {"collection": made.collection, "records": made.records, "made": made.made, "dropped": list(made.dropped)}
        )
        return 0
    lines = [f"{made.collection}: {count(made.records, 'record')}, {made.made:,} embedded anew"]
    _print([*lines, *(f"{name}: removed" for name in made.dropped)], color)
    return 0


def rebuild_graph(namespace: str, *, json: bool, color: bool) -> int:
    """Build the graph anew. 1 where relations of some sources are not known. Raises HomeUnusable, StoreUnavailable."""
    from autointel.app.maintenance import reindex_graph
    from autointel.cli.output import aside, listener, print_json
    from autointel.settings import load

    made = reindex_graph(load().settings, namespace, listener(color=color))
    if json:
        unknown = [{"id": source.id, "title": source.title} for source in made.unknown]
        print_json(
            {"backend": made.backend, "entities": made.entities, "relations": made.relations, "unknown": unknown}
        )
    else:
        entities = "1 entity" if made.entities == 1 else f"{made.entities:,} entities"
        _print([f"{made.backend}: {entities}, {count(made.relations, 'relation')}"], color)
    if made.unknown:
        titles = "; ".join(plain(source.title) for source in made.unknown[:3])
        aside([f"{count(len(made.unknown), 'source')} read by an earlier version must be run again: {titles}"])
    return FAILED if made.unknown else 0


def show_cache(*, json: bool) -> int:
    """Print how much is cached. Raises HomeUnusable."""
    from autointel.app.maintenance import cached
    from autointel.settings import load

    return _show(cached(load().settings), json=json)


def empty_cache(*, json: bool) -> int:
    """Delete the cache, and print how much it held. Raises HomeUnusable."""
    from autointel.app.maintenance import clear_cache
    from autointel.settings import load

    return _show(clear_cache(load().settings), json=json, verb=" deleted")


def _show(kinds: Sequence[Cached], *, json: bool, verb: str = "") -> int:
    from autointel.cli.output import print_json

    if json:
        print_json([{"kind": each.kind, "count": each.count, "bytes": each.size} for each in kinds])
    else:
        _print((f"{each.kind:<8} {each.count:,}{verb}, {_sized(each.size)}" for each in kinds), color=True)
    return 0


def _print(lines: Iterable[str], color: bool) -> None:  # noqa: FBT001  the option as it is
    from rich.text import Text

    from autointel.cli.output import page, print_lines

    print_lines((Text(line) for line in lines), page(color=color))


def _sized(size: float) -> str:
    unit = 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:,.0f} {_UNITS[unit]}" if unit == 0 else f"{size:,.1f} {_UNITS[unit]}"
