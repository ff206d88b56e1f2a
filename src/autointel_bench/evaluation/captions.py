"""How well caption files are read, against what their conformance suites expect.

The suite is vtt.js's (Mozilla): a zip of ``.vtt`` files, many with a ``.json`` beside them that lists the cues as the
WebVTT standard reads them. Expected texts still hold their tags and entities, and are reduced to words here by rules
of this module's own, so that the parser under test does not mark its own work.
"""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import computed_field

from autointel.domain.transcript import Segment
from autointel.domain.value import Value
from autointel.errors import AutointelError

_TAG: Final = re.compile(r"<[^<>]*>")
_SUFFIXES: Final = {".vtt", ".srt", ".sbv", ".ass", ".ssa", ".ttml", ".json", ".json3", ".txt", ".md"}
# A cue's start and end in milliseconds, and its words.
_Cue = tuple[int, int, str]


class HasSegments(Protocol):
    """What a parser returns: the part that is looked at."""

    @property
    def segments(self) -> Sequence[Segment]:
        """In the order of their start."""
        ...


Parse = Callable[[bytes, str], HasSegments]


class CaptionScore(Value):
    """Expectations met, and files that a parser died on. ``missed`` and ``crashed`` name files."""

    expectations: int
    met: int
    files: int
    refused: int
    missed: tuple[str, ...] = ()
    crashed: tuple[str, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def share(self) -> float:
        """Met of all expectations; 0 where there are none."""
        return self.met / self.expectations if self.expectations else 0.0


def score_captions(folder: Path, parse: Parse) -> CaptionScore:
    """Read every caption file below ``folder``, zips included; compare those that have an expectation.

    An expectation is met if all cues agree in words (white space folded) and times (to the millisecond). A file that
    is refused with one of our own errors has no cues; any other exception is a crash.
    """
    expectations, met, files, refused = 0, 0, 0, 0
    missed, crashed = [], []
    for name, data, expected in _cases(folder):
        files += 1
        try:
            found = _found(parse(data, Path(name).name))
        except AutointelError:
            found, refused = [], refused + 1
        except Exception:  # noqa: BLE001 -- a crash is what is counted here
            crashed.append(name)
            found = None
        if expected is None:
            continue
        expectations += 1
        if found == expected:
            met += 1
        else:
            missed.append(name)
    return CaptionScore(
        expectations=expectations,
        met=met,
        files=files,
        refused=refused,
        missed=tuple(missed),
        crashed=tuple(crashed),
    )


def _cases(folder: Path) -> Iterator[tuple[str, bytes, list[_Cue] | None]]:
    """(name, content, expected cues or None) of every caption file, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            yield from _zipped(path)
        elif path.is_file() and path.suffix in _SUFFIXES:
            yield path.relative_to(folder).as_posix(), path.read_bytes(), None


def _zipped(path: Path) -> Iterator[tuple[str, bytes, list[_Cue] | None]]:
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        for name in sorted(names):
            beside = name.removesuffix(".vtt") + ".json"
            if name.endswith(".vtt"):
                expected = _expected(json.loads(archive.read(beside))) if beside in names else None
                yield name, archive.read(name), expected


def _expected(listed: dict[str, Any]) -> list[_Cue]:
    return _folded(
        (round(cue["startTime"] * 1000), round(cue["endTime"] * 1000), html.unescape(_TAG.sub("", cue["text"])))
        for cue in listed["cues"]
    )


def _found(parsed: HasSegments) -> list[_Cue]:
    return _folded(
        (round((segment.start or 0) * 1000), round((segment.end or 0) * 1000), segment.text)
        for segment in parsed.segments
    )


def _folded(cues: Iterator[_Cue]) -> list[_Cue]:
    """Cues with words only; those shown over the same stretch as one, since a cue of two speakers is two segments."""
    texts: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for start, end, text in cues:
        texts[start, end] += text.split()
    return [(start, end, " ".join(words)) for (start, end), words in texts.items() if words]
