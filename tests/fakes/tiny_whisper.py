"""A Whisper of half a megabyte with random weights: it hears nonsense, by the same code as the real ones.

Written in CTranslate2's own format, so that faster-whisper loads it, finds a language, gives words their times, and
decodes in batches.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

_WIDTH: Final = 32
_HEADS: Final = 2
_FEED: Final = 64
_MEL: Final = 80
_FRAMES: Final = 1500
_TEXT: Final = 448
# "Ġ" is how byte-level tokenizers write a space.
_LIKELY: Final = {**dict.fromkeys("aeinorst", 9.0), "Ġ": 9.2, ".": 8.8}


def build_tiny_whisper(folder: Path) -> Path:
    """The folder, with a model in it that FasterWhisper takes by its path."""
    from ctranslate2.specs import whisper_spec  # type: ignore[import-untyped]

    tokens = _tokenizer()
    vocabulary = sorted(tokens.get_vocab(), key=tokens.get_vocab().__getitem__)
    spec = whisper_spec.WhisperSpec(1, _HEADS, 1, _HEADS)
    _Weights(vocabulary).fill(spec)
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [vocabulary.index("<|endoftext|>")]
    spec.config.lang_ids = [vocabulary.index(f"<|{code}|>") for code in _languages()]
    spec.config.alignment_heads = [(0, 0), (0, 1)]
    spec.validate()
    spec.optimize(quantization=None)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokens.save(str(folder / "tokenizer.json"))
    features = {"feature_size": _MEL, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))
    return folder


def _languages() -> list[str]:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    return list(_LANGUAGE_CODES)


def _tokenizer() -> Any:
    """One token a byte, and Whisper's special ones in Whisper's order."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nocaptions", "notimestamps"]
    special = ["endoftext", "startoftranscript", *_languages(), *tasks]
    tokenizer.add_special_tokens([f"<|{name}|>" for name in special])
    tokenizer.add_special_tokens([f"<|{step * 0.02:.2f}|>" for step in range(1501)])
    return tokenizer


class _Weights:
    """Random where a model has learnt something, neutral where it scales."""

    def __init__(self, vocabulary: list[str]) -> None:
        self._random = np.random.default_rng(0)
        self._vocabulary = len(vocabulary)
        # Letters above all: time stamps count together, and there are 1,501 of them, each as likely as another.
        self._bias = np.array([_LIKELY.get(token, 0.0) for token in vocabulary], np.float32)

    def fill(self, spec: Any) -> None:
        encoder, decoder = spec.encoder, spec.decoder
        encoder.conv1.weight, encoder.conv1.bias = self._some(_WIDTH, _MEL, 3), self._some(_WIDTH)
        encoder.conv2.weight, encoder.conv2.bias = self._some(_WIDTH, _WIDTH, 3), self._some(_WIDTH)
        encoder.position_encodings.encodings = self._some(_FRAMES, _WIDTH)
        decoder.embeddings.weight = self._some(self._vocabulary, _WIDTH)
        decoder.position_encodings.encodings = self._some(_TEXT, _WIDTH)
        decoder.scale_embeddings = False
        decoder.projection.weight = decoder.embeddings.weight
        decoder.projection.bias = self._bias
        for half in (encoder, decoder):
            self._norm(half.layer_norm)
            for layer in half.layer:
                self._attention(layer.self_attention, (3 * _WIDTH, _WIDTH))
                self._feed(layer.ffn)
        for layer in decoder.layer:
            self._attention(layer.attention, (_WIDTH, 2 * _WIDTH, _WIDTH))

    def _some(self, *shape: int) -> Any:
        return (self._random.standard_normal(shape) * 0.05).astype(np.float32)

    def _norm(self, norm: Any) -> None:
        norm.gamma, norm.beta = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)

    def _linear(self, linear: Any, out: int, into: int = _WIDTH) -> None:
        linear.weight, linear.bias = self._some(out, into), np.zeros(out, np.float32)

    def _attention(self, attention: Any, widths: tuple[int, ...]) -> None:
        self._norm(attention.layer_norm)
        for linear, width in zip(attention.linear, widths, strict=True):
            self._linear(linear, width)

    def _feed(self, feed: Any) -> None:
        self._norm(feed.layer_norm)
        self._linear(feed.linear_0, _FEED)
        self._linear(feed.linear_1, _WIDTH, _FEED)
