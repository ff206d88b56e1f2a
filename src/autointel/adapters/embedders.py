"""The embedders: WordLlama on this machine, and any server with the OpenAI embeddings API."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from autointel import ports
from autointel.adapters.store_requests import public_address
from autointel.certificates import trusted_for
from autointel.errors import ModelUnavailable, not_asked

if TYPE_CHECKING:
    import httpx
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
_AT_ONCE: Final = 64  # texts in one request
_TIMEOUT: Final = 30.0
_MOST_BYTES: Final = 64_000_000  # of an answer
_OK: Final = 200


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
    @override
    def dimension(self) -> int:
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


class OpenAICompatibleEmbedder(ports.Embedder):
    """Asks ``base_url``/embeddings, 64 texts at a time, over one connection for all texts of a call.

    May be used from any thread. ``may_ask`` is false where the run is offline and the server is not the user's own:
    then nothing is sent. ``timeout`` is seconds of silence, and for an answer that has begun. The length of a vector
    is learned from the first answer.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        may_ask: bool = True,
        timeout: float = _TIMEOUT,
    ) -> None:
        self._address = f"{base_url.rstrip('/')}/embeddings"
        self._model = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._may_ask = may_ask
        self._timeout = timeout

    @property
    @override
    def fingerprint(self) -> str:
        """The model's name: a server that changes a model under its name cannot be noticed."""
        return f"openai-compatible/{self._model}"

    @cached_property
    def dimension(self) -> int:
        """Length of a vector; asks for one where none was made yet. Raises ModelUnavailable."""
        with self._client() as client:
            return len(self._asked(client, ["."])[0])

    @override
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Embedder. A text of white space alone is a row of zeros, and is not sent."""
        import numpy as np

        said = [at for at, text in enumerate(texts) if text.strip()]
        found: list[list[float]] = []
        with self._client() as client:
            for first in range(0, len(said), _AT_ONCE):
                found += self._asked(client, [texts[at] for at in said[first : first + _AT_ONCE]])
        if not found:
            return np.zeros((len(texts), self.dimension if texts else 0), dtype=np.float32)
        self.__dict__.setdefault("dimension", len(found[0]))
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows[said] = self._unit(found)
        return rows

    def _unit(self, found: list[list[float]]) -> NDArray[np.float32]:
        import numpy as np

        if any(len(vector) != self.dimension for vector in found):
            raise self._trouble("answered with vectors of different lengths")
        vectors = np.asarray(found, dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all():
            raise self._trouble("answered with numbers that are none")
        unit: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
        return unit

    def _asked(self, client: httpx.Client, texts: list[str]) -> list[list[float]]:
        import httpx

        if not self._may_ask:
            raise ModelUnavailable(*not_asked(f"The embedding server {public_address(self._address)}"))
        from autointel.model.uncompressed import refuse_compressed

        body = {"model": self._model, "input": texts, "encoding_format": "float"}
        read = bytearray()
        try:
            with client.stream("POST", self._address, json=body) as response:
                refuse_compressed(response)
                until = monotonic() + self._timeout
                for piece in response.iter_raw():
                    read += piece
                    if len(read) > _MOST_BYTES or monotonic() > until:
                        raise self._trouble("answered without an end")
        except httpx.DecodingError as error:
            raise self._trouble(f"gave no answer that is read here: {error}") from error
        except httpx.HTTPError as error:
            raise self._trouble(f"did not answer ({type(error).__name__})") from error
        if response.status_code != _OK:
            raise self._trouble(f"answered {response.status_code}")
        return self._vectors(read, len(texts))

    def _vectors(self, body: bytearray, count: int) -> list[list[float]]:
        import json

        try:
            data: list[dict[str, Any]] = json.loads(body)["data"]
            ordered = [each["embedding"] for each in sorted(data, key=lambda each: each["index"])]
            # A text would be taken apart into its digits.
            vectors = [[float(x) for x in each] for each in ordered if isinstance(each, list)]
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise self._trouble("gave an answer that holds no embeddings") from error
        if len(vectors) != count or not vectors[0]:
            raise self._trouble(f"gave {len(vectors)} embeddings for {count} texts")
        return vectors

    def _client(self) -> httpx.Client:
        import httpx

        from autointel.model.uncompressed import PLAINLY

        headers, trusted = {**PLAINLY, **self._headers}, trusted_for(self._address)
        return httpx.Client(headers=headers, timeout=self._timeout, trust_env=False, verify=trusted)

    def _trouble(self, what: str) -> ModelUnavailable:
        return ModelUnavailable(
            f"The embedding server {public_address(self._address)} {what}.",
            "See AUTOINTEL_MEMORY__EMBEDDER_URL, _MODEL and _API_KEY; what was not saved waits for autointel drain.",
        )
