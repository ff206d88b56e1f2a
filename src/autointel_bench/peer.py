"""The product beside the same job done the ordinary way (``plain_crewai.py``), against the same simulated servers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from autointel.domain.value import Value
from autointel_bench.evidence import SimulatedEvidence
from autointel_bench.figures import Summary, cell, on_machine, spread, summary, table
from autointel_bench.flags.bench import setup_of
from autointel_bench.flags.cases import ALL_OFF, ALL_ON, Combination
from autointel_bench.flags.record import Setup
from autointel_bench.flags.runner import run_simulated
from autointel_bench.fresh import environment, fresh_home, run_fresh
from autointel_bench.machine import Machine, machine, now
from autointel_bench.simulated.profile import World, world_of
from autointel_bench.simulated.server import SimulatedModel

PEER: Final = "plain CrewAI"


class Turn(Value):
    """One run of one side. ``failure`` is "" where it succeeded."""

    side: str
    failure: str = ""
    crew_seconds: float = 0.0
    shell_seconds: float = 0.0
    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Side(Value):
    """The summary of one side's runs; None where all failed."""

    side: str
    failures: tuple[str, ...]
    crew: Summary | None = None
    shell: Summary | None = None
    model_calls: float = 0
    prompt_tokens: float = 0
    completion_tokens: float = 0


class Beside(Value):
    """The whole comparison."""

    kind: str = "peer"
    command: str
    made: str
    machine: Machine
    setup: Setup
    world: str
    sides: tuple[Side, ...]


def measure_peer(runs: int, source: str, profile: str, *, command: str, on_progress: Callable[[str], None]) -> Beside:
    """``runs`` rounds, each side once in each, in fresh processes."""
    setup, world = setup_of(source, "standard", profile, live=False), world_of(profile)
    turns: list[Turn] = []
    with SimulatedEvidence(world.evidence) as evidence:
        for round_ in range(1, runs + 1):
            for side in (_peer_turn, partial(_product_turn, ALL_OFF), partial(_product_turn, ALL_ON)):
                turn = side(setup, world, evidence)
                turns.append(turn)
                on_progress(f"round {round_} of {runs}  {turn.side}: {turn.failure or f'{turn.crew_seconds:.2f} s'}")
    return Beside(
        command=command,
        made=now(),
        machine=machine(),
        setup=setup.model_copy(update={"source": source.rpartition("/")[2]}),
        world=world.described,
        sides=sides_of(turns),
    )


def _product_turn(combination: Combination, setup: Setup, world: World, evidence: SimulatedEvidence) -> Turn:
    record = run_simulated(setup, combination, 1, world, evidence)
    return Turn(
        side=f"autointel, {combination.name}",
        failure=record.failure,
        crew_seconds=0.0 if record.failure else record.crew_seconds,
        shell_seconds=record.shell_seconds,
        model_calls=len(record.calls),
        prompt_tokens=sum(call.prompt_tokens for call in record.calls),
        completion_tokens=sum(call.completion_tokens for call in record.calls),
    )


def _peer_turn(setup: Setup, world: World, evidence: SimulatedEvidence) -> Turn:
    with SimulatedModel(world.model) as model, fresh_home() as home:
        command = [sys.executable, "-P", "-m", "autointel_bench.plain_crewai", setup.source]
        command += ["--base-url", model.base_url, "--search-url", evidence.base_url]
        command += ["--write-seconds", str(world.memory.writing(1))]
        ended = run_fresh(command, environment(home, {}), home)
        calls = list(model.calls.all)
    try:
        crew_seconds = float(json.loads(ended.output.strip().splitlines()[-1])["crew_seconds"])
        failure = f"exit code {ended.exit_code}" if ended.exit_code else ""
    except (ValueError, IndexError, KeyError, TypeError):
        crew_seconds, failure = 0.0, f"exit code {ended.exit_code}: {ended.said.strip()[-200:]}"
    return Turn(
        side=PEER,
        failure=failure,
        crew_seconds=crew_seconds,
        shell_seconds=ended.seconds,
        model_calls=len(calls),
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        completion_tokens=sum(call.completion_tokens for call in calls),
    )


def sides_of(turns: Sequence[Turn]) -> tuple[Side, ...]:
    """One row a side, in the order of their first turns; failed turns are counted and not timed."""
    return tuple(
        _side(name, [turn for turn in turns if turn.side == name]) for name in dict.fromkeys(t.side for t in turns)
    )


def _side(name: str, turns: Sequence[Turn]) -> Side:
    good = [turn for turn in turns if not turn.failure]
    failures = tuple(turn.failure for turn in turns if turn.failure)
    if not good:
        return Side(side=name, failures=failures)
    return Side(
        side=name,
        failures=failures,
        crew=summary([turn.crew_seconds for turn in good]),
        shell=summary([turn.shell_seconds for turn in good]),
        model_calls=summary([turn.model_calls for turn in good]).median,
        prompt_tokens=summary([turn.prompt_tokens for turn in good]).median,
        completion_tokens=summary([turn.completion_tokens for turn in good]).median,
    )


def peer_markdown(beside: Beside) -> str:
    """The result as a section of the page."""
    rows = [_row(side) for side in beside.sides]
    heads = ["", "failed", "crew, mean (95%)", "shell to exit, mean (95%)", "model calls", "tokens in", "tokens out"]
    return (
        f"## Beside the ordinary way: {beside.setup.profile} (simulated)\n\n"
        f"`{beside.command}`, {beside.made}. Against {beside.world}.\n\n"
        f"{table(heads, rows)}\n"
        f"*{PEER}* is the same job as CrewAI's own pages would write it: eight agents with a task each, one after the "
        "other, the transcript handed on through task context, search and stores driven by the model with one turn of "
        "side-by-side tool calls. What each side answers is simulated, so tokens out say little and quality nothing; "
        "the ordinary way checks no quote, keeps no verdicts by claim, and its stores keep what the model retyped.\n\n"
        f"{on_machine(beside.machine)}.\n"
    )


def _row(side: Side) -> list[str]:
    failed = f"{len(side.failures)}: {cell(side.failures[0])}" if side.failures else "0"
    if side.crew is None or side.shell is None:
        return [side.side, failed, "–", "–", "–", "–", "–"]
    counts = [f"{count:,.0f}" for count in (side.model_calls, side.prompt_tokens, side.completion_tokens)]
    return [side.side, failed, spread(side.crew.mean), spread(side.shell.mean), *counts]
