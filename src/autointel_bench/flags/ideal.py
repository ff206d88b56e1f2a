"""The least time that a run could have taken: the longest chain of stated latencies under the concurrency limit.

A lower bound, from what was asked in that very run and what each request was stated to take:

- what a combination runs one after the other adds up; of what it runs side by side, the longest counts;
- passages are read side by side whatever the flags, and so are a search's pages;
- a claim is chosen, then searched, then its pages read, then judged: claims side by side where the flag says so;
- where more calls are ready than may be in flight, the work divided by the limit counts, or the rounds that it takes;
- a server that takes n calls in a window cannot have taken more.

Computing, starting up and everything else that this program does itself is stated to take no time at all, so a run can
come close to its ideal and never pass it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final

from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel_bench.flags.cases import GROUPS, Combination
from autointel_bench.flags.overlaps import JUDGING
from autointel_bench.flags.record import ModelCall, RunRecord
from autointel_bench.stores import Request

# adapters/evidence/paged.py fetches so many pages of one engine at a time, out of courtesy.
PAGES_AT_ONCE: Final = 5


class Limits(Value):
    """The limits of a run from outside: calls in flight, and a server's calls in a window of seconds."""

    calls_at_once: int = 8
    window_calls: int | None = None
    window_seconds: float = 60.0


class Ideal(Value):
    """Seconds, and the chain that they are the sum of: groups of steps, and what each group takes at least."""

    seconds: float
    chain: tuple[tuple[str, float], ...]


def ideal_of(record: RunRecord, combination: Combination, limits: Limits) -> Ideal:
    """The least this run could have taken, as this combination and with these calls."""
    chain = [(_named(group), _group_floor(group, record, combination, limits)) for group in _in_order(combination)]
    chain = [(name, seconds) for name, seconds in chain if seconds > 0]
    return Ideal(seconds=max(sum(seconds for _, seconds in chain), _window_floor(record, limits)), chain=tuple(chain))


def _in_order(combination: Combination) -> list[tuple[StepName, ...]]:
    groups = {group[0]: group for group in GROUPS[combination.number]}
    inside = {step for group in groups.values() for step in group}
    return [groups.get(step, (step,)) for step in StepName if step in groups or step not in inside]


def _group_floor(group: Sequence[StepName], record: RunRecord, combination: Combination, limits: Limits) -> float:
    work = sum(call.stated_seconds for call in record.calls if call.step in group) / limits.calls_at_once
    return max([work, *(_step_floor(step, record, combination, limits) for step in group)])


def _step_floor(step: StepName, record: RunRecord, combination: Combination, limits: Limits) -> float:
    calls = [call for call in record.calls if call.step == step]
    if step is StepName.FACT_CHECK:
        return _fact_check_floor(calls, record.requests, limits, side_by_side=combination.fact_checking)
    if step in {StepName.MEMORY, StepName.GRAPH}:
        asked = record.inside.requests if record.inside else ()
        return sum(request.stated_seconds for request in asked if request.to == step)
    return _side_by_side(_chains(calls), limits.calls_at_once)


def _fact_check_floor(
    calls: Sequence[ModelCall], requests: Sequence[Request], limits: Limits, *, side_by_side: bool
) -> float:
    judging = _chains(call for call in calls if call.purpose == JUDGING)
    choosing = sum(call.stated_seconds for call in calls if call.purpose != JUDGING)
    searches = [request.stated_seconds for request in requests if request.verb == "search"]
    pages = [request.stated_seconds for request in requests if request.verb == "page"]
    if side_by_side:
        found = max(searches, default=0.0) + _side_by_side(pages, PAGES_AT_ONCE)
        return choosing + found + _side_by_side(judging, limits.calls_at_once)
    turns = max(1, len(judging))
    found = max(searches, default=0.0) + _side_by_side(pages[: ceil(len(pages) / turns)], PAGES_AT_ONCE)
    return choosing + turns * found + sum(judging)


def _chains(calls: Iterable[ModelCall]) -> list[float]:
    """Seconds of each subject's calls, which had to follow each other: a question asked again, a second judge."""
    seconds: dict[str, float] = defaultdict(float)
    for call in calls:
        seconds[call.subject] += call.stated_seconds
    return list(seconds.values())


def _side_by_side(seconds: Sequence[float], limit: int) -> float:
    """The longest; the work shared by all places; the rounds that so many take: none can be beaten."""
    if not seconds:
        return 0.0
    return max(*seconds, sum(seconds) / limit, ceil(len(seconds) / limit) * min(seconds))


def _window_floor(record: RunRecord, limits: Limits) -> float:
    answered = [call for call in record.calls if call.status == 200]  # noqa: PLR2004  HTTP's OK
    if limits.window_calls is None or not answered:
        return 0.0
    last = min(call.stated_seconds for call in answered)
    return (len(answered) - 1) // limits.window_calls * limits.window_seconds + last


def _named(group: Sequence[StepName]) -> str:
    return " | ".join(group)
