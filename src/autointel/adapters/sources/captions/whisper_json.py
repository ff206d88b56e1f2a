"""What Whisper and its descendants write: OpenAI's shape, and whisper.cpp's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from autointel.adapters.sources.captions.words import gather
from autointel.adapters.sources.clock import clock, milliseconds
from autointel.adapters.sources.cut import LONGEST, cut
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.languages import language_code
from autointel.adapters.sources.markup import clean, one_line
from autointel.domain.source import SourceKind

Json = Mapping[str, Any]
_MISTIMED: Final = "Segments left out because their times are broken: {}."


def parse_whisper(root: Json) -> Draft:
    """Segments where there are any; else sentences gathered from the words; else the text alone, without times."""
    segments = _dicts(root.get("segments"))
    cues = [cue for segment in segments if (cue := _cue(segment, "text")) is not None]
    missed = sum(1 for segment in segments if str(segment.get("text", "")).strip()) - len(cues)
    if not cues:
        words = _dicts(root.get("words")) or [word for segment in segments for word in _dicts(segment.get("words"))]
        cues = gather(cue for word in words if (cue := _cue(word, "word")) is not None)
    if not cues:
        cues = _untimed(root, segments)
        missed = 0
    draft = Draft(SourceKind.WHISPER_JSON, cues, language=language_code(root.get("language")), automatic=True)
    if missed > 0:
        draft.warnings.append(_MISTIMED.format(missed))
    return draft


def parse_whisper_cpp(root: Json) -> Draft:
    """whisper.cpp's ``transcription``: offsets in milliseconds, or clock times."""
    cues = []
    for part in _dicts(root["transcription"]):
        offsets, stamps = _dict(part.get("offsets")), _dict(part.get("timestamps"))
        start = _either(offsets.get("from"), stamps.get("from"))
        if start is not None and isinstance(part.get("text"), str):
            cues.append(Cue(start, _either(offsets.get("to"), stamps.get("to")), [clean(part["text"])]))
    language = language_code(_dict(root.get("result")).get("language"))
    return Draft(SourceKind.WHISPER_JSON, cues, language=language, automatic=True)


def _cue(item: Json, key: str) -> Cue | None:
    start = milliseconds(item.get("start"))
    text = item.get(key, item.get("text"))
    if start is None or not isinstance(text, str) or not text.strip():
        return None
    speaker = item.get("speaker")
    name = one_line(speaker) if isinstance(speaker, str) else ""
    return Cue(start, milliseconds(item.get("end")), [clean(text)], name or None)


def _untimed(root: Json, segments: Sequence[Json]) -> list[Cue]:
    texts = [segment["text"] for segment in segments if isinstance(segment.get("text"), str)]
    if not texts and isinstance(root.get("text"), str):
        texts = clean(root["text"]).split("\n")
    pieces = (piece for text in texts for piece in (cut(text) if len(text) > LONGEST else [text]))
    return [Cue(None, None, [clean(piece)]) for piece in pieces if piece.strip()]


def _either(offset: object, stamp: object) -> int | None:
    exact = milliseconds(offset, 1)
    return clock(stamp) if exact is None and isinstance(stamp, str) else exact


def _dicts(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}
