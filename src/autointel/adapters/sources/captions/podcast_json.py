"""The JSON transcript of the Podcasting 2.0 namespace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autointel.adapters.sources.captions.words import are_words, gather
from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, one_line
from autointel.domain.source import SourceKind


def parse_podcast(root: Mapping[str, Any]) -> Draft:
    """Its segments; those of single words, which the standard recommends, are gathered into sentences."""
    cues: list[Cue] = []
    speaker: str | None = None
    for segment in root["segments"]:
        if not isinstance(segment, dict) or not _says(segment.get("body")):
            continue
        start = milliseconds(segment.get("startTime"))
        if start is None:
            continue
        # A speaker is named where it changes.
        named = segment.get("speaker")
        speaker = one_line(named) if isinstance(named, str) and named.strip() else speaker
        cues.append(Cue(start, milliseconds(segment.get("endTime")), [clean(segment["body"])], speaker))
    return Draft(SourceKind.PODCAST_JSON, gather(cues) if are_words(cues) else cues)


def _says(body: object) -> bool:
    return isinstance(body, str) and body.strip() != ""
