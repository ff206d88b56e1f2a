"""The simulated server's log, as far as a record keeps it: who asked about what, when, and how long it was to take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from autointel_bench.flags.overlaps import JUDGING
from autointel_bench.flags.record import ModelCall
from autointel_bench.simulated.calls import Call
from autointel_bench.simulated.profile import Profile
from autointel_bench.simulated.voices import share

# What a call is about stands in a block of its own; the product labels it so.
_BLOCK: Final = re.compile(r"<<<(passage|claim|claims) ([0-9a-f]{16})>>>")
CHOOSING: Final = "choose"
_OK: Final = 200


def model_calls(calls: Iterable[Call], profile: Profile) -> tuple[ModelCall, ...]:
    """Every call of one run, in the order of arrival."""
    return tuple(_model_call(call, profile) for call in calls)


def _model_call(call: Call, profile: Profile) -> ModelCall:
    found = _BLOCK.search(call.prompt)
    label, tag = (found[1], found[2]) if found else ("", "")
    return ModelCall(
        step=call.step,
        subject=tag or sha256(f"{call.step} {call.role}".encode()).hexdigest()[:16],
        purpose={"claim": JUDGING, "claims": CHOOSING}.get(label, ""),
        started=call.started,
        ended=call.started if call.ended is None else call.ended,
        stated_seconds=stated_seconds(call, profile),
        status=call.status,
        prompt_tokens=call.prompt_tokens,
        completion_tokens=call.completion_tokens,
    )


def stated_seconds(call: Call, profile: Profile) -> float:
    """What the profile says that this call takes; a call turned away at once takes nothing."""
    if call.status != _OK:
        return 0.0
    seconds = profile.latency * (1 + (share(call.prompt) * 2 - 1) * profile.jitter)
    if profile.tokens_per_second:
        seconds += call.completion_tokens / profile.tokens_per_second
    return seconds
