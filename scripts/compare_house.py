"""Compare what two checkouts write for the same sources: report, Markdown and page, with both engines.

``python scripts/compare_house.py OLD NEW FOLDER``: OLD and NEW are checkouts with a ``.venv`` each; FOLDER holds
transcripts. The sample of src/autointel/samples is compared too. Each run starts in an empty home. The model is
the simulated one, started here, and both checkouts ask the same server.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

from autointel_bench.simulated import Profile, SimulatedModel

ROOT: Final = Path(__file__).parents[1]
ENGINES: Final = ("local", "llm")
FILES: Final = ("report.json", "transcript.json", "notes.json", "briefing.md", "report.html")
# What differs from run to run by its nature: ids, dates, times, and where the old and new version name themselves.
_VOLATILE: Final = {
    *("run_id", "created_at", "timing", "started", "seconds", "queue_seconds"),
    *("total_insertion_time_seconds", "average_throughput_items_per_sec", "average_latency_seconds_per_item"),
}
_TIMES: Final = (
    (re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}"), "RUN"),
    (re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|\+00:00| UTC)?"), "DATE"),
    (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)? ?%"), "SHARE"),
    # The chart of a run's times, and the mark of the steps that it waited for.
    (re.compile(r'<span class="critical".*?</span></span>'), ""),
    (re.compile(r"<svg.*?</svg>", re.DOTALL), "DRAWING"),
)


def sources(folder: Path) -> list[Path]:
    """The sample, then every transcript of the folder."""
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SOURCE.md")
    return [
        *sorted((ROOT / "src" / "autointel" / "samples").glob("*.vtt")),
        *(path for path in found if path.name != "README.md"),
    ]


def written(checkout: Path, source: Path, engine: str, base_url: str) -> dict[str, str]:
    """What that checkout writes for the source, by file name, with its exit code."""
    # The same path for every run: the address of a piece of evidence, and so its id, is a path.
    folder = Path(tempfile.gettempdir(), "autointel-compare")
    shutil.rmtree(folder, ignore_errors=True)
    evidence, out = folder / "evidence", folder / "out"
    evidence.mkdir(parents=True)
    (evidence / "page.txt").write_text("Free transit cost the city eleven million dollars.\n", encoding="utf-8")
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AUTOINTEL_HOME": str(folder / "home"),
        "AUTOINTEL_MODEL__BASE_URL": base_url,
        "AUTOINTEL_MODEL__NAME": "simulated",
        "AUTOINTEL_EVIDENCE__SOURCES": "folder",
        "AUTOINTEL_EVIDENCE__FOLDER": str(evidence),
    }
    done = subprocess.run(  # noqa: S603  two checkouts of our own
        [checkout / ".venv/bin/autointel", "run", source, "--engine", engine, "--out", out, "-q"],
        env=surroundings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    files = {name: (out / name).read_text(encoding="utf-8") for name in FILES if (out / name).exists()}
    printed = {"exit code": str(done.returncode), "stdout": done.stdout, "stderr": done.stderr}
    return {name: steady(name, text) for name, text in {**printed, **files}.items()}


def steady(name: str, text: str) -> str:
    """The text without what no two runs share."""
    if name == "report.json":
        return json.dumps(_without(json.loads(text)), indent=1, ensure_ascii=False)
    if name in {"briefing.md", "report.html", "stderr"}:
        for pattern, instead in _TIMES:
            text = pattern.sub(instead, text)
    return text


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(each) for key, each in value.items() if key not in _VOLATILE}
    return [_without(each) for each in value] if isinstance(value, list) else value


def differences(old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    """A unified difference for each file that is not equal."""
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, "(missing)"), new.get(name, "(missing)")
        if before != after:
            yield "\n".join(
                list(unified_diff(before.splitlines(), after.splitlines(), f"old/{name}", f"new/{name}", "", "", 0))[
                    :40
                ]
            )


def main() -> int:
    """Print a line for each source and engine; 1 where anything differs."""
    parser = argparse.ArgumentParser(description="Compare what two checkouts write for the same sources.")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    differ = 0
    with SimulatedModel(Profile(items=8)) as model:
        for source in sources(given.folder):
            for engine in ENGINES:
                old, new = (
                    written(checkout.resolve(), source.resolve(), engine, model.base_url)
                    for checkout in (given.old, given.new)
                )
                found = list(differences(old, new))
                differ += bool(found)
                sys.stdout.write(f"{'DIFFERS' if found else 'equal  '} {engine:<6} {source.name} ({len(new)} parts)\n")
                sys.stdout.writelines(f"{difference}\n" for difference in found)
                sys.stdout.flush()
    return int(bool(differ))


if __name__ == "__main__":
    sys.exit(main())
