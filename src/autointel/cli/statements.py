"""``autointel ledger`` and ``compare``: who said what on a matter, and several sources side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from autointel.cli.exits import Action
from autointel.cli.options import (
    Debug,
    Json,
    Limit,
    Looking,
    Namespace,
    NoColor,
    Offline,
    Privacy,
    PrivacyNames,
    refuse_empty,
)
from autointel.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from autointel.domain.citation import Citation
    from autointel.memory.compare import Comparison, Pair, Said
    from autointel.memory.ledger import Ledger

FAMILY: Final = "Ask what was read"
_QUOTE: Final = 400  # characters
_TITLE: Final = 60  # characters


def ledger(
    subject: Annotated[str, typer.Argument(metavar="ENTITY|CLAIM", help="A name of up to three words, or a claim.")],
    *,
    limit: Limit = 20,
    json: Json = False,
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    offline: Offline = False,
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """List who said what about something, and who differs."""
    looking = Looking.of(locals())
    refuse_empty(subject, "The subject")
    return partial(_show_ledger, subject, looking)


def compare(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE SOURCE…", help="Parts of titles or addresses.")
    ] = None,
    *,
    batch: Annotated[str | None, typer.Option(metavar="BATCH", help="Also the sources of a batch, by its id.")] = None,
    limit: Limit = 8,
    json: Json = False,
    namespace: Namespace = "default",
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """Show where sources agree and differ, with quotes."""
    looking = Looking.of(locals())
    named = list(dict.fromkeys(sources or ()))
    if len(named) < 2 and batch is None:  # noqa: PLR2004
        less = "One source cannot be compared." if named else "No source to compare is named."
        raise UsageError(less, "Name two or more that were read; autointel sources lists them.")
    return partial(_show_comparison, named, batch, looking)


def _show_ledger(subject: str, looking: Looking) -> int:
    from autointel.app.statements import ledger_of
    from autointel.cli.output import listener, nothing, nothing_read, page, print_json, print_lines

    listening = listener(color=looking.color)
    found = ledger_of(looking.settings(), looking.namespace, subject, looking.limit, listening)
    if found is None:
        return nothing_read(looking.namespace, json=looking.json, empty={"subject": subject, "entries": []})
    if looking.json:
        print_json(found.model_dump(mode="json"))
        return 0
    if not found.entries:
        return nothing("Nobody in memory says anything of that.", "Try a name, or fewer words.", json=False)
    onto = page(color=looking.color)
    print_lines(_ledger_lines(found, onto), onto)
    return 0


def _ledger_lines(found: Ledger, onto: Console) -> Iterator[Text]:
    from rich.text import Text

    from autointel.cli.output import wrapped
    from autointel.memory.compare import REMARK

    for number, entry in enumerate(found.entries, start=1):
        if number > 1:
            yield Text()
        facts = [str(entry.published_at or ""), entry.source_title, entry.speaker or ""]
        yield from _statement_lines(f"{number}", facts, entry.citation, onto)
        if entry.verdict:
            yield from wrapped(Text(f"Verdict: {entry.verdict}"), onto)
        for difference in entry.differs:
            yield from wrapped(Text(f"Differs from {difference.number}: {difference.what}.", style="bold"), onto)
    if len(found.entries) > 1:
        yield Text()
        yield from wrapped(Text(REMARK), onto, indent="")


def _statement_lines(mark: str, facts: Sequence[str], citation: Citation, onto: Console) -> Iterator[Text]:
    from rich.text import Text

    from autointel.cli.output import INDENT, faint, wrapped
    from autointel.render.markdown import safe_url
    from autointel.render.plain_text import plain, shortened, within_marks
    from autointel.render.sheet import place_of

    place = place_of(citation)
    shown = " · ".join(shortened(plain(fact), _TITLE) for fact in facts if fact)
    first, *others = wrapped(Text(f"{shown}  [{place}]", style="bold"), onto)
    yield Text(mark.ljust(len(INDENT))) + first[len(INDENT) :]
    yield from others
    yield from wrapped(Text(f'"{within_marks(shortened(plain(citation.quote), _QUOTE))}"'), onto)
    address = safe_url(citation.url)
    if address:
        yield Text(INDENT) + faint(address)


def _show_comparison(sources: Sequence[str], batch: str | None, looking: Looking) -> int:
    from autointel.app.statements import compared
    from autointel.cli.output import nothing_read, page, print_json, print_lines

    found = compared(looking.settings(), looking.namespace, sources, looking.limit, batch)
    if found is None:
        return nothing_read(looking.namespace, json=looking.json, empty={"titles": []})
    if looking.json:
        print_json(found.model_dump(mode="json"))
        return 0
    onto = page(color=looking.color)
    print_lines(_comparison_lines(found, onto), onto)
    return 0


def _comparison_lines(found: Comparison, onto: Console) -> Iterator[Text]:
    from rich.text import Text

    from autointel.cli.output import wrapped
    from autointel.render.plain_text import plain

    for number, title in enumerate(found.titles, start=1):
        yield from wrapped(Text(f"{number}  {plain(title)}", style="bold"), onto, indent="")
    yield from _recurring_lines(found, onto)
    for heading, pairs in (
        ("Say the same", found.agreements),
        ("Numbers that differ", found.numbers),
        ("Differ", found.differences),
    ):
        yield from _pair_lines(heading, pairs, onto)
    if found.alone:
        yield from (Text(), Text("Alone with this", style="bold"))
        for said in found.alone:
            yield from _said_lines(said, onto)
    yield Text()
    yield from wrapped(Text(found.remark), onto, indent="")


def _recurring_lines(found: Comparison, onto: Console) -> Iterator[Text]:
    """What three sources or more say; what two say stands among the pairs, unless it was judged."""
    from rich.text import Text

    from autointel.cli.output import wrapped

    for recurring in found.recurring:
        statements = (recurring.first, *recurring.again)
        if len(statements) < 3 and not any(said.verdict for said in statements):  # noqa: PLR2004
            continue
        yield from (Text(), Text(f"Said in {len(statements)} sources, first in {recurring.first.source}", style="bold"))
        for said in statements:
            yield from _said_lines(said, onto)
            if said.verdict:
                yield from wrapped(Text(f"Verdict: {said.verdict}"), onto)
        if recurring.verdict_changed:
            yield from wrapped(Text("The verdicts differ.", style="bold"), onto)


def _pair_lines(heading: str, pairs: Sequence[Pair], onto: Console) -> Iterator[Text]:
    from rich.text import Text

    from autointel.cli.output import wrapped

    if not pairs:
        return
    yield from (Text(), Text(heading, style="bold"))
    for pair in pairs:
        yield from _said_lines(pair.first, onto)
        yield from _said_lines(pair.second, onto)
        if pair.what:
            yield from wrapped(Text(f"They differ: {pair.what}."), onto)
        yield Text()


def _said_lines(said: Said, onto: Console) -> Iterator[Text]:
    yield from _statement_lines(str(said.source), [said.speaker or "nobody named"], said.citation, onto)
