"""How the simulated model behaves: its clock, its limits, its faults and its character."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from autointel_bench.simulated.calls import Call


class Character(StrEnum):
    """How it treats the text it is given."""

    HONEST = "honest"
    LIAR = "liar"  # invents quotes and ids, and keeps a record of each
    SMALL = "small"  # says little: one word, that somebody is a person, what it was told when it was asked again
    OBEYS_INJECTIONS = "obeys-injections"  # does what untrusted text tells it to do


class FaultKind(StrEnum):
    """What can go wrong with one call."""

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
