from __future__ import annotations

import json

import pytest

from autointel.app.doctor_check import Check
from autointel.cli.setup import check_lines as lines
from autointel.cli.setup import show_checks

CHECKS = [
    Check("engine", "local", "no model configured", hint="set OPENAI_API_KEY or AUTOINTEL_MODEL__BASE_URL"),
    Check("memory", "embedded", "12,480 passages, 91.0 MB"),
    Check("graph", "neo4j", "db:7687", "no answer", ok=False, hint="is it running?"),
]


def test_what_is_missing_says_how_to_have_it_and_what_is_amiss_says_what_it_is() -> None:
    assert list(lines(CHECKS)) == [
        "engine  local     no model configured       set OPENAI_API_KEY or",
        "                                            AUTOINTEL_MODEL__BASE_URL",
        "memory  embedded  12,480 passages, 91.0 MB  ok",
        "graph   neo4j     db:7687                   no answer: is it running?",
    ]


def test_a_long_path_in_a_command_is_not_broken() -> None:
    path = "/a/folder/with/a/long/name/that/takes/more/room/than/a/line/has"
    check = Check("asr", "missing", "transcripts and captions only", hint=f"uv pip install --python {path} 'x[asr]'")

    assert path in [line.strip() for line in lines([check])]


def test_a_machine_with_nothing_set_up_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_checks(json=False) == 0
    assert capsys.readouterr().out.startswith("engine    local         no model configured")


def test_json_is_one_array(capsys: pytest.CaptureFixture[str]) -> None:
    show_checks(json=True)

    checks = json.loads(capsys.readouterr().out)
    assert [check["part"] for check in checks] == [
        *("engine", "home", "asr", "videos", "js"),
        *("embedder", "memory", "graph", "evidence"),
    ]
    assert set(checks[0]) == {"part", "state", "detail", "verdict", "ok", "hint"}


def test_something_amiss_is_told_by_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_NEO4J__URI", "bolt://127.0.0.1:1")

    assert show_checks(json=False) == 1
