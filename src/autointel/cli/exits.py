"""How a command ends: the one place where every error becomes two sentences and an exit code.

The codes are part of the interface; docs/cli.md lists them. The work runs outside Typer, which would handle Ctrl-C and
closed pipes in its own way.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import typer
from typing_extensions import override

from autointel.errors import AutointelError, exhaustion
from autointel.render.plain_text import masked, plain

if TYPE_CHECKING:
    from autointel.domain.report import Report

# For docs/cli.md. If several apply, the first one listed wins.
EXIT_CODES: Final = {
    130: "interrupted (Ctrl-C); finished steps are saved",
    143: "terminated (SIGTERM); finished steps are saved",
    2: "wrong usage, or a wrong setting",
    3: "the source cannot be reached, or access is refused",
    4: "the source has no transcript",
    5: "the model server refused the key or quota before anything was read",
    6: "the home folder or its catalogue cannot be used",
    7: "partial: a briefing was written, but a step failed or is degraded",
    1: "any other error; the output was closed early; `doctor` or `perf check` found a fault",
    0: "success; declined and skipped steps count as success",
}
Action: TypeAlias = Callable[[], int]

# Whoever asks a process to end waits for it: a service manager 90 s, a person less.
_GRACE: Final = 20.0
_AFTER_THE_DESTRUCTOR: Final = 0.05  # seconds
_STOPPED: Final = "Interrupted; finished steps are saved."
_SEND_TO_A_FILE: Final = "Write to a file to get all of it."
_MARGIN: Final = " |+-"  # of a traceback, and of a group of them
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


def carry_out(
    parse: Callable[[], Any], *, debug: bool = False, keep_whole: str = _SEND_TO_A_FILE, grace: float = _GRACE
) -> int:
    """Parse, carry out the command, and print how it ended; ``keep_whole`` says how to get all of the output.

    Raises nothing. A process that has not ended ``grace`` seconds after a signal is ended there and then.
    """
    received: list[int] = []
    _calm(debug=debug)
    try:
        with _terminable(received, grace):
            asked = _parsed(parse)
            code: int = asked() if callable(asked) else int(asked or 0)
            if sys.stdout is not None:  # None where the shell closed it (>&-)
                with written():
                    sys.stdout.flush()
            return code
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt, received)
    except Exception as error:  # noqa: BLE001  this is the end of the line
        if debug:
            with suppress(OSError, ValueError, AttributeError):
                sys.stderr.write(f"{_harmless(traceback.format_exc())}\n")
        if received:  # an import or a callback made another error of the interrupt
            return _interrupted(error, received)
        if isinstance(error, BrokenPipeError):
            _discard_output()
            _say("The output was closed before its end.", keep_whole)
            return FAILED
        return _ending(error)


def _interrupted(error: BaseException, received: list[int]) -> int:
    # Python remembers an interrupt that came inside of exec(), as when a dataclass is made, and then ends as by SIGINT
    # whatever code is returned here. The next exec() clears that.
    exec("")  # noqa: S102
    # Only a run and a list have steps, and they say how to go on.
    further = _further(error)
    _say(_STOPPED if further else "Interrupted.", further or "Run the command again.")
    return TERMINATED if signal.SIGTERM in received else INTERRUPTED


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
    _say(*exhaustion(error) or _unexpected(error))
    return FAILED


def _unexpected(error: Exception) -> tuple[str, str]:
    return (
        f"Something unexpected happened: {type(error).__name__}: {error}".splitlines()[0],
        "Run it again with --debug, and report the output.",
    )


def _further(error: BaseException) -> str:
    """The run's own notes on how to continue."""
    return " ".join(getattr(error, "__notes__", ()))


def _usage(error: typer.TyperException) -> int:
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context else "autointel"
    # A wrong choice comes with the validator's own preface.
    message = error.format_message().replace("Value error, ", "")
    _say(message, f"{command} --help lists its options.")
    return error.exit_code


def _say(message: str, hint: str) -> None:
    """Two sentences on stderr, without secrets. A closed stderr is ignored."""
    lines = [masked(plain(line)) for text in (message, hint) for line in text.splitlines()]
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write("".join(f"{line}\n" for line in lines if line))
        sys.stderr.flush()


def _discard_output() -> None:
    """Without this the interpreter would try to flush the rest at exit, and complain."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _harmless(text: str) -> str:
    """Lines of a traceback or a log with their margins, each without secrets and terminal sequences."""
    return "\n".join(map(_harmless_line, text.splitlines()))


def _harmless_line(line: str) -> str:
    said = line.lstrip(_MARGIN)
    return line[: len(line) - len(said)] + masked(plain(said))


class _HarmlessFormatter(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        return _harmless(super().format(record))


def _calm(*, debug: bool) -> None:
    """Show logs and warnings of libraries with --debug only."""
    if debug:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_HarmlessFormatter("%(levelname)s %(name)s: %(message)s"))
        logging.basicConfig(level=logging.INFO, handlers=[handler])
        return
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter("ignore")


@contextmanager
def _terminable(received: list[int], grace: float) -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does, so that what is open is closed; ``received`` gets each signal's number."""
    ended = Event()

    def interrupt(number: int, _: FrameType | None) -> None:
        if not received:
            Thread(target=_end_after, args=(grace, number, ended), daemon=True).start()
        received.append(number)
        raise KeyboardInterrupt

    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, interrupt)}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a process in the background ignores it
        before[signal.SIGINT] = signal.signal(signal.SIGINT, interrupt)
    report_unraisable = sys.unraisablehook
    sys.unraisablehook = partial(_repeat_if_interrupt, received, ended, report_unraisable)
    try:
        yield
    finally:
        ended.set()
        sys.unraisablehook = report_unraisable
        for number, handler in before.items():
            signal.signal(number, handler)


def _repeat_if_interrupt(
    received: list[int], ended: Event, report: Callable[[Any], object], unraisable: sys.UnraisableHookArgs
) -> None:
    """Python drops what is raised in a destructor or in a callback of a weak reference: one interrupt in 500 or so."""
    if not (received and issubclass(unraisable.exc_type, KeyboardInterrupt)):
        report(unraisable)
        return

    def repeat() -> None:
        main = threading.main_thread().ident
        if main is not None and not ended.wait(_AFTER_THE_DESTRUCTOR):
            signal.pthread_kill(main, received[0])

    # From another thread, and later: within the destructor the next interrupt would be dropped as well.
    Thread(target=repeat, daemon=True).start()


def _end_after(seconds: float, number: int, ended: Event) -> None:
    """Whatever swallowed the interrupt, or waits for ever: finished steps are saved, and so the process may go."""
    if ended.wait(seconds):
        return
    _say(_STOPPED, "Run the command again to continue.")
    os._exit(128 + number)
