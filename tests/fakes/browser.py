"""A real Chromium, driven through chromedriver by the WebDriver protocol, which is plain JSON over HTTP."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
QUIET: Final = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-extensions --disable-default-apps --hide-scrollbars"
).split()
_NO_NAMES: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_PATIENCE: Final = 120_000  # milliseconds
_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"


def found(names: Sequence[str]) -> str:
    """The first of these programs that is installed."""
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, f"{names[0]} is not installed: scripts/services install --only chromium"
    return path


class Browser:
    """One window. Names that are not on this machine lead nowhere."""

    def __init__(self, client: httpx.Client, folder: Path) -> None:
        self._client = client
        options = {
            "binary": found(BROWSERS),
            "args": [
                *QUIET,
                f"--user-data-dir={folder / 'profile'}",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        }
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        wanted["timeouts"] = {"script": _PATIENCE + 30_000}
        answer = self._client.post("/session", json={"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{_value(answer)['sessionId']}"

    def _ask(self, path: str, **body: Any) -> Any:
        return _value(self._client.post(f"{self._session}/{path}", json=body))

    def open(self, address: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Load the page in a window of that inner width."""
        self.dress(width=width, height=height, dark=dark)
        self._ask("url", url=address)

    def dress(self, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Give the window an inner size and a colour scheme; the page stays."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.command("Emulation.setEmulatedMedia", features=[scheme, still])

    def command(self, name: str, **parameters: Any) -> Any:
        """One command of the DevTools protocol."""
        return self._ask("goog/cdp/execute", cmd=name, params=parameters)

    def run(self, script: str, *arguments: Any) -> Any:
        """The value that the script returns; a promise is waited for."""
        return self._ask("execute/sync", script=script, args=list(arguments))

    def click(self, selector: str) -> None:
        """Click as a person does, at the middle of what is to be seen."""
        element = self._ask("element", using="css selector", value=selector)[_ELEMENT]
        self._ask(f"element/{element}/click")

    def type(self, selector: str, text: str) -> None:
        """Type into a field, after what is in it; for a file input, the path of the file."""
        element = self._ask("element", using="css selector", value=selector)[_ELEMENT]
        self._ask(f"element/{element}/value", text=text)

    def press(self, key: str) -> None:
        """Press and release a key: Tab, Enter, Escape or the space bar."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
        text = {"text": {"Enter": "\r", " ": " "}[key]} if key in {"Enter", " "} else {}
        for kind in ("keyDown", "keyUp"):
            pressed = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
            self.command("Input.dispatchKeyEvent", **pressed, **(text if kind == "keyDown" else {}))

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        self.command("Input.insertText", text=text)

    def violations(self, axe: Path) -> list[str]:
        """What axe-core, a script at this path, finds wrong with the page as it is."""
        # Evaluated by the DevTools protocol, which a page's policy does not bind.
        self.command("Page.setBypassCSP", enabled=True)
        self.command("Runtime.evaluate", expression=axe.read_text(encoding="utf-8"))
        found = self.command(
            "Runtime.evaluate",
            expression="axe.run(document).then(found => found.violations.flatMap(each => each.nodes.map("
            "node => `${each.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)))",
            awaitPromise=True,
            returnByValue=True,
        )
        self.command("Page.setBypassCSP", enabled=False)
        return [str(each) for each in found["result"]["value"]]

    def until(self, script: str, *arguments: Any) -> Any:
        """Wait until the expression is true, at most two minutes: a loaded machine is slow, and that is no fault."""
        waiting = (
            f"const done = arguments[arguments.length - 1], end = Date.now() + {_PATIENCE};"
            f"const look = () => {{ const value = (({script})); if (value || Date.now() > end) done(value);"
            " else setTimeout(look, 20); }; look();"
        )
        return self._ask("execute/async", script=waiting, args=list(arguments))

    def shot(self, *, whole: bool = True) -> bytes:
        """A picture of the page, as PNG."""
        shown = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shown["data"])

    def console(self) -> list[str]:
        """What was written to the console since it was last asked."""
        return [str(entry["message"]) for entry in self._ask("se/log", type="browser")]

    def close(self) -> None:
        """End the browser."""
        self._client.delete(self._session)


def _value(answer: httpx.Response) -> Any:
    value = answer.json()["value"]
    if isinstance(value, dict) and "error" in value:
        raise AssertionError(f"{value['error']}: {value.get('message', '')[:500]}")
    return value


@contextmanager
def driven(folder: Path) -> Iterator[Browser]:
    """A browser, and its driver on a free port of this machine; both end with the block."""
    driver = subprocess.Popen(  # noqa: S603  a program that was looked up
        [found(("chromedriver",)), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert driver.stdout is not None
        port = next(filter(None, (re.search(r"successfully on port (\d+)", line) for line in driver.stdout)))[1]
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=_PATIENCE / 1_000 + 60, trust_env=False
        ) as client:
            browser = Browser(client, folder)
            try:
                yield browser
            finally:
                browser.close()
    finally:
        driver.terminate()
        driver.communicate(timeout=30)
