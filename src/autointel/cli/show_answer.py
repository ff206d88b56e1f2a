"""What ``autointel ask`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from autointel.app.lookup import ask_memory
from autointel.cli.engine import choose
from autointel.cli.looked_up import aside, listener, nothing_read, page, print_json, print_lines, times, wrapped
from autointel.cli.show_found import found_lines
from autointel.memory.ask import Answered
from autointel.render.plain_text import plain
from autointel.settings import load


def show_answer(
    question: str, limit: int, namespace: str, *, engine: str, json: bool, verbose: bool, color: bool
) -> int:
    """Ask and print; that memory does not hold it is an answer. Raises AutointelError."""
    settings = load().settings
    chosen = choose(settings, engine, offline=False).engine
    answered = ask_memory(settings, namespace, question, limit, listener(color=color), engine=chosen)
    if answered is None:
        unread = Answered(question=question, held=False, remark="Nothing has been read yet.")
        return nothing_read(namespace, json=json, empty=unread.model_dump(mode="json"))
    aside(answered.warnings)
    if verbose:
        aside([times(answered.seconds)])
    if json:
        print_json(answered.model_dump(mode="json"))
        return 0
    onto = page(color=color)
    print_lines(_lines(answered, onto), onto)
    if not answered.held:
        aside(["autointel search shows what comes nearest."])
    return 0


def _lines(answered: Answered, onto: Console) -> Iterator[Text]:
    for text in (answered.answer, answered.remark):
        if text:
            yield from wrapped(Text(plain(text)), onto, indent="")
    if answered.found:
        yield Text()
        yield from found_lines(answered.found, onto)
