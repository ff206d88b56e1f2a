"""Whisper on this machine, through faster-whisper: the extra ``asr``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from anyio.to_thread import run_sync

from autointel.domain.transcript import Transcript
from autointel.errors import ModelUnavailable
from autointel.extensions import how_to_install
from autointel.ports import SpeechRecogniser

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autointel.adapters.speech.sound import Heard, Piece

# Ten minutes are 38 MB of samples; three hours stay far below what the model itself takes.
_PIECE_SECONDS: Final = 600.0
_BATCH: Final = 8
_FULL_SCALE: Final = 32768.0
_NEEDED: Final = ("model.bin", "tokenizer.json")

Hear: TypeAlias = "Callable[[NDArray[np.float32], str | None], tuple[Iterable[Heard], str | None]]"
"""Samples (mono, 16 kHz, -1 to 1) and a language to words with times, and the language heard."""

Progress = Callable[[float], None]
"""Is told how many seconds of the recording have been heard."""


class FasterWhisper(SpeechRecogniser):
    """A model by name ("small") or folder. It is loaded once, when it is first needed."""

    def __init__(
        self,
        model: str = "small",
        *,
        offline: bool = False,
        progress: Progress = lambda _seconds: None,
        load: Callable[[str, bool], Hear] | None = None,
    ) -> None:
        self._model = model
        self._offline = offline
        self._progress = progress
        self._load = load or load_model

    async def recognise(self, recording: Path, language: str | None) -> Transcript:
        """See SpeechRecogniser. The language found in the first piece holds for the rest."""
        return await run_sync(self._recognise, recording, language, abandon_on_cancel=True)

    @cached_property
    def _hear(self) -> Hear:
        return self._load(self._model, self._offline)

    def _recognise(self, recording: Path, language: str | None) -> Transcript:
        # A tenth of a second, paid by those who have something to hear.
        import numpy as np

        from autointel.adapters.speech.sound import pieces, read, sentences, transcript

        heard: list[Heard] = []
        hear = self._hear  # a model that cannot be had is told before anything is decoded
        for piece in pieces(read(recording), _PIECE_SECONDS):
            words, found = hear(piece.samples.astype(np.float32) / _FULL_SCALE, language)
            language = language or found
            heard += _shifted(sentences(words), piece)
            self._progress(piece.start + piece.seconds)
        return transcript(heard, language)


def _shifted(heard: Iterable[Heard], piece: Piece) -> Iterator[Heard]:
    for one in heard:
        yield replace(one, start=one.start + piece.start, end=one.end + piece.start)


def load_model(name: str, offline: bool) -> Hear:  # noqa: FBT001 - called by position, as ``load``
    """The model as a function. Raises ModelUnavailable within 3 s where it is neither on disk nor to be had."""
    try:
        from faster_whisper import BatchedInferencePipeline
    except ImportError as error:
        raise ModelUnavailable(
            "Speech recognition is not installed.",
            f"Install it ({how_to_install('asr')}), or set AUTOINTEL_SPEECH__BASE_URL to a server of it.",
        ) from error
    pipeline = BatchedInferencePipeline(model=_opened(name, offline=offline))

    def hear(samples: NDArray[np.float32], language: str | None) -> tuple[Iterable[Heard], str | None]:
        segments, info = pipeline.transcribe(
            samples,
            language=language,
            batch_size=_BATCH,
            vad_filter=True,
            word_timestamps=True,
            # What was misheard once is otherwise carried on through the whole recording.
            condition_on_previous_text=False,
        )
        return _words(segments), info.language

    return hear


def _opened(name: str, *, offline: bool) -> Any:
    from faster_whisper import WhisperModel

    folder = Path(name)
    if folder.is_dir():
        missing = [file for file in _NEEDED if not (folder / file).is_file()]
        if missing:
            # Without its tokenizer the library would ask the hub for it, over and over, for half a minute.
            raise ModelUnavailable(f"{folder} lacks {' and '.join(missing)}.", "Give the folder of a whole model.")
        return WhisperModel(name, device="auto", compute_type="int8", local_files_only=True)
    for local in (True, False):
        if offline and not local:
            break
        try:
            return WhisperModel(name, device="auto", compute_type="int8", local_files_only=local)
        except Exception as error:  # noqa: BLE001 - the hub's client raises what its transports raise
            failure = error
    raise ModelUnavailable(
        f"The speech model {name!r} is not on this machine and could not be fetched.",
        "Connect once so that it can be fetched, or give the folder of a model.",
    ) from failure


def _words(segments: Iterable[Any]) -> Iterator[Heard]:
    from autointel.adapters.speech.sound import Heard

    for segment in segments:
        if segment.words:
            # numpy's floats would travel on into JSON.
            yield from (Heard(float(word.start), float(word.end), word.word) for word in segment.words)
        else:
            yield Heard(float(segment.start), float(segment.end), segment.text)
