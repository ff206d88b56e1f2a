"""GGUF files of a few hundred bytes: a header that says what a test needs, and no weights."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

MEASURES: Mapping[str, int | str | list[int]] = {
    "general.architecture": "llama",
    "llama.context_length": 8192,
    "llama.block_count": 30,
    "llama.embedding_length": 576,
    "llama.attention.head_count": 9,
    "llama.attention.head_count_kv": 3,
    "tokenizer.ggml.model": "gpt2",
}


def header(values: Mapping[str, int | str | list[int]] = MEASURES, *, version: int = 3) -> bytes:
    """The first bytes of a GGUF file with these entries and no tensors."""
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(values)) + b"".join(_entry(*entry) for entry in values.items())


def gguf_file(path: Path, *, size: int = 4096, **measures: int | str | list[int]) -> Path:
    """A file with the usual entries, other ``measures`` among them by the last part of their name."""
    values = {name: measures.get(name.rpartition(".")[2], value) for name, value in MEASURES.items()}
    path.write_bytes(header(values).ljust(size, b"\0"))
    return path


def _entry(name: str, value: int | str | list[int]) -> bytes:
    if isinstance(value, str):
        return _text(name) + struct.pack("<I", 8) + _text(value)
    if isinstance(value, list):
        return _text(name) + struct.pack("<IIQ", 9, 4, len(value)) + struct.pack(f"<{len(value)}I", *value)
    return _text(name) + struct.pack("<II", 4, value)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()
