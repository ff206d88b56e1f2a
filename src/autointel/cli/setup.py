"""``autointel setup`` writes the model to use to the user's config.toml; ``doctor`` checks every part."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from autointel.cli.exits import FAILED, Action
from autointel.cli.options import Debug, Offline
from autointel.errors import AutointelError, UsageError
from autointel.render.plain_text import plain

if TYPE_CHECKING:
    from autointel.app.doctor_check import Check
    from autointel.app.setup import Server
    from autointel.settings import Settings

FAMILY: Final = "Set up and check"

_OPENAI: Final = "openai"
_LONGEST_KEY: Final = 16_384  # characters
_LISTED: Final = 20  # models that are offered
_WIDTH: Final = 80  # columns
_NARROWEST: Final = 24  # columns of the last part
_GAP: Final = 2  # columns between parts


@dataclass(frozen=True)
class Wanted:
    """What the options say. ``server`` is an address, or ``openai``."""

    server: str | None = None
    file: Path | None = None
    model: str | None = None
    key: str | None = None
    is_tried: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether everything is to be asked."""
        return self.server is None and self.file is None


def setup(
    *,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="An OpenAI-compatible server's address, or openai.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A GGUF file, served on this machine while a run lasts.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The model at the server.")] = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the server's key from standard input.")] = False,
    no_try: Annotated[bool, typer.Option("--no-try", help="Write without asking the model anything.")] = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Choose a model, try it, and save it in your config.toml.

    Without options, it asks. The file is readable by you alone, since it may hold a key.

      autointel setup
      autointel setup --server http://localhost:11434/v1 --model llama3.2
      pass openai | autointel setup --server openai --model gpt-4.1-mini --key-stdin
      autointel setup --file ~/models/qwen2.5-7b-q4.gguf
    """
    if server and file:
        raise UsageError("A model is at a server or in a file, not both.", "Give --server or --file.")
    if (model or key_stdin) and not server:
        raise UsageError("--model and --key-stdin belong to a server.", "Give --server too.")
    return partial(_set_up, Wanted(server, file, model, None, not no_try), key_stdin=key_stdin)


def doctor(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    offline: Offline = False,
    debug: Debug = False,  # noqa: ARG001  exits.py looks for it
) -> Action:
    """Check what is configured, and say what each missing part costs."""
    return partial(show_checks, json=json, offline=offline)


def _set_up(wanted: Wanted, *, key_stdin: bool) -> int:
    is_asking = sys.stdin is not None and sys.stdin.isatty() and not key_stdin
    if key_stdin:
        typed = sys.stdin.readline(_LONGEST_KEY + 1) if sys.stdin else ""
        if len(typed) > _LONGEST_KEY:
            raise UsageError("What stands on standard input is too long for a key.", "Pipe in the key alone.")
        wanted = replace(wanted, key=typed.strip())
        if not wanted.key:
            raise UsageError("There is no key on standard input.", "Pipe it in, or leave --key-stdin out.")
    if wanted.is_empty and not is_asking:
        raise UsageError(
            "setup asks questions, and standard input is no terminal.", "Give --server or --file; --help has examples."
        )
    return set_up(wanted, Questions() if is_asking else None)


class Questions:
    """Asks on the terminal; standard output stays free for data."""

    def choose(self, question: str, choices: Sequence[str]) -> int:
        """The index of the choice."""
        for number, choice in enumerate(choices, 1):
            typer.echo(f"  {number}  {choice}", err=True)
        numbers = [str(number) for number in range(1, len(choices) + 1)]
        while (typed := self.text(question, "1")) not in numbers:
            typer.echo(f"Give a number from 1 to {len(choices)}.", err=True)
        return numbers.index(typed)

    def text(self, question: str, default: str | None = None) -> str:
        """A line; not empty unless ``default`` is."""
        return str(typer.prompt(question, default=default, err=True, show_default=bool(default))).strip()

    def secret(self, question: str) -> str:
        """A line that is not shown; may be empty."""
        return str(typer.prompt(question, default="", hide_input=True, show_default=False, err=True)).strip()

    def agree(self, question: str) -> bool:
        """Yes or no."""
        return typer.confirm(question, default=False, err=True)


def set_up(wanted: Wanted, questions: Questions | None) -> int:
    """Settle the model, try it, save it; 0. ``questions`` is None where nobody can be asked.

    Raises UsageError for what is missing, and what a model that does not answer raises; nothing is saved then.
    """
    from autointel.app.setup import save_model
    from autointel.cli.output import aside, to_stdout
    from autointel.settings import load

    try:
        if wanted.is_empty and questions is not None:
            wanted = _chosen(wanted, questions)
        values = _values(wanted, questions)
        settings = _settings(values)
        if wanted.is_tried:
            _try(settings, questions)
    except typer.Abort:  # Ctrl-C or Ctrl-D at a question
        raise KeyboardInterrupt from None
    path = save_model(values)
    to_stdout(f"{plain(str(path))} names {plain(values.get('file') or values['name'])}.\n")
    loaded = load()
    for name in values:
        origin = loaded.origin(f"model.{name}")
        if str(origin) != str(path):
            aside([f"{origin.of(f'model.{name}')} is stronger than that file: unset it to use this model."])
    return 0


def _settings(values: Mapping[str, str]) -> Settings:
    """The settings with ``values`` for the model, and otherwise as a run would have them. Raises SettingsError."""
    from autointel.settings import load

    others = {"file": None, "base_url": None, "api_key": None, "read_name": None}
    return load({f"model.{name}": value for name, value in (others | dict(values)).items()}).settings


def _try(settings: Settings, questions: Questions | None) -> None:
    """Raises what a model that does not answer raises, unless it is to be saved all the same."""
    from autointel.app.setup import tried
    from autointel.cli.output import aside

    aside(["Asking the model one small question…"])
    try:
        verdict = tried(settings, lambda line: aside([line]))
    except AutointelError as error:
        if questions is None:
            raise
        aside([error.message, error.hint])
        if not questions.agree("Save it all the same?"):
            raise
    else:
        aside([f"It {verdict}."])


def _chosen(wanted: Wanted, questions: Questions) -> Wanted:
    from autointel.app.setup import servers_here

    found = servers_here()
    choices = [f"{server.called} on this machine ({_counted(server)})" for server in found]
    choices += ["OpenAI", "another OpenAI-compatible server", "a GGUF file, served on this machine"]
    chosen = questions.choose("Where is the model?", choices)
    if chosen < len(found):
        return replace(wanted, server=found[chosen].base_url, key="")
    match chosen - len(found):
        case 0:
            return replace(wanted, server=_OPENAI)
        case 1:
            return replace(wanted, server=questions.text("Its address, such as http://localhost:8000/v1"))
    return replace(wanted, file=Path(questions.text("The file's path")))


def _counted(server: Server) -> str:
    return server.models[0] if len(server.models) == 1 else f"{len(server.models)} models"


def _values(wanted: Wanted, questions: Questions | None) -> Mapping[str, str]:
    """What is to be saved, by the settings' names. Raises UsageError for what is missing."""
    from autointel.app.setup import models_at

    if wanted.file is not None:
        return {"file": str(wanted.file.expanduser().absolute())}
    key = wanted.key
    if key is None and questions is not None:
        key = questions.secret(f"Its key (not shown{'' if wanted.server == _OPENAI else '; empty for none'})")
    if wanted.server == _OPENAI and not key:
        raise UsageError("OpenAI wants a key.", "Pipe it in with --key-stdin.")
    base_url = None if wanted.server == _OPENAI else wanted.server
    name = wanted.model or _model(models_at(base_url, key), questions)
    given = {"base_url": base_url, "api_key": key, "name": name}
    return {setting: value for setting, value in given.items() if value}


def _model(known: Sequence[str], questions: Questions | None) -> str:
    if len(known) == 1:
        return known[0]
    if questions is None:
        names = f" It has {', '.join(known[:_LISTED])}." if known else ""
        raise UsageError(f"Which model is not said.{names}", "Give --model NAME.")
    if 1 < len(known) <= _LISTED:
        return known[questions.choose("Which model?", known)]
    return questions.text("The model's name")


def show_checks(*, json: bool, offline: bool = False) -> int:
    """Print all checks; 1 where something that is configured does not work, else 0."""
    from autointel.app.doctor import diagnose
    from autointel.cli.output import print_json, to_stdout
    from autointel.settings import load

    checks = diagnose(load(offline=offline).settings)
    if json:
        print_json([asdict(check) for check in checks])
    else:
        to_stdout("".join(f"{line}\n" for line in check_lines(checks)))
    return 0 if all(check.ok for check in checks) else FAILED


def check_lines(checks: Sequence[Check]) -> Iterator[str]:
    """Part, state, detail and verdict or hint, within 80 columns where the first three leave room.

    No word is broken: a command or an address can be copied.
    """
    rows = [tuple(plain(text) for text in (check.part, check.state, check.detail)) for check in checks]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    room = max(_NARROWEST, _WIDTH - sum(widths) - 3 * _GAP)
    for row, check in zip(rows, checks, strict=True):
        begins = "".join(text.ljust(width + _GAP) for text, width in zip(row, widths, strict=True))
        ending = textwrap.wrap(_ending(check), room, break_on_hyphens=False, break_long_words=False)
        for number, line in enumerate(ending):
            yield (" " * len(begins) if number else begins) + line


def _ending(check: Check) -> str:
    """A part that is only absent shows how to get it; a part that fails also shows what failed."""
    if check.ok:
        return plain(check.hint or check.verdict)
    return plain(f"{check.verdict}: {check.hint}")
