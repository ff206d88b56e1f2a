"""How a command ends: one place where everything that can happen becomes two sentences and an exit code.

The codes are API; docs/cli.md lists them. The work is done outside of Typer, whose own treatment of Ctrl-C and of a
closed pipe would come between.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import typer

from autointel.errors import AutointelError
from autointel.render.plain_text import plain

if TYPE_CHECKING:
    from autointel.domain.report import Report

# What docs/cli.md says of them; of several that fit, the first in this order holds.
EXIT_CODES: Final = {
    130: "interrupted (Ctrl-C); what was finished is kept",
    143: "terminated (SIGTERM); what was finished is kept",
    2: "the command or a setting is not one",
    3: "the source cannot be reached, or may not be fetched",
    4: "no transcript is to be had from the source",
    5: "the model refused before anything was read: key or quota",
    6: "the home or its catalogue cannot be used",
    7: "partial: a briefing was written, and a step failed or is degraded",
    1: "anything else; the output was closed before its end; `doctor` found something amiss",
    0: "all is well; steps that were declined or switched off do not count against it",
}
Job: TypeAlias = Callable[[], int]

_SEND_TO_A_FILE: Final = "To have the whole of it, send it to a file."
FAILED: Final = 1
USAGE: Final = 2
PARTIAL: Final = 7
INTERRUPTED: Final = 130
TERMINATED: Final = 143


def exit_code_of(report: Report) -> int:
    """0, or 7 where a step that was wanted is not whole."""
    return 0 if all(step.outcome.is_whole for step in report.steps) else PARTIAL


@contextmanager
def written() -> Iterator[None]:
    """Wrap nothing but writing to stdout.

    Raises BrokenPipeError where nobody reads on, AutointelError for a full disk.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AutointelError(
            f"The output could not be written: {error.strerror}.", "Make room there, or write it elsewhere."
        ) from error


def carry_out(parse: Callable[[], Any], *, debug: bool = False, keep_whole: str = _SEND_TO_A_FILE) -> int:
    """Parse, do the job that comes of it, and say how it ended; ``keep_whole`` is how to have all of its output.

    Raises nothing.
    """
    received: list[int] = []
    _calm(debug=debug)
    try:
        with _terminable(received):
            asked = _parsed(parse)
            code: int = asked() if callable(asked) else int(asked or 0)
            if sys.stdout is not None:  # None where the shell closed it (>&-)
                with written():
                    sys.stdout.flush()
            return code
    except KeyboardInterrupt as interrupt:
        _say("Interrupted; what was finished is kept.", _further(interrupt) or "Run the command again to go on.")
        return TERMINATED if signal.SIGTERM in received else INTERRUPTED
    except Exception as error:  # noqa: BLE001  this is the end of the line
        if debug:
            traceback.print_exc()
        if isinstance(error, BrokenPipeError):
            _discard_output()
            _say("Whoever read the output stopped before its end.", keep_whole)
            return FAILED
        return _ending(error)


def _parsed(parse: Callable[[], Any]) -> Any:
    with written():  # parsing writes help, and nothing else
        asked = parse()
    if asked == INTERRUPTED:  # Typer makes this of a signal that comes while it parses
        raise KeyboardInterrupt
    return asked


def _ending(error: Exception) -> int:
    if isinstance(error, AutointelError):
        _say(error.message, " ".join(part for part in (error.hint, _further(error)) if part))
        return error.exit_code
    if isinstance(error, typer.TyperException):
        return _usage(error)
    _say(*_exhausted(error) or _unexpected(error))
    return FAILED


def _exhausted(error: Exception) -> tuple[str, str] | None:
    """What the machine has no more of, where that is what went wrong."""
    if isinstance(error, MemoryError):
        return (
            "There is not enough memory.",
            "Close something else, raise the limit (ulimit -v), or pass a shorter source.",
        )
    number = error.errno if isinstance(error, OSError) else None
    if number in {errno.ENOSPC, errno.EDQUOT}:
        # Libraries unpack what they need where temporary files stand; what is full at home is told by the home.
        where = getattr(error, "filename", None) or "no temporary file can be written"
        return f"The disk is full: {where}.", "Free some space."
    if number in {errno.EMFILE, errno.ENFILE}:
        return "Too many files are open at once.", "Raise the limit (ulimit -n 1024), and run it again."
    if number == errno.ENOMEM:
        return "There is not enough memory.", "Close something else, or raise the limit (ulimit -v)."
    return None


def _unexpected(error: Exception) -> tuple[str, str]:
    return (
        f"Something unexpected happened: {type(error).__name__}: {error}".splitlines()[0],
        "Run it again with --debug, and report what that prints.",
    )


def _further(error: BaseException) -> str:
    """What the run had to say of how to go on."""
    return " ".join(getattr(error, "__notes__", ()))


def _usage(error: typer.TyperException) -> int:
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context else "autointel"
    # A choice that is not one comes with the validator's own preface.
    message = error.format_message().replace("Value error, ", "")
    _say(message, f"{command} --help lists its options.")
    return error.exit_code


def _say(message: str, hint: str) -> None:
    """Two sentences on stderr; a stderr that is gone is no reason to fail."""
    lines = [plain(line) for text in (message, hint) for line in text.splitlines()]
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write("".join(f"{line}\n" for line in lines if line))
        sys.stderr.flush()


def _discard_output() -> None:
    """Else the interpreter would try to flush what is left, and complain, on its way out."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _calm(*, debug: bool) -> None:
    """What libraries log and warn of is shown with --debug only."""
    if debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
        return
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter("ignore")


@contextmanager
def _terminable(received: list[int]) -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does, so that what is open is closed."""

    def interrupt(number: int, _: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
