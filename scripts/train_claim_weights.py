"""Train the linear model of check-worthy wording, and write its weights into the package.

    python scripts/train_claim_weights.py FOLDER

FOLDER holds ``train.json`` of ClaimBuster's two-class data (sentences of US presidential debates, labelled 1 where they
state a fact worth a check; Arslan et al., 2020; CC BY 4.0, https://zenodo.org/record/3609356). Logistic regression over
words and pairs of words by stochastic gradient descent, in a fixed order: the same file gives the same weights.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from autointel.local.statements import WEIGHTS, features

_SEED: Final = 7
_EPOCHS: Final = 12
_RATE: Final = 0.15
_DECAY: Final = 1e-4
_FEWEST: Final = 8  # sentences that hold a feature
_SMALLEST: Final = 0.1
_HEAD: Final = """\
# Weights of words and pairs of words in sentences that state a fact worth a check. Trained by
# scripts/train_claim_weights.py on the ClaimBuster dataset (F. Arslan, N. Hassan, C. Li, M. Tremayne, 2020,
# https://zenodo.org/record/3609356), which is licensed under CC BY 4.0
# (https://creativecommons.org/licenses/by/4.0/); these weights are derived from it.
"""


def main(folder: Path) -> None:
    """Train on all sentences of the file."""
    rows = [(row["text"], int(row["label"])) for row in json.loads((folder / "train.json").read_text(encoding="utf-8"))]
    weights = train([(features(text), label) for text, label in rows])
    lines = [f"{name}\t{weight:.2f}" for name, weight in sorted(weights.items())]
    WEIGHTS.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} weights from {len(rows)} sentences")


def train(rows: list[tuple[list[str], int]]) -> dict[str, float]:
    """Weights of all features that are common and heavy enough; the bias is called ``(bias)``."""
    seen = Counter(name for names, _ in rows for name in set(names))
    known = [([name for name in names if seen[name] >= _FEWEST], label) for names, label in rows]
    weights: dict[str, float] = dict.fromkeys(sorted(seen), 0.0)
    bias, order = 0.0, random.Random(_SEED)  # noqa: S311  no secret depends on the order
    for epoch in range(_EPOCHS):
        order.shuffle(known)
        rate = _RATE / (1 + epoch)
        for names, label in known:
            scale = 1 / math.sqrt(max(1, len(names)))
            score = bias + scale * sum(weights[name] for name in names)
            slope = label - 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            bias += rate * slope
            for name in names:
                weights[name] += rate * (slope * scale - _DECAY * weights[name])
    heavy = {name: weight for name, weight in weights.items() if abs(weight) >= _SMALLEST}
    return {**heavy, "(bias)": bias}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
