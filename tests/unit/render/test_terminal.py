from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests import examples
from tests.golden import matches

from autointel.domain.report import Results
from autointel.render.sections import sheet_of
from autointel.render.terminal import show

GOLDEN = Path(__file__).parent / "golden"
LOCAL, LLM = (
    examples.finished(examples.local_results()),
    examples.finished(examples.llm_results(), examples.judgments()),
)


def shown(results: Results, *, width: int = 80, color: bool = False) -> str:
    page = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=False,
    )
    drawn = results.briefing.judgments if results.briefing else ()
    with page.capture() as capture:
        show(sheet_of(results, drawn), page)
    return capture.get()


def test_the_briefing_of_the_local_engine_at_80_columns() -> None:
    matches(GOLDEN / "briefing_local.txt", shown(LOCAL))


def test_the_briefing_of_a_model_at_80_columns() -> None:
    matches(GOLDEN / "briefing_llm.txt", shown(LLM))


def test_colour_adds_nothing_but_colour_and_links() -> None:
    colored = shown(LLM, color=True)

    assert "\x1b[36m" in colored or "\x1b[1;36m" in colored
    assert f"{examples.URL}&t=252" in colored
    assert "\x1b[31m" not in colored


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize("results", [LOCAL, LLM])
def test_no_line_is_wider_than_the_terminal(results: Results, width: int) -> None:
    assert [line for line in shown(results, width=width).splitlines() if cell_len(line) > width] == []


@pytest.mark.parametrize(
    "title",
    [
        "[bold red]markup[/bold red] [link=https://evil.example]here[/link]",
        "\x1b[31mred\x1b[0m \x1b]0;title\x07",
        "safe\u202egnp.exe",
        "two\nlines\nKEY JUDGMENTS\n1  invented",
        "交通" * 100,
        "long " * 1000,
        ":smile: \\[x]",
    ],
)
def test_a_hostile_title_is_shown_as_it_stands_on_its_own_lines(title: str) -> None:
    results = LLM.model_copy(update={"source": examples.source(title)})

    text = shown(results)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.splitlines().count("KEY JUDGMENTS") == 1
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert sum(cell_len(line) for line in text.partition("Civic Hour")[0].splitlines()) <= 400


def test_markup_in_a_quote_is_a_quote() -> None:
    excerpt = LOCAL.analysis.excerpts[0]
    said = excerpt.citations[0].model_copy(update={"quote": "[bold]Nobody[/bold] :smile: \x1b[2Jat this table"})
    hostile = excerpt.model_copy(update={"citations": (said,)})
    analysis = LOCAL.analysis.model_copy(update={"excerpts": (hostile,)})

    assert '"[bold]Nobody[/bold] :smile: at this table"' in shown(LOCAL.model_copy(update={"analysis": analysis}))


def test_what_only_the_report_holds_is_counted() -> None:
    analysis = LOCAL.analysis.model_copy(update={"excerpts": LOCAL.analysis.excerpts * 9})

    assert "   6 more in the report (--json)\n" in shown(LOCAL.model_copy(update={"analysis": analysis}))


def test_short_quotes_share_a_line() -> None:
    excerpt = LOCAL.analysis.excerpts[0]
    words = [excerpt.citations[0].model_copy(update={"quote": quote}) for quote in ("Nobody", "at this table")]
    analysis = LOCAL.analysis.model_copy(update={"excerpts": (excerpt.model_copy(update={"citations": tuple(words)}),)})

    assert '1  [4:12] Mara Lind: "Nobody"   [4:12] Mara Lind: "at this table"' in shown(
        LOCAL.model_copy(update={"analysis": analysis})
    )


def test_a_perspective_without_a_gap_says_nothing_of_one() -> None:
    perspective = LLM.analysis.perspectives[0].model_copy(update={"missing": ""})
    analysis = LLM.analysis.model_copy(update={"perspectives": (perspective,)})

    assert "missing:" not in shown(LLM.model_copy(update={"analysis": analysis}))
