"""How the time to read a caption file grows with its number of cues: ``python scripts/time_parsing.py [MOST_CUES]``.

Prints a line for each format and size: cues, megabytes, seconds, microseconds a cue. Reading is linear where the last
figure stays the same from 10,000 cues to a million (the most lines a file may have bounds the formats of three lines
a cue).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from time import perf_counter

from autointel.adapters.sources.parse import parse

_LABELS = ("Ann Lee: ", "", "", "Ben Okri: ", "", "", "")
_MOST_LINES = 1_000_000
_SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)


def _clock(second: int, mark: str) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{mark}000"


def _words(index: int) -> str:
    return f"{_LABELS[index % len(_LABELS)]}words of cue {index}, said once."


def _vtt(cues: int) -> str:
    return "WEBVTT\n\n" + "".join(f"{_clock(n, '.')} --> {_clock(n + 1, '.')}\n{_words(n)}\n\n" for n in range(cues))


def _srt(cues: int) -> str:
    return "".join(f"{_clock(n, ',')} --> {_clock(n + 1, ',')}\n{_words(n)}\n" for n in range(cues))


def _sbv(cues: int) -> str:
    return "".join(f"{_clock(n, '.')},{_clock(n + 1, '.')}\n{_words(n)}\n" for n in range(cues))


def _ass(cues: int) -> str:
    head = "[Script Info]\n[Events]\nFormat: Start, End, Name, Text\n"
    return head + "".join(
        f"Dialogue: {_clock(n, '.')},{_clock(n + 1, '.')},,{{\\i1}}{_words(n)}{{\\i0}}\n" for n in range(cues)
    )


def _ttml(cues: int) -> str:
    rows = "".join(f'<p begin="{n}s" end="{n + 1}s">{_words(n)}</p>' for n in range(cues))
    return f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{rows}</div></body></tt>'


def _json3(cues: int) -> str:
    return json.dumps(
        {"events": [{"tStartMs": n * 1000, "dDurationMs": 900, "segs": [{"utf8": _words(n)}]} for n in range(cues)]}
    )


def _whisper(cues: int) -> str:
    return json.dumps({"segments": [{"start": n, "end": n + 1, "text": _words(n)} for n in range(cues)]})


def _text(cues: int) -> str:
    return "".join(f"[{_clock(n, '.')[:8]}] {_words(n)}\n" for n in range(cues))


_FORMATS: dict[str, Callable[[int], str]] = {
    "talk.vtt": _vtt,
    "talk.srt": _srt,
    "talk.sbv": _sbv,
    "talk.ass": _ass,
    "talk.ttml": _ttml,
    "talk.json3": _json3,
    "whisper.json": _whisper,
    "talk.txt": _text,
}


def main() -> None:
    """Every format at every size that a file may have."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else _SIZES[-1]
    for name, build in _FORMATS.items():
        for cues in (size for size in _SIZES if size <= most):
            data = build(cues).encode()
            if data.count(b"\n") > _MOST_LINES:
                break
            began = perf_counter()
            parse(data, name)
            spent = perf_counter() - began
            print(
                f"{name:14} {cues:9,} cues {len(data) / 1e6:7.1f} MB {spent:7.2f} s {spent / cues * 1e6:6.1f} us a cue"
            )


if __name__ == "__main__":
    main()
