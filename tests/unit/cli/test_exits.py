from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer
from tests import examples

from autointel import errors
from autointel.cli.exits import EXIT_CODES, carry_out, exit_code_of
from autointel.domain.run import Engine, Outcome, StepName


@pytest.fixture(autouse=True)
def calm_again() -> Iterator[None]:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    with warnings.catch_warnings():
        yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def raising(error: BaseException) -> Callable[[], Any]:
    def job() -> NoReturn:
        raise error

    return lambda: job


def every_error(root: type[errors.AutointelError]) -> Iterator[type[errors.AutointelError]]:
    yield root
    for below in root.__subclasses__():
        yield from every_error(below)


OURS = [kind for kind in every_error(errors.AutointelError) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", OURS)
def test_each_of_our_errors_ends_in_its_own_code_and_two_sentences(
    kind: type[errors.AutointelError], capsys: pytest.CaptureFixture[str]
) -> None:
    code = carry_out(raising(kind("It broke.", "Mend it.")))

    assert code == kind.exit_code
    assert code in EXIT_CODES
    assert capsys.readouterr() == ("", "It broke.\nMend it.\n")


def test_what_an_error_quotes_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    carry_out(raising(errors.NoTranscript('"\x1b[2Jtitle\r\n" has no words.', "")))

    assert capsys.readouterr().err == '"title\n" has no words.\n'


def test_a_job_that_is_done_gives_its_code() -> None:
    assert carry_out(lambda: lambda: 7) == 7


def test_where_parsing_was_all_there_was_to_do_its_code_holds() -> None:
    assert carry_out(lambda: 2) == 2
    assert carry_out(lambda: None) == 0


def test_ctrl_c_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err.startswith("Interrupted.\n")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_the_command_is_parsed_is_told_like_any_other(
    number: signal.Signals, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()

    @app.command()
    def job() -> None:
        signal.raise_signal(number)

    assert carry_out(lambda: app([], standalone_mode=False)) == code
    assert capsys.readouterr().err.startswith("Interrupted.\n")


def test_sigterm_is_143_and_the_handler_that_stood_there_is_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)

    code = carry_out(lambda: lambda: signal.raise_signal(signal.SIGTERM))

    assert code == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert "Traceback" not in capsys.readouterr().err


def test_a_reader_that_went_away_is_one_sentence_and_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out(raising(BrokenPipeError())) == 1
    assert capsys.readouterr().err.startswith("The output was closed before its end.\n")


def test_the_unexpected_is_one_line_without_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out(raising(ZeroDivisionError("never\nmind"))) == 1

    said = capsys.readouterr().err
    assert said.splitlines()[0] == "Something unexpected happened: ZeroDivisionError: never"
    assert "--debug" in said
    assert "Traceback" not in said


def test_a_disk_that_a_library_finds_full_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out(raising(OSError(errno.ENOSPC, "No space left on device"))) == 1

    assert capsys.readouterr().err.splitlines() == [
        "The disk is full: no temporary file can be written.",
        "Free some space.",
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "Too many files are open at once."),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "There is not enough memory."),
        (MemoryError(), "There is not enough memory."),
    ],
)
def test_what_the_machine_has_no_more_of_is_told_with_what_to_do(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out(raising(error)) == 1

    message, hint = capsys.readouterr().err.splitlines()
    assert message == said
    assert "ulimit" in hint


def test_a_full_output_is_not_blamed_on_temporary_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def parse() -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert carry_out(parse) == 1

    assert capsys.readouterr().err.startswith("The output could not be written: No space left on device.\n")


def test_only_a_command_that_writes_files_is_said_to(capsys: pytest.CaptureFixture[str]) -> None:
    carry_out(raising(BrokenPipeError()))
    assert "--out" not in capsys.readouterr().err

    carry_out(raising(BrokenPipeError()), keep_whole="Use --out DIR.")
    assert "--out" in capsys.readouterr().err


def test_debug_shows_the_tracebacks_of_a_group_with_their_margins(capsys: pytest.CaptureFixture[str]) -> None:
    nothing: dict[str, int] = {}

    def work() -> int:
        try:
            return nothing["published"]
        except KeyError as error:
            raise ExceptionGroup("both", [error]) from None

    carry_out(lambda: work, debug=True)

    shown = capsys.readouterr().err
    assert (
        "    |     return nothing[\"published\"]\n    |            ~~~~~~~^^^^^^^^^^^^^\n    | KeyError: 'published'\n"
        in shown
    )


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    carry_out(raising(ZeroDivisionError()), debug=True)

    assert "Traceback" in capsys.readouterr().err


def test_a_traceback_and_a_log_show_neither_a_secret_nor_a_terminal_sequence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def work() -> Callable[[], int]:
        logging.getLogger("vendor").warning("GET /v1?key=%s \x1b]0;title\x07", "abcdefgh-9")
        raise ValueError("wrong:", "abcdefgh-9", "\x1b[31m")

    errors.hide_secrets(["abcdefgh-9"])
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    carry_out(work, debug=True)

    said = capsys.readouterr().err
    assert "WARNING vendor: GET /v1?key=********\n" in said
    assert "\n    raise ValueError(" in said
    assert "abcdefgh-9" not in said
    assert "\x1b" not in said


def test_a_key_that_is_the_programs_own_name_leaves_hints_readable(capsys: pytest.CaptureFixture[str]) -> None:
    errors.hide_secrets(["autointel"])

    carry_out(raising(errors.UsageError("It is gone.", "Start with autointel run.")))

    assert "autointel run" in capsys.readouterr().err


def test_libraries_warn_and_log_into_the_void(capsys: pytest.CaptureFixture[str]) -> None:
    def job() -> int:
        warnings.warn("a library is unhappy", UserWarning, stacklevel=1)
        logging.getLogger("some.library").error("and says so")
        return 0

    assert carry_out(lambda: job) == 0
    assert capsys.readouterr().err == ""


def test_a_usage_error_names_the_help_that_would_have_helped(capsys: pytest.CaptureFixture[str]) -> None:
    def parse() -> NoReturn:
        raise typer.BadParameter("Value error, 'x' is not one of 'a', 'b'.")

    assert carry_out(parse) == 2
    said = capsys.readouterr().err
    assert "Value error" not in said
    assert said.endswith("autointel --help lists its options.\n")


def test_a_stderr_that_is_gone_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)

    assert carry_out(raising(errors.NoTranscript("It broke.", ""))) == 4


def test_a_stdout_that_is_gone_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    assert carry_out(lambda: lambda: 0) == 0


def test_what_a_full_pipe_still_holds_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        pipe.write("briefing")

        assert carry_out(lambda: lambda: 0) == 1

        pipe.flush()  # would raise again if it still led to the pipe


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.DONE, 0),
        (Outcome.SKIPPED, 0),
        (Outcome.DECLINED, 0),
        (Outcome.DEGRADED, 7),
        (Outcome.FAILED, 7),
    ],
)
def test_a_run_is_partial_where_a_step_that_was_wanted_is_not_whole(outcome: Outcome, code: int) -> None:
    report = examples.report(examples.finished(examples.local_results()), Engine.LOCAL)
    steps = (*report.steps, examples.step(StepName.BRIEF, 0, 0, outcome))

    assert exit_code_of(report.model_copy(update={"steps": steps})) == code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_error_that_something_made_of_a_signal_counts_as_the_signal(
    number: signal.Signals, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def job() -> NoReturn:
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt:
            raise ImportError("partially initialised") from None
        raise AssertionError("the signal was not received")

    try:
        assert carry_out(lambda: job) == code
    finally:
        signal.signal(signal.SIGINT, before)

    assert capsys.readouterr().err.startswith("Interrupted")


class _Interrupted:
    """Python drops whatever its destructor raises."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_an_interrupt_that_came_within_a_destructor_comes_again(capsys: pytest.CaptureFixture[str]) -> None:
    def job() -> NoReturn:
        _Interrupted()
        threading.Event().wait(60)
        raise AssertionError("the interrupt was lost")

    assert carry_out(lambda: job) == 143
    assert capsys.readouterr().err.startswith("Interrupted")


class _Broken:
    def __del__(self) -> None:
        raise ValueError("of its own")


def test_another_error_of_a_destructor_is_reported_as_ever() -> None:
    reported: list[object] = []
    before, sys.unraisablehook = sys.unraisablehook, lambda unraisable: reported.append(unraisable.exc_type)
    try:
        assert carry_out(lambda: lambda: 0 * id(_Broken())) == 0
    finally:
        sys.unraisablehook = before
    assert reported == [ValueError]


_DEAF = """
import signal, threading
from autointel.cli.exits import carry_out

def job():
    while True:
        try:
            print("at work", flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            pass

carry_out(lambda: job, grace=0.1)
"""


def test_a_process_that_hears_no_signal_is_ended_after_a_while() -> None:
    with subprocess.Popen(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", _DEAF], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.terminate()
        _, said = process.communicate(timeout=20)

    assert process.returncode == 143
    assert said.startswith("Interrupted")


def test_a_signal_inside_of_exec_ends_with_the_code_of_the_signal(tmp_path: Path) -> None:
    """As when a dataclass is made while modules are loaded; of ``python -m`` Python would end as by Ctrl-C."""
    (tmp_path / "interrupted.py").write_text(
        "import sys\n"
        "from autointel.cli.exits import carry_out\n"
        "inner = 'import os, signal; os.kill(os.getpid(), signal.SIGTERM); [None for _ in range(10**8)]'\n"
        "sys.exit(carry_out(lambda: lambda: exec(inner)))\n"
    )

    ended = subprocess.run(
        [sys.executable, "-m", "interrupted"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr.splitlines()[0]) == (143, "Interrupted.")
