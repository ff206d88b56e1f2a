"""Real models, fetched by ``make test-real``; a test without them fails, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

_PARTS: Final = Path(__file__).resolve().parents[2] / ".real"


def part(name: str) -> Path:
    """A file or folder of real_parts.py's small set."""
    path = _PARTS / name
    if not path.exists():
        pytest.fail(f"{path} is missing: make test-real fetches it.")
    return path


@pytest.fixture(scope="session")
def smollm() -> Path:
    """SmolLM2-135M-Instruct: real replies of no judgement."""
    return part("SmolLM2-135M-Instruct.Q4_1.gguf")


@pytest.fixture(scope="session")
def whisper() -> Path:
    """The folder of Whisper tiny.en."""
    return part("whisper-tiny.en")
