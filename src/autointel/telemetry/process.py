"""How long this process has been running, from its very start."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

# Where the kernel does not tell, the clock starts when this module is first imported.
_IMPORTED: Final = time.perf_counter()
_STAT: Final = Path("/proc/self/stat")
_START_FIELD: Final = 19  # starttime (proc(5) no. 22), counted from the field after the name


def process_seconds(stat: Path = _STAT) -> float:
    """Seconds since the process was made, so that the interpreter's own start counts; 10 ms fine on Linux."""
    try:
        # The name of the program stands in brackets and may hold anything, brackets too.
        started = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[_START_FIELD])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return time.perf_counter() - _IMPORTED
