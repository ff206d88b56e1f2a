"""A step: work that ends in a value, and where that value goes.

A step is done by code (``Work``), by one model call that code checks (``Judgement``), or by nobody (``Declines``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel
from typing_extensions import override

from autointel.domain.report import Results
from autointel.domain.run import StepName
from autointel.domain.transcript import Source
from autointel.domain.value import Value
from autointel.errors import AutointelError, Declined
from autointel.pipeline.stages import Stage

V = TypeVar("V", bound=BaseModel)


@dataclass(frozen=True)
class Done(Generic[V]):
    """A step's value. ``text`` is all that the next agent reads of it, so it is bounded; ``detail`` is for people.

    ``shortfall`` says what is missing where only part of the work was done, ``hint`` what to do about it.
    """

    value: V
    text: str = ""
    detail: str = ""
    shortfall: str = ""
    hint: str = ""


class Step(ABC, Generic[V]):
    """One stage's step. ``version`` is part of the cache key: raise it when the same input gives another value."""

    name: StepName
    version: int = 2
    # The type V itself, for reading a cached value back.
    value: type[BaseModel]


class FirstStep(Step[V]):
    """The first step: before it there are no results to read or to put anything in."""

    @abstractmethod
    async def find(self) -> Done[V]:
        """Find what all else rests on. Raises any AutointelError; the run state turns it into an outcome."""

    @abstractmethod
    def begin(self, value: V) -> Results:
        """The results that start from this value."""


class Later(Step[V]):
    """Any other step."""

    def without(self, error: AutointelError) -> Done[V] | None:
        """The step's value where its work failed with ``error``; by default None, and the step has failed."""
        del error
        return None

    def inputs(self, results: Results) -> str:
        """A digest of all that this step works on: by default the source and its notes."""
        return digest_of(described(results.source), results.notes.model_dump_json())

    @abstractmethod
    def put(self, results: Results, value: V) -> Results:
        """The results with this step's value in them. Synchronous: steps that run side by side merge one by one."""

    async def complete(self, results: Results, value: V) -> V:
        """The value with what is looked up anew in each run, since it depends on more than ``inputs``; cheap."""
        del results
        return value


class Work(Later[V]):
    """A step that a Python function does: no tokens are spent on driving it."""

    @abstractmethod
    async def run(self, results: Results) -> Done[V]:
        """Do the work. Raises Declined, or any AutointelError; the run state turns both into an outcome."""


class Judgement(Later[V]):
    """A step that one model call decides: a CrewAI agent asks, and code accepts or rejects the reply.

    ``reply`` is the schema that the model fills. ``streamed`` names the list in it whose items ``show`` gets one by one
    as they come in; empty where nothing is shown early.
    """

    reply: type[BaseModel]
    streamed: str = ""

    @abstractmethod
    def accept(self, results: Results, reply: BaseModel, *, last: bool) -> Done[V]:
        """The grounded part of the reply. Raises Ungrounded where something is not, unless this is the ``last`` try."""

    def unasked(self, results: Results) -> Done[V] | None:
        """The step's value without a call, where a call would be wasted; None to ask."""
        del results
        return None

    async def verified(self, done: Done[V]) -> Done[V]:
        """The accepted reply after a second look; by default all of it."""
        return done

    def show(self, results: Results, item: str) -> None:
        """An item of ``streamed``, as JSON that nobody has verified."""


class Nothing(Value):
    """The value of a step that found nothing because it was not done."""


class Declines(Work[Nothing]):
    """A step that this engine cannot do: declined by name, never imitated."""

    value = Nothing

    def __init__(self, name: StepName, reason: str, hint: str) -> None:
        self.name = name
        self._reason = reason
        self._hint = hint

    @override
    async def run(self, results: Results) -> Done[Nothing]:
        raise Declined(self._reason, self._hint)

    @override
    def put(self, results: Results, value: Nothing) -> Results:
        return results


AnyStep = FirstStep[Any] | Work[Any] | Judgement[Any]


class StepEngine(Protocol):
    """Chooses who does each stage."""

    def step(self, stage: Stage) -> AnyStep:
        """The step of a stage; ``Declines`` where this engine cannot do it."""
        ...


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
