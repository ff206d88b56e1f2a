"""From an address that is pasted into the page to a briefing that streams in, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.test_serve import served
from tests.fakes.browser import Browser, driven

from autointel_bench.simulated import SimulatedModel
from autointel_bench.simulated.profile import Profile

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

SAMPLE = Path(__file__).resolve().parents[2] / "src" / "autointel" / "samples" / "free-transit.vtt"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with driven(tmp_path_factory.mktemp("browser")) as made:
        yield made


def test_an_address_that_is_pasted_becomes_a_briefing_that_streams_in(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SimulatedModel(Profile()) as model:
        monkeypatch.setenv("AUTOINTEL_MODEL__BASE_URL", model.base_url)
        monkeypatch.setenv("AUTOINTEL_MODEL__NAME", "simulated")
        monkeypatch.setenv("AUTOINTEL_EVIDENCE__SOURCES", "")
        with served(tmp_path / "home") as (url, _):
            browser.open(url)
            browser.type("#source", str(SAMPLE))
            browser.click("form[method=post] button")
            assert browser.until("document.querySelectorAll('#steps tr').length")
            for _ in range(12):  # of ten seconds each: crewai is loaded meanwhile
                if browser.until("document.querySelector('#briefing')"):
                    break
            judgments = browser.run(
                "return [...document.querySelectorAll('#judgments > li')].map(each => each.innerText)"
            )
            title = browser.run("return document.querySelector('h1').textContent")
            browser.run("location.reload()")
            again = browser.until("document.querySelectorAll('#judgments > li').length")
            browser.click("#briefing")
            shown = browser.run("return document.querySelector('h1').textContent")
            complaints = [line for line in browser.console() if "SEVERE" in line or "Content Security" in line]

            browser.open(f"{url}ask?question=What+happened+in+Tallinn%3F")
            answered = browser.until("document.querySelector('#answer .items li q')?.textContent")

    assert title == shown == "The Cost of Free Transit"
    assert judgments
    assert all("“" in judgment or ":" in judgment for judgment in judgments)  # each with its quote
    assert again == len(judgments)
    assert answered
    assert complaints == []
