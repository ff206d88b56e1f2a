"""``autointel ask``, ``chat``, ``search`` and ``graph``: the options."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, Literal

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
    Verbose,
    day_of,
    refuse_empty,
)
from autointel.errors import UsageError

FAMILY: Final = "Ask what was read"


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="About anything you have read.")],
    *,
    limit: Limit = 5,
    engine: Annotated[
        Literal["auto", "llm", "local"], typer.Option(help="auto: a model writes the answer if one is configured.")
    ] = "auto",
    verify: Annotated[
        Literal["off", "code", "model"] | None,
        typer.Option(help="Check that quotes carry each sentence: by rules, or by the model too.", show_default=False),
    ] = None,
    json: Json = False,
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    verbose: Verbose = False,
    offline: Offline = False,
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """Answer a question from everything you have read, with citations."""
    looking = Looking.of(locals())
    refuse_empty(question, "The question")
    from autointel.cli.show_memory import show_answer

    return partial(show_answer, question, looking, engine=engine, verify=verify)


def chat(
    source: Annotated[
        str | None,
        typer.Argument(metavar="[SOURCE]", help="Only this source: part of its title or address, or its id."),
    ] = None,
    *,
    limit: Limit = 5,
    engine: Annotated[
        Literal["auto", "llm", "local"], typer.Option(help="auto: a model writes the answers if one is configured.")
    ] = "auto",
    resume: Annotated[str | None, typer.Option(metavar="ID", help="Go on with this conversation.")] = None,
    last: Annotated[bool, typer.Option("--last", help="Go on with the latest conversation.")] = False,
    list_them: Annotated[bool, typer.Option("--list", help="List the conversations.")] = False,
    json: Json = False,
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    offline: Offline = False,
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """Ask one question after another; answers carry quotes.

    Every turn is saved under the home. Ctrl-D ends the conversation; autointel forget --chat ID deletes it. Questions
    on standard input are answered line by line.
    """
    looking = Looking.of(locals())
    if sum((resume is not None, last, list_them)) > 1 or (source and (resume or last or list_them)):
        raise UsageError("What to do is not clear.", "Give one of SOURCE, --resume ID, --last and --list.")
    from autointel.cli.show_memory import list_chats, show_chat

    if list_them:
        return partial(list_chats, looking)
    return partial(show_chat, source, looking, engine=engine, resume=resume, again=last or resume is not None)


def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help='Words, or a question; "…" is found word for word.')],
    *,
    limit: Limit = 10,
    source: Annotated[str | None, typer.Option(metavar="TEXT", help="Part of a title or address.")] = None,
    speaker: Annotated[str | None, typer.Option(metavar="NAME", help="Part of a speaker's name.")] = None,
    since: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Published on this day or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Published on this day or earlier.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show what each kind of search brought.")] = False,
    json: Json = False,
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    verbose: Verbose = False,
    offline: Offline = False,
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """List the moments that match best, each with its best sentence."""
    looking = Looking.of(locals())
    refuse_empty(query, "The query")
    days = [day_of(option, text) if text else None for option, text in (("--since", since), ("--until", until))]
    from autointel.cli.show_memory import show_found
    from autointel.memory.findings import Filters

    filters = Filters(source=source, speaker=speaker, since=days[0], until=days[1])
    return partial(show_found, query, looking, filters=filters, explain=explain)


def graph(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="A name, or part of one.")],
    *,
    limit: Limit = 10,
    json: Json = False,
    namespace: Namespace = "default",
    privacy: Privacy = None,
    privacy_names: PrivacyNames = False,
    offline: Offline = False,
    no_color: NoColor = False,
    debug: Debug = False,
) -> Action:
    """Show what is known about a person, place or thing, with quotes."""
    looking = Looking.of(locals())
    refuse_empty(entity, "The entity's name")
    from autointel.cli.show_memory import show_entities

    return partial(show_entities, entity, looking)
