from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autointel.crew import SWITCHES, keep_in, switch_off_side_effects

pytestmark = pytest.mark.slow


def test_importing_the_room_switches_side_effects_off_and_loads_no_vendor() -> None:
    program = (
        "import sys, os, autointel.crew, autointel.model.client, autointel.model.limits; "
        "print(os.environ['CREWAI_DISABLE_TELEMETRY'], os.environ['OTEL_SDK_DISABLED'], "
        "[name for name in ('crewai', 'langchain_openai', 'openai') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own

    assert done.stdout.strip() == "true true []"


def test_switches_beat_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREWAI_TRACING_ENABLED", "true")
    monkeypatch.setenv("LANGSMITH_TRACING", "true")

    switch_off_side_effects()

    assert {name: os.environ[name] for name in SWITCHES} == SWITCHES
    assert not logging.getLogger("crewai.flow.runtime").isEnabledFor(logging.ERROR)


def test_crewai_writes_where_it_is_told_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CREWAI_STORAGE_DIR", "elsewhere")

    keep_in(tmp_path / "crew")

    assert os.environ["CREWAI_STORAGE_DIR"] == str(tmp_path / "crew")
