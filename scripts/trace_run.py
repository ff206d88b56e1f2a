"""Count the files of the product that one run executes, with the local engine and with the simulated model.

``scripts/trace_run.py [CHECKOUT …]``: a file counts once a function of it is called, in any thread. The bodies of
modules and classes run when they are imported and do not count. Each engine runs the sample in a process of its own, in
an empty home, by the interpreter of the checkout (else of this one). ``--list`` names the files.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
SAMPLE: Final = ROOT / "src" / "autointel" / "samples" / "free-transit.vtt"
PACKAGE: Final = "src/autointel/"
# Comprehensions in the body of a module, which run when it is imported; those of a function bear its name, too.
_OF_A_MODULE: Final = frozenset({"<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>"})


def run_and_write(words: list[str], path: Path) -> None:
    """Run the command line with these words, and write the names of the files of which a function was called."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        del argument
        # Only a function's frame has fast local variables; the bodies of modules and classes have none.
        if event == "call" and frame.f_code.co_flags & CO_OPTIMIZED and frame.f_code.co_qualname not in _OF_A_MODULE:
            files.add(frame.f_code.co_filename)

    def write() -> None:
        sys.setprofile(None)
        threading.setprofile(None)
        path.write_text(json.dumps(sorted(name.partition(PACKAGE)[2] for name in files if PACKAGE in name)), "utf-8")

    # The program ends its process by itself, after what is registered for its end.
    atexit.register(write)
    from autointel.__main__ import main

    sys.argv = ["autointel", *words]
    threading.setprofile(note)
    sys.setprofile(note)
    main()


def traced(checkout: Path, engine: str, base_url: str) -> list[str]:
    """The files that a run with this engine executes, from a process of its own."""
    with tempfile.TemporaryDirectory(prefix="autointel-trace-") as folder:
        evidence = Path(folder, "evidence")
        evidence.mkdir()
        (evidence / "page.txt").write_text("Free transit cost the city eleven million dollars.\n", encoding="utf-8")
        surroundings = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "AUTOINTEL_HOME": f"{folder}/home",
            "AUTOINTEL_MODEL__BASE_URL": base_url,
            "AUTOINTEL_MODEL__NAME": "simulated",
            "AUTOINTEL_EVIDENCE__SOURCES": "folder",
            "AUTOINTEL_EVIDENCE__FOLDER": str(evidence),
        }
        words = [str(checkout / ".venv/bin/python"), __file__, "--inside", f"{folder}/files.json", "--engine", engine]
        subprocess.run(words, env=surroundings, cwd=folder, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
        files: list[str] = json.loads(Path(folder, "files.json").read_text(encoding="utf-8"))
        return files


def main() -> None:
    """Print a line for each engine."""
    parser = argparse.ArgumentParser(description="Count the files of the product that one run executes.")
    parser.add_argument("checkouts", nargs="*", type=Path, default=[ROOT], help="each with a .venv; else this one")
    parser.add_argument("--list", action="store_true", help="name the files")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--engine", default="local", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        run_and_write(["run", str(SAMPLE), "--engine", given.engine, "-q"], given.inside)
    from autointel_bench.simulated import Profile, SimulatedModel

    with SimulatedModel(Profile(items=8)) as model:
        for checkout in given.checkouts:
            for engine in ("local", "llm"):
                names = traced(checkout.resolve(), engine, model.base_url)
                sys.stdout.write(f"{engine:<6} {len(names):>3} files  {checkout}\n")
                if given.list:
                    sys.stdout.writelines(f"  {name}\n" for name in names)


if __name__ == "__main__":
    main()
