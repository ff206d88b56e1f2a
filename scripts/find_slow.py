"""Which tests are left out of ``make test-fast``: run the others with times and list those over the limit.

Usage: find_slow.py JUNIT_XML, written by ``pytest --junitxml``. Adds to tests/slow.txt; delete a line to try it again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "slow.txt"
LIMIT = 0.02  # seconds; some 2,600 tests at a few milliseconds each then fit into a quarter of a minute


def main(junit: Path) -> None:
    """Read the times and add what is over the limit."""
    known = set(LIST.read_text(encoding="utf-8").split()) if LIST.exists() else set()
    for case in ET.parse(junit).iter("testcase"):  # noqa: S314
        if float(case.get("time", 0)) >= LIMIT:
            known.add(f"{case.get('classname')}.{(case.get('name') or '').partition('[')[0]}")
    LIST.write_text("\n".join(sorted(known)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
