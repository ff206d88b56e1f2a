"""How a model is served on this machine: threads, slots, and the context of each slot."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autointel.adapters.llama_cpp.gguf import Gguf
from autointel.errors import SettingsError

# A passage with its prompt and reply fits into less; more would only take memory.
_CONTEXT: Final = 8_192
_SMALLEST_CONTEXT: Final = 2_048
# Past this many sequences at once, processors gain nothing.
_SLOTS: Final = 4
# What llama.cpp needs beside weights and cache: buffers of a batch, the tokenizer, the process itself.
_BESIDE: Final = 400_000_000
_GIGABYTE: Final = 1_000_000_000
_MEMINFO: Final = Path("/proc/meminfo")
_CGROUP: Final = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Machine:
    """What may be used here: processors, and bytes of memory."""

    processors: int
    memory: int


@dataclass(frozen=True)
class Serving:
    """How a model is served: ``context`` tokens in each of ``slots``."""

    threads: int
    slots: int
    context: int


def serving(model: Gguf, machine: Machine, most_slots: int) -> Serving:
    """As many slots as are of use, with as much context as memory has room for. Raises SettingsError for too little."""
    room = machine.memory - model.size - _BESIDE
    context = min(_CONTEXT, model.context)
    least = min(_SMALLEST_CONTEXT, context)
    for slots in range(min(_SLOTS, machine.processors, most_slots), 0, -1):
        fits = room // (model.cache_bytes * slots)
        # Two slots with a whole context are better than one; two halves are not.
        if fits >= (context if slots > 1 else least):
            return Serving(machine.processors, slots, min(context, fits))
    needed = model.size + _BESIDE + model.cache_bytes * least
    raise SettingsError(
        f"{model.name} needs {needed / _GIGABYTE:.1f} GB of memory, and {machine.memory / _GIGABYTE:.1f} GB are free.",
        "Close other programs, or give a smaller model, or the same one with fewer bits.",
    )


def this_machine() -> Machine:
    """What this process may use, a container's limits included."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _numbers(_CGROUP / "cpu.max")
    if len(quota) == 2:  # noqa: PLR2004  microseconds of work in each period
        processors = max(1, min(processors, round(quota[0] / quota[1])))
    limit, used = _numbers(_CGROUP / "memory.max"), _numbers(_CGROUP / "memory.current")
    free = _free_memory()
    return Machine(processors, min(free, limit[0] - used[0]) if limit and used else free)


def _free_memory() -> int:
    try:
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:  # elsewhere, half of what there is
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        return 8 * _GIGABYTE


def _numbers(path: Path) -> list[int]:
    """The numbers of a control file; none where it is not there, or says "max"."""
    try:
        return [int(word) for word in path.read_text(encoding="ascii").split()]
    except (OSError, ValueError):
        return []
