"""Speech recognition by any server that speaks OpenAI's ``/audio/transcriptions``."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import anyio
import httpx
from anyio.to_thread import run_sync
from pydantic import BaseModel, Field, ValidationError

from autointel.adapters.speech.sound import RATE, Heard, Piece, pieces, read, transcript
from autointel.certificates import trusted_for
from autointel.domain.transcript import Transcript
from autointel.errors import ModelRefused, ModelUnavailable, first_failure
from autointel.model.uncompressed import PLAINLY, refuse_compressed
from autointel.ports import SpeechRecogniser
from autointel.text.language import LANGUAGE_CODES

_LONGEST_CODE: Final = 3
_LIMIT: Final = 25_000_000  # bytes of an upload, OpenAI's
_MOST_BYTES: Final = 64_000_000  # of an answer; an hour with a time for each word takes 1 MB
_WIDTH: Final = 2
_HEADER: Final = 1_000
_TRIES: Final = 3
_WAIT: Final = 1.0
_OK: Final = 200
_REFUSED: Final = frozenset({401, 402, 403})
_PASSING: Final = frozenset({408, 409, 429, 500, 502, 503, 504})


def code_of(name: str | None) -> str | None:
    """ISO 639 code of a language given by code or English name; None for any other."""
    folded = (name or "").strip().lower()
    if folded in LANGUAGE_CODES:
        return LANGUAGE_CODES[folded]
    return folded if folded.isalpha() and len(folded) <= _LONGEST_CODE else None


class OpenAICompatibleSpeech(SpeechRecogniser):
    """Small recordings go as they are; larger ones are cut at silences, and their pieces heard side by side."""

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        model: str = "whisper-1",
        at_once: int = 4,
        timeout: float = 600.0,
        limit: int = _LIMIT,
        wait: float = _WAIT,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/audio/transcriptions"
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._model = model
        self._at_once = at_once
        self._timeout = timeout
        self._limit = limit
        self._wait = wait

    async def recognise(self, recording: Path, language: str | None) -> Transcript:
        """See SpeechRecogniser. Raises ModelRefused, too, where the key is not taken."""
        headers, trusted = {**PLAINLY, **self._headers}, trusted_for(self._url)
        async with httpx.AsyncClient(timeout=self._timeout, trust_env=False, headers=headers, verify=trusted) as client:
            whole = await run_sync(_whole, recording, self._limit)
            if whole is not None:
                reply = await self._ask(client, whole, recording.name, language)
                return transcript(_heard(reply, 0.0, reply.duration or 0.0), language or code_of(reply.language))
            return await self._in_pieces(client, recording, language)

    async def _in_pieces(self, client: httpx.AsyncClient, recording: Path, language: str | None) -> Transcript:
        """At most ``at_once`` pieces are in memory and on their way; a piece that fails is asked for again alone."""
        slots = anyio.Semaphore(self._at_once)
        stream = pieces(read(recording), (self._limit - _HEADER) / (_WIDTH * RATE))
        replies: dict[float, tuple[Piece, _Reply]] = {}

        async def hear(piece: Piece) -> None:
            try:
                replies[piece.start] = piece, await self._ask(client, _wav(piece), "piece.wav", language)
            finally:
                slots.release()

        with first_failure():
            async with anyio.create_task_group() as group:
                while True:
                    await slots.acquire()
                    piece = await run_sync(next, stream, None)
                    if piece is None:
                        break
                    group.start_soon(hear, piece)
        ordered = [replies[start] for start in sorted(replies)]
        heard = [one for piece, reply in ordered for one in _heard(reply, piece.start, piece.seconds)]
        return transcript(heard, language or _language(reply for _, reply in ordered))

    async def _ask(self, client: httpx.AsyncClient, sound: bytes, name: str, language: str | None) -> _Reply:
        form = {"model": self._model, "response_format": "verbose_json"} | ({"language": language} if language else {})
        failure: httpx.HTTPError | None = None
        said = ""
        for tried in range(1, _TRIES + 1):
            try:
                answer, body = await self._posted(client, form, sound, name)
            except httpx.HTTPError as error:
                failure, said = error, "does not answer"
            else:
                if answer.status_code not in _PASSING:
                    return _read(answer, body)
                failure, said = None, f"answered with status {answer.status_code}"
            if tried < _TRIES:
                await anyio.sleep(self._wait * tried)
        raise ModelUnavailable(
            f"The speech server {said} ({_TRIES} tries).", "Check that it runs and what it logs."
        ) from failure

    async def _posted(
        self, client: httpx.AsyncClient, form: Mapping[str, str], sound: bytes, name: str
    ) -> tuple[httpx.Response, bytes]:
        """The answer and its body. Raises ModelUnavailable for one that has no end."""
        pieces_read: list[bytes] = []
        async with client.stream("POST", self._url, data=form, files={"file": (name, sound)}) as answer:
            refuse_compressed(answer)
            began, size = anyio.current_time(), 0
            async for piece in answer.aiter_raw():
                pieces_read.append(piece)
                size += len(piece)
                if size > _MOST_BYTES or anyio.current_time() - began > self._timeout:
                    raise ModelUnavailable(
                        "The speech server's answer has no end.", "Check its address, and what it logs."
                    )
        return answer, b"".join(pieces_read)


def _whole(recording: Path, limit: int) -> bytes | None:
    return recording.read_bytes() if recording.stat().st_size <= limit else None


def _heard(reply: _Reply, start: float, seconds: float) -> Sequence[Heard]:
    if reply.segments:
        return [Heard(start + one.start, start + one.end, one.text) for one in reply.segments]
    # A server that gives no times gives at least the piece's own.
    return [Heard(start, start + seconds, reply.text)]


# Of a week at most: what is longer, or no number at all, is no time of a recording.
_Seconds: TypeAlias = Annotated[float, Field(le=604_800, allow_inf_nan=False)]


class _Segment(BaseModel):
    start: _Seconds
    end: _Seconds
    text: str


class _Reply(BaseModel):
    text: str
    language: str | None = None
    duration: _Seconds | None = None
    segments: list[_Segment] | None = None


def _wav(piece: Piece) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(_WIDTH)
        file.setframerate(RATE)
        file.writeframes(piece.samples.astype("<i2").tobytes())
    return buffer.getvalue()


def _language(replies: Iterable[_Reply]) -> str | None:
    return next((code for reply in replies if (code := code_of(reply.language))), None)


def _read(answer: httpx.Response, body: bytes) -> _Reply:
    if answer.status_code in _REFUSED:
        raise ModelRefused(f"The speech server refuses us (status {answer.status_code}).", "Check its key.")
    if answer.status_code != _OK:
        raise ModelUnavailable(
            f"The speech server answered with status {answer.status_code}.", "Check its address and the model's name."
        )
    try:
        return _Reply.model_validate_json(body)
    except ValidationError as error:
        raise ModelUnavailable(
            "The speech server answered in a form that is not known here.", "Check that it knows verbose_json."
        ) from error
