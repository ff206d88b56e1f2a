"""The work of the smaller benchmarks: measure, print, write; the exit code says whether a promise is kept.

The files that they write are put together as one page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

from autointel.cli.exits import FAILED
from autointel.cli.output import to_stdout
from autointel.errors import SourceUnreachable, UsageError
from autointel_bench.commands.bench_flags import tell
from autointel_bench.insertion import Insertions, insertions_markdown, measure_insertions
from autointel_bench.layers import Layers, layers_markdown, measure_layers
from autointel_bench.load import Load, load_markdown, measure_load
from autointel_bench.overhead import Overhead, measure_overhead, overhead_markdown
from autointel_bench.peer import Beside, measure_peer, peer_markdown
from autointel_bench.search import SIZES, Searches, measure_search, search_markdown
from autointel_bench.slo import ServiceLevels, measure_slo, slo_markdown
from autointel_bench.startup import Startup, measure_startup, startup_markdown

Result: TypeAlias = Load | Overhead | Beside | Startup | Insertions | Layers | ServiceLevels | Searches
# The order of the page; whatever else is there follows by name.
_ORDER: Final = (
    "flags-typical-standard",
    "flags-",
    "peer-",
    "overhead",
    "startup",
    "slo",
    "search",
    "insert",
    "layers",
    "load-",
)
_HEAD: Final = """\
# Benchmarks

Written by `autointel bench page`, from the files in `{folder}/`: every table by the command that stands over it, with
its raw figures beside it as JSON. What is called *simulated* was measured against servers with stated latencies, on
loopback: it measures this program, and no vendor. [How to read it](#how-to-read-it) is at the end.
"""
_FOOT: Final = """\
## How to read it

- **Fresh.** Every run is a process of its own with an empty home; combinations take turns, in another order each round.
- **Paired.** A difference is between two runs of the same round; rounds are resampled together.
- **Proof.** A flag counts only where the steps it lets overlap were seen to overlap: by the run's own step times, and
  by the log of the model's server, which knows nothing of flags. An overlap that a combination does not allow
  disqualifies it as well.
- **Equal.** The results of every run must equal those of all off in its round (the report without ids, times, flags
  and usage), or the combination is not counted.
- **Failures** are counted as failures. A run that is not whole is never timed.
- **Intervals** are 95% percentile bootstraps (10,000 resamples, fixed seed). With few runs they are too narrow.
- **Ideal** is a lower bound: the longest chain of stated latencies under the limit of calls in flight. What the
  program computes is stated to take no time at all.
- **No difference shown** means that the interval has zero in it; it does not mean that there is none.
"""


def bench_startup(source: str, runs: int, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a command failed or took longer than promised."""
    startup = measure_startup(runs, _readable(source), command=command, on_progress=tell)
    _show(startup, startup_markdown(startup), "startup", out, json=json)
    return 0 if all(start.kept for start in startup.starts) else FAILED


def bench_load(source: str, n: int, profile: str, engine: str, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a run failed."""
    load = measure_load(n, _readable(source), profile, engine, command=command, on_progress=tell)
    _show(load, load_markdown(load), f"load-{engine}", out, json=json)
    return FAILED if load.errors else 0


def bench_overhead(source: str, runs: int, out: Path | None, *, command: str, json: bool) -> int:
    """1 where the crew or its monitoring costs more than promised."""
    overhead = measure_overhead(runs, source, command=command)
    _show(overhead, overhead_markdown(overhead), "overhead", out, json=json)
    return 0 if overhead.within_targets else FAILED


def bench_peer(source: str, runs: int, profile: str, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a side failed."""
    beside = measure_peer(runs, source, profile, command=command, on_progress=tell)
    _show(beside, peer_markdown(beside), f"peer-{profile}", out, json=json)
    return FAILED if any(side.failures for side in beside.sides) else 0


def bench_insert(neo4j: str | None, out: Path | None, *, command: str, json: bool) -> int:
    """1 where inserting is slower than promised."""
    insertions = measure_insertions(neo4j=neo4j, command=command, on_progress=tell)
    _show(insertions, insertions_markdown(insertions), "insert", out, json=json)
    return 0 if insertions.within_targets else FAILED


def bench_layers(out: Path | None, *, command: str, json: bool) -> int:
    """1 where layers overlap less than promised."""
    layers = measure_layers(command=command)
    _show(layers, layers_markdown(layers), "layers", out, json=json)
    return 0 if layers.within_targets else FAILED


def bench_slo(passages: int, runs: int, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a service level is not kept."""
    levels = measure_slo(passages, runs, command=command, on_progress=tell)
    _show(levels, slo_markdown(levels), "slo", out, json=json)
    return 0 if all(level.kept for level in levels.levels) else FAILED


def bench_search(sizes: Sequence[int] | None, runs: int, out: Path | None, *, command: str, json: bool) -> int:
    """1 where a search or a question takes longer than promised."""
    searches = measure_search(sizes or SIZES, runs, command=command, on_progress=tell)
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


def bench_page(folder: Path) -> int:
    """Write it. Raises UsageError where there is nothing to write of."""
    tell(f"wrote {write_page(folder)}")
    return 0


def write_result(folder: Path, stem: str, result: Result, page: str) -> list[Path]:
    """JSON and Markdown; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{stem}.json", folder / f"{stem}.md"]
    for path, text in zip(paths, (result.model_dump_json(indent=2) + "\n", page), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def write_page(folder: Path) -> Path:
    """``folder``.md beside ``folder``, of every Markdown file in it and its picture. Raises UsageError without one."""
    parts = sorted(folder.glob("*.md"), key=lambda path: (_place(path.stem), path.stem))
    if not parts:
        raise UsageError(f"There is no result in {folder}.", f"autointel bench flags --out {folder} makes one.")
    page = folder.with_suffix(".md")
    texts = [_HEAD.format(folder=folder.name), *(_part(path) for path in parts), _FOOT]
    page.write_text("\n".join(texts), encoding="utf-8")
    return page


def _place(stem: str) -> int:
    return next((place for place, start in enumerate(_ORDER) if stem.startswith(start)), len(_ORDER))


def _part(path: Path) -> str:
    text = path.read_text(encoding="utf-8").rstrip() + "\n"
    raw, drawing = path.with_suffix(".json"), path.with_suffix(".svg")
    if drawing.exists():
        text += f"\n![Steps of a run on one time axis, flags off above flags on]({path.parent.name}/{drawing.name})\n"
    if raw.exists():
        text += f"\nRaw figures: [{raw.name}]({path.parent.name}/{raw.name}).\n"
    return text
