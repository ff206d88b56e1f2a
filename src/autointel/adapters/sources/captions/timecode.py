"""Time codes that count frames, as editing programs write them: "00:01:02:12" or "00:01:02;12" with dropped frames."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

TIMECODE: Final = r"\d{1,2}[:;][0-5]\d[:;][0-5]\d[:;]\d{2}"
_TIMECODE: Final = re.compile(r"(\d{1,2})[:;]([0-5]\d)[:;]([0-5]\d)[:;](\d{2})\Z")
_RATES: Final = (25.0, 30.0, 60.0, 100.0)
# A semicolon marks dropped frames, which only the rates of NTSC have.
_DROPPING: Final = (30.0, 60.0, 100.0)


def timecode(text: str, rate: float) -> int | None:
    """Milliseconds of a time code with ``rate`` frames a second; None where the text is none."""
    found = _TIMECODE.match(text.strip())
    if found is None:
        return None
    hours, minutes, seconds, frames = map(int, found.groups())
    return round((((hours * 60) + minutes) * 60 + seconds + frames / rate) * 1000)


def frame_rate(texts: Iterable[str]) -> float:
    """The lowest usual rate that the frame numbers leave possible: a time is at most a fifth of a second off."""
    codes = [found for text in texts if (found := _TIMECODE.match(text.strip()))]
    most = max((int(code[4]) for code in codes), default=0)
    return next(rate for rate in (_DROPPING if any(";" in code[0] for code in codes) else _RATES) if most < rate)
