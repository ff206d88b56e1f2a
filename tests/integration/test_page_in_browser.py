"""The page in a real browser: hostile strings run nothing, reach nothing, and push nothing off a phone's screen."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lxml import html
from scripts.services_debian import BROWSERS
from tests import examples
from tests.hostile import NAUGHTY, OWNED, everything, poisoned

from autointel.domain.citation import Citation
from autointel.render.html.page import html_page

_QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-extensions --disable-default-apps --hide-scrollbars "
    "--enable-logging=stderr"
).split()
# All of them in one page: what one of them opens, another might close.
_ALL = " ".join(text for text in NAUGHTY if len(text) < 5_000)
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@dataclass
class Trap:
    """Every name there is leads here; it notes who was asked for, and answers nothing."""

    listening: socket.socket
    heard: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        host, port = self.listening.getsockname()
        return f"{host}:{port}"

    def listen(self) -> None:
        while True:
            try:
                caller, _ = self.listening.accept()
            except OSError:  # closed: the test is over
                return
            with caller:
                caller.settimeout(5)
                try:
                    # A plain request names its host in a header, an encrypted one in its greeting.
                    self.heard.append(caller.recv(4096))
                except OSError:
                    continue

    @property
    def hostile(self) -> list[bytes]:
        return [each for each in self.heard if b"hostile.example" in each]


@pytest.fixture
def trap() -> Iterator[Trap]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Trap(listening)
        thread = threading.Thread(target=made.listen, daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


@dataclass(frozen=True)
class Shown:
    """A page as the browser had it in the end, and what it had to say about it."""

    dom: html.HtmlElement
    console: tuple[str, ...]

    @property
    def title(self) -> str:
        return str(self.dom.xpath("string(//head/title)"))


def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no browser: scripts/services install --only chromium"
    return found


def shown(page: str, folder: Path, trap: Trap, *, width: int = 1280) -> Shown:
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    # Every name leads into the trap, so that nothing leaves this machine even if the page has a hole.
    surroundings = [
        f"--user-data-dir={folder / 'profile'}",
        f"--host-resolver-rules=MAP * {trap.address}",
        f"--window-size={width},900",
    ]
    done = subprocess.run(  # noqa: S603  a browser that was looked up, and a file of ours
        [browser(), *_QUIET, *surroundings, "--virtual-time-budget=2000", "--dump-dom", path.as_uri()],
        capture_output=True,
        timeout=120,
        check=True,
    )
    console = [line for line in done.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]
    return Shown(html.document_fromstring(done.stdout.decode()), tuple(console))


def test_a_page_without_our_care_would_fall_into_the_trap(tmp_path: Path, trap: Trap) -> None:
    # Without this, the tests below might pass because nothing can be heard.
    page = f"<title>t</title><body><img src='http://hostile.example/x'><script>{OWNED};console.error('e')</script>"

    seen = shown(page, tmp_path, trap)

    assert seen.title == "owned"
    assert seen.console
    assert trap.hostile


def test_our_page_is_shown_whole_without_a_word_on_the_console_or_the_network(tmp_path: Path, trap: Trap) -> None:
    report, results = everything()

    seen = shown(html_page(report, results), tmp_path, trap)

    assert seen.title == "The Cost of Free Transit – autointel"
    assert len(seen.dom.xpath("//main/section")) == 13
    assert seen.console == ()
    assert trap.hostile == []


def test_the_policy_lets_our_own_script_run(tmp_path: Path, trap: Trap) -> None:
    results = examples.finished(examples.local_results())
    lost = Citation(quote="Nobody said this.", start=252.0, end=254.0)
    excerpt = results.analysis.excerpts[0].model_copy(update={"citations": (lost,)})
    results = results.model_copy(update={"analysis": results.analysis.model_copy(update={"excerpts": (excerpt,)})})

    seen = shown(html_page(examples.report(results), results), tmp_path, trap)

    assert seen.dom.xpath("//li[@id='excerpt-1']//button/text()") == ["4:12"]


def test_a_script_that_is_not_ours_does_not_run_even_inside_the_page(tmp_path: Path, trap: Trap) -> None:
    page = html_page(*everything())
    breached = page.replace("</main>", f"<script>{OWNED}</script><img src='http://hostile.example/x'></main>")

    seen = shown(breached, tmp_path, trap)

    assert seen.title == "The Cost of Free Transit – autointel"
    assert len(seen.console) == 2
    assert trap.hostile == []


def test_hostile_strings_in_every_field_run_nothing_and_reach_nothing(tmp_path: Path, trap: Trap) -> None:
    report, results = everything()

    # Without the policy: escaping has to hold by itself.
    page = _POLICY.sub("", html_page(poisoned(report, _ALL), poisoned(results, _ALL)))
    seen = shown(page, tmp_path, trap)

    assert seen.title.endswith("– autointel")
    assert seen.title != "owned"
    assert len(seen.dom.xpath("//script")) == 1
    assert not seen.dom.xpath("//img | //iframe | //form | //base | //*[@onload or @onclick or @onerror or @style]")
    assert seen.console == ()
    assert trap.hostile == []


@pytest.mark.parametrize("text", ["", _ALL, "unbroken" * 1_000], ids=["ours", "hostile", "unbroken"])
def test_nothing_is_wider_than_the_narrowest_phone(text: str, tmp_path: Path, trap: Trap) -> None:
    report, results = everything()
    if text:
        report, results = poisoned(report, text), poisoned(results, text)
    page = _POLICY.sub("", html_page(report, results))

    # A browser's window has a least width; a frame has none.
    framed = (
        f'<body><iframe width="320" height="900" srcdoc="{_attribute(page)}"></iframe><script>onload = () => '
        "{ document.title = document.querySelector('iframe').contentDocument.documentElement.scrollWidth }</script>"
    )
    seen = shown(framed, tmp_path, trap)

    assert seen.title == "320"


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;")
