from __future__ import annotations

import io
from contextlib import nullcontext
from datetime import date

import pytest
from rich.console import Console
from tests import examples

from autointel.cli.progress import Lines, Quiet, Silent, Table, bar, ended, headline, progress, replacement
from autointel.domain.run import Outcome, StepName

TRANSCRIBED = examples.step(StepName.TRANSCRIBE, 0.0, 0.8, detail="1,204 segments")
READ = examples.step(StepName.READ, 0.8, 9.4, model_calls=17, tokens=41_000, detail="17 passages")
DECLINED = examples.step(StepName.INSIGHTS, 10, 0, Outcome.DECLINED, reason="these need a language model")


def console(*, terminal: bool = False, width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, markup=False)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def drawn(table: Table, width: int = 80) -> list[str]:
    screen = console(width=width)
    screen.print(table)
    return written(screen).splitlines()


def test_a_step_that_ended_is_one_line_with_what_it_did() -> None:
    assert ended(READ) == "read done 9.4 s (17 passages, 17 calls, 41k tokens)"
    assert ended(DECLINED) == "insights declined (these need a language model)"
    assert ended(examples.step(StepName.BRIEF, 0, 0.05)) == "brief done 50 ms"
    assert (
        ended(examples.step(StepName.GRAPH, 0, 2, Outcome.FAILED, reason="\x1b[2Jgone")) == "graph failed 2.0 s (gone)"
    )


def test_the_headline_says_what_was_found() -> None:
    line = headline(examples.source(), examples.transcript()).plain

    assert line == (
        'autointel  "The Cost of Free Transit"  Civic Hour · 2026-03-02 · 1 h 12 min · captions (manual) · en'
    )


def test_the_headline_of_an_unknown_talk_is_its_title() -> None:
    bare = examples.source("\x1b[31mred").model_copy(
        update={"author": None, "published_at": None, "duration_seconds": None}
    )
    words = examples.transcript().model_copy(update={"language": None})

    assert headline(bare, words).plain == 'autointel  "red"  51 min · captions (manual)'


def test_without_a_terminal_there_is_a_line_for_each_step_that_ended() -> None:
    screen = console()
    lines = Lines(screen)
    older = examples.source("An older talk")

    lines.source_found(examples.source(), examples.transcript())
    lines.source_found(examples.source(), examples.transcript())
    lines.step_started(StepName.READ)
    lines.step_progress(StepName.READ, 9, 17, "passages")
    lines.step_ended(READ)
    lines.waiting("The memory is held by another run.")
    lines.replaced(older, older.model_copy(update={"id": "newer", "url": None, "path": "copies/talk.vtt"}))

    assert written(screen).splitlines() == [
        headline(examples.source(), examples.transcript()).plain,
        "read done 9.4 s (17 passages, 17 calls, 41k tokens)",
        "The memory is held by another run.",
        f'Memory now holds this copy of "An older talk" instead of the one read before from {examples.URL}.',
    ]


@pytest.mark.parametrize(
    "update", [{}, {"id": "edited"}, {"title": "Renamed"}], ids=["other passages", "edited", "renamed"]
)
def test_a_source_that_is_read_again_at_its_place_is_called_a_version_and_no_copy(update: dict[str, str]) -> None:
    older = examples.source("A talk")
    newer = older.model_copy(update=update)

    assert replacement(older, newer) == (
        f'Memory now holds this version of "{newer.title}"; it differs from the one read before.'
    )


def test_verbose_also_says_what_begins_and_how_it_goes_on() -> None:
    screen = console()
    lines = Lines(screen, verbose=True)

    lines.step_started(StepName.READ)
    lines.step_progress(StepName.READ, 9, 17, "passages")

    assert written(screen) == "read started\nread 9 of 17 passages\n"


def test_a_long_line_is_not_broken_when_it_is_piped() -> None:
    screen = console(width=40)

    Lines(screen).step_ended(READ)

    assert written(screen).count("\n") == 1


def test_a_terminal_that_is_gone_does_not_stop_the_work() -> None:
    screen = console()
    screen.file.close()

    Lines(screen).step_ended(READ)


def test_quiet_is_silent() -> None:
    silent = Silent()

    silent.source_found(examples.source(), examples.transcript())
    silent.step_started(StepName.READ)
    silent.step_progress(StepName.READ, 1, 2, "passages")
    silent.step_ended(READ)
    silent.judgment(examples.judgments()[0])
    silent.waiting("nothing")
    silent.replaced(examples.source(), examples.source())


def test_quiet_says_what_is_replaced_in_memory_which_stands_in_no_report() -> None:
    screen = console(width=200)
    with progress(screen, animated=True, quiet=True, verbose=False) as quiet:
        quiet.step_ended(READ)
        quiet.replaced(examples.source(), examples.source())

    assert written(screen) == f"warning: {replacement(examples.source(), examples.source())}\n"


def test_the_table_shows_what_is_done_what_runs_and_what_waits_for_what() -> None:
    now = iter([100.0, 103.1, 103.1])
    table = Table(console(), clock=lambda: next(now))
    table.step_ended(TRANSCRIBED)
    table.step_started(StepName.READ)
    table.step_progress(StepName.READ, 9, 17, "passages")

    rows = drawn(table)

    assert rows[0] == "  transcribe    ████████████████████  done     0.8 s   1,204 segments"
    assert rows[1] == "  read          ██████████▌           9 of 17 passages"
    assert rows[2] == "  insights      waiting for read"
    assert rows[8] == "  brief         waiting for read"


def test_the_table_shows_how_long_a_step_without_a_measure_has_worked() -> None:
    now = iter([100.0, 103.1])
    table = Table(console(), clock=lambda: next(now))
    table.step_started(StepName.TRANSCRIBE)

    assert drawn(table)[0] == "  transcribe    working 3.1 s"


def test_a_step_that_could_start_waits_its_turn() -> None:
    table = Table(console())
    table.step_ended(TRANSCRIBED)

    assert drawn(table)[1] == "  read          loading…"


def test_a_declined_step_says_why() -> None:
    table = Table(console())
    table.step_ended(DECLINED)

    assert drawn(table)[2] == "  insights      declined  these need a language model"


def test_a_failed_step_has_no_full_bar() -> None:
    table = Table(console())
    table.step_ended(examples.step(StepName.READ, 0, 2, Outcome.FAILED, reason="the model did not answer"))

    assert drawn(table)[1] == "  read          failed  2.0 s  the model did not answer"


def test_what_the_run_waits_for_is_shown_without_its_password() -> None:
    table, screen = Table(console()), console()
    for listener in (table, Lines(screen)):
        listener.waiting("http://me:s3cr3t@10.0.0.5 is busy.")

    assert (drawn(table)[-1], written(screen)) == (
        "  http://********@10.0.0.5 is busy.",
        "http://********@10.0.0.5 is busy.\n",
    )


def test_what_the_run_waits_for_stands_below_until_a_step_ends() -> None:
    table = Table(console())
    table.waiting("The memory is held by another run.")
    assert drawn(table)[-1] == "  The memory is held by another run."

    table.step_ended(TRANSCRIBED)
    assert len(drawn(table)) == len(StepName)


def test_no_row_is_wider_than_the_terminal() -> None:
    table = Table(console())
    table.step_ended(examples.step(StepName.READ, 0, 2, detail="many " * 40))

    rows = drawn(table, width=50)
    assert len(rows) == len(StepName)
    assert max(len(row) for row in rows) == 50


def test_the_table_is_drawn_on_a_terminal_and_leaves_it_as_it_was() -> None:
    screen = console(terminal=True)

    with Table(screen) as table:
        table.source_found(examples.source(), examples.transcript())
        table.source_found(examples.source(), examples.transcript())
        table.step_ended(TRANSCRIBED)
        table.judgment(examples.judgments()[0])

    text = written(screen)
    assert text.count("The Cost of Free Transit") == 1
    assert "1,204 segments" in text
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")


@pytest.mark.parametrize(
    ("share", "cells"), [(0, ""), (0.025, "▌"), (0.5, "█" * 10), (1, "█" * 20), (7, "█" * 20), (-1, "")]
)
def test_a_bar_is_exact_to_half_a_cell(share: float, cells: str) -> None:
    assert bar(share) == cells.ljust(20)


@pytest.mark.parametrize(
    ("animated", "quiet", "verbose", "kind"),
    [
        (True, False, False, Table),
        (False, False, False, Lines),
        (True, False, True, Lines),
        (True, True, True, Quiet),
    ],
)
def test_options_and_terminal_choose_how_progress_is_shown(
    animated: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    verbose: bool,  # noqa: FBT001
    kind: type[object],
) -> None:
    chosen = progress(console(), animated=animated, quiet=quiet, verbose=verbose)

    listener = chosen.enter_result if isinstance(chosen, nullcontext) else chosen
    assert type(listener) is kind


def test_a_date_is_written_so_that_it_sorts() -> None:
    source = examples.source().model_copy(update={"published_at": date(2026, 11, 5)})

    assert "2026-11-05" in headline(source, examples.transcript()).plain
