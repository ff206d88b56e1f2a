"""The step of docs/contributing.md, added to a copy of the program: five files, and every rendering shows it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autointel_bench.simulated import SimulatedModel

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crew")]

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "src" / "autointel"
ROLE = """
    StepName.OPEN_QUESTIONS: Role(
        role="Analyst of questions",
        goal="Find what the speakers leave unanswered",
        backstory="You listen for what is asked and never answered.",
        description="From the notes above, find questions that stay open. Cite the ids of the notes for each.",
        expected_output="Up to five questions.",
    ),
    StepName.FACT_CHECK: Role("""
# The line that each addition follows or precedes, and the addition.
EDITS = {
    "domain/run.py": [('    PERSPECTIVES = "perspectives"\n', '    OPEN_QUESTIONS = "open_questions"\n')],
    "domain/analysis.py": [
        ("    perspectives: tuple[Perspective, ...] = ()\n", "    open_questions: tuple[Finding, ...] = ()\n")
    ],
    "pipeline/stages.py": [
        (
            "    Stage(StepName.PERSPECTIVES, _READ, OverlapFlag.ANALYSIS),\n",
            "    Stage(StepName.OPEN_QUESTIONS, _READ, OverlapFlag.ANALYSIS),\n",
        ),
        ("            StepName.PERSPECTIVES,\n", "            StepName.OPEN_QUESTIONS,\n"),
    ],
    "app/assemble.py": [
        (
            "    from autointel.pipeline.model_reader import ModelReader\n",
            "    from autointel.pipeline.open_questions import OpenQuestions\n",
        ),
        (
            "            Perspectives(verifier, checked=checked),\n",
            "            OpenQuestions(verifier, checked=checked),\n",
        ),
    ],
}


@pytest.fixture
def extended(tmp_path: Path) -> Path:
    """A copy of the program with the step of the documentation in it."""
    copy = tmp_path / "program" / "autointel"
    # With what is compiled, which the copies' times keep valid; another worker may be about to rename a compiled file.
    shutil.copytree(PROGRAM, copy, ignore=shutil.ignore_patterns("*.pyc.*"))
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8").partition("## Add a step")[2]
    printed = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert printed
    (copy / "pipeline" / "open_questions.py").write_text(printed.group(1), encoding="utf-8")
    for name, edits in EDITS.items():
        text = (copy / name).read_text(encoding="utf-8")
        for before, addition in edits:
            assert text.count(before) == 1, (name, before)
            text = text.replace(before, before + addition)
        if name == "pipeline/stages.py":
            text = text.replace("\n    StepName.FACT_CHECK: Role(", ROLE)
        (copy / name).write_text(text, encoding="utf-8")
    return copy


def run_sample(copy: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"PYTHONPATH": str(copy.parent), "AUTOINTEL_HOME": str(copy.parents[1] / "home")}
    return subprocess.run(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-m", "autointel", "run", str(PROGRAM / "samples" / "free-transit.vtt"), "--quiet", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **given, **environment},
    )


def test_a_step_is_added_in_at_most_six_files_and_shown_in_report_markdown_and_page(extended: Path) -> None:
    copied = {path.relative_to(extended): path.read_bytes() for path in extended.rglob("*") if _is_source(path)}
    touched = [name for name, content in copied.items() if _differs(PROGRAM / name, content)]
    out = extended.parents[1] / "out"
    with SimulatedModel() as server:
        model = {"AUTOINTEL_MODEL__BASE_URL": server.base_url, "AUTOINTEL_MODEL__NAME": "simulated"}
        done = run_sample(extended, "--engine", "llm", "--no-fact-check", "--out", str(out), **model)

    assert done.returncode == 0, done.stderr
    assert len(touched) == 5, touched
    [report] = out.rglob("report.json")
    findings = json.loads(report.read_text())["analysis"]["open_questions"]
    assert findings
    assert "Open questions" in (report.parent / "briefing.md").read_text()
    page = (report.parent / "report.html").read_text()
    assert 'id="open_questions"' in page
    assert 'id="open_question-1"' in page


def test_the_engine_without_a_model_declines_the_new_step(extended: Path) -> None:
    done = run_sample(extended, "--engine", "local", "--json")

    assert done.returncode == 0, done.stderr
    outcomes = {step["name"]: step["outcome"] for step in json.loads(done.stdout)["steps"]}
    assert outcomes["open_questions"] == "declined"


def _is_source(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"


def _differs(original: Path, content: bytes) -> bool:
    return not original.exists() or original.read_bytes() != content
