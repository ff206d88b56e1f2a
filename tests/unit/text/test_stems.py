"""Stems of words, by several threads at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product

from autointel.text import vocabulary

STARTS = ("nation", "relat", "hope", "gener")
MIDDLES = ("al", "ion", "iz", "ful")
ENDS = ("", "s", "ing", "ation", "ness", "ed", "ly")
WORDS = ["".join(parts) for parts in product(STARTS, MIDDLES, ENDS)]


def test_threads_that_stem_at_once_get_the_stems_that_one_gets() -> None:
    alone = [vocabulary.stem(word, "en") for word in WORDS]

    def together(turn: int) -> list[str]:
        # Each thread begins at another word, so that they are in different rules at one time.
        words = WORDS[turn * 9 :] + WORDS[: turn * 9]
        made = dict(zip(words, (vocabulary.stem(word, "en") for word in words), strict=True))
        return [made[word] for word in WORDS]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            vocabulary._stem.cache_clear()
            with ThreadPoolExecutor(8) as threads:
                for found in threads.map(together, range(8)):
                    assert found == alone
    finally:
        sys.setswitchinterval(interval)
