"""What ``autointel chat`` prints, and how it reads questions from a terminal or a pipe."""

from __future__ import annotations

import json as as_json
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from rich.console import Console
from rich.text import Text

from autointel.app.answering import Chat, chats_of, chatting
from autointel.cli.exits import USAGE
from autointel.cli.options import Looking
from autointel.cli.output import (
    aside,
    listener,
    nothing,
    nothing_read,
    page,
    print_json,
    print_lines,
    to_stdout,
    wrapped,
)
from autointel.cli.request import choose
from autointel.cli.show_memory import answer_lines
from autointel.errors import UsageError
from autointel.memory.findings import Sentence
from autointel.render.plain_text import count, plain, shortened

_PROMPT: Final = "> "
_TITLE: Final = 60


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
