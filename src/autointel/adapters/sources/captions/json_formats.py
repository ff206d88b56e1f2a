"""Transcripts in JSON: recognised by their keys, never by their file's name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from autointel.adapters.sources.captions.json3 import parse_json3
from autointel.adapters.sources.captions.podcast_json import parse_podcast
from autointel.adapters.sources.captions.whisper_json import parse_whisper, parse_whisper_cpp
from autointel.adapters.sources.draft import Draft
from autointel.adapters.sources.markup import one_line
from autointel.errors import NoTranscript

Json = Mapping[str, Any]
_HINT: Final = "JSON is read from Whisper, from YouTube (json3) and by the Podcasting 2.0 standard."


def parse_json(text: str) -> Draft:
    """A transcript in one of the known JSON shapes. Raises NoTranscript for any other, and for broken JSON."""
    try:
        root = json.loads(text)
    except RecursionError as error:
        raise NoTranscript("The JSON is nested too deeply to be a transcript.", _HINT) from error
    except ValueError as error:
        raise NoTranscript("The JSON is broken and cannot be read.", "Export it again; it may be cut short.") from error
    if isinstance(root, list):
        root = {"segments": root}
    draft = _parser(root)(root)
    draft.title = draft.title or _string(root, "title")
    draft.author = draft.author or _string(root, "author")
    return draft


def _parser(root: Json) -> Callable[[Json], Draft]:
    if isinstance(root.get("events"), list):
        return parse_json3
    if isinstance(root.get("transcription"), list):
        return parse_whisper_cpp
    segments = root.get("segments")
    if isinstance(segments, list) and _has(segments, "body"):
        return parse_podcast
    if isinstance(segments, list) or isinstance(root.get("words"), list) or isinstance(root.get("text"), str):
        return parse_whisper
    raise NoTranscript("The JSON holds no transcript.", _HINT)


def _has(segments: Sequence[Any], key: str) -> bool:
    return any(isinstance(segment, dict) and key in segment for segment in segments[:5])


def _string(root: Json, key: str) -> str | None:
    value = root.get(key)
    return (one_line(value) or None) if isinstance(value, str) else None
