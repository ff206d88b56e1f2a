"""How well an article's words are taken from its page, by the measure of Zyte's article-extraction-benchmark (2020).

Words are compared in runs of four, as multisets. Precision and recall are averaged over the pages, and F1 is made of
the two averages.
"""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pydantic import computed_field

from autointel.domain.value import Value

_WORD: Final = re.compile(r"\w+")
_RUN: Final = 4

Extract = Callable[[bytes, str], str]
"""HTML and its address to the article's text; "" where there is none."""


class ArticleScore(Value):
    """Averages over ``pages``; ``crashed`` names pages on which the extractor raised, which count as empty."""

    pages: int
    precision: float
    recall: float
    crashed: tuple[str, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def f1(self) -> float:
        """Of the averages; 0 where both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score_articles(folder: Path, extract: Extract) -> ArticleScore:
    """Over ``html.tar`` and ``ground-truth.json`` in ``folder``. Raises FileNotFoundError without them."""
    precisions, recalls, crashed = [], [], []
    for name, url, html, gold in _cases(folder):
        try:
            text = extract(html, url)
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


def _cases(folder: Path) -> Iterator[tuple[str, str, bytes, str]]:
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    with tarfile.open(folder / "html.tar") as pages:
        for member in sorted(pages, key=lambda member: member.name):
            name = Path(member.name).name.removesuffix(".html.gz")
            file = pages.extractfile(member)
            if file is not None and name in truth:
                yield name, truth[name].get("url", ""), gzip.decompress(file.read()), truth[name]["articleBody"]
