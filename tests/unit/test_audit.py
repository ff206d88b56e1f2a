"""What the program is made of: ``scripts/audit.py``."""

from __future__ import annotations

import importlib.util
import json
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

HASH = "--hash=sha256:" + "a" * 64


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "audit.py"
    spec = importlib.util.spec_from_file_location("audit", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def advisory(*events: dict[str, str], name: str = "Some_Package") -> dict[str, object]:
    return {"id": "X-1", "affected": [{"package": {"name": name}, "ranges": [{"events": list(events)}]}]}


@pytest.mark.parametrize(
    ("version", "concerned"), [("1.0", False), ("1.5", True), ("1.9.1", True), ("2.0", False), ("3.1", True)]
)
def test_a_version_in_the_range_of_an_advisory_is_named(audit: ModuleType, version: str, *, concerned: bool) -> None:
    component = audit.Component("some-package", version, ("a",), "MIT")
    events = ({"introduced": "1.5"}, {"fixed": "2.0"}, {"introduced": "3.0"}, {"last_affected": "3.2"})

    for known in (advisory(*events), advisory(*reversed(events))):
        assert bool(list(audit.complaints([component], [known]))) is concerned


def test_advisories_come_as_a_list_an_object_a_folder_or_an_archive(audit: ModuleType, tmp_path: Path) -> None:
    one, other = advisory({"introduced": "0"}), advisory({"introduced": "0"}, name="other")
    (tmp_path / "list.json").write_text(json.dumps([one, other]))
    (tmp_path / "object.json").write_text(json.dumps({"vulns": [one, other]}))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "1.json").write_text(json.dumps(one))
    (folder / "2.json").write_text(json.dumps(other))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)

    for name in ("list.json", "object.json", "folder", "all.zip"):
        assert list(audit.advisories_in(tmp_path / name)) == [one, other], name


def test_a_pin_without_a_hash_is_named(audit: ModuleType) -> None:
    found = list(audit.components(f"pytest==1.0 \\\n    {HASH}\nruff==2.0\n"))

    assert [sentence for sentence in audit.complaints(found, []) if "hash" in sentence] == [
        "ruff 2.0 is pinned without a hash."
    ]


@pytest.mark.parametrize(
    ("licence", "fine"), [("MIT", True), ("LGPL-2.1", True), ("GPL-3.0", False), ("AGPLv3", False)]
)
def test_a_licence_that_binds_the_whole_program_is_named(audit: ModuleType, licence: str, *, fine: bool) -> None:
    complaints = list(audit.complaints([audit.Component("x", "1", ("a",), licence)], []))

    assert bool(complaints) is not fine


def test_every_pin_of_the_program_and_its_extras_has_hashes_and_a_line_in_the_bill(audit: ModuleType) -> None:
    locks = [lock.read_text() for lock in audit.LOCKS]
    found = audit.components(*locks)

    assert list(audit.complaints(found, [])) == []
    lines = [line for lock in locks for line in lock.splitlines()]
    pins = {line.split()[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}
    assert {f"{each['name']}=={each['version']}" for each in audit.bill(found)["components"]} == pins
    assert {"celery", "psycopg-binary", "obstore", "faster-whisper", "xllamacpp"} <= {each.name for each in found}
    assert len(pins) > 100
