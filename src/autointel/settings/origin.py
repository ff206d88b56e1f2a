"""Where a value comes from."""

from __future__ import annotations

from dataclasses import dataclass

from autointel.domain.run import FlagOrigin


@dataclass(frozen=True)
class Origin:
    """``name`` is the variable, or the file, that holds the value; empty for a default."""

    layer: FlagOrigin
    name: str = ""

    def of(self, key: str) -> str:
        """How a reader finds the value again: the variable, or the key and its file."""
        if self.layer in {FlagOrigin.PROJECT_FILE, FlagOrigin.USER_FILE}:
            return f"{key} in {self.name}"
        return self.name or key

    def __str__(self) -> str:
        return self.name or self.layer.value


DEFAULT = Origin(FlagOrigin.DEFAULT)
