"""The OpenAI protocol's bodies: completions, their chunks, embeddings, transcriptions, models, errors."""

from __future__ import annotations

import base64
import io
import json
import math
import re
import struct
import wave
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from autointel_bench.simulated.calls import Call
from autointel_bench.simulated.reply import Said, tokens

FINGERPRINT: Final = "simulated"
MODELS: Final = ("simulated", "simulated-small", "simulated-embedding", "simulated-transcriber")
# A fixed date: the same request gets the same bytes.
_CREATED: Final = 1_700_000_000
_PIECE: Final = 16  # characters in a streamed piece: four tokens


def answered_name(asked: str) -> str:
    """The name a reply carries; always begins with "simulated"."""
    return asked if asked.startswith("simulated") else f"simulated-{asked or 'model'}"


def usage(call: Call) -> Any:
    """The usage block, or what a fault puts in its place."""
    if call.usage is not None:
        return call.usage
    return {
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": call.completion_tokens,
        "total_tokens": call.prompt_tokens + call.completion_tokens,
    }


def completion(call: Call, said: Said, *, with_usage: bool) -> dict[str, Any]:
    """A chat completion, whole."""
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None, "refusal": said.refusal}
    if said.thought:
        message["reasoning_content"] = said.thought
    if said.calls:
        message["tool_calls"] = [each.as_message(index) for index, each in enumerate(said.calls)]
    body = _head(call, "chat.completion") | {
        "choices": [{"index": 0, "message": message, "finish_reason": said.finish, "logprobs": None}]
    }
    return body | ({"usage": usage(call)} if with_usage else {})


def _head(call: Call, kind: str) -> dict[str, Any]:
    digest = sha256(call.prompt.encode()).hexdigest()[:16]
    return {
        "id": f"chatcmpl-simulated-{digest}",
        "object": kind,
        "created": _CREATED,
        "model": answered_name(call.model),
        "system_fingerprint": FINGERPRINT,
    }


def chunks(call: Call, said: Said, *, with_usage: bool) -> Iterator[tuple[int, bytes]]:
    """Server-sent events of a chat completion, each with the tokens it brings."""
    head = _head(call, "chat.completion.chunk")

    def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return sse(json.dumps(head | {"choices": [choice]}, ensure_ascii=False))

    yield 0, event({"role": "assistant", "content": ""})
    if said.refusal:
        yield tokens(said.refusal), event({"refusal": said.refusal})
    if said.thought:
        yield tokens(said.thought), event({"reasoning_content": said.thought})
    for at in range(0, len(said.text), _PIECE):
        piece = said.text[at : at + _PIECE]
        yield tokens(piece), event({"content": piece})
    while said.repeats:
        yield tokens(said.repeats), event({"content": said.repeats})
    yield 0, event({}, said.finish)
    if with_usage:
        yield 0, sse(json.dumps(head | {"choices": [], "usage": usage(call)}))
    yield 0, sse("[DONE]")


def sse(data: str) -> bytes:
    """One server-sent event."""
    return f"data: {data}\n\n".encode()


def error(message: str, kind: str, code: str | None, param: str | None = None) -> dict[str, Any]:
    """An error as OpenAI words it."""
    return {"error": {"message": f"{message} (simulated)", "type": kind, "param": param, "code": code}}


def models() -> dict[str, Any]:
    """The list of models."""
    data = [{"id": name, "object": "model", "created": _CREATED, "owned_by": "simulated"} for name in MODELS]
    return {"object": "list", "data": data}


def embeddings(request: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Hashed bags of words: texts that share words are near each other, and that is all they know."""
    given = request.get("input", "")
    texts = [given] if isinstance(given, str) else [str(text) for text in given]
    dimension = int(request.get("dimensions") or 64)
    call.prompt_tokens = sum(tokens(text) for text in texts)
    as_base64 = request.get("encoding_format") == "base64"
    data = []
    for index, text in enumerate(texts):
        vector = _bag(text, dimension)
        packed = base64.b64encode(struct.pack(f"<{dimension}f", *vector)).decode() if as_base64 else vector
        data.append({"object": "embedding", "index": index, "embedding": packed})
    return {"object": "list", "model": answered_name(call.model), "data": data, "usage": usage(call)}


def _bag(text: str, dimension: int) -> list[float]:
    vector = [0.0] * dimension
    for word in re.findall(r"\w+", text.lower()):
        digest = sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:4], "big") % dimension] += 1.0 if digest[4] % 2 else -1.0
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector] if length else vector


def transcription(content_type: str, body: bytes, speech: str) -> tuple[str, dict[str, Any]]:
    """The format asked for, and what was "heard": always ``speech``, spread over the length of the audio."""
    fields = dict(_parts(content_type, body))
    seconds = _duration(fields.get("file", b""))
    sentences = re.findall(r"[^.!?]+[.!?]*\s*", speech) or [speech]
    each = seconds / len(sentences)
    segments = [
        {"id": i, "start": round(i * each, 3), "end": round((i + 1) * each, 3), "text": text.strip()}
        for i, text in enumerate(sentences)
    ]
    whole = {"task": "transcribe", "language": "english", "duration": seconds, "text": speech, "segments": segments}
    asked = fields.get("response_format", b"json").decode()
    return asked, whole if asked == "verbose_json" else {"text": speech}


def _parts(content_type: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each part of a multipart/form-data body."""
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    for part in body.split(f"--{found[1]}".encode())[1:-1] if found else ():
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name:
            yield name[1].decode(), content.removesuffix(b"\r\n")


def _duration(audio: bytes) -> float:
    try:
        with wave.open(io.BytesIO(audio)) as sound:
            seconds: float = sound.getnframes() / sound.getframerate()
            return round(seconds, 3)
    except (wave.Error, EOFError):
        # Compressed speech is about 64 kbit/s.
        return round(max(1.0, len(audio) / 8000), 3)
