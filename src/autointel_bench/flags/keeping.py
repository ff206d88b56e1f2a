"""Runs as they are kept: one file each, so that an interrupted bench goes on where it stopped."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from autointel.domain.value import Value
from autointel_bench.flags.record import RunRecord

_FINISHED: Final = "finished"
_PORT: Final = "evidence-port"


class Setup(Value):
    """Everything that must be the same for two runs to stand in one table."""

    source: str
    source_digest: str
    depth: str
    profile: str
    live: bool
    program: str
    limit: int = 8

    @property
    def digest(self) -> str:
        """Short, and different where anything differs."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:10]


class KeptRuns:
    """The runs of one set-up, in a folder of their own. A bench that was finished starts anew."""

    def __init__(self, folder: Path, setup: Setup) -> None:
        self._folder = folder / f"{setup.profile}-{setup.depth}-{setup.digest}"

    def open(self, *, again: bool = False) -> None:
        """Make the folder; what a finished bench has left in it is cleared away, and ``again`` whatever there is."""
        if again or (self._folder / _FINISHED).exists():
            for path in self._folder.glob("*"):
                path.unlink()
        self._folder.mkdir(parents=True, exist_ok=True)

    def find(self, combination: int, round_: int) -> RunRecord | None:
        """The run as it is kept; None where it was not made, or not wholly written."""
        try:
            return RunRecord.model_validate_json(self._path(combination, round_).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def keep(self, record: RunRecord) -> None:
        """Whole or not at all."""
        path = self._path(record.combination, record.round)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(record.model_dump_json(), encoding="utf-8")
        unfinished.replace(path)

    def port(self) -> int:
        """Of the simulated evidence, so that a bench that goes on cites the same addresses; 0 before the first run."""
        try:
            return int((self._folder / _PORT).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def keep_port(self, port: int) -> None:
        """For as long as this bench is not finished."""
        (self._folder / _PORT).write_text(str(port), encoding="ascii")

    def finish(self) -> None:
        """All runs are there."""
        (self._folder / _FINISHED).touch()

    def _path(self, combination: int, round_: int) -> Path:
        return self._folder / f"round-{round_:03d}-combination-{combination}.json"
