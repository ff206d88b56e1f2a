"""Stated latencies of everything outside of the program: simulated, and no measurement of any vendor.

A profile says how the simulated model behaves: its clock, its limits, its faults and its character. A world adds the
stores and the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from pydantic import Field

from autointel.domain.value import Value
from autointel.errors import UsageError
from autointel_bench.simulated.calls import Call


class Character(StrEnum):
    """How it treats the text it is given."""

    HONEST = "honest"
    LIAR = "liar"  # invents quotes and ids, and keeps a record of each
    SMALL = "small"  # says little: one word, that somebody is a person, what it was told when it was asked again
    OBEYS_INJECTIONS = "obeys-injections"  # does what untrusted text tells it to do


class FaultKind(StrEnum):
    """The kinds of faults of one call."""

    SERVER_ERROR = "server-error"  # 500
    RATE_LIMITED = "rate-limited"  # 429, worth another try
    OUT_OF_QUOTA = "out-of-quota"  # 429 insufficient_quota, not worth one
    REVOKED_KEY = "revoked-key"  # 401
    CONTEXT_TOO_LONG = "context-too-long"  # 400 context_length_exceeded
    HANG = "hang"  # accepts the call and never answers
    CUT = "cut"  # closes the connection in the middle of the reply
    GARBAGE = "garbage"  # a reply whose text is broken JSON
    GARBAGE_BODY = "garbage-body"  # a reply that is no JSON at all: a proxy's page
    SCHEMA_VIOLATION = "schema-violation"  # JSON, but not the JSON asked for
    REFUSAL = "refusal"
    EMPTY = "empty"  # a reply of no words
    LENGTH = "length"  # a reply cut at the model's limit
    ANSWER = "answer"  # the fault's own status, headers and body
    REWRITTEN = "rewritten"  # a reply as the fault's ``rewrite`` leaves it
    THOUGHT = "thought"  # the reply filed under reasoning_content, the content null
    REASONED_AWAY = "reasoned-away"  # reasoning up to the limit, and no reply
    ENDLESS_SPACE = "endless-space"  # a reply that goes on in white space
    ENDLESS_ITEM = "endless-item"  # a reply whose last words come again and again
    ALIVE = "alive"  # comments that keep the line open, slower than any silence allowed, and then the reply
    USAGE = "usage"  # the fault's own body as the usage block


HARMLESS: Final = frozenset({FaultKind.REWRITTEN, FaultKind.THOUGHT, FaultKind.ALIVE, FaultKind.USAGE})
"""Kinds that a client should take in its stride: the reply is there, in an odd place or form."""


@dataclass(frozen=True)
class Fault:
    """Goes wrong on the ``first`` matching call (counted from 1) and ``count`` calls in all; None means from then on.

    ``role``, ``step`` and ``when`` narrow which calls match; all that are given must hold.
    ``retry_after`` is sent as the header of that name: seconds, or an HTTP date. ``status``, ``body`` (JSON,
    or a text as it is) and ``headers`` are those of ANSWER; ``rewrite`` changes the text of REWRITTEN.
    """

    kind: FaultKind
    first: int = 1
    count: int | None = 1
    role: str | None = None
    step: str | None = None
    when: Callable[[Call], bool] | None = None
    retry_after: str | None = None
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    rewrite: Callable[[str], str] = str

    def matches(self, call: Call) -> bool:
        """Whether this call is one of those it counts."""
        return (
            self.role in {None, call.role} and self.step in {None, call.step} and (self.when is None or self.when(call))
        )

    def strikes(self, nth: int) -> bool:
        """Whether it strikes the ``nth`` matching call."""
        return nth >= self.first and (self.count is None or nth < self.first + self.count)


@dataclass(frozen=True)
class Profile:
    """Everything settable. Times are seconds; a call takes ``latency`` and then its tokens at ``tokens_per_second``.

    ``jitter`` spreads the latency by up to that share either way, by a hash of the prompt: the same prompt always takes
    as long. ``rejects`` are the response formats and features it answers with 400: "json_schema", "json_object",
    "stream", "temperature", "system", "max_tokens". ``in_prose`` wraps JSON in chatter and a fence, as small
    local models do.
    """

    latency: float = 0.0
    jitter: float = 0.0
    tokens_per_second: float | None = None
    requests_per_minute: int | None = None
    rate_window: float = 60.0
    says_retry_after: bool = True
    context_tokens: int = 128_000
    character: Character = Character.HONEST
    lie_share: float = 0.5
    items: int = 3
    faults: tuple[Fault, ...] = ()
    rejects: frozenset[str] = frozenset()
    in_prose: bool = False
    usage: bool = True
    speech: str = "This is a simulated transcript. No one spoke these words."


# Stated latencies, for benchmarks: none is a measurement of any vendor.
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "instant": Profile(),
        "fast": Profile(latency=0.3, jitter=0.2, tokens_per_second=400),
        "typical": Profile(latency=1.0),
        "brisk": Profile(latency=0.8),
        "slow": Profile(latency=3.0, jitter=0.3, tokens_per_second=60),
        "rate-limited": Profile(latency=1.0, requests_per_minute=60),
        "liar": Profile(character=Character.LIAR),
        "small": Profile(character=Character.SMALL),
        "obeys-injections": Profile(character=Character.OBEYS_INJECTIONS),
    }
)


# Sixty a minute, in windows of six seconds: a short run must meet the limit, or the profile would say nothing.
_LIMITED: Final = replace(PROFILES["rate-limited"], requests_per_minute=6, rate_window=6.0)


class StoreLatency(Value):
    """A store: seconds for a request, and for each item in one that writes; ``batch`` items go in one request."""

    request_seconds: float = Field(ge=0)
    item_seconds: float = Field(ge=0)
    batch: int = Field(default=50, ge=1)

    def reading(self) -> float:
        """Seconds for a request that asks."""
        return self.request_seconds

    def writing(self, items: int) -> float:
        """Seconds for a request that writes so many."""
        return self.request_seconds + items * self.item_seconds


class EvidenceLatency(Value):
    """A search engine and the pages it finds: seconds for a search, and for a page; ``pages`` for each search."""

    search_seconds: float = Field(ge=0)
    page_seconds: float = Field(ge=0)
    pages: int = Field(default=1, ge=1)


@dataclass(frozen=True)
class World:
    """A profile: every latency that is stated, and nothing else. ``said`` is how a table calls the model."""

    name: str
    model: Profile
    said: str
    memory: StoreLatency
    graph: StoreLatency
    evidence: EvidenceLatency

    @property
    def described(self) -> str:
        """In words, for the page."""
        store = self.memory
        return (
            f"{self.servers}; memory and graph {store.request_seconds * 1000:g} ms a request and "
            f"{store.item_seconds * 1000:g} ms an item, {store.batch} items a request"
        )

    @property
    def servers(self) -> str:
        """Without the stores, where those are real."""
        evidence = self.evidence
        found = f"{evidence.pages} page of {evidence.page_seconds:g} s"
        return f"model {self.said}; a search {evidence.search_seconds:g} s and {found}"


def _world(name: str, model: Profile, said: str, store: float, search: float) -> World:
    latency = StoreLatency(request_seconds=store, item_seconds=store / 100)
    evidence = EvidenceLatency(search_seconds=search, page_seconds=search / 2)
    return World(name, model, said, memory=latency, graph=latency, evidence=evidence)


WORLDS: Final[Mapping[str, World]] = MappingProxyType(
    {
        world.name: world
        for world in (
            _world("typical", PROFILES["typical"], "1 s a call", 0.05, 0.3),
            _world("brisk", PROFILES["brisk"], "0.8 s a call", 0.05, 0.3),
            _world("fast", PROFILES["fast"], "0.3 s ± 20% a call and 400 tokens/s", 0.01, 0.1),
            _world("slow", PROFILES["slow"], "3 s ± 30% a call and 60 tokens/s", 0.2, 1.0),
            _world("rate-limited", _LIMITED, "1 s a call, 6 calls in any 6 s, then 429", 0.05, 0.3),
            _world("instant", PROFILES["instant"], "no latency at all", 0.0, 0.0),
        )
    }
)


def world_of(name: str) -> World:
    """The profile of that name. Raises UsageError."""
    if name not in WORLDS:
        raise UsageError(f"There is no profile {name!r}.", f"Use one of: {', '.join(WORLDS)}.")
    return WORLDS[name]
