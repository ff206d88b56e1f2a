"""The example of docs/contributing.md, built outside the tree as it is printed there: found, checked and used."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from autointel_bench.simulated import SimulatedModel

ROOT = Path(__file__).parents[2]
FACTS = "With drivers, fuel and maintenance, a bus costs a city roughly 500,000 dollars per year.\n"

_VAULT = """
from autointel.domain.transcript import Source, SourceKind
from autointel.domain.transcript import Origin, Segment, Transcript
from autointel.ports import TranscriptSource

class Vault(TranscriptSource):
    async def fetch(self, address, language):
        said = "The council voted on the fare in March, and a third of the buses ran late that month."
        source = Source(id="vault-minutes", kind=SourceKind.TEXT, path=address, title="Minutes of the council")
        return source, Transcript(origin=Origin.GIVEN, segments=(Segment(paragraph=1, text=said),), language="en")

def open_source(opening):
    return Vault() if opening.options.source.startswith("vault:") else None
"""


def printed_as(language: str, holding: str = "") -> str:
    """The first block in this language, of those that hold these words."""
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    section = page.partition("## Add a source of evidence")[2]
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    return next(block for block in blocks if holding in block)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder for sys.path that holds the module and what an installer writes of its entry points."""
    folder = tmp_path / "packages"
    metadata = folder / "autointel_almanac-1.dist-info"
    metadata.mkdir(parents=True)
    (folder / "almanac.py").write_text(printed_as("python"))
    project = tomllib.loads(printed_as("toml"))["project"]
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1\n")
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in each.items()) for group, each in groups]
    (metadata / "entry_points.txt").write_text("".join(lines))
    return folder


def autointel(package: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    facts = package.parent / "facts.txt"
    facts.write_text(FACTS)
    given = {
        "PYTHONPATH": str(package),
        "AUTOINTEL_HOME": str(package.parent / "home"),
        "AUTOINTEL_EVIDENCE__SOURCES": "almanac",
        "AUTOINTEL_EVIDENCE__ALMANAC_FILE": str(facts),
    }
    return subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-m", "autointel", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **given, **environment},
    )


def test_the_command_that_is_printed_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8").partition("## Add a command")[2]
    example: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], example)  # noqa: S102  our own page

    assert example["disk"](in_bytes=True)() == 0
    assert capsys.readouterr().out == "0\n"


def test_the_example_is_one_short_file() -> None:
    assert len(printed_as("python").splitlines()) <= 40
    assert len(printed_as("toml").splitlines()) <= 15


def test_doctor_and_config_find_a_source_of_evidence_from_another_package(package: Path) -> None:
    model = {"AUTOINTEL_MODEL__BASE_URL": "http://127.0.0.1:9"}
    checks = json.loads(autointel(package, "doctor", "--json", **model).stdout)

    almanac = {"part": "evidence", "state": "almanac", "detail": "facts.txt", "verdict": "ok", "ok": True, "hint": ""}
    assert almanac in checks
    unset = json.loads(autointel(package, "doctor", "--json", AUTOINTEL_EVIDENCE__ALMANAC_FILE="", **model).stdout)
    [missing] = [check for check in unset if check["part"] == "evidence"]
    assert missing["hint"] == "set AUTOINTEL_EVIDENCE__ALMANAC_FILE, or leave almanac out of the sources"
    assert "evidence.almanac_file" in autointel(package, "config", "show").stdout


def test_a_package_that_cannot_be_loaded_is_named_by_doctor(package: Path) -> None:
    (package / "almanac.py").write_text("raise RuntimeError('half installed')\n")
    done = autointel(package, "doctor", AUTOINTEL_MODEL__BASE_URL="http://127.0.0.1:9")

    assert done.returncode == 2
    assert "almanac (RuntimeError: half installed) could not be loaded" in done.stderr


def test_a_setting_of_an_unknown_kind_is_named_with_the_kinds_that_there_are(package: Path) -> None:
    module = package / "almanac.py"
    module.write_text(module.read_text().replace('takes="file"', 'takes="flie"'))
    done = autointel(package, "doctor", AUTOINTEL_MODEL__BASE_URL="http://127.0.0.1:9")

    assert done.returncode == 2
    assert "no setting takes 'flie', only text, address, key, file, folder" in done.stderr.replace("\n", " ")


def test_the_package_can_be_built_as_it_is_printed(tmp_path: Path) -> None:
    (tmp_path / "almanac.py").write_text(printed_as("python"))
    (tmp_path / "pyproject.toml").write_text(printed_as("toml"))
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)  # noqa: S603  our own interpreter

    [wheel] = (tmp_path / "dist").glob("*.whl")
    assert "almanac.py" in ZipFile(wheel).namelist()


def test_the_test_that_is_printed_passes(tmp_path: Path) -> None:
    (tmp_path / "almanac.py").write_text(printed_as("python"))
    (tmp_path / "test_almanac.py").write_text(printed_as("python", holding="def test_"))
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_almanac.py"]
    done = subprocess.run(run, cwd=tmp_path, check=False, capture_output=True, text=True)  # noqa: S603  as above

    assert done.returncode == 0, done.stdout


def test_a_run_quotes_a_source_of_evidence_from_another_package(package: Path) -> None:
    with SimulatedModel() as server:
        done = autointel(
            package,
            "run",
            str(ROOT / "src" / "autointel" / "samples" / "free-transit.vtt"),
            "--json",
            "--quiet",
            "--no-memory",
            "--no-graph",
            AUTOINTEL_MODEL__BASE_URL=server.base_url,
            AUTOINTEL_MODEL__NAME="simulated",
        )

    assert done.returncode == 0, done.stderr
    claims = json.loads(done.stdout)["fact_check"]["claims"]
    quoted = {(evidence["title"], evidence["quote"]) for claim in claims for evidence in claim["evidence"]}
    assert quoted == {("Almanac", FACTS.strip())}


def test_a_run_reads_a_source_that_another_package_knows(package: Path) -> None:
    (package / "vault.py").write_text(_VAULT)
    metadata = package / "autointel_almanac-1.dist-info"
    with (metadata / "entry_points.txt").open("a") as file:
        file.write("[autointel.sources]\nvault = vault:open_source\n")

    done = autointel(package, "run", "vault:minutes", "--engine", "local", "--json", "--quiet")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["source"]["title"] == "Minutes of the council"
