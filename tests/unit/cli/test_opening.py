from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest
from tests import examples

from autointel.cli.brief_source import Browse, open_page
from autointel.cli.request import Request
from autointel.errors import AutointelError
from autointel.render.html.page import html_page

RESULTS = examples.finished(examples.local_results())
REPORT = examples.report(RESULTS)


def browser(asked_for: list[str]) -> Browse:
    def browse(url: str) -> bool:
        asked_for.append(url)
        return True

    return browse


def test_without_a_folder_the_page_is_kept_with_the_run(tmp_path: Path) -> None:
    asked_for: list[str] = []

    said = open_page(Request("talk.vtt"), tmp_path, REPORT, RESULTS, browser(asked_for))

    page = tmp_path / "runs" / REPORT.run_id / "report.html"
    assert page.read_text(encoding="utf-8") == html_page(REPORT, RESULTS)
    assert asked_for == [page.as_uri()]
    assert said == f"page {page}"
    assert page.parent.stat().st_mode & 0o077 == 0


def test_with_a_folder_nothing_is_written_a_second_time(tmp_path: Path) -> None:
    open_page(Request("talk.vtt", out=tmp_path / "out"), tmp_path / "home", REPORT, RESULTS, lambda _: True)

    assert list(tmp_path.iterdir()) == []


def broken(_: str) -> bool:
    raise webbrowser.Error("could not locate runnable browser")


@pytest.mark.parametrize("browse", [broken, lambda _: False], ids=["none found", "refused"])
def test_where_no_browser_opens_the_reader_is_told_where_the_page_is(tmp_path: Path, browse: Browse) -> None:
    said = open_page(Request("talk.vtt"), tmp_path, REPORT, RESULTS, browse)

    assert said.startswith("No browser could be opened. The page is ")
    assert said.endswith("report.html")


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")

    with pytest.raises(AutointelError, match="could not be written"):
        open_page(Request("talk.vtt"), tmp_path, REPORT, RESULTS, lambda _: True)
