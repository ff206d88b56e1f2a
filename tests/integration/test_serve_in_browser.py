"""``autointel serve`` in a real browser: its pages by axe, on a phone and by keyboard; a briefing that streams in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts.fetch_axe import AXE
from tests.cli.test_serve import served
from tests.fakes.browser import Browser, driven
from tests.fakes.kept import ENDED, keep_graph, keep_runs, keep_talk
from tests.hostile import NAUGHTY

from autointel_bench.simulated import SimulatedModel
from autointel_bench.simulated.profile import Profile

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser of serve")]

SAMPLE = Path(__file__).resolve().parents[2] / "src" / "autointel" / "samples" / "free-transit.vtt"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with driven(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a debate, its graph and its briefing, and sources whose titles are hostile."""
    home = tmp_path_factory.mktemp("serve") / "home"
    kept = keep_talk(home)
    keep_graph(kept)
    keep_runs(kept)
    for number, text in enumerate(NAUGHTY):
        keep_talk(home, title=text, name=f"naughty {number}", sentences=[f"Fares, they say: {text}"])
    with served(home) as (url, _):
        yield url


PAGES = {
    "library": "",
    "search": "search?query=fares",
    "nothing found": "search?query=zzzz",
    "ask": "ask?question=do+fares+cover+the+cost%3F",
    "ask without a script": "ask?whole=1&question=Who+said+that+nobody+thinks+fares+cover+the+cost%3F",
    "graph": "graph?name=Tallinn",
    "near names": "graph?name=Talinn",
    "API": "api/docs",
    "briefing": f"briefings/{ENDED}",
    "problem": "briefings/none",
}


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_on_any_page_on_a_phone_and_in_the_dark(browser: Browser, address: str, page: str) -> None:
    assert AXE.exists(), "axe-core is not here: python scripts/fetch_axe.py fetches it."
    browser.open("about:blank")  # a page of an earlier test may still ask a server that has ended
    browser.console()
    for width, dark in ((360, False), (360, True), (1280, False)):
        browser.open(address + PAGES[page], width=width, dark=dark)
        browser.until("!document.querySelector('#answer') || document.querySelectorAll('#answer li').length")

        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.violations(AXE) == []
    # The page of what is not there is a 404, and the browser says so.
    assert [line for line in browser.console() if "404" not in line] == []


def violations_on_a_phone_and_in_the_dark(browser: Browser) -> list[str]:
    """What axe finds on the page as it is, which is not loaded again: light and dark, on a phone and beside it."""
    found = []
    for width, dark in ((360, False), (360, True), (1280, False), (1280, True)):
        browser.dress(width=width, dark=dark)
        found += browser.violations(AXE)
        wide = browser.run("return document.documentElement.scrollWidth")
        found += [f"{wide} px wide at {width}"] if wide > width else []
    return found


def test_hostile_titles_and_words_run_nothing_on_any_page(browser: Browser, address: str) -> None:
    browser.open("about:blank")  # a page of an earlier test may still ask a server that has ended
    browser.console()
    for page in (
        "",
        "search?query=fares+say",
        "ask?question=what+do+they+say+of+fares%3F",
        "search?query=%3Cscript%3E",
    ):
        browser.open(address + page, width=360)
        browser.until("!document.querySelector('#answer') || document.querySelectorAll('#answer li').length")

        assert "owned" not in browser.run("return document.title")
        assert browser.run("return document.querySelectorAll('script').length") == 1
        assert browser.run("return document.documentElement.scrollWidth") == 360
    assert browser.console() == []


def test_the_pages_are_used_by_keyboard_alone(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.press("Tab")
    assert browser.run("return document.activeElement.textContent") == "Skip to the content"
    browser.press("Enter")
    assert browser.until("document.activeElement.id === 'main'")
    for field in ("source", "question"):
        while browser.run("return document.activeElement.id") != field:
            browser.press("Tab")
    browser.write("do fares cover the cost?")
    browser.press("Enter")

    assert browser.until("location.pathname.endsWith('/ask') && document.querySelector('#answer li q')?.textContent")
    while not browser.run("return document.activeElement.matches('#answer a')"):
        browser.press("Tab")
    assert browser.run("return document.activeElement.href").endswith(f"/briefings/{ENDED}#t=4")


def test_a_sentence_of_an_answer_stands_with_its_quote(browser: Browser, address: str) -> None:
    browser.open(f"{address}ask?question=Who+said+that+nobody+thinks+fares+cover+the+cost%3F")

    assert browser.until("document.querySelector('#sentences .lead + .cited q')") is not None
    quote = browser.run("return document.querySelector('#sentences .cited').innerText")
    assert "Nobody thinks fares cover the cost." in quote


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
            running = violations_on_a_phone_and_in_the_dark(browser)
            assert browser.until("document.querySelector('#briefing')")
            judgments = browser.run(
                "return [...document.querySelectorAll('#judgments > li')].map(each => each.innerText)"
            )
            title = browser.run("return document.querySelector('h1').textContent")
            ended = violations_on_a_phone_and_in_the_dark(browser)
            browser.run("location.reload()")
            again = browser.until(
                "document.querySelector('#briefing') && document.querySelectorAll('#judgments > li').length"
            )
            while not browser.run("return document.activeElement.id === 'briefing'"):
                browser.press("Tab")
            assert browser.run("return document.activeElement.matches(':focus-visible')")
            browser.press("Enter")
            assert browser.until("location.pathname.includes('/briefings/') && document.querySelector('#made')")
            shown = browser.run("return document.querySelector('h1').textContent")
            complaints = [line for line in browser.console() if "SEVERE" in line or "Content Security" in line]

            browser.open(f"{url}ask?question=What+happened+in+Tallinn%3F")
            answered = browser.until("document.querySelector('#answer .items li q')?.textContent")

    assert title == shown == "The Cost of Free Transit"
    assert judgments
    assert all("“" in judgment or ":" in judgment for judgment in judgments)  # each with its quote
    assert again == len(judgments)
    assert answered
    assert running == ended == []
    assert complaints == []


def test_axe_finds_nothing_on_the_page_of_a_run_that_failed(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.type("#source", "no-such-talk.vtt")
    browser.click("form[method=post] button")

    assert browser.until("document.querySelector('#state')?.textContent.includes('There is no file')")
    assert violations_on_a_phone_and_in_the_dark(browser) == []
