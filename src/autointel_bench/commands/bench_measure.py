"""What the smaller benchmarks do: measure, print, write, and say by the exit code whether what is promised is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autointel.cli.exits import FAILED
from autointel.cli.output import to_stdout
from autointel.errors import SourceUnreachable
from autointel_bench.commands.bench_flags import tell
from autointel_bench.insertion import insertions_markdown, measure_insertions
from autointel_bench.layers import layers_markdown, measure_layers
from autointel_bench.load import load_markdown, measure_load
from autointel_bench.overhead import measure_overhead, overhead_markdown
from autointel_bench.peer import measure_peer, peer_markdown
from autointel_bench.results import Result, write_result
from autointel_bench.search import SIZES, measure_search, search_markdown
from autointel_bench.slo import measure_slo, slo_markdown
from autointel_bench.startup import measure_startup, startup_markdown


def bench_startup(source: str, runs: int, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a command failed or took longer than promised."""
    startup = measure_startup(runs, _readable(source), command=command, told=tell)
    _show(startup, startup_markdown(startup), "startup", out, json=json)
    return 0 if all(start.kept for start in startup.starts) else FAILED


def bench_load(source: str, n: int, profile: str, engine: str, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a run failed."""
    load = measure_load(n, _readable(source), profile, engine, command=command, told=tell)
    _show(load, load_markdown(load), f"load-{engine}", out, json=json)
    return FAILED if load.errors else 0


def bench_overhead(source: str, runs: int, out: Path | None, *, command: str, json: bool) -> int:
    """1 where the crew or its monitoring costs more than promised."""
    overhead = measure_overhead(runs, source, command=command)
    _show(overhead, overhead_markdown(overhead), "overhead", out, json=json)
    return 0 if overhead.within_targets else FAILED


def bench_peer(source: str, runs: int, profile: str, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a side failed."""
    beside = measure_peer(runs, source, profile, command=command, told=tell)
    _show(beside, peer_markdown(beside), f"peer-{profile}", out, json=json)
    return FAILED if any(side.failures for side in beside.sides) else 0


def bench_insert(neo4j: str | None, out: Path | None, *, command: str, json: bool) -> int:
    """1 where inserting is slower than promised."""
    insertions = measure_insertions(neo4j=neo4j, command=command, told=tell)
    _show(insertions, insertions_markdown(insertions), "insert", out, json=json)
    return 0 if insertions.within_targets else FAILED


def bench_layers(out: Path | None, *, command: str, json: bool) -> int:
    """1 where layers overlap less than promised."""
    layers = measure_layers(command=command)
    _show(layers, layers_markdown(layers), "layers", out, json=json)
    return 0 if layers.within_targets else FAILED


def bench_slo(passages: int, runs: int, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a service level is not kept."""
    levels = measure_slo(passages, runs, command=command, told=tell)
    _show(levels, slo_markdown(levels), "slo", out, json=json)
    return 0 if all(level.kept for level in levels.levels) else FAILED


def bench_search(sizes: Sequence[int] | None, runs: int, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a search or a question takes longer than promised."""
    searches = measure_search(sizes or SIZES, runs, command=command, told=tell)
    _show(searches, search_markdown(searches), "search", out, json=json)
    return 0 if searches.kept and all(each.kept for each in searches.asks) else FAILED


def _show(result: Result, page: str, stem: str, out: Path | None, *, json: bool) -> None:
    to_stdout(result.model_dump_json(indent=2) + "\n" if json else page)
    for path in write_result(out, stem, result, page) if out else []:
        tell(f"wrote {path}")


def _readable(source: str) -> Path:
    path = Path(source)
    if not path.is_file():
        raise SourceUnreachable(f"There is no file {source}.", "Name a transcript with --source.")
    return path
