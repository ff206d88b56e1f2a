"""The generated pages are those that the program would write now."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import jsonschema
import pytest
from scripts.gen_docs import PAGES, from_elsewhere, main, stale, write
from tests import examples

from autointel.domain.report import Results
from autointel.settings.described import described

ROOT = Path(__file__).resolve().parents[2]


def test_the_pages_in_the_repository_are_up_to_date() -> None:
    assert stale() == []
    assert main(["--check"]) == 0


def test_a_page_that_is_out_of_date_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "docs" / "cli.md").write_text("old")

    assert stale(tmp_path) == ["docs/cli.md"]
    assert stale(tmp_path / "nowhere") == list(PAGES)


def test_parts_of_other_packages_are_named_before_a_page_would_describe_them() -> None:
    ours, bench = EntryPoint("ask", "autointel.cli.memory:ask", ""), EntryPoint("bench", "autointel_bench.x:y", "")

    assert from_elsewhere([ours, bench]) == []
    assert from_elsewhere([ours, EntryPoint("almanac", "almanac:AlmanacFinder", "")]) == ["almanac"]


@pytest.mark.parametrize(
    "results",
    [
        examples.finished(examples.local_results()),
        examples.finished(examples.llm_results(), examples.judgments()),
    ],
)
def test_reports_fit_their_schema(results: Results) -> None:
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text())
    report = json.loads(examples.report(results).model_dump_json())

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(report, schema)


def test_the_example_file_sets_every_key_and_no_other() -> None:
    text = (ROOT / "config" / "autointel.example.toml").read_text()
    active = "\n".join(line[2:] for line in text.splitlines() if line.startswith(("# [",)) or " = " in line)

    values = tomllib.loads(active)

    keys = {f"{group}.{key}" for group, table in values.items() if isinstance(table, dict) for key in table}
    assert keys | {key for key, value in values.items() if not isinstance(value, dict)} == set(described())


def test_the_example_environment_names_every_variable_and_no_other() -> None:
    text = (ROOT / "config" / ".env.example").read_text()

    names = [line[2:].partition("=")[0] for line in text.splitlines() if line.startswith("# AUTOINTEL_")]
    assert names == [entry.variable for entry in described().values()]


def test_every_file_that_the_page_on_architecture_names_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`(?:src/autointel/)?([\w/]+\.py)`", page)

    assert "pipeline/stages.py" in named
    assert [name for name in named if not (ROOT / "src" / "autointel" / name).is_file()] == []
