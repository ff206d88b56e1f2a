"""Take pictures of a page in a real Chromium: at 360, 768 and 1280 pixels, light and dark.

python -m scripts.screenshots FOLDER PAGE.html…   (names: PAGE-360-dark.png)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.fakes.browser import driven

_WIDTHS = (360, 768, 1280)


def main(folder: Path, pages: list[Path]) -> None:
    """Write six pictures of each page, and say what the console had to say."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, driven(Path(profile)) as browser:
        for page in pages:
            name = page.stem if page.stem != "report" else page.absolute().parent.name
            for width in _WIDTHS:
                for dark in (False, True):
                    browser.open(page.absolute().as_uri(), width=width, dark=dark)
                    picture = folder / f"{name}-{width}-{'dark' if dark else 'light'}.png"
                    picture.write_bytes(browser.shot())
                    print(picture, browser.run("return document.documentElement.scrollWidth"), *browser.console())


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
