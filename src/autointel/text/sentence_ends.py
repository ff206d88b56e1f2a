"""Where sentences probably end in English words without punctuation: a linear model over neighbouring words.

The weights stand beside this file; ``scripts/train_sentence_ends.py`` made them from meetings (QMSum, MIT licence) and
debates (ClaimBuster, CC BY 4.0). On a podcast and a debate that it never saw, boundary F1 is
.55; cutting at every 16th word has .07.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

WEIGHTS: Final = Path(__file__).with_name("sentence_ends.tsv")
# A word, or a number with its decimals.
WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’-][^\W_]+)*")
BIAS: Final = "(bias)"
# Stands before the first word and after the last.
_EDGE: Final = "^"


def features(words: Sequence[str], index: int) -> list[str]:
    """What is known of the place after ``words[index]``: two words on either side, and pairs across and beside it."""
    before = words[index - 1] if index else _EDGE
    here = words[index]
    after = words[index + 1] if index + 1 < len(words) else _EDGE
    beyond = words[index + 2] if index + 2 < len(words) else _EDGE
    return [
        f"0{here}",
        f"1{after}",
        f"-{before}",
        f"2{beyond}",
        f"x{here} {after}",
        f"l{before} {here}",
        f"r{after} {beyond}",
    ]


def end_scores(words: Sequence[str]) -> list[float]:
    """Log odds that a sentence ends after each word (lower case, without marks); linear in their number."""
    weights = _weights()
    bias = weights[BIAS]
    return [bias + sum(weights.get(name, 0.0) for name in features(words, index)) for index in range(len(words))]


def sentence_breaks(scores: Sequence[float], fewest: int, most: int) -> list[int]:
    """Indexes of the words that end a sentence, the last word excluded.

    They are the likeliest division into sentences of ``fewest`` to ``most`` words, by dynamic programming over log
    odds; the time grows with the words times ``most``.
    """
    total = len(scores)
    best = [-math.inf] * (total + 1)
    came = [0] * (total + 1)
    best[0] = 0.0
    for end in range(1, total + 1):
        gain = scores[end - 1] if end < total else 0.0
        for begin in range(max(0, end - most), max(0, end - fewest) + 1):
            if best[begin] + gain > best[end]:
                best[end], came[end] = best[begin] + gain, begin
        if best[end] == -math.inf:  # fewer words than a sentence has: they go with what follows or stand alone
            best[end], came[end] = gain, 0
    breaks, end = [], total
    while end > 0:
        end = came[end]
        if end:
            breaks.append(end - 1)
    return breaks[::-1]


@cache
def _weights() -> dict[str, float]:
    text = (files("autointel.text") / WEIGHTS.name).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("# ")]
    return {name: float(weight) for name, weight in rows}
