"""Proof of the path that ran: which steps were at work at the same time, and whether that combination allows it.

Two witnesses: the run's own step times, and the log of the model's server, which knows nothing of flags. A flag counts
only where its overlap was seen; an overlap that is not allowed breaks the comparison as much as one that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import combinations
from typing import Final

from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel_bench.flags.cases import Combination, Pair, allowed, expected
from autointel_bench.flags.record import ModelCall, RunRecord
from autointel_bench.simulated.calls import Call
from autointel_bench.simulated.profile import Profile
from autointel_bench.simulated.voices import share

# Two clocks are read one after the other: steps that touch may seem to overlap by as much.
_TOUCH: Final = 0.002
JUDGING: Final = "judge"
# What a call is about stands in a block of its own; the product labels it so.
_BLOCK: Final = re.compile(r"<<<(passage|claim|claims) ([0-9a-f]{16})>>>")
CHOOSING: Final = "choose"
_OK: Final = 200


class Seen(Value):
    """One run's overlaps by its witnesses. ``claims_at_once`` is None where no server's log tells (a live run)."""

    by_report: frozenset[Pair]
    by_server: frozenset[Pair]
    claims: int
    claims_at_once: int | None


def seen_in(record: RunRecord) -> Seen:
    """The overlaps of one run."""
    spans = {step: span for step in StepName if (span := record.span(step)) is not None}
    by_report = {frozenset(pair) for pair in combinations(spans, 2) if _together(spans[pair[0]], spans[pair[1]])}
    judged = [call for call in record.calls if call.purpose == JUDGING]
    return Seen(
        by_report=frozenset(by_report),
        by_server=frozenset(_by_server(record.calls)),
        claims=len({call.subject for call in judged}),
        claims_at_once=_subjects_at_once(judged) if record.calls else None,
    )


def _by_server(calls: Sequence[ModelCall]) -> Iterable[Pair]:
    known = {name.value for name in StepName}
    for one, other in combinations([call for call in calls if call.step in known], 2):
        if one.step != other.step and _together((one.started, one.ended), (other.started, other.ended)):
            yield frozenset((StepName(one.step), StepName(other.step)))


def _together(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return min(one[1], other[1]) - max(one[0], other[0]) > _TOUCH


def _subjects_at_once(calls: Sequence[ModelCall]) -> int:
    return max(
        (
            len(
                {
                    other.subject
                    for other in calls
                    if other is call or (other.started <= call.started < other.ended - _TOUCH)
                }
            )
            for call in calls
        ),
        default=0,
    )


def path_problems(combination: Combination, seen: Seen) -> list[str]:
    """Faults of the path that ran, a sentence each; none where the path is the one that was asked for."""
    both = seen.by_report | seen.by_server
    problems = [f"{_named(pair)} overlapped, which it does not allow" for pair in _sorted(both - allowed(combination))]
    problems += [
        f"a flag did nothing: {_named(pair)} never overlapped"
        for pair in _sorted(expected(combination) - seen.by_report)
    ]
    return problems + _claims(combination, seen)


def _claims(combination: Combination, seen: Seen) -> list[str]:
    several = (seen.claims_at_once or 0) > 1
    if several and not combination.fact_checking:
        return [f"{seen.claims_at_once} claims were judged at once, which it does not allow"]
    if combination.fact_checking and seen.claims > 1 and not several:
        return [f"a flag did nothing: {seen.claims} claims were judged one by one"]
    return []


def _sorted(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(pairs, key=_named)


def _named(pair: Pair) -> str:
    return " and ".join(name.value for name in StepName if name in pair)


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
    """The seconds that the profile states for this call; 0 for a call that was turned away at once."""
    if call.status != _OK:
        return 0.0
    seconds = profile.latency * (1 + (share(call.prompt) * 2 - 1) * profile.jitter)
    if profile.tokens_per_second:
        seconds += call.completion_tokens / profile.tokens_per_second
    return seconds
