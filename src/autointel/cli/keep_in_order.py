"""What ``autointel forget``, ``reindex`` and ``cache`` do, and how they say what they did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from autointel.cli.looked_up import listener, page, print_json, print_lines
from autointel.render.figures import count
from autointel.render.plain_text import plain
from autointel.settings import load

if TYPE_CHECKING:
    from autointel.app.maintenance import Cached

_UNITS: Final = ("bytes", "kB", "MB", "GB")
_STEP: Final = 1000


def forget_source(source: str, namespace: str, *, json: bool, color: bool) -> int:
    """Remove a source everywhere. Raises UsageError, HomeUnusable, StoreUnavailable."""
    from autointel.app.maintenance import forget

    gone = forget(load().settings, namespace, source, listener(color=color))
    if json:
        print_json(
            {"source_id": gone.source.id, "title": gone.source.title, "passages": gone.passages, "runs": gone.runs}
        )
    else:
        what = f"{count(gone.passages, 'passage')}, {count(gone.runs, 'run')} and all caches are gone"
        print_lines([Text(f'"{plain(gone.source.title)}": {what}.')], page(color=color))
    return 0


def reindex_memory(namespace: str, *, json: bool, color: bool) -> int:
    """Embed what is not embedded yet. Raises HomeUnusable, StoreUnavailable."""
    from autointel.app.maintenance import reindex

    made = reindex(load().settings, namespace, listener(color=color))
    if json:
        print_json(
            {"collection": made.collection, "records": made.records, "made": made.made, "dropped": list(made.dropped)}
        )
        return 0
    lines = [f"{made.collection}: {count(made.records, 'record')}, {made.made:,} embedded anew"]
    lines += [f"{name}: removed" for name in made.dropped]
    print_lines((Text(line) for line in lines), page(color=color))
    return 0


def show_cache(*, json: bool) -> int:
    """How much is cached. Raises HomeUnusable."""
    from autointel.app.maintenance import cached

    return _show(cached(load().settings), json=json)


def empty_cache(*, json: bool) -> int:
    """Forget what is cached, and show how much it was. Raises HomeUnusable."""
    from autointel.app.maintenance import clear_cache

    return _show(clear_cache(load().settings), json=json, verb=" forgotten")


def _show(kinds: Sequence[Cached], *, json: bool, verb: str = "") -> int:
    if json:
        print_json([{"kind": each.kind, "count": each.count, "bytes": each.size} for each in kinds])
    else:
        print_lines(
            (Text(f"{each.kind:<8} {each.count:,}{verb}, {_sized(each.size)}") for each in kinds), page(color=True)
        )
    return 0


def _sized(size: float) -> str:
    unit = 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:,.0f} {_UNITS[unit]}" if unit == 0 else f"{size:,.1f} {_UNITS[unit]}"
