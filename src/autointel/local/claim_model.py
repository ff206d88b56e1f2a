"""How far a sentence is worded like one worth a check: a linear model over words and pairs of words.

The weights stand beside this file; ``scripts/train_claim_weights.py`` made them from the ClaimBuster data (CC BY 4.0).
"""

from __future__ import annotations

import math
import re
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Final

WEIGHTS: Final = Path(__file__).with_name("claim_weights.tsv")
BIAS: Final = "(bias)"
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?|\d[\d,.]*|[$%?]")


def features(text: str) -> list[str]:
    """Words and pairs of neighbours in lower case; all numbers are one word."""
    found = _WORD.findall(text.lower().replace("’", "'"))
    words = ["#" if word[0].isdigit() else word for word in found]
    return [*words, *(f"{one} {other}" for one, other in pairwise(["^", *words]))]


def claim_logit(text: str) -> float:
    """Log odds that the sentence states a fact worth a check, as far as its wording tells; about -5 to 5."""
    weights = _weights()
    names = [name for name in features(text) if name in weights]
    return weights[BIAS] + sum(weights[name] for name in names) / math.sqrt(max(1, len(names)))


@cache
def _weights() -> dict[str, float]:
    text = (files("autointel.local") / WEIGHTS.name).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("# ")]
    return {name: float(weight) for name, weight in rows}
