"""How well captions and articles are read.

Captions: what the conformance suite of vtt.js (Mozilla) expects: a zip of ``.vtt`` files, many with a ``.json`` beside
them that lists the cues as the WebVTT standard reads them. Expected texts still hold their tags and entities, and are
reduced to words here by rules of this module's own, so that the parser under test does not mark its own work.

Articles: by the measure of Zyte's article-extraction-benchmark (2020). Words are compared in runs of four, as
multisets. Precision and recall are averaged over the pages, and F1 is made of the two averages.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import tarfile
import zipfile
from collections import Counter, defaultdict
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
_WORD: Final = re.compile(r"\w+")
_RUN: Final = 4
Extract = Callable[[bytes, str], str]
"""HTML and its address to the article's text; "" where there is none."""


class HasSegments(Protocol):
    """The part of a parser's result that is compared."""

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


class ArticleScore(Value):
    """Averages over ``pages``; ``crashed`` names pages on which the extractor raised, which count as empty."""

    pages: int
    precision: float
    recall: float
    crashed: tuple[str, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def f1(self) -> float:
        """F1 of the averages; 0 where both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score_articles(folder: Path, extract: Extract) -> ArticleScore:
    """Over ``html.tar`` and ``ground-truth.json`` in ``folder``. Raises FileNotFoundError without them."""
    precisions, recalls, crashed = [], [], []
    for name, url, page, gold in _pages(folder):
        try:
            text = extract(page, url)
        except Exception:  # noqa: BLE001 - a crash is what is counted here
            crashed.append(name)
            text = ""
        precision, recall = score(gold, text)
        precisions.append(precision)
        recalls.append(recall)
    pages = len(precisions)
    return ArticleScore(
        pages=pages,
        precision=sum(precisions) / pages if pages else 0.0,
        recall=sum(recalls) / pages if pages else 0.0,
        crashed=tuple(crashed),
    )


def score(gold: str, found: str) -> tuple[float, float]:
    """Precision and recall of one page. Two empty texts agree in everything."""
    wanted, got = _runs(gold), _runs(found)
    if wanted == got:
        return 1.0, 1.0
    common = (wanted & got).total()
    return (
        common / got.total() if got else 0.0,
        common / wanted.total() if wanted else 0.0,
    )


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1)))


def _pages(folder: Path) -> Iterator[tuple[str, str, bytes, str]]:
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    with tarfile.open(folder / "html.tar") as pages:
        for member in sorted(pages, key=lambda member: member.name):
            name = Path(member.name).name.removesuffix(".html.gz")
            file = pages.extractfile(member)
            if file is not None and name in truth:
                yield name, truth[name].get("url", ""), gzip.decompress(file.read()), truth[name]["articleBody"]
