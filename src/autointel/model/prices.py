"""What tokens cost, where that is known."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field

from autointel.domain.value import Value

# "gpt-4o-mini-2024-07-18" costs what "gpt-4o-mini" does.
_DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_MILLION: Final = 1_000_000


class Price(Value):
    """US dollars for a million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """US dollars for one call."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / _MILLION


class Prices(Value):
    """A price list: whose (``host``, or anybody's where that is None), and when it was looked up."""

    as_of: date
    models: Mapping[str, Price]
    host: str | None = None

    def of(self, model: str, base_url: str | None = None) -> Price | None:
        """The price of a model at an address, or None where it is unknown. No address means OpenAI's own."""
        at = urlsplit(base_url).hostname if base_url else self.host
        if self.host is not None and at != self.host:
            return None
        return self.models.get(model) or self.models.get(_DATED.sub("", model))


@cache
def openai_prices() -> Prices:
    """The packaged list of OpenAI's own prices."""
    text = files("autointel.model").joinpath("prices.toml").read_text(encoding="utf-8")
    return Prices.model_validate(tomllib.loads(text) | {"host": "api.openai.com"})
