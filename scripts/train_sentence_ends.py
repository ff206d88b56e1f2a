"""Train the model that finds sentence ends in English captions without punctuation, and write its weights.

    python scripts/train_sentence_ends.py QMSUM CLAIMBUSTER

QMSUM holds ``*.jsonl`` of QMSum (Zhong et al., 2021; MIT licence; meetings of AMI, ICSI and parliaments), CLAIMBUSTER
holds ``train.json`` (Arslan et al., 2020; CC BY 4.0): sentences with neighbouring ids follow each other. Logistic
regression by stochastic gradient descent, in a fixed order: the same files give the same weights.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from autointel.text.sentences import BIAS, WEIGHTS, WORD, features

_TOKEN: Final = re.compile(rf"{WORD.pattern}|[.?!]")
_TITLE: Final = re.compile(r"\b(mr|mrs|ms|dr|st|hon|rt|prof|sen|gov)\.|\b([a-z])\.(?=\s?[a-z]\b)", re.IGNORECASE)
_NOISE: Final = re.compile(r"\{[a-z]+\}|\[[^\[\]]{0,60}\]")
_SEED: Final = 7
_EPOCHS: Final = 4
_RATE: Final = 0.3
_DECAY: Final = 1e-5
_FEWEST: Final = 6
_SMALLEST: Final = 0.2
_HEAD: Final = """\
# Weights of words around a sentence end. Trained by scripts/train_sentence_ends.py on QMSum (M. Zhong et al., 2021, MIT
# licence) and on the ClaimBuster dataset (F. Arslan et al., 2020, https://zenodo.org/record/3609356, licensed under
# CC BY 4.0, https://creativecommons.org/licenses/by/4.0/); these weights are derived from them.
"""

Example = tuple[list[str], bool]


def main(qmsum: Path, claimbuster: Path) -> None:
    """Train on all turns of the meetings and all runs of sentences of the debates."""
    texts = [*_meetings(qmsum), *_debates(claimbuster)]
    weights = train([example for text in texts for example in examples(text)])
    lines = [f"{name}\t{weight:.1f}" for name, weight in sorted(weights.items())]
    WEIGHTS.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} weights from {len(texts)} turns")


def _meetings(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            for turn in json.loads(line)["meeting_transcripts"]:
                yield _NOISE.sub(" ", turn["content"]).replace(" '", "'")


def _debates(folder: Path) -> Iterator[str]:
    rows = {row["sentence_id"]: row["text"] for row in json.loads((folder / "train.json").read_text(encoding="utf-8"))}
    run: list[str] = []
    for number in sorted(rows):
        run.append(rows[number])
        if number + 1 not in rows:
            yield " ".join(run)
            run = []


def examples(text: str) -> Iterator[Example]:
    """The place after each word but the last, and whether a sentence ends there."""
    words: list[str] = []
    ends: set[int] = set()
    for match in _TOKEN.finditer(_TITLE.sub(lambda found: found[1] or found[2], text.lower().replace("’", "'"))):
        if match.group() in ".?!":
            ends.add(len(words) - 1)
        else:
            words.append(match.group())
    for index in range(len(words) - 1):
        yield features(words, index), index in ends


def train(rows: list[Example]) -> dict[str, float]:
    """Weights of all features that are common and heavy enough."""
    seen = Counter(name for names, _ in rows for name in names)
    known = [([name for name in names if seen[name] >= _FEWEST], label) for names, label in rows]
    weights: dict[str, float] = {name: 0.0 for name in sorted(seen) if seen[name] >= _FEWEST}
    bias, order = 0.0, random.Random(_SEED)  # noqa: S311  no secret depends on the order
    for epoch in range(_EPOCHS):
        order.shuffle(known)
        rate = _RATE / (1 + epoch)
        for names, label in known:
            score = bias + sum(weights[name] for name in names)
            slope = label - 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            bias += 0.1 * rate * slope
            for name in names:
                weights[name] += rate * (slope - _DECAY * weights[name])
    heavy = {name: weight for name, weight in weights.items() if abs(weight) >= _SMALLEST}
    return {**heavy, BIAS: bias}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
