"""Results as files, and the page that is put together from them."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

from autointel.errors import UsageError
from autointel_bench.insertion import Insertions
from autointel_bench.layers import Layers
from autointel_bench.load import Load
from autointel_bench.overhead import Overhead
from autointel_bench.peer import Beside
from autointel_bench.search import Searches
from autointel_bench.slo import ServiceLevels
from autointel_bench.startup import Startup

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
