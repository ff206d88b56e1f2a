"""A simulated language model: a real HTTP server on loopback that speaks the OpenAI protocol.

Nothing it says is intelligent. It answers from the prompt's own text, deterministically, so that everything around a
model can be measured and tested: clocks, limits, retries, grounding. Every reply carries the header
``x-autointel-simulated: 1``, and its model's name begins with "simulated".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autointel_bench.simulated.calls import Call, Invention
from autointel_bench.simulated.profile import PROFILES, Character, Fault, FaultKind, Profile

if TYPE_CHECKING:
    from autointel_bench.simulated.server import SimulatedModel

__all__ = ["PROFILES", "Call", "Character", "Fault", "FaultKind", "Invention", "Profile", "SimulatedModel"]


def __getattr__(name: str) -> Any:
    """The server is loaded where it is used: a run that is measured needs the stated latencies alone."""
    if name != "SimulatedModel":
        raise AttributeError(name)
    from autointel_bench.simulated.server import SimulatedModel

    return SimulatedModel
