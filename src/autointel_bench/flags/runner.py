"""Makes the runs: interleaved, each in a fresh process with a fresh home and servers of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from autointel.errors import AutointelError
from autointel_bench.evidence import SimulatedEvidence
from autointel_bench.flags.cases import Combination
from autointel_bench.flags.overlaps import model_calls
from autointel_bench.flags.record import Inside, KeptRuns, RunRecord, Setup
from autointel_bench.fresh import autointel_command, environment, fresh_home, run_fresh
from autointel_bench.simulated.profile import World, world_of
from autointel_bench.simulated.server import SimulatedModel

_SEED: Final = 20_260_302

Make = Callable[[Combination, int], RunRecord]
"""Makes the run of a combination in a round."""
OnProgress = Callable[[str], None]
"""Takes a line about every run that ended."""


def in_turn(combinations: Sequence[Combination], runs: int) -> Iterator[tuple[int, Combination]]:
    """Every combination once a round, each round in another order: a machine that grows slower favours none of them."""
    order = random.Random(_SEED)  # noqa: S311  fair, not secret
    for round_ in range(1, runs + 1):
        turn = list(combinations)
        order.shuffle(turn)
        yield from ((round_, combination) for combination in turn)


def make_runs(
    combinations: Sequence[Combination],
    runs: int,
    kept: KeptRuns,
    on_progress: OnProgress,
    making: AbstractContextManager[Make],
) -> list[RunRecord]:
    """All runs, those that are kept and those that are still to be made. Ctrl-C leaves the former."""
    records = []
    todo = list(in_turn(combinations, runs))
    with making as make:
        for done, (round_, combination) in enumerate(todo, start=1):
            record = kept.find(combination.number, round_)
            again = " (kept)" if record else ""
            if record is None:
                record = make(combination, round_)
                kept.keep(record)
            records.append(record)
            on_progress(f"{done} of {len(todo)}  round {round_}  {combination.name}: {_said(record)}{again}")
    kept.finish()
    return records


@contextmanager
def fresh_runs(setup: Setup, kept: KeptRuns) -> Iterator[Make]:
    """Makes runs in fresh processes. Raises AutointelError where the address that kept runs cite is taken."""
    if setup.live:
        yield lambda combination, round_: _run(setup, combination, round_, None, {})
        return
    world = world_of(setup.profile)
    with _evidence(world, kept) as evidence:
        yield lambda combination, round_: run_simulated(setup, combination, round_, world, evidence)


@contextmanager
def _evidence(world: World, kept: KeptRuns) -> Iterator[SimulatedEvidence]:
    serving = SimulatedEvidence(world.evidence, port=kept.port())
    try:
        serving.start()
    except OSError as error:
        raise AutointelError(
            f"Port {kept.port()}, which the runs kept so far cite, is taken: {error.strerror}.",
            "Free it, or use --again to begin anew.",
        ) from error
    try:
        kept.keep_port(serving.port)
        yield serving
    finally:
        serving.stop()


def run_simulated(
    setup: Setup, combination: Combination, round_: int, world: World, evidence: SimulatedEvidence
) -> RunRecord:
    """One run against simulated servers, whatever becomes of it."""
    evidence.log.clear()
    with SimulatedModel(world.model) as model:
        settings = simulated_settings(model.base_url, evidence.base_url, setup.limit)
        record = _run(setup, combination, round_, world, settings)
        calls = model_calls(model.calls.all, world.model)
    return record.model_copy(update={"calls": calls, "requests": tuple(evidence.log)})


def simulated_settings(model_url: str, evidence_url: str, limit: int) -> dict[str, str]:
    """The settings, as environment variables, of a run against simulated servers."""
    return {
        "AUTOINTEL_MODEL__BASE_URL": model_url,
        "AUTOINTEL_MODEL__NAME": "simulated",
        "AUTOINTEL_MODEL__MAX_CONCURRENT_CALLS": str(limit),
        "AUTOINTEL_MODEL__TIMEOUT": "120",
        # The series began without the second look; its cost is measured apart (scripts/model_costs.py).
        "AUTOINTEL_MODEL__VERIFY": "code",
        "AUTOINTEL_EVIDENCE__SOURCES": "searxng",
        "AUTOINTEL_EVIDENCE__SEARXNG_URL": evidence_url,
        "AUTOINTEL_FETCH__ALLOW_HOSTS": "127.0.0.1",
    }


def _run(
    setup: Setup, combination: Combination, round_: int, world: World | None, settings: dict[str, str]
) -> RunRecord:
    with fresh_home() as home:
        path = home / "inside.json"
        command = autointel_command(
            *("bench", "once", setup.source, "--depth", setup.depth, "--record", str(path)),
            *(("--profile", world.name) if world else ("--namespace", f"bench-{round_}-{combination.number}")),
        )
        env = environment(home, {**settings, **combination.environment}, live=setup.live)
        ended = run_fresh(command, env, home, folder=Path.cwd() if setup.live else None)
        return RunRecord(
            combination=combination.number,
            round=round_,
            exit_code=ended.exit_code,
            shell_seconds=ended.seconds,
            said=ended.said,
            timed_out=ended.timed_out,
            inside=_inside(path),
        )


def _inside(path: Path) -> Inside | None:
    try:
        return Inside.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _said(record: RunRecord) -> str:
    if record.failure:
        return f"FAILED: {record.failure}"
    return f"{record.crew_seconds:.2f} s, shell to exit {record.shell_seconds:.2f} s"
