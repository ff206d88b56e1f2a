"""Injections and harmless look-alikes, from a folder of public data: BIPIA's text attacks, InjecGuard's two sets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from autointel.errors import UsageError

_ATTACK: Final = 1  # InjecGuard's label
_LONGEST: Final = 600  # characters: what somebody could say, or write into a page, without a reader leaving


@dataclass(frozen=True)
class Attacks:
    """Texts on one line each. ``harmless`` has words that attacks use, and asks for nothing of the kind."""

    orders: tuple[str, ...]
    harmless: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path) -> Attacks:
        """Whichever of the files stand in the folder. Raises UsageError where none does."""
        orders = [*_bipia(folder / "bipia_text_attack_train.json"), *_labelled(folder / "valid.json")]
        if not orders:
            raise UsageError(
                f"{folder} holds neither bipia_text_attack_train.json nor valid.json.",
                "Give the folder with BIPIA's and InjecGuard's files.",
            )
        return cls(_lines(orders), _lines(_prompts(folder / "NotInject_one.json")))


def _bipia(file: Path) -> Iterator[str]:
    for attacks in _read(file, {}).values():
        yield from attacks


def _labelled(file: Path) -> Iterator[str]:
    yield from (each["prompt"] for each in _read(file, []) if each["label"] == _ATTACK)


def _prompts(file: Path) -> Iterator[str]:
    yield from (each["prompt"] for each in _read(file, []))


def _read(file: Path, otherwise: Any) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else otherwise


def _lines(texts: Sequence[str] | Iterator[str]) -> tuple[str, ...]:
    lines = (" ".join(text.split())[:_LONGEST].rstrip() for text in texts)
    return tuple(dict.fromkeys(line for line in lines if line))
