"""The base class of all values."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

# One fixed namespace: the same content has the same id on every machine and in every run.
_IDS: Final = uuid.UUID("6f2b2a52-0a55-5a0e-9c7f-6d1c5b1f3a10")


class Value(BaseModel):
    """Frozen. Unknown fields are errors, so that a misspelt field is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Confidence(StrEnum):
    """How reliable an item is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def content_id(*parts: str) -> str:
    """A uuid5 of the parts: writing the same content twice changes nothing.

    The separator cannot occur in text, so ("ab", "c") and ("a", "bc") differ.
    """
    return str(uuid.uuid5(_IDS, "\x1f".join(parts)))
