"""The simulated model's log: its calls, and what it made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

_NOT_LOGGED: Final = {"prompt", "rewrite", "usage"}


@dataclass(frozen=True)
class Invention:
    """Something the liar made up: its kind ("quote", "span", "note_id", "evidence_id", "sentence") and where.

    Of a sentence ``path`` is the kind of lie.
    """

    kind: str
    path: str
    value: str


@dataclass
class Call:
    """One request, from its arrival to the end of its reply; times by the monotonic clock, in seconds.

    ``prompt_tokens`` are ``message_tokens`` and those of the schema that the reply is held to.
    """

    index: int
    path: str
    role: str
    step: str
    model: str = ""
    prompt: str = ""
    response_format: str = "text"
    streamed: bool = False
    started: float = 0.0
    ended: float | None = None
    status: int = 200
    fault: str | None = None
    rewrite: Callable[[str], str] | None = None
    usage: Any = None
    prompt_tokens: int = 0
    message_tokens: int = 0
    completion_tokens: int = 0
    invented: list[Invention] = field(default_factory=list)
    obeyed: list[str] = field(default_factory=list)

    def overlaps(self, other: Call) -> bool:
        """Whether both were being answered at the same time."""
        ends = (self.ended or float("inf"), other.ended or float("inf"))
        return self.started < ends[1] and other.started < ends[0]


@dataclass
class Calls:
    """The log. Written by the server's own thread only; read it when the calls of interest are over."""

    all: list[Call] = field(default_factory=list)
    now: int = 0
    at_once: int = 0

    def begin(self, call: Call) -> None:
        """A call arrives."""
        self.all.append(call)
        self.now += 1
        self.at_once = max(self.at_once, self.now)

    def end(self, call: Call, at: float) -> None:
        """A call is over, one way or another."""
        call.ended = at
        self.now -= 1

    def __len__(self) -> int:
        return len(self.all)

    def by_role(self) -> dict[str, int]:
        """How often each role asked."""
        return dict(Counter(call.role for call in self.all))

    def by_step(self) -> dict[str, int]:
        """How often each step asked."""
        return dict(Counter(call.step for call in self.all))

    def invented(self) -> list[Invention]:
        """Everything made up so far, in the order of the calls."""
        return [invention for call in self.all for invention in call.invented]

    def as_json(self) -> dict[str, Any]:
        """For a benchmark in another process."""
        return {
            "simulated": True,
            "calls": len(self.all),
            "at_once": self.at_once,
            "by_role": self.by_role(),
            "by_step": self.by_step(),
            "prompt_tokens": sum(call.prompt_tokens for call in self.all),
            "completion_tokens": sum(call.completion_tokens for call in self.all),
            "log": [
                {k: v for k, v in asdict(call).items() if k not in {"prompt", "rewrite", "usage"}} for call in self.all
            ],
        }
