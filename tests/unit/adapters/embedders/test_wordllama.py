from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from autointel.adapters.embedders import WordLlamaEmbedder


@pytest.fixture(scope="module")
def embedder() -> WordLlamaEmbedder:
    return WordLlamaEmbedder()


def test_rows_have_length_one(embedder: WordLlamaEmbedder) -> None:
    vectors = embedder.embed(["Trams are cheap to run.", "日本語", "x"])

    assert vectors.shape == (3, embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)


def test_a_text_without_words_is_zeros(embedder: WordLlamaEmbedder) -> None:
    vectors = embedder.embed(["", " \n\t"])

    assert not vectors.any()


def test_no_texts_make_no_rows(embedder: WordLlamaEmbedder) -> None:
    assert embedder.embed([]).shape == (0, 256)


def test_a_vector_does_not_depend_on_its_neighbours(embedder: WordLlamaEmbedder) -> None:
    text = "The council votes on fares in May."

    alone = embedder.embed([text])[0]
    among = embedder.embed(["word " * 3_000, text, *[str(n) for n in range(300)]])[1]

    assert alone.tobytes() == among.tobytes()


def test_texts_that_mean_the_same_are_nearer_than_others(embedder: WordLlamaEmbedder) -> None:
    bus, coach, cake = embedder.embed(["The bus was late again.", "Our coach was delayed.", "She baked a lemon cake."])

    assert bus @ coach > bus @ cake


def test_a_text_longer_than_one_block_is_the_mean_of_all_of_it(embedder: WordLlamaEmbedder) -> None:
    first, second, both = embedder.embed(["tram " * 9_000, "cake " * 9_000, "tram " * 9_000 + "cake " * 9_000])

    assert both @ first > 0.5
    assert both @ second > 0.5


def test_many_threads_may_come_first() -> None:
    embedder = WordLlamaEmbedder()

    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda _: embedder.embed(["a tram"]).tobytes(), range(8)))

    assert len(set(vectors)) == 1


def test_the_fingerprint_names_model_dimension_and_version(embedder: WordLlamaEmbedder) -> None:
    assert embedder.fingerprint.startswith("wordllama/l2_supercat/256/0.4.")


def test_loading_says_nothing(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG):
        WordLlamaEmbedder().embed(["quiet"])

    assert not [record for record in caplog.records if record.name.startswith("wordllama")]
    assert capfd.readouterr() == ("", "")
