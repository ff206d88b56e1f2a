"""What ``autointel drain`` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text

from autointel.cli.exits import FAILED
from autointel.cli.looked_up import aside, listener, nothing, page, print_json, print_lines
from autointel.ports import Listener
from autointel.settings import Settings, load

if TYPE_CHECKING:
    from autointel.app.drain import Drained

Drain = Callable[[Settings, Listener], "list[Drained]"]


def drain_outbox(*, json: bool, color: bool, drain: Drain | None = None) -> int:
    """A line for each kind that waited: how many have arrived, how many still wait. 0, or 1 where some do.

    ``drain`` is the wiring's own unless given. Raises HomeUnusable.
    """
    outcome = (drain or _wired())(load().settings, listener(color=color))
    if not outcome:
        return nothing("Nothing waits to be stored.", "All that was read has arrived.", json=json)
    if json:
        print_json([{"kind": each.kind, "delivered": each.delivered, "waiting": each.waiting} for each in outcome])
    else:
        print_lines((Text(_line(each)) for each in outcome), page(color=color))
    # Entities and relations wait for the same store: what is amiss is said once.
    troubles = {each.trouble.message: each.trouble.hint for each in outcome if each.trouble}
    for message, hint in troubles.items():
        aside([message, hint])
    return FAILED if troubles else 0


def _line(drained: Drained) -> str:
    return f"{drained.kind:<10} {drained.delivered:,} stored, {drained.waiting:,} waiting"


def _wired() -> Drain:
    from autointel.app.drain import drain

    return drain
