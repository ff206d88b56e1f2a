"""``python -m autointel_bench.simulated``: the simulated model as a process, for benchmarks and for trying out.

Writes one line of JSON with its address to standard output, then serves until it is interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from autointel_bench.simulated.profile import PROFILES, Character, Profile
from autointel_bench.simulated.server import SimulatedModel


def profile_of(words: Sequence[str]) -> tuple[Profile, int]:
    """The profile and the port that the command's words ask for."""
    parser = argparse.ArgumentParser(prog="autointel_bench.simulated", description="A simulated language model.")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="instant")
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--latency", type=float, help="seconds before the first token")
    parser.add_argument("--tokens-per-second", type=float)
    parser.add_argument("--requests-per-minute", type=int)
    parser.add_argument("--character", type=Character, choices=list(Character))
    given = vars(parser.parse_args(words))
    profile = PROFILES[given.pop("profile")]
    port: int = given.pop("port")
    return replace(profile, **{name: value for name, value in given.items() if value is not None}), port


def main(words: Sequence[str] | None = None) -> None:
    """Serve until interrupted."""
    profile, port = profile_of(sys.argv[1:] if words is None else words)
    with SimulatedModel(profile, port=port) as server:
        sys.stdout.write(json.dumps({"simulated": True, "base_url": server.base_url}) + "\n")
        sys.stdout.flush()
        try:
            server.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
