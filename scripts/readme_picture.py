"""Write docs/images/briefing.png, the picture in the README: the page of the sample, by a simulated model, labelled so.

python -m scripts.readme_picture
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.fakes.browser import driven

from autointel.domain.analysis import Verdict
from autointel.domain.report import Report
from autointel_bench.simulated import SimulatedModel

ROOT: Final = Path(__file__).resolve().parent.parent
_WIDTH: Final = 1000
# Invented for the picture: where a claim is wrong on purpose, this is what the fictional record says.
_EVIDENCE: Final = (
    "Accounts of the fictional city\n\nThe agency runs on 81 million dollars a year, of which fares bring in nine. "
    "Tallinn's ridership rose by fourteen percent in the first year.\n"
)


def main(picture: Path) -> None:
    """Brief the sample in a home of its own, open its page in Chromium, take the first screen."""
    with tempfile.TemporaryDirectory() as name, SimulatedModel() as model:
        folder = Path(name)
        (folder / "evidence").mkdir()
        (folder / "evidence" / "record.txt").write_text(_EVIDENCE, encoding="utf-8")
        environment = {
            **os.environ,
            "AUTOINTEL_HOME": str(folder / "home"),
            "AUTOINTEL_MODEL__BASE_URL": model.base_url,
            "AUTOINTEL_MODEL__NAME": "simulated",
            "AUTOINTEL_EVIDENCE__SOURCES": "folder",
            "AUTOINTEL_EVIDENCE__FOLDER": str(folder / "evidence"),
        }
        run = ["run", "--sample", "--quiet", "--json", "--out", str(folder / "out")]
        ran = subprocess.run(  # noqa: S603  our own interpreter and our own words
            [sys.executable, "-m", "autointel", *run], env=environment, stdout=subprocess.PIPE, check=False
        )
        report = Report.model_validate_json(ran.stdout)
        for claim in report.fact_check.claims:
            print(claim.verdict, claim.text, [(each.stance, each.quote) for each in claim.evidence])
        assert any(claim.verdict is Verdict.REFUTED for claim in report.fact_check.claims), "no claim is refuted"  # noqa: S101
        (folder / "profile").mkdir()
        with driven(folder / "profile") as browser:
            browser.open((folder / "out" / "report.html").as_uri(), width=_WIDTH, height=1150)
            picture.parent.mkdir(exist_ok=True, parents=True)
            picture.write_bytes(browser.shot(whole=False))


if __name__ == "__main__":
    main(ROOT / "docs" / "images" / "briefing.png")
