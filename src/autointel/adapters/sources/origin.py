"""Where a file's clock begins: recordings begin at nought, broadcasts and meetings at the hour of the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from autointel.adapters.sources.clock import unwound
from autointel.adapters.sources.draft import Cue, Draft

_HOUR: Final = 3_600_000
# A file whose first words come after nine hours is on a clock of the day, or on a time code of ten o'clock (EBU).
_LATE: Final = 9 * _HOUR
_DAY: Final = 24 * _HOUR
# Programmes begin at a full hour of their time code, and their first words soon after.
_SOON: Final = 120_000


def is_late(start: int) -> bool:
    """Whether a first time in milliseconds is one of a clock of the day rather than of a recording."""
    return _LATE <= start < _DAY


def past_midnight(cues: Sequence[Cue]) -> None:
    """Let the times of a clock of the day run on past midnight, in place; other times stay."""
    stated = [cue for cue in cues if cue.start is not None]
    if not stated or not is_late(stated[0].start or 0):
        return
    starts = [cue.start or 0 for cue in stated]
    for cue, before, after in zip(stated, starts, unwound(starts), strict=True):
        cue.start = after
        if cue.end is not None:
            # An end before its start is past midnight only if the cue is then no longer than cues are.
            over = _DAY if cue.end < before and cue.end + _DAY - before <= _HOUR else 0
            cue.end += after - before + over


def from_the_beginning(draft: Draft) -> None:
    """Move the cues' times to a beginning at nought where they count from another; the draft says so."""
    past_midnight(draft.cues)
    first = min((cue.start for cue in draft.cues if cue.start is not None), default=0)
    past = first % _HOUR
    if not _LATE <= first < _DAY:
        if _HOUR <= first < _LATE and past <= _SOON:
            draft.warnings.append(
                f"The first words stand at {first // _HOUR} h: the times may be a broadcast's, not the recording's."
            )
        return
    base = first - past if past <= _SOON else first
    for cue in draft.cues:
        if cue.start is not None:
            cue.start -= base
            cue.end = None if cue.end is None else max(0, cue.end - base)
    draft.repairs += 1
    draft.warnings.append(
        f"Times begin at {_shown(first)}, a clock of the day or a time code; they are counted from {_shown(base)}."
    )


def _shown(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
