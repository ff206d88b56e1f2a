"""Show that a catalogue in PostgreSQL, shared by two homes, answers as one in a file does.

    scripts/services run --only postgres -- python scripts/compare_catalogues.py talk.vtt article.html

The sources are briefed in one home with its own file, and in turns in two homes that share a database. Reports, exports
and answers are compared without what differs in any two runs: ids, times and durations. Exits 1 at a difference.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

_PASSING: Final = {
    "run_id", "created_at", "seconds", "started", "timing", "usage", "layers", "insertion", "wall_seconds",
}  # fmt: skip
_RUN: Final = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")
_QUESTIONS: Final[tuple[tuple[str, ...], ...]] = (
    ("search", "government and money"),
    ("search", '"the people"'),
    ("ask", "What was said about money?"),
    ("ledger", "government"),
    ("sources",),
    ("export",),
)


def main(sources: Sequence[str]) -> int:
    """Brief, ask, compare; how many differences there were, 1 at most."""
    address = os.environ["AUTOINTEL_TEST_POSTGRES_URL"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTOINTEL_")}
    with tempfile.TemporaryDirectory(prefix="autointel-compare-") as folder:
        shared = {"AUTOINTEL_CATALOGUE__URL": address}
        alone = kept | {"AUTOINTEL_HOME": str(Path(folder, "alone"))}
        homes = [kept | shared | {"AUTOINTEL_HOME": str(Path(folder, name))} for name in ("one", "other")]
        same = True
        for number, source in enumerate(sources):
            brief = ("run", source, "--engine", "local", "--json")
            report, other = (_asked(each, brief) for each in (alone, homes[number % 2]))
            same &= _told(f"report of {source}", _plain(json.loads(report)), _plain(json.loads(other)))
        for command in _QUESTIONS:
            answer, *others = (_RUN.sub("RUN", _asked(each, command)) for each in (alone, *homes))
            for place, other in zip(("one home", "the other home"), others, strict=True):
                same &= _told(f"{' '.join(command)} in {place}", answer, other)
    return 0 if same else 1


def _asked(environment: dict[str, str], command: Sequence[str]) -> str:
    program = [sys.executable, "-m", "autointel", *command]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name not in _PASSING}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _told(what: str, mine: object, theirs: object) -> bool:
    sys.stdout.write(f"{'equal' if mine == theirs else 'DIFFERS'}  {what}\n")
    sys.stdout.flush()
    return mine == theirs


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
