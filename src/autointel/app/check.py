"""What ``doctor`` finds of one part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OK: Final = "ok"


@dataclass(frozen=True)
class Check:
    """One part: its ``state`` in a word, ``detail``, and a ``verdict``. ``ok`` is False where something is amiss.

    A part that is merely not there is ok; its ``hint`` says how to have it.
    """

    part: str
    state: str
    detail: str
    verdict: str = OK
    ok: bool = True
    hint: str = ""
