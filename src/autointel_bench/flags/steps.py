"""The steps of the median runs: where their time went, and both runs on one time axis, off above on, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from autointel.domain.performance import Name
from autointel.domain.run import StepName
from autointel.domain.value import Value
from autointel.pipeline.stages import NEEDS
from autointel.render.durations import ticks
from autointel_bench.flags.cases import ALL_OFF, ALL_ON
from autointel_bench.flags.record import RunRecord

_WIDTH: Final = 880
_LEFT: Final = 110
_RIGHT: Final = 70
_ROW: Final = 20
_BAR: Final = 12
_HEAD: Final = 34
_PANEL: Final = _HEAD + _ROW * len(StepName) + 14
_STYLE: Final = """
text{font:12px system-ui,sans-serif;fill:#1d2733}.faint{fill:#5b6875}.head{font-weight:600}
.bar{fill:#8aa4b8}.async{fill:#0e7c86}.axis{stroke:#d5dce3;stroke-width:1}.paper{fill:#fff}
@media (prefers-color-scheme:dark){text{fill:#e6ebf0}.faint{fill:#9aa7b4}.axis{stroke:#334150}.paper{fill:#11181f}
.bar{fill:#5f7a8f}.async{fill:#35b3bd}}
"""


class StepTime(Value):
    """One step of the run whose time is the median; all in seconds. ``slack`` is 0 on the critical path.

    ``queue`` was spent waiting for a place, a limit or a retry at the model's client, summed over calls side by side.
    """

    step: StepName
    started: float
    seconds: float
    queue: float
    slack: float
    critical: bool


def step_times(records: Sequence[RunRecord], combination: int) -> tuple[StepTime, ...]:
    """The steps of that combination's median run; none where no run succeeded."""
    record = typical(records, combination)
    if record is None or record.inside is None:
        return ()
    report = record.inside.report
    loose = slack({step.name: step.seconds for step in report.steps}, NEEDS)
    return tuple(
        StepTime(
            step=step.name,
            started=step.started,
            seconds=step.seconds,
            queue=step.queue_seconds,
            slack=loose[step.name],
            critical=step.name in report.timing.critical_path,
        )
        for step in report.steps
    )


def slack(seconds: Mapping[Name, float], needs: Mapping[Name, Sequence[Name]]) -> dict[Name, float]:
    """How much longer each step could have taken without making the longest chain longer: 0 on the critical path.

    ``needs`` is ordered, as for ``domain.performance.critical_path``.
    """
    done: dict[Name, float] = {}
    for name, needed in needs.items():
        done[name] = max((done[need] for need in needed), default=0.0) + seconds.get(name, 0.0)
    end = max(done.values(), default=0.0)
    latest: dict[Name, float] = {}
    for name in reversed(list(needs)):
        readers = [reader for reader, needed in needs.items() if name in needed]
        latest[name] = min((latest[reader] - seconds.get(reader, 0.0) for reader in readers), default=end)
    return {name: max(0.0, latest[name] - done[name]) for name in needs}


def typical(records: Sequence[RunRecord], number: int) -> RunRecord | None:
    """The run of a combination whose time is the median (the lower one of two); None where none succeeded."""
    good = sorted((r for r in records if r.combination == number and not r.failure), key=lambda r: r.crew_seconds)
    return good[(len(good) - 1) // 2] if good else None


def drawing_of(records: Sequence[RunRecord], title: str) -> str | None:
    """All off above all on, each its median run; None where one of them is missing."""
    off, on = typical(records, ALL_OFF.number), typical(records, ALL_ON.number)
    if off is None or on is None:
        return None
    end = max(off.crew_seconds, on.crew_seconds)
    height = 30 + 2 * _PANEL + 24
    body = [
        f'<text class="head" x="12" y="20">{escape(title)}</text>',
        *_axis(end, 30 + 2 * _PANEL),
        *_panel(off, "all flags off", 30, end),
        *_panel(on, "all flags on", 30 + _PANEL, end),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title, quote=True)}"><style>{_STYLE}</style>'
        f'<rect class="paper" width="{_WIDTH}" height="{height}"/>{"".join(body)}</svg>\n'
    )


def _panel(record: RunRecord, name: str, top: int, end: float) -> Iterator[str]:
    yield f'<text class="head" x="12" y="{top + 20}">{escape(name)}: {record.crew_seconds:.2f} s</text>'
    if record.inside is None:
        return
    for place, step in enumerate(record.inside.report.steps):
        y = top + _HEAD + place * _ROW
        x, width = _x(step.started, end), max(1.5, _x(step.seconds, end) - _LEFT)
        kind = "bar async" if step.parallel else "bar"
        yield f'<text x="12" y="{y + _BAR - 1}">{escape(step.name)}</text>'
        yield f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2"/>'
        yield f'<text class="faint" x="{x + width + 5:.1f}" y="{y + _BAR - 1}">{step.seconds:.2f} s</text>'


def _axis(end: float, y: int) -> Iterator[str]:
    for tick in ticks(end):
        x = _x(tick, end)
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="58" y2="{y}"/>'
        yield f'<text class="faint" x="{x:.1f}" y="{y + 16}" text-anchor="middle">{tick:g} s</text>'


def _x(seconds: float, end: float) -> float:
    return _LEFT + seconds / end * (_WIDTH - _LEFT - _RIGHT)
