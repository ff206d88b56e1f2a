"""Upkeep of what earlier runs saved: ``drain``, ``forget``, ``reindex``, ``cache``, ``export`` and ``import``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from autointel.cli.exits import FAILED, Action
from autointel.cli.options import Debug, Json, Namespace, NoColor, Offline, day_of, namespace_of
from autointel.errors import UsageError
from autointel.render.plain_text import count, plain

if TYPE_CHECKING:
    from autointel.app.forget import Forgotten
    from autointel.app.maintenance import Cached, Drained
    from autointel.ports import Listener
    from autointel.settings import Settings

    Drain = Callable[[Settings, Listener], list[Drained]]


FAMILY: Final = "Maintenance"

_UNITS: Final = ("bytes", "kB", "MB", "GB")
_STEP: Final = 1000  # of one unit to the next
_TITLES: Final = 3  # named in one line


def drain(
    *,
    json: Json = False,
    offline: Offline = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Retry what could not be saved while Qdrant or Neo4j was down."""
    return partial(drain_outbox, json=json, offline=offline, color=not no_color)


def forget(
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help="Its address, its title, or the start of its id.")
    ] = None,
    *,
    named: Annotated[str | None, typer.Option("--source", metavar="SOURCE", help="The same as SOURCE.")] = None,
    before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Every source last saved before this day, 2026-01-31.")
    ] = None,
    namespace: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of this namespace; without SOURCE or --before, all of it.")
    ] = None,
    chat: Annotated[str | None, typer.Option(metavar="ID", help="A conversation with memory, by its id.")] = None,
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Delete a source, its runs and all that was made from it.

    Reports, verdicts, cached results and conversations that quote the source are deleted too.

      autointel forget talk.vtt
      autointel forget --before 2026-01-31
      autointel forget --namespace trial
    """
    chosen = [each for each in (source, named, before, chat) if each is not None]
    # An empty name is a variable that a script did not set: it means nothing, and by no means everything.
    nameless = any(each is not None and not each.strip() for each in (source, named, chat))
    if nameless or len(chosen) > 1 or not (chosen or namespace):
        raise UsageError(
            "What to forget is not clear.", "Give one SOURCE, or --before DATE, or only --namespace NAME for all of it."
        )
    within = namespace_of(namespace or "default")
    if chat is not None:
        return partial(forget_conversation, chat, within, json=json, color=not no_color)
    day = None if before is None else day_of("--before", before)
    return partial(forget_sources, source or named, day, within, json=json, color=not no_color)


def reindex(
    *,
    graph: Annotated[bool, typer.Option("--graph", help="Build the graph anew instead, from the catalogue.")] = False,
    namespace: Namespace = "default",
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Rebuild missing vectors, after data loss or a change of embedder."""
    return partial(rebuild_graph if graph else reindex_memory, namespace, json=json, color=not no_color)


cache = typer.Typer(name="cache", rich_markup_mode=None, help="Show how much the cache holds, or delete the cache.")


@cache.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    *,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action | None:
    """Show how much the cache holds, or delete the cache."""
    return partial(show_cache, json=json) if context.invoked_subcommand is None else None


@cache.command()
def clear(
    *,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Delete the cache. Each source is analysed, and paid for, again next time."""
    return partial(empty_cache, json=json)


def drain_outbox(*, json: bool, color: bool, offline: bool = False, drain: Drain | None = None) -> int:
    """Print a line for each kind: how many were saved, how many still wait. 0, or 1 where some do.

    ``drain`` takes the place of the application's own. Raises HomeUnusable.
    """
    from autointel.app.maintenance import drain as drained
    from autointel.cli.output import aside, listener, nothing, print_json
    from autointel.settings import load

    outcome = (drain or drained)(load(offline=offline).settings, listener(color=color))
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


def forget_sources(source: str | None, before: date | None, namespace: str, *, json: bool, color: bool) -> int:
    """Remove one source, those saved before a day, or the namespace.

    Raises UsageError, HomeUnusable, StoreUnavailable.
    """
    from autointel.app.forget import forget, forget_all, forget_before
    from autointel.cli.output import listener, print_json
    from autointel.settings import load

    settings, messages = load().settings, listener(color=color)
    if source is not None:
        gone = forget(settings, namespace, source, messages)
    elif before is not None:
        gone = forget_before(settings, namespace, before, messages)
    else:
        gone = forget_all(settings, namespace, messages)
    if json:
        sources = [{"source_id": each.id, "title": each.title} for each in gone.sources]
        print_json(
            {
                "sources": sources,
                "passages": gone.passages,
                "runs": gone.runs,
                "reports": gone.reports,
                "run_again": list(gone.run_again),
                "chats": gone.chats,
            }
        )
        return 0
    titles = [f'"{plain(each.title)}"' for each in gone.sources]
    if gone.sources or gone.runs or gone.passages:
        what = f"{count(gone.passages, 'passage')}, {count(gone.runs, 'run')} and all that was made of them are gone."
        lines = [f"{', '.join(titles) if titles else 'No source'}: {what}"]
    else:
        lines = ["Nothing was there to forget."]
    if gone.reports:
        lines.append(_quoting(gone))
    if gone.chats:
        lines.append(f"Conversations that are gone: {gone.chats:,}.")
    _print(lines, color)
    return 0


def _quoting(gone: Forgotten) -> str:
    others, quoted = gone.run_again, "it" if len(gone.sources) == 1 else "them"
    of = "another source" if len(others) == 1 else f"{len(others):,} other sources"
    verb, those = "is" if gone.reports == 1 else "are", "that one" if len(others) == 1 else "those"
    named = ", ".join(f'"{plain(title)}"' for title in others[:_TITLES]) + ", …" * (len(others) > _TITLES)
    reports = count(gone.reports, "report")
    return f"{reports} of {of} quoted {quoted} and {verb} gone too: run {those} again ({named})."


def forget_conversation(chat: str, namespace: str, *, json: bool, color: bool) -> int:
    """Remove one conversation. Raises UsageError, HomeUnusable."""
    from autointel.app.forget import forget_chat
    from autointel.cli.output import print_json
    from autointel.settings import load

    gone = forget_chat(load().settings, namespace, chat)
    if json:
        print_json({"chat": gone.id, "turns": len(gone.turns)})
    else:
        _print([f"The conversation {gone.id} with {count(len(gone.turns), 'question')} is gone."], color)
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
    """Build the graph anew. Raises HomeUnusable, StoreUnavailable."""
    from autointel.app.maintenance import reindex_graph
    from autointel.cli.output import aside, listener, print_json
    from autointel.settings import load

    made = reindex_graph(load().settings, namespace, listener(color=color))
    if json:
        nameless = [{"id": source.id, "title": source.title} for source in made.nameless]
        print_json(
            {"backend": made.backend, "entities": made.entities, "relations": made.relations, "nameless": nameless}
        )
    else:
        entities = "1 entity" if made.entities == 1 else f"{made.entities:,} entities"
        _print([f"{made.backend}: {entities}, {count(made.relations, 'relation')}"], color)
    if made.nameless:
        named = [plain(source.title) for source in made.nameless[:_TITLES]]
        titles = "; ".join(named + ["…"] * (len(made.nameless) > len(named)))
        aside(
            [
                f"No name was found in {count(len(made.nameless), 'source')}: {titles}.",
                "Run it again if an earlier version of autointel read it and the graph's file was lost since.",
            ]
        )
    return 0


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
        print_json([{"kind": each.kind, "count": each.count, "bytes": each.size} | _looked_up(each) for each in kinds])
    else:
        _print((_cached_line(each, verb) for each in kinds), color=True)
    return 0


def _looked_up(cached: Cached) -> dict[str, int]:
    """Look-ups, where they are counted."""
    if cached.hits is None or cached.misses is None or cached.evictions is None:
        return {}
    return {"hits": cached.hits, "misses": cached.misses, "evictions": cached.evictions}


def _cached_line(cached: Cached, verb: str) -> str:
    counted = "".join(f", {value:,} {name}" for name, value in _looked_up(cached).items())
    return f"{cached.kind:<9} {cached.count:,}{verb}, {_sized(cached.size)}{counted}"


def _print(lines: Iterable[str], color: bool) -> None:  # noqa: FBT001  the option as it is
    from rich.text import Text

    from autointel.cli.output import page, print_lines

    print_lines((Text(line) for line in lines), page(color=color))


def _sized(size: float) -> str:
    unit = 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:,.0f} {_UNITS[unit]}" if unit == 0 else f"{size:,.1f} {_UNITS[unit]}"


def export(
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here, not to standard output.")] = None,
    chats: Annotated[bool, typer.Option("--chats", help="Add the conversations of `chat`.")] = False,
    namespace: Namespace = "default",
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Print everything of a namespace as JSON lines.

    Sources, passages, claims with verdicts, entities and relations. Vectors are made again by import.
    """
    return partial(export_namespace, out, namespace, chats=chats)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What export wrote; - for standard input.")],
    *,
    namespace: Namespace = "default",
    json: Json = False,
    no_color: NoColor = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Store an export under a namespace, in the stores of the settings."""
    return partial(import_namespace, file, namespace, json=json, color=not no_color)


def export_namespace(out: Path | None, namespace: str, *, chats: bool) -> int:
    """Write all lines; a file is written whole or not at all. Raises HomeUnusable, AutointelError."""
    from autointel.app.answering import chats_of
    from autointel.app.exchange import exported
    from autointel.app.library import read_sources
    from autointel.cli.output import aside, nothing_read, to_file, to_stdout
    from autointel.settings import load

    settings = load().settings
    lines = exported(settings, namespace, chats=chats)
    if out is None:
        for line in lines:
            to_stdout(line + "\n")
    else:
        to_file(out, (line + "\n" for line in lines))
    if not read_sources(settings, namespace):
        nothing_read(namespace, json=False)
    left = 0 if chats else len(chats_of(settings, namespace))
    if left:
        aside([f"Left out: {count(left, 'conversation')}.", "autointel export --chats includes them."])
    return 0


def import_namespace(file: Path, namespace: str, *, json: bool, color: bool) -> int:
    """Read and store all lines, and print how many. Raises UsageError, HomeUnusable, StoreUnavailable."""
    from autointel.app.exchange import bounded_lines, import_lines
    from autointel.cli.output import listener, print_json, to_stdout
    from autointel.settings import load

    try:
        with nullcontext(sys.stdin) if str(file) == "-" else file.open(encoding="utf-8") as lines:
            done = import_lines(load().settings, namespace, bounded_lines(lines), listener(color=color))
    except FileNotFoundError as error:
        raise UsageError(f'There is no file "{file}".', "Give a file that export wrote.") from error
    except OSError as error:
        raise UsageError(f'"{file}" cannot be read: {error.strerror}.', "Give a file that export wrote.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f'"{file}" is no text in UTF-8.', "Give a file that export wrote.") from error
    if json:
        print_json(vars(done))
        return 0
    to_stdout(
        f"{count(done.sources, 'source')}, {count(done.passages, 'passage')} ({done.embedded:,} records embedded), "
        f"{done.entities:,} entities, {count(done.relations, 'relation')}"
        + (f", {count(done.conversations, 'conversation')}" if done.conversations else "")
        + "\n"
    )
    return 0
