"""A GGUF file: what its first pages say of the model, and how it is served on this machine (threads, slots, context).

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

from autointel.errors import SettingsError

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_NUMBERS: Final = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING: Final = 8
_ARRAY: Final = 9
_MOST_ENTRIES: Final = 10_000
_LONGEST_NAME: Final = 65_535
_LONGEST_TEXT: Final = 10_000_000
_MOST_ITEMS: Final = 10_000_000
# A digest of the whole file would read gigabytes; models of one family differ in their last tensors.
_SAMPLED: Final = 1_000_000
_PART: Final = re.compile(r"-(\d{5})-of-(\d{5})$")
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
class Gguf:
    """A model in a file. ``size`` is in bytes, all parts together; ``context`` in tokens, as trained.

    ``cache_bytes`` is what one token of context takes in the key-value cache, at 16 bits. ``digest`` names the file
    in caches: of its size, its first and its last megabyte.
    """

    path: Path
    size: int
    context: int
    cache_bytes: int
    digest: str

    @property
    def name(self) -> str:
        """The file's name, without its ending and the number of its part."""
        return _PART.sub("", self.path.stem)


def read_gguf(path: Path) -> Gguf:
    """Raises SettingsError for a file that is not there, is no GGUF, or holds no language model."""
    try:
        with path.open("rb") as file:
            values = _architecture(file)
            digest = _digest(file, path.stat().st_size)
        size, cost = sum(part.stat().st_size for part in _parts(path)), _cache_bytes(values)
    except OSError as error:
        raise SettingsError(
            f"The model file {path} cannot be read: {error.strerror}.", "Give the path of a GGUF file."
        ) from error
    except (ValueError, struct.error) as error:
        reason = str(error) if type(error) is ValueError else "its header is damaged"
        raise SettingsError(
            f"{path} is no model that llama.cpp can serve: {reason}.",
            "Give a GGUF file of a chat model, downloaded whole.",
        ) from error
    return Gguf(path.absolute(), size, values["context_length"], cost, digest)


def _architecture(file: BinaryIO) -> dict[str, int]:
    """The model's measures, without the name of its architecture before each."""
    values: dict[str, int] = {}
    wanted = {"context_length", "block_count", "embedding_length", "attention.head_count"}
    for key, value in _entries(file):
        name = key.partition(".")[2]
        if isinstance(value, int):
            values[name] = value
        elif isinstance(value, list) and value and all(isinstance(each, int) for each in value):
            values[name] = max(value)  # a number for each layer
        if key.startswith("tokenizer.") and wanted <= values.keys():
            break  # the vocabulary follows: megabytes, and nothing that is wanted
    if missing := wanted - values.keys():
        raise ValueError(f"it says nothing of {', '.join(sorted(missing))}")
    if min(values[name] for name in wanted) < 1:
        raise ValueError("its measures are not above 0")
    return values


def _entries(file: BinaryIO) -> Iterator[tuple[str, Any]]:
    if file.read(4) != _MAGIC:
        raise ValueError("it is no GGUF file")
    version, _, entries = struct.unpack("<IQQ", file.read(20))
    if version not in _VERSIONS:
        raise ValueError(f"its version of GGUF is {version}")
    if entries > _MOST_ENTRIES:
        raise ValueError("its header is damaged")
    for _ in range(entries):
        key = _text(file, _LONGEST_NAME)
        yield key, _value(file, *struct.unpack("<I", file.read(4)))


def _text(file: BinaryIO, most: int) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    read = file.read(length) if length <= most else b""
    if len(read) != length:
        raise ValueError("its header is damaged")
    return read.decode("utf-8", errors="replace")


def _value(file: BinaryIO, kind: int) -> Any:
    if kind in _NUMBERS:
        return _number(file, _NUMBERS[kind])
    if kind == _STRING:
        return _text(file, _LONGEST_TEXT)
    if kind != _ARRAY:
        raise ValueError("its header is damaged")
    inner, count = struct.unpack("<IQ", file.read(12))
    if count > _MOST_ITEMS or inner == _ARRAY:
        raise ValueError("its header is damaged")
    read: Callable[[], Any] = (
        (lambda: _number(file, _NUMBERS[inner])) if inner in _NUMBERS else lambda: _text(file, _LONGEST_TEXT)
    )
    return [read() for _ in range(count)]


def _number(file: BinaryIO, form: str) -> Any:
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


def _digest(file: BinaryIO, size: int) -> str:
    file.seek(0)
    first = file.read(_SAMPLED)
    file.seek(max(0, size - _SAMPLED))
    return sha256(b"%d" % size + first + file.read(_SAMPLED)).hexdigest()[:16]


def _parts(path: Path) -> list[Path]:
    """All files of a model that was split; llama.cpp finds them by the first one's name."""
    found = _PART.search(path.stem)
    if found is None:
        return [path]
    stem, count = path.stem[: found.start()], int(found[2])
    return [path.with_name(f"{stem}-{part:05}-of-{count:05}.gguf") for part in range(1, count + 1)]


def _cache_bytes(values: dict[str, int]) -> int:
    heads = values["attention.head_count"]
    size = values["embedding_length"] // heads
    keys, vectors = values.get("attention.key_length", size), values.get("attention.value_length", size)
    cost = 2 * values["block_count"] * values.get("attention.head_count_kv", heads) * (keys + vectors)
    if cost < 1:
        raise ValueError("its measures are not above 0")
    return cost


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


def _numbers(path: Path) -> list[int]:
    """The numbers of a control file; none where it is not there, or says "max"."""
    try:
        return [int(word) for word in path.read_text(encoding="ascii").split()]
    except (OSError, ValueError):
        return []


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
