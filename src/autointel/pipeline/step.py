"""What a step is: work that ends in a value, and where that value goes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel

from autointel.domain.results import Results
from autointel.domain.run import StepName
from autointel.domain.source import Source
from autointel.errors import AutointelError

V = TypeVar("V", bound=BaseModel)


@dataclass(frozen=True)
class Done(Generic[V]):
    """A step's value. ``text`` is all that the next agent reads of it, so it is bounded; ``detail`` is for people.

    ``shortfall`` says what is missing where only part of the work was done, ``hint`` what to do about it. ``before``
    are the seconds of this work that were spent before the step was opened.
    """

    value: V
    text: str = ""
    detail: str = ""
    shortfall: str = ""
    hint: str = ""
    before: float = 0.0


class Step(ABC, Generic[V]):
    """One of the nine. ``version`` is part of the cache key: raise it when the same input gives another value."""

    name: ClassVar[StepName]
    version: ClassVar[int] = 1
    # The type V itself, for reading a kept value back.
    value: ClassVar[type[BaseModel]]


class Opening(Step[V]):
    """The first step: before it there are no results to read or to put anything in."""

    @abstractmethod
    async def find(self) -> Done[V]:
        """Find what all else rests on. Raises any AutointelError; the state turns it into an outcome."""

    @abstractmethod
    def begin(self, value: V) -> Results:
        """The results that start from this value."""


class Later(Step[V]):
    """Any other step. ``kept`` is False for one that must look for itself what is still to be done."""

    kept: ClassVar[bool] = True

    def without(self, error: AutointelError) -> Done[V] | None:
        """What the step comes to if its work fails with ``error``: by default nothing, and it has failed."""
        del error
        return None

    def inputs(self, results: Results) -> str:
        """A digest of all that this step works on: by default the source and its notes."""
        return digest_of(described(results.source), results.notes.model_dump_json())

    @abstractmethod
    def put(self, results: Results, value: V) -> Results:
        """The results with this step's value in them."""

    async def complete(self, results: Results) -> Results:
        """What belongs beside the value and is never kept, since it depends on more than ``inputs``; cheap."""
        return results


def described(source: Source) -> str:
    """A source without the place it happens to stand in: a file that was moved is the same source."""
    return source.model_dump_json(exclude={"path"})


def digest_of(*parts: str) -> str:
    """SHA-256 of the parts, each with its length before it."""
    whole = sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


class Work(Later[V]):
    """A step that a Python function does: no tokens are spent on driving it."""

    @abstractmethod
    async def run(self, results: Results) -> Done[V]:
        """Do it. Raises Declined, or any AutointelError; the state turns both into an outcome."""


class Judgement(Later[V]):
    """A step that one model call decides: a CrewAI agent asks, and code accepts or rejects what it says."""

    # The schema that the model fills.
    reply: ClassVar[type[BaseModel]]

    @abstractmethod
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[V]:
        """Keep what is grounded. Raises Ungrounded where something is not, unless this is the ``last`` try."""


class Ungrounded(Exception):
    """A reply holds quotes, ids or sentences that rest on nothing; ``problems`` is told to the model, once."""

    def __init__(self, problems: str) -> None:
        super().__init__(problems)
        self.problems = problems
