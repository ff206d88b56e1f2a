"""What ``autointel ask``, ``chat``, ``search`` and ``graph`` print, and how ``chat`` reads its questions."""

from __future__ import annotations

import json as as_json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from rich.console import Console
from rich.text import Text

from autointel.app.answering import Chat, ask_memory, chats_of, chatting
from autointel.app.lookup import Known, know, near_names, search_memory
from autointel.cli.exits import USAGE
from autointel.cli.options import Looking
from autointel.cli.output import (
    INDENT,
    aside,
    faint,
    listener,
    nothing,
    nothing_read,
    page,
    print_json,
    print_lines,
    times,
    to_stdout,
    wrapped,
)
from autointel.cli.request import choose
from autointel.domain.knowledge import Neighbour, Provenance, Statement
from autointel.errors import UsageError
from autointel.memory.findings import Answered, Filters, Found, Sentence
from autointel.render.markdown import safe_url
from autointel.render.plain_text import count, plain, shortened, within_marks
from autointel.render.sheet import moment, place_of
from autointel.render.terminal import ACCENT, link

_CITED: Final = 160  # characters
_CONTRADICTIONS: Final = 2  # shown of a statement
_QUOTE: Final = 400  # characters; the whole passage is in the JSON
_TITLE: Final = 60  # characters
_PROMPT: Final = "> "


def show_answer(question: str, looking: Looking, *, engine: str, verify: str | None) -> int:
    """Ask and print. "Not in memory" is an answer, not an error. Raises AutointelError."""
    settings = looking.settings()
    if verify is not None:
        settings = settings.model_copy(update={"model": settings.model.model_copy(update={"verify": verify})})
    chosen = choose(settings, engine, offline=looking.offline).engine
    onto = page(color=looking.color)
    shown: list[Sentence] = []

    def show(sentence: Sentence, _: object) -> None:
        shown.append(sentence)
        print_lines(wrapped(Text(plain(str(sentence))), onto, indent=""), onto)

    answered = ask_memory(
        settings,
        looking.namespace,
        question,
        looking.limit,
        listener(color=looking.color),
        engine=chosen,
        show=(lambda *_: None) if looking.json else show,
    )
    if answered is None:
        unread = Answered(question=question, held=False, remark="Nothing has been read yet.")
        return nothing_read(looking.namespace, json=looking.json, empty=unread.model_dump(mode="json"))
    aside(answered.warnings)
    if looking.verbose:
        aside([times(answered.seconds)])
        aside([f"removed: {plain(each)}" for each in answered.removed])
    if looking.json:
        print_json(answered.model_dump(mode="json"))
        return 0
    print_lines(answer_lines(answered, len(shown), onto), onto)
    if not answered.held:
        aside(["autointel search shows the nearest passages."])
    return 0


def answer_lines(answered: Answered, shown: int, onto: Console) -> Iterator[Text]:
    """What is not on the screen yet: sentences from the cache, the remark, and the quotes by their numbers."""
    for text in (*answered.sentences[shown:], answered.remark):
        if str(text):
            yield from wrapped(Text(plain(str(text))), onto, indent="")
    if answered.found:
        yield Text()
        yield from found_lines(answered.found, onto)


def show_found(query: str, looking: Looking, *, filters: Filters, explain: bool) -> int:
    """Search and print. Nothing relevant is not an error. Raises AutointelError."""
    listening = listener(color=looking.color)
    findings = search_memory(looking.settings(), looking.namespace, query, looking.limit, listening, filters=filters)
    if findings is None:
        return nothing_read(looking.namespace, json=looking.json)
    aside(findings.warnings)
    if explain:
        aside([f"{name}: {value}" for name, value in findings.understood.items()])
    if looking.verbose or explain:
        aside([times(findings.seconds)])
    elif "spelling" in findings.understood:
        aside([f"Read {findings.understood['spelling']}"])
    if not findings.found:
        hint = "Loosen --source, --speaker, --since or --until." if filters else "Try other words."
        return nothing("Nothing relevant is in memory.", hint, json=looking.json)
    from autointel.memory.search import WEAK  # here, since an answer from the cache needs no search

    if findings.nearest < WEAK:
        unsaid = f" No passage says {', '.join(map(plain, findings.missing))}." if findings.missing else ""
        aside([f"Nothing in memory matches well; these come nearest.{unsaid}"])
    if looking.json:
        print_json([found.model_dump(mode="json") for found in findings.found])
    else:
        onto = page(color=looking.color)
        print_lines(found_lines(findings.found, onto, explain=explain), onto)
    return 0


def found_lines(found: Sequence[Found], onto: Console, *, explain: bool = False) -> Iterator[Text]:
    """For each hit: number, title, speaker and place; its sentence; its address; with ``explain`` its scores."""
    for number, each in enumerate(found, start=1):
        if number > 1:
            yield Text()
        yield from _heading(number, each, onto)
        yield from wrapped(Text(f'"{within_marks(shortened(plain(each.citation.quote), _QUOTE))}"'), onto)
        address = safe_url(each.citation.url)
        if address:
            # Never broken: half an address opens nothing.
            yield Text(INDENT) + faint(address)
        if explain:
            parts = ", ".join(f"{name} {score:.2f}" for name, score in each.parts.items())
            yield Text(INDENT) + faint(f"score {each.score:.2f}, relevance {each.relevance:.2f}; {parts}")


def _heading(number: int, found: Found, onto: Console) -> Iterator[Text]:
    place = place_of(found.citation)
    facts = [shortened(plain(found.source_title), _TITLE) or "untitled", plain(found.speaker or "")]
    line = Text(" · ".join(fact for fact in facts if fact) + "  ", style="bold")
    line.append(f"[{place}]", style=link(found.citation.url))
    first, *others = wrapped(line, onto)
    mark = Text(str(number).ljust(len(INDENT) - 1), style=ACCENT) + Text(" ")
    yield mark + first[len(INDENT) :]
    yield from others


def show_entities(entity: str, looking: Looking) -> int:
    """Look up and print. An unknown name is not an error. Raises AutointelError."""
    settings, listening = looking.settings(), listener(color=looking.color)
    found = know(settings, looking.namespace, entity, looking.limit, listening)
    if found is None:
        return nothing_read(looking.namespace, json=looking.json)
    if not found:
        near = near_names(settings, looking.namespace, entity, listening)
        hint = f"Nearest: {', '.join(plain(name) for name in near)}." if near else "Try a part of the name."
        return nothing(f"No entity matches {plain(entity)!r}.", hint, json=looking.json)
    if looking.json:
        print_json([_as_json(known) for known in found])
    else:
        onto = page(color=looking.color)
        print_lines(_entity_lines(found, onto), onto)
    return 0


def _as_json(known: Known) -> dict[str, object]:
    return {
        "entity": known.entity.model_dump(mode="json"),
        "neighbours": [
            neighbour.model_dump(mode="json")
            | {"provenance": [_statement_as_json(each, known) for each in neighbour.provenance]}
            for neighbour in known.neighbours
        ],
        "quotes": [quote.model_dump(mode="json") for quote in known.quotes],
    }


def _statement_as_json(statement: Statement, known: Known) -> dict[str, object]:
    """The statement, with ``approximate`` at each time that its source does not state."""
    others = [
        each.model_dump(mode="json") | {"approximate": known.is_estimated(each)} for each in statement.contradicted_by
    ]
    own = {"approximate": known.is_estimated(statement), "contradicted_by": others}
    return statement.model_dump(mode="json") | own


def _entity_lines(found: list[Known], onto: Console) -> Iterator[Text]:
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
            where = place_of(quote.citation)
            yield from wrapped(_cited(quote.source_title, where, quote.citation.quote), onto)


def _neighbour_lines(neighbour: Neighbour, known: Known, onto: Console) -> Iterator[Text]:
    name, predicate = plain(neighbour.entity.name), plain(neighbour.predicate)
    line = Text(f"{predicate} {name}" if neighbour.outgoing else f"{name} {predicate} it")
    line.append_text(faint(f"  {neighbour.entity.kind} · ×{neighbour.weight}"))
    yield from wrapped(line, onto)
    # One statement: the heaviest, or the heaviest of which another says otherwise.
    for where in sorted(neighbour.provenance, key=lambda each: not each.contradicted_by)[:1]:
        cited = _cited(_title(known, where.source_id), _place(known, where), where.quote)
        since = faint(f"since {where.valid_from.isoformat()}  ") if where.valid_from else Text()
        yield from wrapped(since.append_text(cited), onto, indent=" " * 6)
        for other in where.contradicted_by[:_CONTRADICTIONS]:
            cited = _cited(_title(known, other.source_id), _place(known, other), other.quote)
            yield from wrapped(Text("differs from  ").append_text(cited), onto, indent=" " * 8)


def _place(known: Known, where: Provenance) -> str:
    return moment(where.start, where.paragraph, approximate=known.is_estimated(where))


def _title(known: Known, source_id: str) -> str:
    source = known.sources.get(source_id)
    return source.title if source else ""


def _cited(title: str, where: str, quote: str) -> Text:
    shown = plain(title)
    return faint(f'{shown}{"  " if shown else ""}[{where}] "{within_marks(shortened(plain(quote), _CITED))}"')


def show_chat(source: str | None, looking: Looking, *, engine: str, resume: str | None, again: bool) -> int:
    """Answer question after question until the input ends. Raises AutointelError, KeyboardInterrupt.

    2 where the privacy gate blocked a question; such a question is not saved, and the next one is read.
    """
    settings = looking.settings()
    opened = chatting(
        settings,
        looking.namespace,
        listener(color=looking.color),
        engine=choose(settings, engine, offline=looking.offline).engine,
        limit=looking.limit,
        source=source,
        resume=resume,
        again=again,
    )
    with opened as chat:
        if chat is None:
            return nothing_read(looking.namespace, json=looking.json)
        _greet(chat)
        blocked = False
        try:
            for question in _questions():
                blocked |= not _answered(chat, question, json=looking.json, color=looking.color)
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(_continue(chat))
            raise
        if chat.conversation.turns and _at_a_terminal():
            aside([_continue(chat)])
    return USAGE if blocked else 0


def _greet(chat: Chat) -> None:
    if not _at_a_terminal():
        return
    about = f"about {chat.about.title}" if chat.about else "about everything read"
    earlier = f"; {count(len(chat.conversation.turns), 'question')} so far" if chat.conversation.turns else ""
    aside([f"A conversation {about}{earlier}. Ctrl-D ends it."])


def _continue(chat: Chat) -> str:
    return f"autointel chat --resume {chat.conversation.id} goes on with it." if chat.conversation.turns else ""


def _at_a_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _questions() -> Iterator[str]:
    """Lines with words in them; white space is folded."""
    if sys.stdin is None:  # the shell closed it (<&-)
        raise UsageError("Standard input is closed.", "Leave it open, or use autointel ask QUESTION.")
    if _at_a_terminal():
        with suppress(ImportError):
            import readline  # noqa: F401  input() then edits lines and remembers them
        lines: Iterator[str] = _typed()
    else:
        with suppress(AttributeError):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # a TextIOWrapper has it
        lines = iter(sys.stdin)
    for line in lines:
        question = " ".join(line.split())
        if question:
            yield question


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input(_PROMPT)
        except EOFError:
            to_stdout("\n")
            return


def _answered(chat: Chat, question: str, *, json: bool, color: bool) -> bool:
    """Whether the question was answered; False where the privacy gate blocked it."""
    onto = page(color=color)
    shown: list[Sentence] = []

    def show(sentence: Sentence, _: object) -> None:
        shown.append(sentence)
        print_lines(wrapped(Text(plain(str(sentence))), onto, indent=""), onto)

    if not json and not _at_a_terminal():
        print_lines([Text(f"{_PROMPT}{plain(question)}")], onto)
    try:
        answered = chat.ask(question, (lambda *_: None) if json else show)
    except UsageError as error:
        aside([f"{error.message} {error.hint}".strip()])
        return False
    aside(answered.warnings)
    if json:
        to_stdout(as_json.dumps(answered.model_dump(mode="json"), ensure_ascii=False) + "\n")
        return True
    print_lines(answer_lines(answered, len(shown), onto), onto)
    to_stdout("\n")
    return True


def list_chats(looking: Looking) -> int:
    """List the conversations, the latest first. Raises HomeUnusable."""
    found = chats_of(looking.settings(), looking.namespace)
    if not found:
        return nothing("There are no conversations.", "Start one with autointel chat.", json=looking.json)
    if looking.json:
        print_json([each.model_dump(mode="json") for each in found])
        return 0
    onto = page(color=looking.color)
    print_lines(
        (line for each in found for line in _listed(each.id, each.turns[0].question, len(each.turns), onto)), onto
    )
    return 0


def _listed(conversation_id: str, first: str, turns: int, onto: Console) -> Iterator[Text]:
    text = f"{conversation_id}  {count(turns, 'question')}: {shortened(plain(first), _TITLE)}"
    yield from wrapped(Text(text), onto, indent="")
