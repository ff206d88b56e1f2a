"""What ``autointel doctor`` prints."""

from __future__ import annotations

import json as as_json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from autointel.app.check import Check
from autointel.app.doctor import diagnose
from autointel.cli.exits import FAILED
from autointel.cli.output import to_stdout
from autointel.render.plain_text import plain
from autointel.settings import load

_WIDTH: Final = 80
_NARROWEST: Final = 24
_GAP: Final = 2


def show_checks(*, json: bool) -> int:
    """Print all checks; 1 where something that is configured is amiss, else 0."""
    checks = diagnose(load().settings)
    if json:
        to_stdout(as_json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2) + "\n")
    else:
        to_stdout("".join(f"{line}\n" for line in lines(checks)))
    return 0 if all(check.ok for check in checks) else FAILED


def lines(checks: Sequence[Check]) -> Iterator[str]:
    """Part, state, detail, and what it comes to, within 80 columns where the first three leave room."""
    rows = [tuple(plain(text) for text in (check.part, check.state, check.detail)) for check in checks]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    room = max(_NARROWEST, _WIDTH - sum(widths) - 3 * _GAP)
    for row, check in zip(rows, checks, strict=True):
        begins = "".join(text.ljust(width + _GAP) for text, width in zip(row, widths, strict=True))
        for number, line in enumerate(textwrap.wrap(_ending(check), room, break_on_hyphens=False)):
            yield (" " * len(begins) if number else begins) + line


def _ending(check: Check) -> str:
    """What is merely not there says how to have it; what is amiss says what it is, too."""
    if check.ok:
        return plain(check.hint or check.verdict)
    return plain(f"{check.verdict}: {check.hint}")
