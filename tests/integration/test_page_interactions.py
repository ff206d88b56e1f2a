"""The page's interactions in a real browser: citation to line and back, filter, player, picture, table; and axe."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from scripts.fetch_axe import AXE
from tests import examples
from tests.fakes.browser import Browser, driven
from tests.hostile import NAUGHTY, everything, poisoned

from autointel.domain.report import Report, Results
from autointel.domain.run import Engine
from autointel.domain.transcript import SourceKind
from autointel.render.html.page import html_page, index_page

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

LINE = "#t\\=1120"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with driven(tmp_path_factory.mktemp("browser")) as made:
        yield made


def local() -> tuple[Report, Results]:
    results = examples.finished(examples.local_results())
    return examples.report(results), results


def shown(browser: Browser, folder: Path, pair: tuple[Report, Results], fragment: str = "", **window: Any) -> None:
    path = folder / "report.html"
    path.write_text(html_page(*pair), encoding="utf-8")
    browser.console()
    # Another fragment of the same address would not load the page again.
    browser.open("about:blank")
    browser.open(path.as_uri() + fragment, **window)


def test_a_citation_leads_to_its_highlighted_line_and_back(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything())
    assert not browser.run("return document.querySelector('.part').open")

    browser.click("#claim-1 a.at")

    assert browser.run("return location.hash") == "#t=1120"
    assert browser.run("return document.activeElement.id") == "t=1120"
    assert browser.run(f"return document.querySelector('{LINE}').textContent".replace("\\", "\\\\")) == (
        "Tallinn's ridership doubled within a year."
    )
    assert browser.run("return [...document.querySelectorAll('.lit')].map(each => each.id)") == ["t=1120"]
    assert browser.run("return document.querySelector('.return a').textContent") == "Back to claim 1"

    browser.click(".return a")

    assert browser.run("return document.activeElement.closest('[id]').id") == "claim-1"
    assert browser.run("return document.querySelector('.return').hidden")


def test_a_cited_line_names_what_cites_it_and_leads_there(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything(), "#t=1120")

    browser.click("a.ref[href='#claim-2']")

    assert browser.run("return document.querySelector(':target').id") == "claim-2"


def test_a_line_s_address_opens_the_page_at_the_line(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything(), "#t=3063")

    assert browser.run("return document.querySelector('.lit').id") == "t=3063"
    top = browser.run("return document.querySelector('.lit').getBoundingClientRect().top")
    assert 0 < top < 900


def test_the_browser_s_own_way_back_works_too(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything())
    browser.click("#judgment-1 a.at")
    browser.click("#judgment-1 li:nth-child(2) a.at")

    browser.run("history.back()")

    assert browser.until("location.hash === '#t=252' && document.querySelector('.lit').id === 't=252'")


def test_the_filter_shows_the_paragraphs_with_all_the_words_and_folds_up_again(
    browser: Browser, tmp_path: Path
) -> None:
    shown(browser, tmp_path, everything())

    browser.type("#filter", "GAP eléven")

    seen = (
        "return [...document.querySelectorAll('.turn')].filter(each => each.offsetHeight).map(each => each.innerText)"
    )
    [turn] = browser.run(seen)
    assert "The gap is eleven million" in turn
    assert browser.run("return document.querySelector('#found').textContent") == "1 paragraph"

    browser.run("const box = document.querySelector('#filter'); box.value = ''; box.dispatchEvent(new Event('input'))")

    assert not browser.run("return document.querySelector('.part').open")
    assert browser.run("return document.querySelector('#found').textContent") == ""


def sound(path: Path, seconds: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(4_000)
        file.writeframes(b"\x80" * 4_000 * seconds)
    return path


@contextmanager
def serving(recording: bytes, asked: list[str]) -> Iterator[str]:
    """A server of one recording, in parts as players ask for it; ``asked`` gets the paths."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            first = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
            self.send_response(206)
            self.send_header("Content-Type", "audio/wav")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Range", f"bytes {first}-{len(recording) - 1}/{len(recording)}")
            self.send_header("Content-Length", str(len(recording) - first))
            self.end_headers()
            with suppress(OSError):  # a player that seeks hangs up
                self.wfile.write(recording[first:])

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_chosen_recording_seeks_on_click_and_its_line_is_lit(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything())
    browser.type(".pick input", str(sound(tmp_path / "talk.wav", 1_200)))
    assert browser.until("document.querySelector('audio') !== null")

    browser.click("#claim-1 a.at")

    assert browser.until("document.querySelector('audio').currentTime === 1120")
    assert browser.until("document.querySelector('.playing') && document.querySelector('.playing').id === 't=1120'")
    assert browser.run("return document.querySelector('.now').textContent").startswith("Tallinn's ridership")
    assert browser.console() == []


def test_a_local_recording_plays_under_the_policy_and_a_line_seeks(browser: Browser, tmp_path: Path) -> None:
    report, results = everything()
    path = sound(tmp_path / "a talk.wav", 1_200)
    source = results.source.model_copy(update={"kind": SourceKind.MEDIA, "path": str(path), "url": None})
    shown(browser, tmp_path, (report, results.model_copy(update={"source": source})), "#t=252")

    browser.click("#t\\=252")

    assert browser.until("document.querySelector('audio').readyState > 0")
    assert browser.until("document.querySelector('audio').currentTime === 252")
    assert browser.console() == []


def test_a_podcast_s_remote_recording_seeks_under_the_policy_and_is_fetched_only_when_it_is_played(
    browser: Browser, tmp_path: Path
) -> None:
    asked: list[str] = []
    recording = sound(tmp_path / "episode.wav", 1_200).read_bytes()
    report, results = everything()
    with serving(recording, asked) as address:
        source = results.source.model_copy(update={"kind": SourceKind.PODCAST, "media_url": f"{address}/7.wav"})
        shown(browser, tmp_path, (report, results.model_copy(update={"source": source})))
        before = list(asked)
        browser.click("#claim-1 a.at")
        browser.run("const audio = document.querySelector('audio'); audio.muted = true; return audio.play()")

        assert browser.until("document.querySelector('audio').currentTime >= 1120")
        assert browser.until("document.querySelector('.playing') && document.querySelector('.playing').id === 't=1120'")
        assert browser.console() == []
    policy = browser.run("return document.querySelector('meta[http-equiv]').content")

    assert before == []
    assert asked[0] == "/7.wav"
    assert "; media-src blob: http: https:; " in policy


def test_a_video_site_is_reached_only_when_the_reader_asks(browser: Browser, tmp_path: Path) -> None:
    report, results = everything()
    source = results.source.model_copy(update={"url": "https://www.youtube.com/watch?v=abcdefghijk"})
    shown(browser, tmp_path, (report, results.model_copy(update={"source": source})))
    assert not browser.run("return document.querySelector('iframe')")

    browser.click("button.load")

    address = browser.run("return document.querySelector('iframe').src")
    assert address == "https://www.youtube-nocookie.com/embed/abcdefghijk?enablejsapi=1&start=0"


def test_a_name_lights_its_connections_and_shows_their_quotes(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything())

    browser.click(".arcs a.name[data-name='1'] text")

    assert browser.run("return [...document.querySelectorAll('.arcs .on')].length") == 3
    panel = browser.run("return document.querySelector('.panel').innerText")
    assert "Tallinn co-occurs with Mara Lind" in panel
    assert "Tallinn's ridership doubled within a year." in panel


def test_claims_stand_with_refuted_ones_first_and_can_be_put_in_the_order_of_the_source(
    browser: Browser, tmp_path: Path
) -> None:
    report, results = everything()
    claims = report.fact_check.claims[::-1]
    report = report.model_copy(update={"fact_check": report.fact_check.model_copy(update={"claims": claims})})
    shown(browser, tmp_path, (report, results))
    order = "return [...document.querySelectorAll('#claims-table tbody tr')].map(each => each.id)"
    assert browser.run(order) == ["claim-2", "claim-1"]

    browser.click("#claims-table thead th:first-child button")

    assert browser.run(order) == ["claim-1", "claim-2"]
    assert browser.run("return document.querySelector('#claims-table th[aria-sort]').textContent") == "Said"

    browser.click("#claims-table thead th:nth-child(2) button")

    assert browser.run(order) == ["claim-2", "claim-1"]


def test_the_page_is_walked_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything())

    browser.press("Tab")
    assert browser.run("return document.activeElement.textContent") == "Skip to the briefing"
    browser.press("Enter")
    assert browser.until("document.activeElement.id === 'main'")
    browser.press("Tab")
    browser.press("Enter")

    assert browser.until("document.querySelector('.lit') && document.querySelector('.lit').id === 't=252'")


# What has the focus shows it: by an outline, or in the pictures by a line round the dot or name.
_SEEN = (
    "const at = document.activeElement, own = getComputedStyle(at);"
    "if (!at.matches(':focus-visible')) return false;"
    "const drawn = [...at.querySelectorAll('circle, rect, path')].map(each => getComputedStyle(each));"
    "return (own.outlineStyle !== 'none' && parseFloat(own.outlineWidth) >= 2)"
    " || drawn.some(each => each.stroke !== 'none' && parseFloat(each.strokeWidth) >= 2);"
)


def tabbed_to(browser: Browser, selector: str) -> None:
    """Press Tab until this has the focus, which has to be seen at every stop on the way."""
    for _ in range(300):
        browser.press("Tab")
        at = "return document.activeElement.outerHTML.slice(0, 120)"
        assert browser.run(_SEEN), f"no visible focus: {browser.run(at)}"
        if browser.run("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_a_citation_leads_to_its_line_and_back_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything())
    tabbed_to(browser, "#claim-2 a.at")
    browser.press("Enter")
    line = browser.run("return document.activeElement.id")
    assert line.startswith("t=")
    assert browser.run("return document.querySelector('.lit').id") == line

    tabbed_to(browser, ".return a")
    browser.press("Enter")
    assert browser.run("return document.activeElement.matches('#claim-2 a.at')")

    browser.press("Enter")
    assert browser.run("return document.activeElement.id") == line
    browser.press("Escape")
    assert browser.run("return document.activeElement.matches('#claim-2 a.at')")
    assert browser.run("return document.querySelector('.return').hidden")


def test_the_menu_the_strip_the_order_of_claims_and_the_filter_are_used_by_keyboard(
    browser: Browser, tmp_path: Path
) -> None:
    shown(browser, tmp_path, everything())
    tabbed_to(browser, "nav a[href='#transcript']")
    browser.press("Enter")
    assert browser.until("location.hash === '#transcript'")

    shown(browser, tmp_path, everything())
    tabbed_to(browser, "#claims-table th:first-child button")
    browser.press(" ")
    assert browser.run("return document.querySelector('#claims-table th[aria-sort]').textContent") == "Said"

    tabbed_to(browser, ".dots a")
    label = browser.run("return document.activeElement.getAttribute('aria-label')")
    assert browser.run("return document.querySelector('.readout').textContent") == label
    browser.press("Enter")
    assert browser.until("document.querySelector(':target')?.matches('#claims-table tr')")

    tabbed_to(browser, "#filter")
    browser.write("eleven")
    assert browser.until("document.querySelector('#found').textContent") == "1 paragraph"
    browser.press("Escape")
    assert browser.run("return document.querySelector('#filter').value") == ""
    assert browser.run("return document.querySelector('#found').textContent") == ""
    assert not browser.run("return document.querySelector('#transcript').classList.contains('filtered')")


def test_a_name_is_chosen_and_let_go_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, everything())
    tabbed_to(browser, ".arcs a.name[data-name='1']")
    browser.press("Enter")
    assert "Tallinn co-occurs with Mara Lind" in browser.run("return document.querySelector('.panel').innerText")

    tabbed_to(browser, ".panel a.at")
    browser.press("Enter")
    assert browser.run("return document.activeElement.id").startswith("t=")
    browser.press("Escape")
    assert browser.run("return document.activeElement.matches('.panel a.at')")
    browser.press("Escape")

    assert browser.run("return document.querySelectorAll('.arcs .on').length") == 0
    assert browser.run("return document.querySelector('.panel').textContent") == ""


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_hostile_strings_in_every_field_run_nothing_while_everything_is_used(
    text: str, browser: Browser, tmp_path: Path
) -> None:
    report, results = everything()
    shown(browser, tmp_path, (poisoned(report, text), poisoned(results, text)))
    title = browser.run("return document.title")

    browser.run(
        "for (const each of document.querySelectorAll('details')) each.open = true;"
        "for (const each of document.querySelectorAll('main a[href^=\"#\"], .return a, #claims-table button'))"
        " each.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));"
        "for (const each of document.querySelectorAll('.strip a')) each.dispatchEvent(new Event('pointerenter'));"
        "const box = document.querySelector('#filter');"
        "if (box) { box.value = arguments[0]; box.dispatchEvent(new Event('input')); }",
        text[:100],
    )

    assert browser.run("return document.title") == title != "owned"
    assert browser.run("return document.querySelectorAll('script').length") == 1
    assert browser.console() == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("pair", [everything, local], ids=["model", "local"])
def test_axe_finds_nothing_with_everything_folded_and_with_everything_open(
    pair: Any, width: int, browser: Browser, tmp_path: Path, *, dark: bool
) -> None:
    assert AXE.exists(), "axe-core is not here: python scripts/fetch_axe.py fetches it."
    report, results = pair()
    simulated = report.engine is Engine.LLM
    report = report.model_copy(update={"simulated": simulated})
    shown(browser, tmp_path, (report, results), width=width, dark=dark)

    assert browser.violations(AXE) == []
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    if simulated:
        browser.run("document.querySelector('.arcs a.name').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
        browser.run("document.querySelector('#claim-1 a.at').click()")
    assert browser.violations(AXE) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_the_index_of_a_folder(browser: Browser, tmp_path: Path, *, dark: bool) -> None:
    path = tmp_path / "index.html"
    path.write_text(index_page([("a", everything()[0]), ("b", local()[0])]), encoding="utf-8")
    browser.open(path.as_uri(), width=360, dark=dark)

    assert browser.violations(AXE) == []
    assert browser.run("return document.documentElement.scrollWidth") == 360
