"""The parts that can be measured apart from a run, as plain callables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autointel.adapters.sources.draft import Parsed


def entity_finder() -> Callable[[Sequence[Sequence[str]]], list[list[tuple[int, int]]]]:
    """Sentences of tokens to spans (first token, one after the last)."""
    from autointel.local.entities import find_entities

    return lambda sentences: [[(span.first, span.last) for span in spans] for spans in find_entities(sentences)]


def statement_ranker() -> Callable[[Sequence[str], Sequence[str]], Sequence[float]]:
    """Lines and their speakers to scores."""
    from autointel.local.statements import rank_statements

    return rank_statements


def embedding() -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """Texts to unit rows."""
    from autointel.adapters.embedders.wordllama import WordLlamaEmbedder

    return WordLlamaEmbedder().embed


def caption_parser() -> Callable[[bytes, str], Parsed]:
    """A file's bytes and name to its segments."""
    from autointel.adapters.sources.parse import parse

    return parse


def article_extractors() -> dict[str, Callable[[bytes, str], str]]:
    """By name: HTML and address to text."""
    import trafilatura

    from autointel.adapters.sources.web.articles import article_text

    def plain(html: bytes, url: str) -> str:
        return trafilatura.extract(html, url=url) or ""

    return {"autointel": article_text, "trafilatura as it comes": plain}
