from __future__ import annotations

import io
import sys

import pytest
from rich.text import Text

from autointel.render.terminal import animates, console, link, standard_error


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def colored(stream: io.StringIO, *, color: bool = True) -> bool:
    console(stream, color=color).print(Text("words", style="cyan"))
    return "\x1b[36m" in stream.getvalue()


def test_a_terminal_has_colour_and_a_pipe_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")

    assert colored(Terminal())
    assert not colored(io.StringIO())


def test_no_color_and_its_option_forbid_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert not colored(Terminal(), color=False)

    monkeypatch.setenv("NO_COLOR", "1")
    assert not colored(Terminal())


def test_force_color_colours_a_pipe_but_does_not_animate_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    assert colored(io.StringIO())
    assert not animates(io.StringIO())


def test_a_terminal_that_cannot_redraw_is_not_animated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not animates(Terminal())

    monkeypatch.setenv("TERM", "xterm")
    assert animates(Terminal())


def test_lines_do_not_grow_past_what_is_easy_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")

    assert console(io.StringIO()).width == 100


def test_a_character_that_the_stream_cannot_show_does_not_end_the_run() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    console(stream).print(Text("✗ refuted"))
    stream.flush()

    assert raw.getvalue() == b"? refuted\n"


def test_only_web_addresses_are_linked() -> None:
    assert link("https://video.example").link == "https://video.example"
    assert link("javascript:alert(1)").link is None
    assert link(None).link is None


def test_a_stderr_that_was_never_open_is_not_replaced_by_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)

    console(standard_error()).print(Text("progress"))

    assert capsys.readouterr().out == ""
