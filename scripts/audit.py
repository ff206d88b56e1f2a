"""Check what the program is made of: hashes, licences and known weaknesses; write the list of components.

Usage: audit.py [--advisories FILE] [--sbom FILE]. FILE holds advisories in OSV's format, for machines without a
network: a JSON list, {"vulns": [...]}, a folder of JSON files, or OSV's zip archive. Without one, weaknesses are
reported as not checked. Exit code 1 where something is amiss.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from packaging.version import InvalidVersion, Version

_ROOT: Final = Path(__file__).resolve().parents[1]
# The program and its extras; tools for development are part of neither.
LOCKS: Final = tuple(_ROOT / "locks" / f"{name}.txt" for name in ("run", "asr", "llm", "postgres", "s3", "scale"))
_PIN: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")
_REFUSED: Final = re.compile(
    r"(?<!L)\bA?GPL|GNU (Affero )?General Public|SSPL|Commons Clause|Business Source|Proprietary"
)
# Reasons why a licence that reads like a refused one, or none at all, is accepted.
_ACCEPTED: Final[Mapping[str, str]] = {
    "cel-python": "Apache-2.0 by its licence file; its metadata names no licence",
    "crewai": "MIT by its repository; its metadata names no licence",
    "crewai-cli": "as crewai",
    "crewai-core": "as crewai",
    "tld": "offered under MPL-1.1, GPL-2.0 or LGPL-2.1 by choice; we use it under MPL-1.1",
}


@dataclass(frozen=True)
class Component:
    """A pinned package; ``licence`` is what its own metadata says, empty where the package is not installed."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licence: str


def components(*locks: str) -> list[Component]:
    """Every pin of locks in pip's format, each version once, by name."""
    pins: dict[tuple[str, str], tuple[str, ...]] = {}
    for block in (block for lock in locks for block in re.split(r"\n(?=\S)", lock)):
        if pin := _PIN.match(block):
            pins[pin["name"], pin["version"]] = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
    return [Component(name, version, hashes, licence_of(name)) for (name, version), hashes in sorted(pins.items())]


def licence_of(name: str) -> str:
    """By the metadata: the expression, a text of one line, the classifiers, or the first line of a longer text."""
    try:
        said = distribution(name).metadata
    except PackageNotFoundError:
        return ""
    named, text = ((said[field] or "" if field in said else "").strip() for field in ("License-Expression", "License"))
    classifiers = [each for each in said.get_all("Classifier") or () if each.startswith("License :: OSI Approved ::")]
    classified = ", ".join(each.rpartition(" :: ")[2] for each in classifiers)
    first, *more = text.splitlines() or [""]
    return named or (first if not more else "") or classified or first or "unknown"


def complaints(found: Sequence[Component], advisories: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A sentence for everything amiss."""
    for each in found:
        if not each.hashes:
            yield f"{each.name} {each.version} is pinned without a hash."
        if (each.licence == "unknown" or _REFUSED.search(each.licence)) and each.name not in _ACCEPTED:
            yield f"{each.name} {each.version} has the licence {each.licence}."
        for advisory in advisories:
            if concerns(advisory, each):
                yield f"{each.name} {each.version} has a known weakness: {advisory.get('id', 'without an id')}."


def advisories_in(path: Path) -> Iterator[Mapping[str, Any]]:
    """The advisories of a JSON file, of a folder of them, or of a zip archive."""
    if path.is_dir():
        for file in sorted(path.glob("*.json")):
            yield from _listed(file.read_bytes())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                yield from _listed(archive.read(name))
    else:
        yield from _listed(path.read_bytes())


def _listed(text: bytes) -> Iterator[Mapping[str, Any]]:
    said = json.loads(text)
    if isinstance(said, dict):
        said = said.get("vulns", [said])
    yield from said


def concerns(advisory: Mapping[str, Any], component: Component) -> bool:
    """Whether an advisory in OSV's format names this version, one by one or in a range."""
    if advisory.get("withdrawn"):
        return False
    for affected in advisory.get("affected", ()):
        package = affected.get("package", {})
        if package.get("ecosystem", "PyPI") != "PyPI" or _plain(package.get("name", "")) != _plain(component.name):
            continue
        if component.version in affected.get("versions", ()):
            return True
        ranges = [each for each in affected.get("ranges", ()) if each.get("type", "ECOSYSTEM") == "ECOSYSTEM"]
        if any(_is_in(Version(component.version), each.get("events", ())) for each in ranges):
            return True
    return False


def _is_in(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    inside = False
    for kind, bound in sorted(_bounds(events), key=lambda each: each[1]):
        if kind == "introduced" and version >= bound:
            inside = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            inside = False
    return inside


def _bounds(events: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, Version]]:
    for event in events:
        (kind, text), *_ = event.items()
        with suppress(InvalidVersion):
            yield kind, Version(text)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def bill(found: Sequence[Component]) -> dict[str, Any]:
    """The components in CycloneDX's JSON format, 1.6."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "autointel"}},
        "components": [
            {
                "type": "library",
                "name": each.name,
                "version": each.version,
                "purl": f"pkg:pypi/{_plain(each.name)}@{each.version}",
                "licenses": [{"license": {"name": _ACCEPTED.get(each.name) or each.licence or "not installed"}}],
            }
            for each in found
        ],
    }


def main(arguments: Sequence[str]) -> int:
    """Print what is amiss; 1 where anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--advisories", type=Path)
    parser.add_argument("--sbom", type=Path)
    asked = parser.parse_args(arguments)
    found = components(*(lock.read_text(encoding="utf-8") for lock in LOCKS))
    advisories = list(advisories_in(asked.advisories)) if asked.advisories else []
    amiss = list(complaints(found, advisories))
    if asked.sbom:
        asked.sbom.parent.mkdir(parents=True, exist_ok=True)
        asked.sbom.write_text(json.dumps(bill(found), indent=2) + "\n", encoding="utf-8")
    checked = f"{len(advisories)} advisories" if asked.advisories else "weaknesses not checked: no advisory file"
    absent = [each.name for each in found if not each.licence]
    sys.stdout.write("".join(f"{line}\n" for line in amiss))
    if absent:
        sys.stdout.write(f"Licence not checked, because not installed here: {', '.join(absent)}.\n")
    sys.stdout.write(f"{len(found)} packages, {checked}, {len(amiss)} complaints\n")
    return 1 if amiss else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
