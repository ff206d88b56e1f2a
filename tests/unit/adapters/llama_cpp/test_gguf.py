"""Headers of model files: whole, odd, broken."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.gguf import MEASURES, gguf_file, header

from autointel.adapters.llama_cpp.gguf import read_gguf
from autointel.errors import SettingsError


def test_a_header_gives_context_and_the_cost_of_a_token(tmp_path: Path) -> None:
    model = read_gguf(gguf_file(tmp_path / "small.Q4.gguf"))

    assert (model.name, model.size, model.context) == ("small.Q4", 4096, 8192)
    # keys and values, of 30 layers with 3 heads of 64 numbers, each of 2 bytes
    assert model.cache_bytes == 2 * 30 * 3 * 64 * 2


def test_heads_that_differ_from_layer_to_layer_count_as_the_most(tmp_path: Path) -> None:
    model = read_gguf(gguf_file(tmp_path / "m.gguf", head_count_kv=[1, 4, 2]))

    assert model.cache_bytes == 2 * 30 * 4 * 64 * 2


def test_a_split_model_weighs_all_its_parts(tmp_path: Path) -> None:
    first = gguf_file(tmp_path / "big-00001-of-00002.gguf")
    (tmp_path / "big-00002-of-00002.gguf").write_bytes(b"\0" * 1000)

    model = read_gguf(first)

    assert (model.name, model.size) == ("big", 5096)


def test_a_part_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_gguf(gguf_file(tmp_path / "big-00001-of-00002.gguf"))


def test_models_that_differ_in_their_last_bytes_have_other_digests(tmp_path: Path) -> None:
    one, other = gguf_file(tmp_path / "a.gguf"), gguf_file(tmp_path / "b.gguf")
    other.write_bytes(other.read_bytes()[:-1] + b"\1")

    assert read_gguf(one).digest != read_gguf(other).digest


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is no GGUF file"),
        (b"<html>404</html>", "it is no GGUF file"),
        (header()[:20], "its header is damaged"),
        (header()[:200], "its header is damaged"),
        (header(version=9), "its version of GGUF is 9"),
        (header({"general.architecture": "clip", "tokenizer.ggml.model": "x"}), "it says nothing of attention"),
        (header({**MEASURES, "llama.attention.head_count": 0}), "its measures are not above 0"),
        (b"GGUF\3\0\0\0" + b"\xff" * 16, "its header is damaged"),
    ],
)
def test_a_file_that_is_no_model_is_a_wrong_setting(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)

    with pytest.raises(SettingsError, match=reason):
        read_gguf(path)


@pytest.mark.parametrize("name", ["missing.gguf", "."])
def test_a_path_without_a_file_is_a_wrong_setting(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_gguf(tmp_path / name)


@given(st.integers(0, 250), st.binary(min_size=1, max_size=8))
def test_whatever_the_bytes_the_answer_is_a_model_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, place: int, noise: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.gguf"
    whole = header()
    path.write_bytes(whole[:place] + noise + whole[place + len(noise) :])

    with suppress(SettingsError):
        assert read_gguf(path).cache_bytes > 0
