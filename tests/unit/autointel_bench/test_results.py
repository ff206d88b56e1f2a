"""The smaller results: what their pages say, when a promise is broken, and the page that all are put together on."""

from __future__ import annotations

from pathlib import Path

import pytest

from autointel.errors import UsageError
from autointel_bench.commands.bench_measure import write_page, write_result
from autointel_bench.figures import summary
from autointel_bench.flags.record import Setup
from autointel_bench.fresh import Ended
from autointel_bench.load import Load, failures_of, load_markdown
from autointel_bench.machine import machine
from autointel_bench.overhead import Overhead, overhead_markdown
from autointel_bench.peer import PEER, Beside, Turn, peer_markdown, sides_of
from autointel_bench.startup import PROMISED, Startup, start_of, startup_markdown

MACHINE = machine()
MADE = {"command": "autointel bench x", "made": "2026-11-20 10:00 UTC", "machine": MACHINE}


def ended(seconds: float = 0.2, code: int = 0, **more: object) -> Ended:
    fields = {"cpu_seconds": 0.1, "peak_bytes": 50_000_000, "output": "", "said": "", **more}
    return Ended.model_validate({"exit_code": code, "seconds": seconds, **fields})


def overhead(step: float = 0.001, span: float = 0.0001) -> Overhead:
    return Overhead(
        **MADE,
        sequential=summary([step] * 3),
        parallel=summary([step] * 3),
        judged=summary([0.015] * 3),
        span_cpu_seconds=span,
        spans=22,
        run_cpu_seconds=4.0,
    )


def load(failures: dict[str, int] | None = None, engine: str = "llm") -> Load:
    return Load(
        **MADE,
        profile="typical",
        engine=engine,
        n=4,
        wall_seconds=20.0,
        seconds=(10.0, 12.0, 14.0, 20.0),
        cpu_seconds=24.0,
        peak_megabytes=500.0,
        sum_of_peaks_megabytes=1900.0,
        failures=failures or {},
        model_calls_at_once=15,
    )


def test_a_start_within_its_promise_keeps_it_and_one_beyond_does_not() -> None:
    quick, slow = start_of("--help", [ended(0.2)] * 3), start_of("--help", [ended(0.4)] * 3)

    assert quick.kept
    assert not slow.kept
    page = startup_markdown(Startup(**MADE, starts=(quick, slow)))
    assert "| yes |" in page
    assert "| **no** |" in page


def test_a_command_that_failed_is_never_a_quick_start() -> None:
    failed = start_of("runs", [ended(0.01, 6), ended(0.01, 6)])

    assert not failed.kept
    assert "failed: exit code 6" in startup_markdown(Startup(**MADE, starts=(failed,)))


def test_a_doctor_who_finds_something_has_done_the_work() -> None:
    assert start_of("doctor", [ended(0.2, 1)]).kept
    assert not start_of("doctor", [ended(0.2, 2)]).kept


def test_what_nothing_is_promised_for_is_only_told() -> None:
    unpromised = next(name for name, promise in PROMISED.items() if promise is None)

    assert start_of(unpromised, [ended(99.0)]).kept


def test_overhead_within_both_targets_keeps_them() -> None:
    assert overhead().within_targets
    assert not overhead(step=0.004).within_targets
    assert not overhead(span=0.01).within_targets


def test_monitoring_is_spans_times_the_cost_of_one_over_the_runs_cpu_time() -> None:
    assert overhead().monitoring_share == pytest.approx(22 * 0.0001 / 4.0)
    assert "22 spans of 100 µs" in overhead_markdown(overhead())
    assert "**0.06%**" in overhead_markdown(overhead())
    assert "simulated" in overhead_markdown(overhead())


def test_throughput_and_tails_of_many_runs_at_once() -> None:
    page = load_markdown(load())

    assert "| throughput | 12.0 runs a minute |" in page
    assert "| a run, shell to exit: p95 | 19.1 s |" in page
    assert "(simulated)" in page
    assert "(simulated)" not in load_markdown(load(engine="local"))


def test_failed_runs_are_errors_and_are_told_with_their_reasons() -> None:
    report = '{"steps": [{"name": "graph", "outcome": "degraded", "reason": "held by another"}]}'
    failures = failures_of(
        [
            ended(),
            ended(1.0, 7, output=report),
            ended(1.0, 7, output=report),
            ended(1.0, 6, said="The home is full.\nMake room.\n"),
            ended(1.0, 1),
            ended(900.0, -9, timed_out=True),
        ]
    )

    assert failures == {
        "exit code 7: graph degraded: held by another": 2,
        "exit code 6: The home is full. Make room.": 1,
        "exit code 1: it said nothing": 1,
        "killed: it outlasted its time": 1,
    }
    assert load(failures).errors == 5
    assert "2 × exit code 7: graph degraded: held by another" in load_markdown(load(failures))


def turn(side: str, crew_seconds: float, calls: int, failure: str = "") -> Turn:
    return Turn(
        side=side,
        failure=failure,
        crew_seconds=crew_seconds,
        shell_seconds=crew_seconds + 5,
        model_calls=calls,
        prompt_tokens=calls * 1000,
        completion_tokens=calls * 10,
    )


def test_a_side_that_failed_is_counted_and_not_timed() -> None:
    broken, plain, ours = sides_of(
        [
            turn("broken", 0.1, 1, "exit code 1"),
            turn(PEER, 13.0, 11),
            turn(PEER, 0.0, 2, "exit code 1"),
            turn("autointel, all on", 4.8, 13),
        ]
    )

    assert broken.crew is None
    assert plain.crew is not None
    assert (plain.crew.n, plain.crew.median, plain.model_calls) == (1, 13.0, 11)
    assert ours.failures == ()
    setup = Setup(source="t", source_digest="d", depth="standard", profile="typical", live=False, program="p")
    page = peer_markdown(Beside(**MADE, setup=setup, world="stated latencies", sides=(broken, plain, ours)))
    assert "| broken | 1: exit code 1 | – | – | – | – | – |" in page
    assert "| 11 | 11,000 | 110 |" in page
    assert "(simulated)" in page


def test_results_are_put_together_on_one_page_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "benchmarks"
    write_result(folder, "overhead", overhead(), "## Overhead\n")
    write_result(folder, "load-llm", load(), "## Load\n")
    (folder / "flags-typical-standard.md").write_text("## Flags\n")
    (folder / "flags-typical-standard.svg").write_text("<svg/>")

    page = write_page(folder)

    text = page.read_text()
    assert page == tmp_path / "benchmarks.md"
    assert text.index("## Flags") < text.index("## Overhead") < text.index("## Load") < text.index("## How to read it")
    assert "](benchmarks/flags-typical-standard.svg)" in text
    assert "[overhead.json](benchmarks/overhead.json)" in text
    assert "flags-typical-standard.json" not in text


def test_a_page_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no result"):
        write_page(tmp_path)
