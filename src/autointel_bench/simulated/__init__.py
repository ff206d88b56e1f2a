"""A simulated language model: a real HTTP server on loopback that speaks the OpenAI protocol.

Nothing it says is intelligent. It answers from the prompt's own text, deterministically, so that everything around a
model can be measured and tested: clocks, limits, retries, grounding. Every reply carries the header
``x-autointel-simulated: 1``, and its model's name begins with "simulated".
"""

from autointel_bench.simulated.calls import Call, Invention
from autointel_bench.simulated.profile import PROFILES, Character, Fault, FaultKind, Profile
from autointel_bench.simulated.server import SimulatedModel

__all__ = ["PROFILES", "Call", "Character", "Fault", "FaultKind", "Invention", "Profile", "SimulatedModel"]
