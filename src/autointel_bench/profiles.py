"""Stated latencies of everything outside of the program: simulated, and no measurement of any vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from pydantic import Field

from autointel.domain.value import Value
from autointel.errors import UsageError
from autointel_bench.simulated.profile import PROFILES as MODELS
from autointel_bench.simulated.profile import Profile

# Sixty a minute, in windows of six seconds: a short run must meet the limit, or the profile would say nothing.
_LIMITED: Final = replace(MODELS["rate-limited"], requests_per_minute=6, rate_window=6.0)


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
            _world("typical", MODELS["typical"], "1 s a call", 0.05, 0.3),
            _world("brisk", MODELS["brisk"], "0.8 s a call", 0.05, 0.3),
            _world("fast", MODELS["fast"], "0.3 s ± 20% a call and 400 tokens/s", 0.01, 0.1),
            _world("slow", MODELS["slow"], "3 s ± 30% a call and 60 tokens/s", 0.2, 1.0),
            _world("rate-limited", _LIMITED, "1 s a call, 6 calls in any 6 s, then 429", 0.05, 0.3),
            _world("instant", MODELS["instant"], "no latency at all", 0.0, 0.0),
        )
    }
)


def world_of(name: str) -> World:
    """The profile of that name. Raises UsageError."""
    if name not in WORLDS:
        raise UsageError(f"There is no profile {name!r}.", f"Use one of: {', '.join(WORLDS)}.")
    return WORLDS[name]
