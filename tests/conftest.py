"""What every test stands on: an empty home, an empty folder, an empty environment."""

from __future__ import annotations

import os

import hypothesis
import pytest

# Deadlines would be timing asserts; a database would be written into the folder that pytest was started in.
hypothesis.settings.register_profile(
    "autointel",
    deadline=None,
    database=None,
    print_blob=True,
    # A busy machine draws slowly; that says nothing of the code.
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("autointel")

# What the interpreter, pytest and coverage need; everything else belongs to whoever started the tests.
_KEPT = ("PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONPATH")
_KEPT_PREFIXES = ("PYTEST_", "COVERAGE_", "COV_CORE_")


@pytest.fixture(autouse=True)
def clean_surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what belongs to the person who runs it."""
    for name in list(os.environ):
        if name not in _KEPT and not name.startswith(_KEPT_PREFIXES):
            monkeypatch.delenv(name)
    surroundings = tmp_path_factory.mktemp("surroundings")
    home, work = surroundings / "home", surroundings / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(work)
