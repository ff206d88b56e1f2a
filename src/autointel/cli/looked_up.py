"""What was looked up, on its way out: lines to stdout, what else there is to say to stderr."""

from __future__ import annotations

import json as as_json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from autointel.cli.output import to_stdout
from autointel.cli.progress import Lines
from autointel.cli.written import written
from autointel.ports import Listener
from autointel.render.console import FAINT, console, standard_error
from autointel.render.figures import seconds
from autointel.render.plain_text import plain

INDENT: Final = "   "


def listener(*, color: bool) -> Listener:
    """Tells on stderr where another process is waited for."""
    return Lines(console(standard_error(), color=color))


def page(*, color: bool) -> Console:
    """The console of stdout."""
    return console(sys.stdout, color=color)


def print_lines(lines: Iterable[Text], onto: Console) -> None:
    """Each as one line, as the terminal or the pipe takes it."""
    with written(), onto.capture() as capture:
        for line in lines:
            onto.print(line, soft_wrap=True)
    to_stdout(capture.get())


def print_json(value: object) -> None:
    """One JSON value, its keys in the order they were put in."""
    to_stdout(as_json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def nothing(sentence: str, hint: str, *, json: bool, empty: Any = ()) -> int:
    """There is nothing to show, and that is no failure: two sentences on stderr, an empty JSON value on stdout."""
    aside([sentence, hint])
    if json:
        print_json(empty)
    return 0


def nothing_read(namespace: str, *, json: bool, empty: Any = ()) -> int:
    """Nothing has been read under this namespace."""
    under = "" if namespace == "default" else f" under {namespace!r}"
    return nothing(
        f"Nothing has been read{under} yet.", "autointel run SOURCE reads something.", json=json, empty=empty
    )


def aside(sentences: Sequence[str]) -> None:
    """Sentences on stderr."""
    screen = console(standard_error())
    for sentence in sentences:
        screen.print(Text(plain(sentence)), soft_wrap=True)


def times(spent: Mapping[str, float]) -> str:
    """``keyword 3 ms, dense 41 ms``."""
    return ", ".join(f"{name} {seconds(value)}" for name, value in spent.items())


def wrapped(text: Text, onto: Console, indent: str = INDENT) -> Iterable[Text]:
    """The text in lines of the console's width, indented."""
    for line in text.wrap(onto, max(20, onto.width - len(indent))):
        line.rstrip()
        yield Text(indent) + line


def faint(text: str) -> Text:
    """Set back."""
    return Text(text, style=FAINT)
