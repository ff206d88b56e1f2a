"""The language model, the cache of its replies, places at its server, and the embedder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel

from autointel.domain.run import StepName, Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Reply = TypeVar("Reply", bound=BaseModel)


class Model(Protocol):
    """The one client to a language model."""

    @property
    def usage(self) -> Usage:
        """What has been asked and paid so far."""

    async def ask(
        self,
        role: str,
        system: str,
        user: str,
        schema: type[Reply],
        *,
        step: StepName,
        smaller: bool = False,
    ) -> Reply:
        """A reply that fits ``schema``. ``smaller`` asks for the cheaper model that reads, where one is set.

        Raises ModelRefused (key, quota), BudgetSpent, PromptTooLong, ModelUnavailable (after its retries, or no valid
        reply).
        """

    async def room(self) -> int | None:
        """How many tokens prompt and reply may have together; None where that is not known."""
        return None


class ModelCache(Protocol):
    """Keeps a model's replies from run to run. Blocks: call it off the event loop. Raises HomeUnusable."""

    def get(self, key: str) -> str | None:
        """The value under ``key``, unless it has expired."""

    def put(self, key: str, value: str, ttl: float) -> None:
        """Keep ``value`` for ``ttl`` seconds, in place of what was there."""


class CallPlaces(Protocol):
    """Places for calls to one model server that runs on several machines share. Used on one event loop.

    Raises nothing: where the places cannot be asked, calls go ahead by the run's own limits.
    """

    def place(self) -> AbstractAsyncContextManager[None]:
        """A place, waited for and held until the block ends."""

    async def close_for(self, seconds: float) -> None:
        """Give nobody a place for so long: the server has said "later"."""

    async def aclose(self) -> None:
        """Close the connection."""


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Model, dimension and version; two embedders whose vectors must not be mixed differ in it."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dimension), rows of length 1 (a text without known words: zeros). Deterministic.

        Blocks: call it off the event loop. Raises ModelUnavailable where a remote one does not answer.
        """
