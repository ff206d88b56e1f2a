"""What people see, kept in files. ``AUTOINTEL_REWRITE_GOLDEN=1 pytest …`` writes them anew; read the difference."""

from __future__ import annotations

import os
from pathlib import Path

# Read at import: the surroundings of a test are empty.
_REWRITE = os.environ.get("AUTOINTEL_REWRITE_GOLDEN") == "1"


def matches(path: Path, text: str) -> None:
    """The text is what the file holds."""
    if _REWRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
